// SPDX-License-Identifier: MIT

package elbv2

import (
	"encoding/base64"
	"net"
	"net/http"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// event is what a function gets. Of the members for headers and parameters it
// has those with one value each, or those with several ("Use Lambda functions as
// targets of an Application Load Balancer"); parameters are not decoded.
type event struct {
	RequestContext  requestContext      `json:"requestContext"`
	HTTPMethod      string              `json:"httpMethod"`
	Path            string              `json:"path"`
	Query           map[string]string   `json:"queryStringParameters,omitzero"`
	MultiQuery      map[string][]string `json:"multiValueQueryStringParameters,omitzero"`
	Headers         map[string]string   `json:"headers,omitzero"`
	MultiHeaders    map[string][]string `json:"multiValueHeaders,omitzero"`
	Body            string              `json:"body"`
	IsBase64Encoded bool                `json:"isBase64Encoded"`
}

type requestContext struct {
	ELB struct {
		TargetGroupARN string `json:"targetGroupArn"`
	} `json:"elb"`
}

// newEvent makes an event. Names of headers are in lower case.
func newEvent(g *group, method, path, query string, headers map[string][]string, body []byte) event {
	e := event{HTTPMethod: method, Path: path}
	e.RequestContext.ELB.TargetGroupARN = g.arn()
	parameters := map[string][]string{}
	for _, p := range rawQuery(query) {
		parameters[p.Key] = append(parameters[p.Key], p.Value)
	}
	if g.multiValue() {
		e.MultiQuery, e.MultiHeaders = parameters, headers
	} else {
		e.Query, e.Headers = last(parameters), last(headers)
	}
	if len(body) > 0 && !isText(headers) {
		e.Body, e.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
		return e
	}
	e.Body = string(body)
	return e
}

// last returns the last value of each name.
func last(multi map[string][]string) map[string]string {
	single := make(map[string]string, len(multi))
	for name, values := range multi {
		single[name] = values[len(values)-1]
	}
	return single
}

// isText reports whether a body is handed over as it is: by its type, unless it
// is encoded in any way.
func isText(headers map[string][]string) bool {
	if len(headers["content-encoding"]) > 0 || len(headers["content-type"]) == 0 {
		return false
	}
	media := httpevent.MediaType(headers["content-type"][len(headers["content-type"])-1])
	switch media {
	case "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(media, "text/")
}

// validName is the form of header names that are not dropped where the load
// balancer drops the others.
var validName = lazy.MustCompile(`^[-A-Za-z0-9]+$`)

// headersOf returns the headers of a request with those that the load balancer
// adds, by name in lower case.
func (v *visit) headersOf(r *http.Request) map[string][]string {
	headers := map[string][]string{}
	drops := v.balancer.attribute("routing.http.drop_invalid_header_fields.enabled") == "true"
	for name, values := range r.Header {
		if len(values) > 0 && (!drops || validName.MatchString(name)) {
			headers[strings.ToLower(name)] = values
		}
	}
	headers["host"] = []string{r.Host}
	headers["x-amzn-trace-id"] = []string{v.trace}
	headers["x-forwarded-port"] = []string{doorPort(r)}
	headers["x-forwarded-proto"] = []string{strings.ToLower(v.listener.Protocol)}
	v.forwardedFor(headers, r)
	return headers
}

// forwardedFor sets X-Forwarded-For as the load balancer's attributes say.
func (v *visit) forwardedFor(headers map[string][]string, r *http.Request) {
	const name = "x-forwarded-for"
	switch v.balancer.attribute("routing.http.xff_header_processing.mode") {
	case "preserve":
		return
	case "remove":
		delete(headers, name)
		return
	}
	source := httpevent.SourceIP(r)
	if v.balancer.attribute("routing.http.xff_client_port.enabled") == "true" {
		source = r.RemoteAddr
	}
	if before := strings.Join(headers[name], ", "); before != "" {
		source = before + ", " + source
	}
	headers[name] = []string{source}
}

// doorPort returns the port that a request came to.
func doorPort(r *http.Request) string {
	if local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr); ok {
		return strconv.Itoa(local.Port)
	}
	return ""
}

// traceOf returns the X-Amzn-Trace-Id that a load balancer passes on: where the
// client has one with a Root, that of the load balancer stands before it as Self
// ("Request tracing for your Application Load Balancer").
func traceOf(sent, fresh string) string {
	if !strings.Contains(sent, "Root=") {
		return fresh
	}
	parts := []string{strings.Replace(fresh, "Root=", "Self=", 1)}
	for part := range strings.SplitSeq(sent, ";") {
		if part = strings.TrimSpace(part); part != "" && !strings.HasPrefix(part, "Self=") {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ";")
}
