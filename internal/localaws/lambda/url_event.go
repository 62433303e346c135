// SPDX-License-Identifier: MIT

package lambda

import (
	"encoding/base64"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// urlEvent is the event of a function URL, payload format 2.0 ("Request payload
// format" of "Invoking Lambda function URLs", Lambda Developer Guide).
type urlEvent struct {
	Version               string            `json:"version"`
	RouteKey              string            `json:"routeKey"`
	RawPath               string            `json:"rawPath"`
	RawQueryString        string            `json:"rawQueryString"`
	Cookies               []string          `json:"cookies,omitempty"`
	Headers               map[string]string `json:"headers"`
	QueryStringParameters map[string]string `json:"queryStringParameters,omitempty"`
	RequestContext        urlContext        `json:"requestContext"`
	Body                  *string           `json:"body,omitempty"`
	IsBase64Encoded       bool              `json:"isBase64Encoded"`
}

type urlContext struct {
	AccountID    string         `json:"accountId"`
	APIID        string         `json:"apiId"`
	Authorizer   *urlAuthorizer `json:"authorizer,omitempty"`
	DomainName   string         `json:"domainName"`
	DomainPrefix string         `json:"domainPrefix"`
	HTTP         urlHTTP        `json:"http"`
	RequestID    string         `json:"requestId"`
	RouteKey     string         `json:"routeKey"`
	Stage        string         `json:"stage"`
	Time         string         `json:"time"`
	TimeEpoch    int64          `json:"timeEpoch"`
}

type urlHTTP struct {
	Method    string `json:"method"`
	Path      string `json:"path"`
	Protocol  string `json:"protocol"`
	SourceIP  string `json:"sourceIp"`
	UserAgent string `json:"userAgent"`
}

type urlAuthorizer struct {
	IAM struct {
		AccessKey string `json:"accessKey"`
		AccountID string `json:"accountId"`
		CallerID  string `json:"callerId"`
		UserARN   string `json:"userArn"`
		UserID    string `json:"userId"`
	} `json:"iam"`
}

// newURLEvent makes the event for a request with its body. The domain is the
// request's Host, port included, so that links made from it work here.
func newURLEvent(r *http.Request, body []byte, u *functionURL, account string, now time.Time) urlEvent {
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	rawPath := r.URL.EscapedPath()
	if rawPath == "" {
		rawPath = "/"
	}
	e := urlEvent{
		Version: "2.0", RouteKey: "$default", RawPath: rawPath, RawQueryString: r.URL.RawQuery,
		Headers: eventHeaders(r, u, source, now), Cookies: eventCookies(r), QueryStringParameters: eventQuery(r),
		RequestContext: urlContext{
			AccountID: account, APIID: u.ID, DomainName: r.Host, DomainPrefix: u.ID,
			HTTP:      urlHTTP{r.Method, rawPath, r.Proto, source, r.UserAgent()},
			RequestID: wire.RequestID(), RouteKey: "$default", Stage: "$default",
			Time: now.UTC().Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
		},
	}
	if len(body) > 0 {
		text := string(body)
		if e.IsBase64Encoded = !isText(r.Header.Get("Content-Type"), body); e.IsBase64Encoded {
			text = base64.StdEncoding.EncodeToString(body)
		}
		e.Body = &text
	}
	return e
}

// eventHeaders returns the request's headers with names in lower case, several
// values joined by a comma, and those that Lambda adds.
func eventHeaders(r *http.Request, u *functionURL, source string, now time.Time) map[string]string {
	headers := map[string]string{}
	for name, values := range r.Header {
		separator := ","
		if name == "Cookie" {
			separator = "; "
		}
		headers[strings.ToLower(name)] = strings.Join(values, separator)
	}
	headers["host"] = r.Host
	if r.ContentLength > 0 {
		headers["content-length"] = strconv.FormatInt(r.ContentLength, 10)
	}
	if forwarded := headers["x-forwarded-for"]; forwarded != "" {
		source = forwarded + ", " + source
	}
	headers["x-forwarded-for"] = source
	headers["x-forwarded-port"] = strconv.Itoa(u.Port)
	headers["x-forwarded-proto"] = "http" // https on AWS; what is true here
	if headers["x-amzn-trace-id"] == "" {
		headers["x-amzn-trace-id"], _, _ = strings.Cut(traceHeader(now, wire.RequestID()), ";")
	}
	return headers
}

func eventCookies(r *http.Request) []string {
	var cookies []string
	for _, line := range r.Header.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			if cookie = strings.TrimSpace(cookie); cookie != "" {
				cookies = append(cookies, cookie)
			}
		}
	}
	return cookies
}

// eventQuery returns the decoded parameters, several values joined by a comma.
func eventQuery(r *http.Request) map[string]string {
	query := r.URL.Query()
	if len(query) == 0 {
		return nil
	}
	parameters := make(map[string]string, len(query))
	for name, values := range query {
		parameters[name] = strings.Join(values, ",")
	}
	return parameters
}

// isText reports whether a body is handed over as text. Forms are not, as on
// AWS; nor is anything that JSON could not hold.
func isText(contentType string, body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(contentType, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	switch media {
	case "", "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
}
