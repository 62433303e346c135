// SPDX-License-Identifier: MIT

package elbv2_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/elbv2"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const account = "111111111111"

var here = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

func functionARN(name string) string { return here.Regional("lambda", "function:"+name) }

// errFails makes a function fail.
var errFails = errors.New("the function fails")

// functions are functions in memory.
type functions struct {
	mu       sync.Mutex
	handlers map[string]func(event []byte) (string, error)
	refused  string // a part of the ARNs of target groups that no policy permits
	traces   []string
}

func (f *functions) Invoke(_ context.Context, _ arn.Scope, function string, payload []byte, o lambda.InvokeOptions) (lambda.Response, error) {
	f.mu.Lock()
	handler := f.handlers[function[strings.LastIndexByte(function, ':')+1:]]
	f.traces = append(f.traces, o.TraceID)
	f.mu.Unlock()
	out, err := handler(payload)
	if errors.Is(err, errFails) {
		return lambda.Response{Status: 200, FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"no"}`)}, nil
	}
	return lambda.Response{Status: 200, Payload: []byte(out)}, err
}

func (f *functions) Permits(_ arn.Scope, function, service, source string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.handlers[function[strings.LastIndexByte(function, ':')+1:]] != nil && service == "elasticloadbalancing.amazonaws.com" &&
		strings.HasPrefix(source, here.Regional("elasticloadbalancing", "targetgroup/")) && (f.refused == "" || !strings.Contains(source, f.refused))
}

// handle makes a function.
func (f *functions) handle(name string, handler func(event []byte) (string, error)) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.handlers[name] = handler
}

// says makes a function that always answers the same.
func (f *functions) says(name, result string) {
	f.handle(name, func([]byte) (string, error) { return result, nil })
}

// world is load balancers with what they need around them.
type world struct {
	*elbv2.Service
	*functions
	client  *sdk.Client
	store   *store.Store
	doors   *door.Set
	server  *httptest.Server
	notices []string
	closed  bool
}

func open(t testing.TB, dir string) *world {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	w := &world{store: st, doors: &door.Set{}, functions: &functions{handlers: map[string]func([]byte) (string, error){}}}
	w.says("hello", `{"statusCode":200,"statusDescription":"200 OK","headers":{"Content-Type":"text/plain"},"body":"hello"}`)
	env := service.Env{Default: here, Store: st, Doors: w.doors, Now: time.Now, Endpoint: func() string { return "" }, Log: zerolog.Nop()}
	w.Service, err = elbv2.New(env, elbv2.Deps{Functions: w.functions, Notice: func(text string) { w.notices = append(w.notices, text) }})
	if err != nil {
		t.Fatal(err)
	}
	w.server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.ServeAPI(rw, r, wire.Identify(r, account, here.Region))
	}))
	w.client = sdk.NewFromConfig(aws.Config{
		Region: here.Region, BaseEndpoint: &w.server.URL, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider(account, "secret", ""),
	})
	t.Cleanup(func() { w.close(t) })
	return w
}

func (w *world) close(t testing.TB) {
	t.Helper()
	if w.closed {
		return
	}
	w.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	w.server.Close()
	if err := errors.Join(w.Close(ctx), w.doors.Shutdown(ctx), w.store.Close()); err != nil {
		t.Error(err)
	}
}

type properties = map[string]any

// request makes what CloudFormation asks for.
func request(properties properties) resource.Request {
	return resource.Request{
		Scope: here, Properties: properties, Tags: map[string]string{"aws:cloudformation:stack-name": "s"},
		DefaultName: func(limit int) string { return fmt.Sprintf("default-%d", limit) },
	}
}

func (w *world) kind(name string) resource.Type {
	return w.ResourceTypes()["AWS::ElasticLoadBalancingV2::"+name]
}

// create makes a resource of a kind, such as LoadBalancer.
func (w *world) create(kind string, properties properties) (resource.Instance, error) {
	if faults := w.kind(kind).Check(properties); len(faults) > 0 {
		return resource.Instance{}, errors.New(strings.Join(faults, "\n"))
	}
	return w.kind(kind).Create(context.Background(), request(properties))
}

// must is create that has to work.
func (w *world) must(t testing.TB, kind string, properties properties) resource.Instance {
	t.Helper()
	made, err := w.create(kind, properties)
	if err != nil {
		t.Fatalf("%s %v: %v", kind, properties, err)
	}
	return made
}

// update gives a resource other properties.
func (w *world) update(kind string, old resource.Instance, properties properties) (resource.Instance, error) {
	return w.kind(kind).Update(context.Background(), old, request(properties))
}

func (w *world) remove(kind string, old resource.Instance) error {
	return w.kind(kind).Delete(context.Background(), old, request(nil))
}

func with(base properties, more ...any) properties {
	out := properties{}
	maps.Copy(out, base)
	for i := 0; i < len(more); i += 2 {
		out[more[i].(string)] = more[i+1]
	}
	return out
}

func list(items ...any) []any { return items }

func balancerProperties(more ...any) properties {
	return with(properties{"Name": "house", "Subnets": list("subnet-a", "subnet-b")}, more...)
}

func groupProperties(name, function string, more ...any) properties {
	return with(properties{"Name": name, "TargetType": "lambda", "Targets": list(properties{"Id": functionARN(function)})}, more...)
}

func fixed(status, body string) []any {
	return list(properties{"Type": "fixed-response", "FixedResponseConfig": properties{"StatusCode": status, "ContentType": "text/plain", "MessageBody": body}})
}

func forward(group string) []any {
	return list(properties{"Type": "forward", "TargetGroupArn": group})
}

func listenerProperties(balancer string, port int, actions []any, more ...any) properties {
	return with(properties{"LoadBalancerArn": balancer, "Port": port, "Protocol": "HTTP", "DefaultActions": actions}, more...)
}

func ruleProperties(listener string, priority int, actions []any, conditions ...any) properties {
	return properties{"ListenerArn": listener, "Priority": priority, "Conditions": conditions, "Actions": actions}
}

func paths(patterns ...any) properties {
	return properties{"Field": "path-pattern", "PathPatternConfig": properties{"Values": patterns}}
}

// house is a load balancer with a listener on port 80 that answers 404.
type house struct {
	*world
	balancer, listener resource.Instance
	address            string
}

func newHouse(t testing.TB) *house {
	t.Helper()
	h := &house{world: open(t, t.TempDir())}
	h.balancer = h.must(t, "LoadBalancer", balancerProperties())
	h.listener = h.must(t, "Listener", listenerProperties(h.balancer.PhysicalID, 80, fixed("404", "nothing here")))
	h.address = "http://" + h.balancer.Attributes["DNSName"].(string)
	return h
}

// serve has a function answer everything, in a target group with more
// properties.
func (h *house) serve(t testing.TB, function string, more ...any) string {
	t.Helper()
	group := h.must(t, "TargetGroup", groupProperties(function, function, more...)).PhysicalID
	h.must(t, "ListenerRule", ruleProperties(h.listener.PhysicalID, 50000, forward(group), paths("*")))
	return group
}

// ask sends a request, with headers in pairs; Host is one.
func ask(t testing.TB, method, address, body string, headers ...string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Add(headers[i], headers[i+1])
	}
	response, err := (&http.Transport{DisableKeepAlives: true, DisableCompression: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

// said returns the status and the body of a response.
func said(t testing.TB, response *http.Response) (int, string) {
	t.Helper()
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}
