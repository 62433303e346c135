// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"strings"
	"testing"
)

// FuzzRouteKey checks that no route key breaks the table, and that a route is
// found by the path that it is written with.
func FuzzRouteKey(f *testing.F) {
	f.Add("GET /a/{b}", "/a/x")
	f.Add("ANY /{proxy+}", "/")
	f.Add("$default", "")
	f.Fuzz(func(t *testing.T, text, path string) {
		key, err := parseRouteKey(text)
		if err != nil {
			return
		}
		table, err := newTable(definition{Routes: map[string]*route{"a": {RouteKey: text}, "b": {RouteKey: "$default"}}})
		if err != nil {
			t.Fatal(err)
		}
		if _, _, ok := table.match("GET", strings.Split(path, "/")); !ok {
			t.Errorf("%q with $default does not match %q", text, path)
		}
		if text != "$default" && !sameRoute(key, text) {
			t.Errorf("%q is not itself", text)
		}
	})
}
