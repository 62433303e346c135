// SPDX-License-Identifier: MIT

package localaws_test

import (
	"net/http"
	"strings"
	"testing"
)

// Web pages of this machine may call user pools without a signature; those of
// other sites may not.
func TestUserPoolsForPages(t *testing.T) {
	t.Parallel()
	endpoint := openCloud(t, t.TempDir()).Endpoint()
	for _, test := range []struct {
		name, method, path, target, origin string
		status                             int
		want                               string // header Access-Control-Allow-Origin
	}{
		{"preflight", "OPTIONS", "/", "", "http://localhost:3000", 200, "*"},
		{"preflight of another site", "OPTIONS", "/", "", "https://evil.example", 403, ""},
		{"operation of users", "POST", "/", "GetUser", "http://localhost:3000", 400, "*"},
		{"operation of administrators", "POST", "/", "ListUsers", "http://localhost:3000", 400, "*"},
		{"another site", "POST", "/", "GetUser", "https://evil.example", 403, ""},
		{"keys of no pool", "GET", "/us-east-1_abcdefghi/.well-known/jwks.json", "", "http://localhost:3000", 404, "*"},
	} {
		r, err := http.NewRequestWithContext(t.Context(), test.method, endpoint+test.path, strings.NewReader(`{}`))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Origin", test.origin)
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		if test.method == http.MethodOptions {
			r.Header.Set("Access-Control-Request-Method", "POST")
			r.Header.Set("Access-Control-Request-Headers", "content-type,x-amz-target")
		}
		if test.target != "" {
			r.Header.Set("X-Amz-Target", "AWSCognitoIdentityProviderService."+test.target)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if got := response.Header.Get("Access-Control-Allow-Origin"); response.StatusCode != test.status || got != test.want {
			t.Errorf("%s: got %d %q, want %d %q", test.name, response.StatusCode, got, test.status, test.want)
		}
	}
}
