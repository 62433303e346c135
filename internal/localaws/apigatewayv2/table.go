// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"slices"
)

// table is the routes of a deployment in the order in which they are tried. It
// never changes.
type table []entry

type entry struct {
	key   routeKey
	route *route
}

// newTable orders the routes of a definition: the more specific path first,
// then one method before ANY, and $default last ("Routing API requests" of
// "Working with routes for HTTP APIs", API Gateway Developer Guide).
func newTable(d definition) (table, error) {
	t := make(table, 0, len(d.Routes))
	for _, r := range d.Routes {
		key, err := parseRouteKey(r.RouteKey)
		if err != nil {
			return nil, err
		}
		t = append(t, entry{key, r})
	}
	slices.SortFunc(t, func(a, b entry) int {
		switch {
		case a.key.method == "" || b.key.method == "":
			return order(a.key.method == "", b.key.method == "")
		case a.key.path.Compare(b.key.path) != 0:
			return a.key.path.Compare(b.key.path)
		}
		return order(a.key.method == "ANY", b.key.method == "ANY")
	})
	return t, nil
}

// order puts false before true.
func order(a, b bool) int {
	switch {
	case a == b:
		return 0
	case a:
		return 1
	}
	return -1
}

// match returns the route of a request and its path parameters.
func (t table) match(method string, segments []string) (entry, map[string]string, bool) {
	for _, e := range t {
		switch e.key.method {
		case "":
			return e, nil, true
		case "ANY", method:
			if parameters, ok := e.key.path.Match(segments); ok {
				return e, parameters, true
			}
		}
	}
	return entry{}, nil, false
}
