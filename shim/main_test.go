// SPDX-License-Identifier: MIT

package shim

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"
)

func TestRun(t *testing.T) {
	t.Parallel()
	functions := Functions{"b": func() (int, error) { return 2, nil }, "a": func() (int, error) { return 1, nil }, "bad": 7}
	tests := []struct {
		name, handler string
		status        int
		result        string // of the started function
		told          string // errorType that the Runtime API was told
		stderr        string
	}{
		{name: "bare name", handler: "a", result: "1"},
		{name: "module and name", handler: "index.b", result: "2"},
		{name: "path, module and name", handler: "dir.x/index.b", result: "2"},
		{name: "unknown", handler: "index.c", status: 1, told: "Runtime.HandlerNotFound", stderr: `function "c": not in this program, which has a, b, bad`},
		{name: "none", handler: "", status: 1, told: "Runtime.HandlerNotFound", stderr: `function ""`},
		{name: "no handler", handler: "bad", status: 1, told: "Runtime.InvalidHandler", stderr: `function "bad": int is no handler`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var told struct{ ErrorType, ErrorMessage string }
			var path, header string
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				path, header = r.URL.Path, r.Header.Get("Lambda-Runtime-Function-Error-Type")
				if err := json.NewDecoder(r.Body).Decode(&told); err != nil {
					t.Error(err)
				}
				w.WriteHeader(http.StatusAccepted)
			}))
			defer api.Close()
			var stderr strings.Builder
			var result []byte
			p := program{
				runtimeAPI: strings.TrimPrefix(api.URL, "http://"), handler: tt.handler, stderr: &stderr,
				start: func(h lambda.Handler) { result, _ = h.Invoke(t.Context(), nil) },
			}
			if status := p.run(functions); status != tt.status || string(result) != tt.result {
				t.Errorf("status %d, result %q; want %d, %q", status, result, tt.status, tt.result)
			}
			if !strings.Contains(stderr.String(), tt.stderr) || tt.stderr == "" && stderr.Len() > 0 {
				t.Errorf("stderr = %q, want %q in it", &stderr, tt.stderr)
			}
			if told.ErrorType != tt.told || header != tt.told || !strings.Contains(told.ErrorMessage, tt.stderr) {
				t.Errorf("the Runtime API was told %+v with header %q, want %s", told, header, tt.told)
			}
			if tt.told != "" && path != "/2018-06-01/runtime/init/error" {
				t.Errorf("path = %s", path)
			}
		})
	}
}

func TestRunOutsideOfLambda(t *testing.T) {
	t.Parallel()
	var stderr strings.Builder
	p := program{handler: "a", stderr: &stderr, start: func(lambda.Handler) { t.Error("started") }}
	if status := p.run(Functions{"b": nil, "a": nil}); status != 2 {
		t.Errorf("status = %d, want 2", status)
	}
	for _, want := range []string{"(a, b)", "sparta invoke --local NAME"} {
		if !strings.Contains(stderr.String(), want) {
			t.Errorf("stderr = %q does not tell %q", &stderr, want)
		}
	}
}

func TestReportInitErrorFails(t *testing.T) {
	t.Parallel()
	refusing := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusForbidden) }))
	defer refusing.Close()
	err := reportInitError(strings.TrimPrefix(refusing.URL, "http://"), "Runtime.X", "m")
	if err == nil || err.Error() != "report init error: the runtime API answered 403 Forbidden" {
		t.Errorf("error = %v", err)
	}
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	if err := reportInitError(strings.TrimPrefix(gone.URL, "http://"), "Runtime.X", "m"); err == nil {
		t.Error("no error")
	}
}

func TestStream(t *testing.T) {
	t.Parallel()
	const event = `{"version":"2.0","rawPath":"/","requestContext":{"http":{"method":"GET"}}}`
	nuls := strings.Repeat("\x00", 8)
	tests := []struct {
		name, method string
		handler      http.HandlerFunc
		want, fault  string
	}{
		{"nothing", "GET", func(http.ResponseWriter, *http.Request) {}, `{"statusCode":200}` + nuls, ""},
		{"status", "GET", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(100)
			w.WriteHeader(404)
			w.WriteHeader(500)
			_, _ = io.WriteString(w, "x")
		}, `{"statusCode":404}` + nuls + "x", ""},
		{"HEAD", "HEAD", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "x") }, `{"statusCode":200,"headers":{"Content-Type":"text/plain; charset=utf-8"}}` + nuls, ""},
		{"flush", "GET", func(w http.ResponseWriter, _ *http.Request) {
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			_, _ = io.WriteString(w, "x")
		}, `{"statusCode":200}` + nuls + "x", ""},
		{"panic before", "GET", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, "", "abort Handler"},
		{"panic after", "GET", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "x")
			panic(http.ErrAbortHandler)
		}, "", "abort Handler"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := streamHandler(tt.handler).Invoke(t.Context(), []byte(strings.Replace(event, "GET", tt.method, 1)))
			if tt.fault != "" {
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("error = %v, want %s", err, tt.fault)
				}
				return
			}
			if err != nil || string(got) != tt.want {
				t.Errorf("stream = %q, error %v; want %q", got, err, tt.want)
			}
		})
	}
}

func TestRecase(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for n := range 512 {
		name := recase("Set-Cookie", n)
		if seen[name] || !strings.EqualFold(name, "Set-Cookie") {
			t.Fatalf("spelling %d = %q", n, name)
		}
		seen[name] = true
	}
}
