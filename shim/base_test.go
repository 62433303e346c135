// SPDX-License-Identifier: MIT

package shim_test

import (
	"net/http"
	"testing"

	"github.com/sparta-up/sparta/shim"
)

// TestBase: what a custom domain puts before the paths of an API is left out,
// under that name only.
func TestBase(t *testing.T) {
	t.Setenv("SPARTA_BASE", "api.example.com/v1/shop")
	v1 := func(domain, path string) string {
		return `{"httpMethod":"GET","path":"` + path + `","requestContext":{"domainName":"` + domain + `"}}`
	}
	v2 := func(domain, path string) string {
		return `{"version":"2.0","rawPath":"` + path + `","requestContext":{"domainName":"` + domain + `","domainPrefix":"api","apiId":"x","stage":"live","http":{"method":"GET"}}}`
	}
	for _, test := range []struct{ event, want string }{
		{v1("api.example.com", "/v1/shop/items"), "/items"},
		{v2("api.example.com", "/v1/shop/items"), "/items"},
		{v2("api.example.com", "/v1/shop"), "/"},
		{v2("api.example.com", "/v1/shopping"), "/v1/shopping"},
		{v2("x.execute-api.eu-west-1.amazonaws.com", "/v1/shop/items"), "/v1/shop/items"},
		{v1("api.example.com", "/other"), "/other"},
	} {
		var got string
		h, err := shim.New(func(_ http.ResponseWriter, r *http.Request) { got = r.URL.Path })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := h.Invoke(t.Context(), []byte(test.event)); err != nil || got != test.want {
			t.Errorf("%s: got %s, %v, want %s", test.event, got, err, test.want)
		}
	}
}
