// SPDX-License-Identifier: MIT

package spec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// HTTPEvent has a function answer the requests to a route of the API.
type HTTPEvent struct {
	Method     string    `key:"method"`     // GET and so on, or ANY; "" for $default
	Path       string    `key:"path"`       // such as /items/{id}, or $default
	Authorizer string    `key:"authorizer"` // name of one of the API's, IAM, or "": everybody may call
	Scopes     []string  `key:"scopes"`     // of which a token has one
	Throttle   *Throttle `key:"throttle"`   // nil: that of the API
	APIKey     bool      `key:"apiKey"`     // a request needs an API key
	REST       bool      // the API is a REST API
}

// DefaultRoute is the path of the route that takes what no other does.
const DefaultRoute = "$default"

// AnyMethod is the method of routes that take all of them.
const AnyMethod = "ANY"

// methods are those that a route may have.
func methods() []string {
	return []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", AnyMethod}
}

// Key is the route as API Gateway writes it: GET /items/{id}, or $default.
func (h *HTTPEvent) Key() string {
	if h.Path == DefaultRoute {
		return DefaultRoute
	}
	return h.Method + " " + h.Path
}

// pattern is the key without the names of parameters: two routes with one
// pattern take the same requests.
func (h *HTTPEvent) pattern() string { return parameters.ReplaceAllString(h.Key(), "{$2}") }

// parameters are the path parameters of a route.
var parameters = regexp.MustCompile(`\{([^{}+]*)(\+?)\}`)

// RouteID is the logical id of a route of an HTTP API. It does not depend on
// the function, nor on the names of parameters: API Gateway does not take the
// new route before the old one is gone.
func (h *HTTPEvent) RouteID() string { return EventID("", "HttpRoute", h.pattern()) }

func (*HTTPEvent) ids(string) []string { return nil } // those of the API
func (*HTTPEvent) from() Source        { return Source{} }
func (*HTTPEvent) pulled() bool        { return false }

// httpEvent decodes a route.
func (d *decoder) httpEvent(n *node) *HTTPEvent {
	h := &HTTPEvent{REST: d.rest, Method: AnyMethod}
	if isShort(n, "path") {
		method, path, found := strings.Cut(n.written, " ")
		if !found && n.written != DefaultRoute {
			d.fault(n, diag.RouteForm, n.quote()+" is no route", routeHint(n.written))
			return nil
		}
		h.Path = or(strings.TrimSpace(path), n.written)
		if h.Path != DefaultRoute {
			h.Method = d.method(n, method)
		}
		d.path(n, h)
		return h
	}
	if f := n.field("method"); usable(f) {
		h.Method = d.method(f, f.written)
	}
	if f := n.field("path"); usable(f) {
		h.Path = f.written
		d.path(f, h)
	}
	h.Authorizer = d.literal(n.field("authorizer"))
	h.Scopes = d.texts(n.field("scopes"))
	h.Throttle = d.throttle(n.field("throttle"))
	h.APIKey = d.flag(n.field("apiKey"), false)
	if h.APIKey && !d.rest {
		d.keyFault(n.field("apiKey"), diag.APIKind, "only REST APIs have API keys", "set api: {type: rest}, or leave it out")
	}
	return h
}

// routeHint says how a route is written that is only a part of one.
func routeHint(written string) string {
	if strings.HasPrefix(written, "/") {
		return "put the method before the path, such as GET " + written
	}
	return "write a method and a path, such as GET /items/{id}, or $default"
}

// method checks an HTTP method, which may be written in any case.
func (d *decoder) method(n *node, written string) string {
	name := strings.ToUpper(written)
	if name == "*" {
		return AnyMethod
	}
	if slices.Contains(methods(), name) {
		return name
	}
	hint := "one of " + strings.Join(methods(), ", ")
	if near := nearest(name, methods()); near != "" {
		hint = didYouMean(near)
	}
	d.fault(n, diag.RouteForm, strconv.Quote(shorten(written))+" is no HTTP method", hint)
	return ""
}

// path checks the path of a route.
func (d *decoder) path(n *node, h *HTTPEvent) {
	if h.Path == DefaultRoute {
		if d.rest {
			d.fault(n, diag.APIKind, "a REST API has no route $default", "write ANY /{proxy+} and ANY /")
		}
		h.Method = ""
		return
	}
	why, hint := pathFault(h.Path, d.rest)
	if why != "" && usable(n) {
		d.fault(n, diag.RouteForm, why, hint)
	}
}

// The characters of a part of a path that is no parameter, and of the name of
// one. Sources: "Create routes for HTTP APIs" and "Set up a method using a proxy resource",
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html;
// what a REST API takes its console says.
var (
	literalHTTP  = regexp.MustCompile(`^[A-Za-z0-9._~:@!$&'()*+,;=%-]+$`)
	literalREST  = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)
	pathVariable = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)
)

// pathFault says what is wrong with a path, "" if nothing is.
func pathFault(path string, rest bool) (why, hint string) {
	inner, rooted := strings.CutPrefix(path, "/")
	switch {
	case !rooted:
		return strconv.Quote(shorten(path)) + " is no path", "a path begins with a slash"
	case inner == "":
		return "", ""
	case strings.ContainsAny(path, "?#"):
		return "a path has no query", "leave out what follows " + path[strings.IndexAny(path, "?#"):][:1] + ": functions get every query"
	case strings.HasSuffix(path, "/") || strings.Contains(path, "//"):
		return "a part of the path is empty", "write one slash between parts, and none at the end"
	}
	seen := map[string]bool{}
	parts := strings.Split(inner, "/")
	for i, part := range parts {
		name, variable := parameterOf(part)
		bare := strings.TrimSuffix(name, "+")
		switch {
		case variable && !pathVariable.MatchString(bare):
			return strconv.Quote(shorten(part)) + " is no parameter", "a parameter is a name in braces, such as {id}, or {proxy+} for the rest of the path"
		case variable && bare != name && i < len(parts)-1:
			return part + " takes the rest of the path, and parts follow it", "write {" + bare + "} for one part"
		case variable && seen[bare]:
			return "the parameter " + bare + " comes twice", "give each a name of its own"
		case variable:
			seen[bare] = true
		case strings.ContainsAny(part, "{}"):
			return strconv.Quote(shorten(part)) + " is neither text nor a parameter", "a parameter in braces is a part of its own: /items/{id}"
		case rest && !literalREST.MatchString(part), !rest && !literalHTTP.MatchString(part):
			return strconv.Quote(shorten(part)) + " has characters that a path can't have", "letters, digits and . _ : - are safe"
		}
	}
	return "", ""
}

// parameterOf returns what a part of a path has in its braces.
func parameterOf(part string) (name string, ok bool) {
	inner, opened := strings.CutPrefix(part, "{")
	inner, closed := strings.CutSuffix(inner, "}")
	return inner, opened && closed
}
