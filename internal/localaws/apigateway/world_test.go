// SPDX-License-Identifier: MIT

package apigateway_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/apigateway"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/logs"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	account  = "111111111111"
	goodRole = "arn:aws:iam::111111111111:role/logs"
)

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

// object is a JSON object.
type object = map[string]any

func invocations(name string) string {
	return "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/" + here.Regional("lambda", "function:"+name) + "/invocations"
}

// functions are functions in memory.
type functions struct {
	mu       sync.Mutex
	handlers map[string]func(event []byte) (string, error)
	sources  []string
	refused  string // a part of the sources that no policy permits
}

// failure makes a function fail with a message.
type failure string

func (f failure) Error() string { return string(f) }

func (f *functions) Invoke(_ context.Context, _ arn.Scope, function string, payload []byte, _ lambda.InvokeOptions) (lambda.Response, error) {
	f.mu.Lock()
	handler := f.handlers[function[strings.LastIndexByte(function, ':')+1:]]
	f.mu.Unlock()
	if handler == nil {
		return lambda.Response{}, wire.Errorf(404, "ResourceNotFoundException", "Function not found: %s", function)
	}
	out, err := handler(payload)
	if said, ok := errors.AsType[failure](err); ok {
		return lambda.Response{Status: 200, FunctionError: "Unhandled", Payload: mustJSON(object{"errorMessage": string(said)})}, nil
	}
	return lambda.Response{Status: 200, Payload: []byte(out)}, err
}

func (f *functions) Permits(_ arn.Scope, _, service, source string) bool {
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

func mustJSON(v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return text
}

// sink keeps access logs.
type sink struct{ lines chan string }

func (s sink) Append(_ arn.Scope, group, _ string, events []logs.Event) error {
	for _, e := range events {
		s.lines <- group + ": " + e.Message
	}
	return nil
}

// world is REST APIs with what they need around them.
type world struct {
	*apigateway.Service
	*functions
	sink   sink
	store  *store.Store
	doors  *door.Set
	server *httptest.Server
	mu     sync.Mutex
	now    time.Time
	closed bool
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, doors: &door.Set{}, sink: sink{make(chan string, 10)}, now: time.Date(2026, 11, 25, 12, 0, 0, 0, time.UTC)}
	w.functions = &functions{handlers: map[string]func([]byte) (string, error){
		"echo": func(event []byte) (string, error) {
			return string(mustJSON(object{"statusCode": 200, "body": string(event)})), nil
		},
	}}
	env := service.Env{Default: here, Store: st, Doors: w.doors, Now: w.clock, Endpoint: func() string { return "" }, Log: zerolog.Nop()}
	w.Service, err = apigateway.New(env, apigateway.Deps{
		Functions: w.functions, Logs: w.sink, Pools: pools{}, Assumable: func(_ arn.Scope, role, principal string) error {
			if role != goodRole || principal != "apigateway.amazonaws.com" {
				return errors.New("no")
			}
			return nil
		},
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

// try makes a resource as CloudFormation does.
func (w *world) try(t testing.TB, kind string, properties object) (string, error) {
	t.Helper()
	made, err := w.instance(t, kind, properties)
	return made.PhysicalID, err
}

func (w *world) instance(t testing.TB, kind string, properties object) (resource.Instance, error) {
	t.Helper()
	k := w.ResourceTypes()["AWS::ApiGateway::"+kind]
	p := generic(t, properties)
	if faults := k.Check(p); len(faults) > 0 {
		return resource.Instance{}, errors.New(strings.Join(faults, "; "))
	}
	return k.Create(context.Background(), request(kind, p))
}

func request(kind string, properties object) resource.Request {
	return resource.Request{
		Scope: here, StackName: "stack", LogicalID: kind, Type: "AWS::ApiGateway::" + kind, Properties: properties, OldProperties: properties,
		Tags: map[string]string{"stack": "yes"}, DefaultName: func(int) string { return "stack-" + kind },
	}
}

// generic returns properties as a template has them.
func generic(t testing.TB, properties object) object {
	t.Helper()
	var out object
	if err := json.Unmarshal(mustJSON(properties), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// make makes a resource and returns its physical id.
func (w *world) make(t testing.TB, kind string, properties object) string {
	t.Helper()
	id, err := w.try(t, kind, properties)
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
	return id
}

// update changes a resource.
func (w *world) update(t testing.TB, kind, id string, properties object) {
	t.Helper()
	_, err := w.ResourceTypes()["AWS::ApiGateway::"+kind].Update(context.Background(), resource.Instance{PhysicalID: id}, request(kind, generic(t, properties)))
	if err != nil {
		t.Fatalf("%s: %v", kind, err)
	}
}

// remove deletes a resource.
func (w *world) remove(t testing.TB, kind, id string, properties object) error {
	t.Helper()
	return w.ResourceTypes()["AWS::ApiGateway::"+kind].Delete(context.Background(), resource.Instance{PhysicalID: id}, request(kind, generic(t, properties)))
}

// site is a REST API.
type site struct {
	*world
	id, root, url string
}

func (w *world) create(t testing.TB, settings object) site {
	t.Helper()
	in := object{"Name": "test"}
	maps.Copy(in, settings)
	made, err := w.instance(t, "RestApi", in)
	if err != nil {
		t.Fatal(err)
	}
	return site{w, made.PhysicalID, made.Attributes["RootResourceId"].(string), w.Addresses()[made.PhysicalID]}
}

// path makes the resources of a path and returns the identifier of the last.
func (s site) path(t testing.TB, parent string, parts ...string) string {
	t.Helper()
	for _, part := range parts {
		parent = s.make(t, "Resource", object{"RestApiId": s.id, "ParentId": parent, "PathPart": part})
	}
	return parent
}

// function makes a method that a function answers.
func (s site) function(t testing.TB, at, verb, function string, more object) string {
	t.Helper()
	in := object{"RestApiId": s.id, "ResourceId": at, "HttpMethod": verb, "Integration": object{
		"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": invocations(function), "TimeoutInMillis": 2000,
	}}
	maps.Copy(in, more)
	return s.make(t, "Method", in)
}

// deploy makes what there is live in the stage dev.
func (s site) deploy(t testing.TB) string {
	t.Helper()
	return s.make(t, "Deployment", object{"RestApiId": s.id, "StageName": "dev"})
}

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
