// SPDX-License-Identifier: MIT

package sandbox_test

import (
	"encoding/json"
	"strings"
	"testing"
)

// request is an event of a function URL.
func request(path string) string {
	return `{"version":"2.0","rawPath":"` + path + `","rawQueryString":"q=1","headers":{"host":"x.lambda-url.eu-west-1.on.aws"},` +
		`"requestContext":{"http":{"method":"GET","protocol":"HTTP/1.1","sourceIp":"192.0.2.1"}}}`
}

func TestHTTPHandler(t *testing.T) {
	t.Parallel()
	for _, h := range hosts(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			s := h.start(t, "web")
			var got struct {
				StatusCode int
				Headers    map[string]string
				Cookies    []string
				Body       string
			}
			out := invoke(t, s, request("/a%20b"))
			if err := json.Unmarshal(out.Payload, &got); err != nil {
				t.Fatalf("payload %s: %v", out.Payload, err)
			}
			if got.StatusCode != 200 || got.Body != "/a b q=1" || got.Headers["X-Method"] != "GET" || len(got.Cookies) != 1 {
				t.Errorf("response = %+v", got)
			}
			if f := failureOf(t, invoke(t, s, request("/panic"))); f.ErrorMessage != "web" {
				t.Errorf("panic: %+v", f)
			}
			if f := failureOf(t, invoke(t, s, `{"Records":[]}`)); !strings.Contains(f.ErrorMessage, "no HTTP request") {
				t.Errorf("other event: %+v", f)
			}
		})
	}
}

// A streaming function URL gets the HTTP prelude and then the body as it is
// written.
func TestHTTPStream(t *testing.T) {
	t.Parallel()
	s := direct.start(t, "web", "SPARTA_STREAM=1")
	for range 2 {
		out := invoke(t, s, request("/stream"))
		prelude, body, found := strings.Cut(string(out.Payload), strings.Repeat("\x00", 8))
		if !found || body != "part 0\npart 1\npart 2\n" || !out.Streaming {
			t.Fatalf("payload = %q, streaming %v", out.Payload, out.Streaming)
		}
		want := `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8","X-Method":"GET"},"cookies":["a=1"]}`
		if prelude != want {
			t.Errorf("prelude = %s, want %s", prelude, want)
		}
		if f := failureOf(t, invoke(t, s, request("/panic"))); f.ErrorMessage != "web" {
			t.Errorf("panic: %+v", f)
		}
	}
}
