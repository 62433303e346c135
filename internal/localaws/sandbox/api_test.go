// SPDX-License-Identifier: MIT

package sandbox

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// client talks to a Runtime API as a runtime would.
type client struct {
	t   *testing.T
	api *runtimeAPI
}

func newClient(t *testing.T) client {
	t.Helper()
	api, err := serveRuntimeAPI(Config{Handler: "index.f", Environ: []string{"AWS_LAMBDA_FUNCTION_NAME=f", "AWS_LAMBDA_FUNCTION_VERSION=1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(api.close)
	return client{t, api}
}

// do sends a request and returns the status, the errorType and the headers.
func (c client) do(method, path, body string, header ...string) (status int, errorType string, h http.Header) {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), method, "http://"+c.api.address+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	for i := 0; i < len(header); i += 2 {
		req.Header.Set(header[i], header[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	var f failure
	_ = json.Unmarshal(text, &f) // events are not failures
	return resp.StatusCode, f.ErrorType, resp.Header
}

// take begins an event with the id r1.
func (c client) take() *event {
	c.t.Helper()
	e := &event{
		Invocation: Invocation{RequestID: "r1", FunctionARN: "arn:f", Payload: []byte(`{}`), ClientContext: `{"a":"😀"}`, Deadline: time.UnixMilli(1_700_000_000_123)},
		done:       make(chan reply, 1),
	}
	go func() { c.api.next <- e }()
	status, _, h := c.do("GET", "/2018-06-01/runtime/invocation/next", "")
	if status != http.StatusOK {
		c.t.Fatalf("next: status %d", status)
	}
	for name, want := range map[string]string{
		"Lambda-Runtime-Aws-Request-Id":       "r1",
		"Lambda-Runtime-Deadline-Ms":          "1700000000123",
		"Lambda-Runtime-Invoked-Function-Arn": "arn:f",
		"Lambda-Runtime-Client-Context":       `{"a":"\ud83d\ude00"}`,
		"Content-Type":                        "application/json",
	} {
		if got := h.Get(name); got != want {
			c.t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	for _, name := range []string{"Lambda-Runtime-Trace-Id", "Lambda-Runtime-Cognito-Identity"} {
		if values := h.Values(name); values != nil {
			c.t.Errorf("%s = %q, want none", name, values)
		}
	}
	return e
}

const invocations = "/2018-06-01/runtime/invocation/"

// The statuses of https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html.
func TestRuntimeAPIStatuses(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", payloadLimit+1)
	tests := []struct {
		name, path, body string
		header           []string
		status           int
		errorType        string
		want             string // errorType of the reply; "-" if there is none
	}{
		{"response", "r1/response", `1`, nil, 202, "", ""},
		{"largest response", "r1/response", large[1:], nil, 202, "", ""},
		{"too large", "r1/response", large, nil, 413, "RequestEntityTooLarge", "Function.ResponseSizeTooLarge"},
		{"large stream", "r1/response", large, []string{responseModeHeader, "streaming"}, 202, "", ""},
		{"response mode", "r1/response", `1`, []string{responseModeHeader, "other"}, 400, "InvalidFunctionResponseMode", "Runtime.InvalidResponseModeHeader"},
		{"other request", "r2/response", `1`, nil, 400, "InvalidRequestID", "-"},
		{"error", "r1/error", `{}`, []string{errorTypeHeader, "Function.Broken"}, 202, "", "Function.Broken"},
		{"error without a type", "r1/error", `{}`, nil, 202, "", "Function.Unknown"},
		{"error of another form", "r1/error", `{}`, []string{errorTypeHeader, "my error"}, 202, "", "Function.Unknown"},
		{"runtime error of another form", "r1/error", `{}`, []string{errorTypeHeader, "Runtime.my error"}, 202, "", "Runtime.Unknown"},
		{"error of another request", "r2/error", `{}`, nil, 400, "InvalidRequestID", "-"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := newClient(t)
			e := c.take()
			status, errorType, _ := c.do("POST", invocations+tt.path, tt.body, tt.header...)
			if status != tt.status || errorType != tt.errorType {
				t.Errorf("answer = %d %s, want %d %s", status, errorType, tt.status, tt.errorType)
			}
			got := "-"
			select {
			case r := <-e.done:
				got = r.errorType
			default:
			}
			if got != tt.want {
				t.Errorf("reply's error type = %q, want %q", got, tt.want)
			}
		})
	}
}

// Calls that are not due are refused and change nothing.
func TestRuntimeAPITransitions(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	expect := func(method, path, body string, status int, errorType string) {
		t.Helper()
		if s, e, _ := c.do(method, path, body); s != status || e != errorType {
			t.Errorf("%s %s = %d %s, want %d %s", method, path, s, e, status, errorType)
		}
	}
	expect("POST", invocations+"r1/response", `1`, 400, "InvalidRequestID")
	e := c.take()
	expect("GET", invocations+"next", "", 403, "InvalidStateTransition")
	expect("POST", "/2018-06-01/runtime/init/error", `{}`, 403, "InvalidStateTransition")
	expect("POST", invocations+"r1/response", `1`, 202, "")
	expect("POST", invocations+"r1/response", `2`, 403, "InvalidStateTransition")
	expect("POST", invocations+"r1/error", `{}`, 403, "InvalidStateTransition")
	if r := <-e.done; string(r.payload) != `1` {
		t.Errorf("reply = %+v", r)
	}
	expect("GET", "/2018-06-01/runtime/restore/next", "", 404, "")
	expect("GET", "/ping", "", 200, "")
	expect("PUT", "/2020-08-15/logs", `{}`, 202, "Logs.NotSupported")
	expect("PUT", "/2022-07-01/telemetry", `{}`, 202, "Telemetry.NotSupported")
}

func TestInitError(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	status, _, _ := c.do("POST", "/2018-06-01/runtime/init/error", `{"errorMessage":"m"}`, errorTypeHeader, "Runtime.Broken")
	if status != 202 {
		t.Fatalf("status = %d", status)
	}
	if r := <-c.api.initFailed; r.errorType != "Runtime.Broken" || string(r.payload) != `{"errorMessage":"m"}` {
		t.Errorf("reply = %+v", r)
	}
	if status, _, _ := c.do("POST", "/2018-06-01/runtime/init/error", `{}`); status != 403 {
		t.Errorf("second: status = %d, want 403", status)
	}
}

// A failure that is told in trailers replaces the result that was on its way.
func TestLateFailure(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	e := c.take()
	req, err := http.NewRequestWithContext(t.Context(), "POST", "http://"+c.api.address+invocations+"r1/response", io.MultiReader(strings.NewReader("begun")))
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"errorMessage":"late"}`)
	req.Trailer = http.Header{errorTypeHeader: {"Function.Late"}, errorBodyTrailer: {base64.StdEncoding.EncodeToString(body)}}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	resp.Body.Close()
	if r := <-e.done; r.errorType != "Function.Late" || !bytes.Equal(r.payload, body) {
		t.Errorf("reply = %q %s", r.payload, r.errorType)
	}
}

func TestExtensions(t *testing.T) {
	t.Parallel()
	c := newClient(t)
	const register = "/2020-01-01/extension/register"
	tests := []struct {
		name, extension, body string
		status                int
		errorType             string
	}{
		{"no name", "", `{"events":[]}`, 400, "Extension.InvalidExtensionName"},
		{"no JSON", "x", `{`, 400, "InvalidRequestFormat"},
		{"events", "x", `{"events":["INVOKE"]}`, 403, "Extension.InvalidEventType"},
		{"internal", "x", `{"events":null}`, 200, ""},
	}
	var id string
	for _, tt := range tests {
		if c.api.extended() {
			t.Errorf("before %s: extended", tt.name)
		}
		var header []string
		if tt.extension != "" {
			header = []string{"Lambda-Extension-Name", tt.extension}
		}
		status, errorType, h := c.do("POST", register, tt.body, header...)
		if status != tt.status || errorType != tt.errorType {
			t.Errorf("%s: %d %s, want %d %s", tt.name, status, errorType, tt.status, tt.errorType)
		}
		id = h.Get(identifierHeader)
	}
	if id == "" || !c.api.extended() {
		t.Errorf("identifier %q, extended %v", id, c.api.extended())
	}
	if status, _, _ := c.do("GET", "/2020-01-01/extension/event/next", "", identifierHeader, "other"); status != 403 {
		t.Errorf("unknown identifier: status %d", status)
	}
}
