// SPDX-License-Identifier: MIT

package cors_test

import (
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/cors"
)

func TestMark(t *testing.T) {
	t.Parallel()
	full := &cors.Settings{
		AllowCredentials: true, AllowHeaders: []string{"x-a", "x-b"}, AllowMethods: []string{"GET", "PUT"},
		AllowOrigins: []string{"https://a.example", "https://*.b.example"}, ExposeHeaders: []string{"x-c"}, MaxAge: 60,
	}
	open := &cors.Settings{AllowOrigins: []string{"*"}}
	for _, test := range []struct {
		name, method, origin, asks string
		settings                   *cors.Settings
		want                       http.Header
	}{
		{"not configured", "GET", "https://a.example", "", nil, http.Header{"Access-Control-Allow-Origin": {"of the function"}}},
		{"no origin", "GET", "", "", full, http.Header{}},
		{"everybody", "GET", "https://x.example", "", open, http.Header{"Access-Control-Allow-Origin": {"*"}}},
		{"stranger", "GET", "https://x.example", "", full, http.Header{}},
		{"suffix is not enough", "GET", "https://b.example", "", full, http.Header{}},
		{"pattern", "GET", "https://x.b.example", "", full, http.Header{
			"Access-Control-Allow-Origin": {"https://x.b.example"}, "Vary": {"Origin"},
			"Access-Control-Allow-Credentials": {"true"}, "Access-Control-Expose-Headers": {"x-c"},
		}},
		{"preflight", "OPTIONS", "https://a.example", "PUT", full, http.Header{
			"Access-Control-Allow-Origin": {"https://a.example"}, "Vary": {"Origin"},
			"Access-Control-Allow-Credentials": {"true"}, "Access-Control-Expose-Headers": {"x-c"},
			"Access-Control-Allow-Methods": {"GET,PUT"}, "Access-Control-Allow-Headers": {"x-a,x-b"}, "Access-Control-Max-Age": {"60"},
		}},
		{"preflight of a stranger", "OPTIONS", "https://x.example", "PUT", full, http.Header{}},
		{"options that are no preflight", "OPTIONS", "https://x.example", "", open, http.Header{"Access-Control-Allow-Origin": {"*"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r, err := http.NewRequestWithContext(t.Context(), test.method, "http://127.0.0.1/", nil)
			if err != nil {
				t.Fatal(err)
			}
			if test.origin != "" {
				r.Header.Set("Origin", test.origin)
			}
			if test.asks != "" {
				r.Header.Set("Access-Control-Request-Method", test.asks)
			}
			got := http.Header{"Access-Control-Allow-Origin": {"of the function"}}
			test.settings.Mark(got, r)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
