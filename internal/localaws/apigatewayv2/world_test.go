// SPDX-License-Identifier: MIT

package apigatewayv2_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/apigatewayv2"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "111111111111"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

func functionARN(name string) string { return here.Regional("lambda", "function:"+name) }

func invocations(name string) string {
	return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + functionARN(name) + "/invocations"
}

// functions are functions in memory.
type functions struct {
	mu       sync.Mutex
	handlers map[string]func(event []byte) (string, error)
	sources  []string // that called, in order
	refused  string   // a part of the sources that no policy permits
}

func (f *functions) Invoke(_ context.Context, _ arn.Scope, function string, payload []byte, _ lambda.InvokeOptions) (lambda.Response, error) {
	f.mu.Lock()
	handler := f.handlers[function[strings.LastIndexByte(function, ':')+1:]]
	f.mu.Unlock()
	if handler == nil {
		return lambda.Response{}, wire.Errorf(404, "ResourceNotFoundException", "Function not found: %s", function)
	}
	out, err := handler(payload)
	if errors.Is(err, errFails) {
		return lambda.Response{Status: 200, FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"no"}`)}, nil
	}
	return lambda.Response{Status: 200, Payload: []byte(out)}, err
}

func (f *functions) Permits(_ arn.Scope, function, service, source string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sources = append(f.sources, source)
	return service == "apigateway.amazonaws.com" && (f.refused == "" || !strings.Contains(source, f.refused))
}

func (f *functions) called() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.sources)
}

// errFails makes a function fail.
var errFails = errors.New("the function fails")

// sink keeps access logs.
type sink struct {
	mu    sync.Mutex
	lines []string // group and message
}

func (s *sink) Append(_ arn.Scope, group, _ string, events []logs.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		s.lines = append(s.lines, group+": "+e.Message)
	}
	return nil
}

// world is HTTP APIs with what they need around them.
type world struct {
	*apigatewayv2.Service
	*functions
	sink    *sink
	store   *store.Store
	doors   *door.Set
	server  *httptest.Server
	notices []string
	mu      sync.Mutex
	now     time.Time
	closed  bool
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, doors: &door.Set{}, sink: &sink{}, now: time.Unix(1_800_000_000, 0)}
	w.functions = &functions{handlers: map[string]func([]byte) (string, error){"echo": func(event []byte) (string, error) { return string(event), nil }}}
	env := service.Env{Default: here, Store: st, Doors: w.doors, Now: w.clock, Endpoint: func() string { return "" }, Log: zerolog.Nop()}
	w.Service, err = apigatewayv2.New(env, apigatewayv2.Deps{
		Functions: w.functions, Logs: w.sink, Notice: func(text string) { w.notices = append(w.notices, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ServeAPI(rw, r, wire.Identify(r, account, here.Region))
	}))
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) close(t testing.TB) {
	t.Helper()
	if w.closed {
		return
	}
	w.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := errors.Join(w.Close(ctx), w.doors.Shutdown(ctx), w.store.Close()); err != nil {
		t.Error(err)
	}
	w.server.Close()
}

// object is a JSON object.
type object = map[string]any

// api sends a request to the API and returns its answer.
func (w *world) api(t testing.TB, method, path string, body any) (int, object) {
	t.Helper()
	var content io.Reader
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		content = bytes.NewReader(text)
	}
	status, _, text := send(t, method, w.server.URL+path, content)
	out := object{}
	if text != "" {
		if err := json.Unmarshal([]byte(text), &out); err != nil {
			t.Fatalf("%s %s: %v in %s", method, path, err, text)
		}
	}
	return status, out
}

// must sends a request that has to be answered with status.
func (w *world) must(t testing.TB, status int, method, path string, body any) object {
	t.Helper()
	got, out := w.api(t, method, path, body)
	if got != status {
		t.Fatalf("%s %s: got %d %v, want %d", method, path, got, out, status)
	}
	return out
}

// site is an API with a live address.
type site struct {
	*world
	id, url string
}

// create makes an API with a $default stage that deploys by itself.
func (w *world) create(t testing.TB, settings object) site {
	t.Helper()
	in := object{"name": "test", "protocolType": "HTTP"}
	for name, value := range settings {
		in[name] = value
	}
	out := w.must(t, 201, "POST", "/v2/apis", in)
	s := site{w, out["apiId"].(string), out["apiEndpoint"].(string)}
	w.must(t, 201, "POST", s.path("/stages"), object{"stageName": "$default", "autoDeploy": true})
	return s
}

func (s site) path(rest string) string { return "/v2/apis/" + s.id + rest }

// integration makes an integration and returns its target.
func (s site) integration(t testing.TB, function, version string, timeout int) string {
	t.Helper()
	out := s.must(t, 201, "POST", s.path("/integrations"), object{
		"integrationType": "AWS_PROXY", "integrationUri": functionARN(function), "payloadFormatVersion": version, "timeoutInMillis": timeout,
	})
	return "integrations/" + out["integrationId"].(string)
}

// route makes a route.
func (s site) route(t testing.TB, key, target string, more object) string {
	t.Helper()
	in := object{"routeKey": key, "target": target}
	for name, value := range more {
		in[name] = value
	}
	return s.must(t, 201, "POST", s.path("/routes"), in)["routeId"].(string)
}

// get sends a request to an API.
func (s site) get(t testing.TB, path string, headers ...string) (int, http.Header, string) {
	t.Helper()
	return send(t, "GET", s.url+path, nil, headers...)
}

func send(t testing.TB, method, url string, body io.Reader, headers ...string) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, body) //nolint:noctx // benchmarks and fuzz targets have no context
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

// decode reads JSON.
func decode[T any](t testing.TB, text string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in %s", err, text)
	}
	return v
}

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// recorder returns the status of a handler's answer.
func recorder(t *testing.T, h http.Handler, path string) int {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), "GET", path, nil))
	return w.Code
}

func portOf(t *testing.T, address string) int {
	t.Helper()
	port, err := strconv.Atoi(address[strings.LastIndexByte(address, ':')+1:])
	if err != nil {
		t.Fatal(err)
	}
	return port
}
