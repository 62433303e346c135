// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"
	"net/url"
	"strings"
)

// functionEvent is what functions get ("CloudFront Functions event structure",
// Amazon CloudFront Developer Guide).
type functionEvent struct {
	Version string       `json:"version"`
	Context eventContext `json:"context"`
	Viewer  struct {
		IP string `json:"ip"`
	} `json:"viewer"`
	Request  eventRequest   `json:"request"`
	Response *eventResponse `json:"response,omitempty"`
}

type eventContext struct {
	DistributionDomainName string `json:"distributionDomainName"`
	DistributionID         string `json:"distributionId"`
	EventType              string `json:"eventType"`
	RequestID              string `json:"requestId"`
}

type eventRequest struct {
	Method      string            `json:"method"`
	URI         string            `json:"uri"` // as the viewer escapes it, without the query
	QueryString map[string]values `json:"querystring"`
	Headers     map[string]values `json:"headers"` // by name in lower case, without cookie
	Cookies     map[string]values `json:"cookies"`
}

type eventResponse struct {
	StatusCode        int               `json:"statusCode"`
	StatusDescription string            `json:"statusDescription,omitempty"`
	Headers           map[string]values `json:"headers"` // without set-cookie
	Cookies           map[string]values `json:"cookies"`
}

// values are those of a header, a cookie or a parameter: the first one, and all
// if there are several.
type values struct {
	Value      text    `json:"value"`
	Attributes string  `json:"attributes,omitempty"` // of cookies in responses
	MultiValue []value `json:"multiValue,omitempty"`
}

type value struct {
	Value      text   `json:"value"`
	Attributes string `json:"attributes,omitempty"`
}

// add adds one more value of a name.
func add(to map[string]values, name string, one value) {
	have, ok := to[name]
	switch {
	case !ok:
		have = values{Value: one.Value, Attributes: one.Attributes}
	case have.MultiValue == nil:
		have.MultiValue = []value{{have.Value, have.Attributes}, one}
	default:
		have.MultiValue = append(have.MultiValue, one)
	}
	to[name] = have
}

// all returns every value.
func (v values) all() []value {
	if len(v.MultiValue) > 0 {
		return v.MultiValue
	}
	return []value{{v.Value, v.Attributes}}
}

// requestEvent describes a request of a viewer.
func requestEvent(r *viewerCall) eventRequest {
	out := eventRequest{Method: r.method, URI: r.uri, QueryString: map[string]values{}, Headers: headerValues(r.header, "Cookie"), Cookies: map[string]values{}}
	out.Headers["host"] = values{Value: text(r.host)}
	for pair := range strings.SplitSeq(r.query, "&") {
		if name, given, _ := strings.Cut(pair, "="); pair != "" {
			add(out.QueryString, name, value{Value: text(given)})
		}
	}
	for _, line := range r.header.Values("Cookie") {
		for pair := range strings.SplitSeq(line, ";") {
			if name, given, _ := strings.Cut(strings.TrimSpace(pair), "="); name != "" {
				add(out.Cookies, name, value{Value: text(given)})
			}
		}
	}
	return out
}

// responseEvent describes the response to a viewer.
func responseEvent(a *answer) *eventResponse {
	out := &eventResponse{StatusCode: a.status, StatusDescription: http.StatusText(a.status), Headers: headerValues(a.header, "Set-Cookie"), Cookies: map[string]values{}}
	for _, line := range a.header.Values("Set-Cookie") {
		pair, attributes, _ := strings.Cut(line, ";")
		if name, given, ok := strings.Cut(pair, "="); ok {
			add(out.Cookies, strings.TrimSpace(name), value{text(given), strings.TrimSpace(attributes)})
		}
	}
	return out
}

func headerValues(h http.Header, except string) map[string]values {
	out := map[string]values{}
	for name, given := range h {
		if name == except {
			continue
		}
		for _, one := range given {
			add(out, strings.ToLower(name), value{Value: text(one)})
		}
	}
	return out
}

// escapedPath returns the path of a request as the viewer escaped it.
func escapedPath(u *url.URL) string {
	if path := u.EscapedPath(); strings.HasPrefix(path, "/") {
		return path
	}
	return "/"
}
