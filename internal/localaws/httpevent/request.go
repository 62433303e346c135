// SPDX-License-Identifier: MIT

// Package httpevent turns HTTP requests into the events that Lambda functions
// get from function URLs, HTTP APIs and REST APIs, and the results of those
// functions into HTTP responses. The formats are those of "AWS Lambda proxy
// integrations for HTTP APIs" and "Set up Lambda proxy integrations in API
// Gateway" (API Gateway Developer Guide) and of "Invoking Lambda function URLs"
// (Lambda Developer Guide).
package httpevent

import (
	"encoding/base64"
	"fmt"
	"mime"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Request is an HTTP request with what the front end knows about it.
type Request struct {
	*http.Request
	Content   []byte // the body
	Port      int    // of the front door
	Account   string // that owns the front end
	APIID     string
	Stage     string
	RouteKey  string // such as "GET /pets/{id}" or $default
	Path      string // as the event shows it
	RequestID string
	TraceID   string // value of X-Amzn-Trace-Id
	Now       time.Time
	// PathParameters and StageVariables are nil if there are none.
	PathParameters map[string]string
	StageVariables map[string]string
	Authorizer     any // requestContext.authorizer; nil without one
	// ShowsLength says that the event has a Content-Length even without a body.
	ShowsLength bool
}

// Trace returns the X-Amzn-Trace-Id of a request, or a new one.
func Trace(r *http.Request, now time.Time) string {
	if id := r.Header.Get("X-Amzn-Trace-Id"); id != "" {
		return id
	}
	return NewTrace(now)
}

// NewTrace returns an X-Amzn-Trace-Id of its own.
func NewTrace(now time.Time) string {
	return fmt.Sprintf("Root=1-%08x-%s", now.Unix(), strings.ReplaceAll(wire.RequestID(), "-", "")[:24])
}

// SourceIP returns the address that a request comes from.
func SourceIP(r *http.Request) string {
	source, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return source
}

// text returns the body as an event holds it; nil if it is empty.
func text(body []byte, binary bool) *string {
	if len(body) == 0 {
		return nil
	}
	s := string(body)
	if binary {
		s = base64.StdEncoding.EncodeToString(body)
	}
	return &s
}

// added returns the headers that the front end sets itself, by canonical name.
func (r Request) added() map[string]string {
	source := SourceIP(r.Request)
	if forwarded := strings.Join(r.Header.Values("X-Forwarded-For"), ", "); forwarded != "" {
		source = forwarded + ", " + source
	}
	h := map[string]string{
		"Host":              r.Host,
		"X-Forwarded-For":   source,
		"X-Forwarded-Port":  strconv.Itoa(r.Port),
		"X-Forwarded-Proto": "http", // https on AWS; what is true here
		"X-Amzn-Trace-Id":   r.TraceID,
	}
	if r.ShowsLength || r.ContentLength > 0 {
		h["Content-Length"] = strconv.Itoa(len(r.Content))
	}
	return h
}

// Cookies returns the cookies of a request, each as name=value.
func Cookies(r *http.Request) []string {
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

// Query returns the decoded parameters of a request, several values joined by a
// comma; nil if there are none.
func Query(r *http.Request) map[string]string {
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

// IsText reports whether function URLs and HTTP APIs hand over a body as text.
// Forms are not, as on AWS; nor is anything that JSON could not hold.
func IsText(contentType string, body []byte) bool {
	if !utf8.Valid(body) {
		return false
	}
	media := MediaType(contentType)
	switch media {
	case "", "application/json", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(media, "text/") || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
}

// MediaType returns the media type of a Content-Type in lower case, without
// parameters.
func MediaType(contentType string) string {
	if media, _, err := mime.ParseMediaType(contentType); err == nil {
		return media
	}
	media, _, _ := strings.Cut(contentType, ";")
	return strings.ToLower(strings.TrimSpace(media))
}

// clock returns the time as requestContext shows it, in the Common Log Format.
func clock(t time.Time) string { return t.UTC().Format("02/Jan/2006:15:04:05 -0700") }
