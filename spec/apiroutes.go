// SPDX-License-Identifier: MIT

package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// Route is a route of the API with the function that answers it.
type Route struct {
	*HTTPEvent
	Function string
	Place    []string // path of the event in sparta.yaml
}

// Routes returns the routes of the API, sorted by key.
func (s *Service) Routes() []Route {
	var all []Route
	for _, f := range s.Functions {
		for i, e := range f.Events {
			if e.HTTP != nil {
				all = append(all, Route{e.HTTP, f.Name, eventPath(f.Name, i)})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b Route) int { return strings.Compare(a.Key(), b.Key()) })
	return all
}

// How long API Gateway waits for a function, at most. Sources: "Quotas for configuring and running an HTTP API" and
// "... a REST API", https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
const (
	httpWait = 30 * time.Second
	restWait = 29 * time.Second
)

// routes checks what the routes, the functions and the API have to do with one
// another.
func (d *decoder) routes(s *Service) {
	routes := s.Routes()
	n := d.root.field("api")
	switch {
	case s.API == nil && len(routes) > 0 && n == nil:
		s.API = d.newAPI(s, httpType)
	case s.API == nil:
		return
	}
	d.collisions(routes)
	if s.API.REST() {
		d.siblings(routes)
	}
	used := map[string]bool{}
	for _, r := range routes {
		used[r.Authorizer] = true
		d.routeAuthorizer(s, r)
		if f := d.root.field("functions").field(r.Function); d.literal(f.field("url").field("mode")) == "stream" {
			d.keyFault(d.event1(r), diag.ExclusiveKeys, "cannot stand beside url.mode stream, with which all answers of the function are streamed", "give the API a function of its own with the same handler")
		}
		if r.APIKey && len(s.API.APIKeys) == 0 {
			d.warn(d.event1(r).field("apiKey"), diag.APIKeys, "the API has no API keys, so that nobody can call the route", "add apiKeys: [partner] under api, or leave it out")
		}
	}
	d.waits(s, routes)
	d.preflights(s.API, routes)
	if n == nil {
		return
	}
	d.authorizing(s, n.field("authorizers"), used)
	if len(routes) == 0 && !d.sourcesFaulty() {
		d.keyFault(n, diag.NoRoutes, "no function has an http event", "add events: [http: GET /] to a function, or leave api out")
	}
}

// event1 is the node of a route, whose key is http.
func (d *decoder) event1(r Route) *node { return d.find(r.Place).only() }

// sourcesFaulty reports whether there may be a route that is not well formed.
func (d *decoder) sourcesFaulty() bool {
	return slices.ContainsFunc(d.root.field("functions").fieldsOf(), func(f *node) bool { return !f.sound() })
}

// collisions reports routes that take the same requests.
func (d *decoder) collisions(routes []Route) {
	first := map[string]Route{}
	slices.SortStableFunc(routes, func(a, b Route) int { return compareMarks(d.event1(a).keyAt, d.event1(b).keyAt) })
	for _, r := range routes {
		other, twice := first[r.pattern()]
		if !twice {
			first[r.pattern()] = r
			continue
		}
		message := fmt.Sprintf("%s answers %s already, in line %d", other.Function, other.Key(), d.event1(other).keyAt.line)
		if other.Key() != r.Key() {
			message += ": the names of parameters make no difference"
		}
		d.keyFault(d.event1(r), diag.RouteTwice, message, "leave one of them out")
	}
}

func compareMarks(a, b mark) int {
	return cmp.Or(cmp.Compare(a.line, b.line), cmp.Compare(a.column, b.column))
}

// siblings reports parameters that can't stand beside each other: in a REST API
// a place of the path has one.
func (d *decoder) siblings(routes []Route) {
	type variable struct {
		name  string
		route Route
	}
	taken := map[string]variable{}
	for _, r := range routes {
		before := ""
		for part := range strings.SplitSeq(strings.TrimPrefix(r.Path, "/"), "/") {
			if name, ok := parameterOf(part); ok {
				place := before
				if strings.HasSuffix(name, "+") {
					place += "/+" // may stand beside one that takes a part
				}
				other, there := taken[place]
				if there && other.name != part && !d.event1(r).faulty {
					d.keyFault(d.event1(r), diag.RouteTwice,
						fmt.Sprintf("%s stands where %s of line %d stands: a REST API takes one parameter at a place", part, other.name, d.event1(other.route).keyAt.line),
						"call it "+other.name+" here too, or use type: http")
				}
				if !there {
					taken[place] = variable{part, r}
				}
			}
			before += "/" + part
		}
	}
}

// routeAuthorizer checks that a route's authorizer is there and fits.
func (d *decoder) routeAuthorizer(s *Service, r Route) {
	n := d.event1(r)
	at := n.field("authorizer")
	a, known := s.API.Authorizer(r.Authorizer)
	switch {
	case r.Authorizer != "" && r.Authorizer != IAM && !known:
		names := []string{IAM}
		for _, f := range d.root.field("api").field("authorizers").fieldsOf() {
			names = append(names, f.key)
		}
		if slices.Contains(names, r.Authorizer) {
			return // what is wrong with it is said there
		}
		hint := "add it to authorizers under api; iam is built in"
		if near := nearest(r.Authorizer, names); near != "" {
			hint = didYouMean(near)
		}
		d.fault(at, diag.UnknownAuthorizer, "there is no authorizer "+strconv.Quote(shorten(r.Authorizer)), hint)
	case len(r.Scopes) > 0 && !a.Tokens():
		d.keyFault(n.field("scopes"), diag.AuthorizerForm, "only tokens have scopes", "name an authorizer with jwt or cognito, or leave scopes out")
	}
}

// preflights warns of routes whose authorizer refuses what browsers ask before
// a request of another origin: they send no credentials then. A REST API has an
// OPTIONS method for that beside each route. Source: "Configure CORS for HTTP APIs",
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html
func (d *decoder) preflights(a *API, routes []Route) {
	if a.CORS == nil || a.REST() {
		return
	}
	taken := map[string]bool{}
	for _, r := range routes {
		taken[r.pattern()] = true
	}
	for _, r := range routes {
		hint := "write a route for each method, such as GET " + r.Path
		switch {
		case r.Authorizer == "" || r.Path != DefaultRoute && r.Method != AnyMethod:
			continue
		case r.Path == DefaultRoute:
			hint = "add a route OPTIONS /{proxy+} without authorizer"
		}
		options := &HTTPEvent{Method: "OPTIONS", Path: r.Path}
		if r.Path == DefaultRoute {
			options.Path = "/{proxy+}"
		}
		if !taken[options.pattern()] {
			d.warn(d.event1(r), diag.PreflightRefused, "the authorizer refuses the OPTIONS requests that browsers send first", hint)
		}
	}
}

// waits warns of functions that may take longer than the API waits for them.
func (d *decoder) waits(s *Service, routes []Route) {
	wait, status := httpWait, 503
	if s.API.REST() {
		wait, status = restWait, 504
	}
	said := map[string]bool{}
	for _, f := range s.Functions {
		i := slices.IndexFunc(routes, func(r Route) bool { return r.Function == f.Name })
		if i < 0 || f.Timeout <= wait || said[f.Name] {
			continue
		}
		said[f.Name] = true
		d.warn(d.event1(routes[i]), diag.RouteSlow,
			fmt.Sprintf("the API answers %d after %d s, while %s may take %d s", status, wait/time.Second, f.Name, f.Timeout/time.Second),
			fmt.Sprintf("set timeout: %d, or give the function a url", wait/time.Second))
	}
}

// authorizing checks the functions of authorizers, and that each is used.
func (d *decoder) authorizing(s *Service, n *node, used map[string]bool) {
	var names []string
	for _, f := range d.root.field("functions").fieldsOf() {
		names = append(names, f.key)
	}
	for _, a := range s.API.Authorizers {
		at := n.field(a.Name)
		switch {
		case a.Function != "" && !slices.Contains(names, a.Function):
			hint := "name one of functions"
			if near := nearest(a.Function, names); near != "" {
				hint = didYouMean(near)
			}
			d.fault(at.field("function"), diag.UnknownAuthorizer, "there is no function "+strconv.Quote(shorten(a.Function)), hint)
		case !used[a.Name] && !d.sourcesFaulty():
			d.warn(at, diag.UnusedAuthorizer, "no route uses the authorizer", "add authorizer: "+a.Name+" to the routes that it is for")
		}
	}
}
