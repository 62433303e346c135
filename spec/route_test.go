// SPDX-License-Identifier: MIT

package spec_test

import (
	"encoding/json"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/spec"
)

// TestRoutes: the forms of a route.
func TestRoutes(t *testing.T) {
	t.Parallel()
	s, problems := spec.Parse("sparta.yaml", []byte(`serviceName: orders
functions:
  b:
    handler: ./h.B
    events:
      - http: get /
      - http: "* /all"
      - http: {path: /any}
      - http: {method: post, path: "/x/{id}/{rest+}", authorizer: iam, throttle: {rate: 0.5, burst: 2}}
  a: {handler: ./h.A, events: [http: $default, http: {path: $default2, method: PUT}]}
`), spec.Options{})
	if len(problems) != 1 {
		t.Errorf("problems: %v", problems)
	}
	want := []string{"$default a", "ANY /all b", "ANY /any b", "GET / b", "POST /x/{id}/{rest+} b"}
	var got []string
	for _, r := range s.Routes() {
		got = append(got, r.Key()+" "+r.Function)
		if r.Path == "/x/{id}/{rest+}" && (r.Authorizer != spec.IAM || *r.Throttle != spec.Throttle{Rate: 0.5, Burst: 2}) {
			t.Errorf("got %+v", r.HTTPEvent)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("routes (-want +got):\n%s", diff)
	}
	if want := (&spec.API{Type: "http", Name: "orders", Stage: "$default", Endpoint: "regional"}); !cmp.Equal(want, s.API) {
		t.Errorf("the API is %+v", s.API)
	}
}

// FuzzRoute: no route makes a panic, and one that is taken has a key in the
// form of API Gateway.
func FuzzRoute(f *testing.F) {
	for _, route := range []string{"GET /", "* /a/{id}", "any /{proxy+}", "$default", "GET /{a}/{a}", "/", "GET", "GET /a//", "GET /{+}", "PUT /%2F?x"} {
		f.Add(route, "http")
		f.Add(route, "rest")
	}
	f.Fuzz(func(t *testing.T, route, kind string) {
		file, err := json.Marshal(tree{
			"serviceName": "orders", "api": tree{"type": kind},
			"functions": tree{"a": tree{"handler": "./h.A", "events": []any{tree{"http": route}, tree{"http": tree{"path": route, "method": "GET"}}}}},
		})
		if err != nil {
			t.Skip()
		}
		s, problems := spec.Parse(filepath.Join("x", "sparta.yaml"), file, spec.Options{})
		if s == nil || problems.Err() != nil {
			return
		}
		for _, r := range s.Routes() {
			if r.Path != spec.DefaultRoute && (r.Path[0] != '/' || r.Method == "") || r.RouteID() == "" {
				t.Errorf("%q is the route %q", route, r.Key())
			}
		}
	})
}
