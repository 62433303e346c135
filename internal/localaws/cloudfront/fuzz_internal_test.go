// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// FuzzResult reads what functions return.
func FuzzResult(f *testing.F) {
	for _, text := range []string{
		`{"method":"GET","uri":"/a","querystring":{"a":{"value":"1","multiValue":[{"value":"1"},{"value":2}]}},"headers":{"x":{"value":"1"}},"cookies":{"c":{"value":"v","attributes":"Path=/"}}}`,
		`{"statusCode":302,"headers":{"location":{"value":"/b"}},"body":{"encoding":"base64","data":"aGk="}}`,
		`{"statusCode":"200","body":"text"}`, `[]`, `{"uri":null}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		result, err := readResult([]byte(text))
		if err != nil {
			return
		}
		if status, err := result.status(); err == nil && status != 0 && (status < 200 || status > 599) {
			t.Errorf("status %d", status)
		}
		call := &viewerCall{method: http.MethodGet, uri: "/", header: http.Header{}}
		if err := result.rewrite(call, eventRequest{}); err == nil && !strings.HasPrefix(call.uri, "/") {
			t.Errorf("the request goes to %q", call.uri)
		}
		_ = result.header("Set-Cookie")
	})
}

// FuzzOriginRequest: whatever the path, it is the origin that is asked.
func FuzzOriginRequest(f *testing.F) {
	for _, path := range []string{"/a/b%20c", "/", "//example.com/x", "/a?b#c", "/%zz", "/\\..\\x", "/@example.com:80/"} {
		f.Add(path, "a=b&c")
	}
	f.Fuzz(func(t *testing.T, path, query string) {
		if !strings.HasPrefix(path, "/") {
			return
		}
		q := &inquiry{
			visit:  &visit{distribution: &distribution{Config: &config{}}, r: httptest.NewRequest(http.MethodGet, "/", nil)},
			rule:   &behavior{OriginRequestPolicyID: allViewerExceptHost},
			origin: &origin{DomainName: "127.0.0.1:8080", OriginPath: "/v1"},
			call:   &viewerCall{method: http.MethodGet, query: query, header: http.Header{}}, path: path,
		}
		r, err := q.request(t.Context())
		if err == nil && (r.URL.Host != "127.0.0.1:8080" || !strings.HasPrefix(r.URL.EscapedPath(), "/v1/")) {
			t.Errorf("%q leads to %s", path, r.URL)
		}
	})
}

// FuzzFits: a path is invalidated by itself and by all above it.
func FuzzFits(f *testing.F) {
	f.Add("/a/b%20c")
	f.Add("/%2A")
	f.Fuzz(func(t *testing.T, path string) {
		e := &entry{paths: []string{path}}
		if escaped := strings.ReplaceAll(path, "*", "%2A"); !e.fits(escaped) && unescaped(escaped) == unescaped(path) {
			t.Errorf("%q does not fit itself", path)
		}
		if strings.HasPrefix(path, "/") && !strings.HasPrefix(unescaped(path), "%") && !e.fits("/*") {
			t.Errorf("%q is not below /", path)
		}
	})
}
