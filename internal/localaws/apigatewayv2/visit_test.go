// SPDX-License-Identifier: MIT

package apigatewayv2_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The example of "Working with routes for HTTP APIs" (API Gateway Developer
// Guide), and more.
func TestRouting(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	target := s.integration(t, "echo", "2.0", 5000)
	for _, key := range []string{
		"GET /pets/dog/1", "GET /pets/dog/{id}", "GET /pets/{proxy+}", "ANY /{proxy+}", "ANY /pets/dog/{name}", "POST /only", "GET /",
		"GET /a/{x}/{y}", "GET /a/{x}/fixed", "ANY /any", "GET /any",
	} {
		s.route(t, key, target, nil)
	}
	for _, test := range []struct {
		request, want string
		parameters    map[string]string
	}{
		{"GET /pets/dog/1", "GET /pets/dog/1", nil},
		{"GET /pets/dog/2", "GET /pets/dog/{id}", map[string]string{"id": "2"}},
		{"GET /pets/cat/1", "GET /pets/{proxy+}", map[string]string{"proxy": "cat/1"}},
		{"POST /test/5", "ANY /{proxy+}", map[string]string{"proxy": "test/5"}},
		{"PUT /pets/dog/2", "ANY /pets/dog/{name}", map[string]string{"name": "2"}},
		{"GET /only", "ANY /{proxy+}", map[string]string{"proxy": "only"}},
		{"POST /only", "POST /only", nil},
		{"GET /", "GET /", nil},
		{"GET /a/1/fixed", "GET /a/{x}/fixed", map[string]string{"x": "1"}},
		{"GET /a/1/2", "GET /a/{x}/{y}", map[string]string{"x": "1", "y": "2"}},
		{"GET /any", "GET /any", nil},
		{"PATCH /any", "ANY /any", nil},
		{"GET /pets/dog/a%20b%2Fc", "GET /pets/dog/{id}", map[string]string{"id": "a b/c"}},
		{"GET /pets/dog/", "GET /pets/{proxy+}", map[string]string{"proxy": "dog/"}},
		{"GET /pets", "ANY /{proxy+}", map[string]string{"proxy": "pets"}},
		{"DELETE /", "", nil},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		status, _, body := gatewaytest.Send(t, method, s.url+path, nil)
		if test.want == "" {
			if status != 404 || body != `{"message":"Not Found"}` {
				t.Errorf("%s: got %d %s, want 404", test.request, status, body)
			}
			continue
		}
		got := gatewaytest.Decode[events.APIGatewayV2HTTPRequest](t, body)
		if got.RouteKey != test.want {
			t.Errorf("%s: got %s, want %s", test.request, got.RouteKey, test.want)
		}
		if diff := cmp.Diff(test.parameters, got.PathParameters); diff != "" {
			t.Errorf("%s: %s", test.request, diff)
		}
	}
	s.route(t, "$default", target, nil)
	if _, _, body := gatewaytest.Send(t, "DELETE", s.url+"/", nil); gatewaytest.Decode[events.APIGatewayV2HTTPRequest](t, body).RouteKey != "$default" {
		t.Errorf("$default: got %s", body)
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	s.Handlers["one"] = func(event []byte) (string, error) {
		return `{"statusCode":201,"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":` + string(gatewaytest.JSON(string(event))) + `}`, nil
	}
	s.route(t, "POST /two/{id}", s.integration(t, "echo", "2.0", 5000), nil)
	s.route(t, "POST /one/{id}", s.integration(t, "one", "1.0", 5000), nil)
	s.must(t, 201, "POST", s.path("/stages"), object{"stageName": "dev", "autoDeploy": true, "stageVariables": object{"color": "red"}})

	status, header, body := gatewaytest.Send(t, "POST", s.url+"/dev/two/a%2Fb?q=1&q=2", strings.NewReader("\xff"), "Content-Type", "application/octet-stream", "Cookie", "c=1; d=2")
	if status != 200 || header.Get("Content-Type") != "application/json" || header.Get("Apigw-Requestid") == "" {
		t.Fatalf("got %d %v %s", status, header, body)
	}
	two := gatewaytest.Decode[events.APIGatewayV2HTTPRequest](t, body)
	host := strings.TrimPrefix(s.url, "http://")
	for _, check := range []struct{ name, got, want string }{
		{"version", two.Version, "2.0"}, {"path", two.RawPath, "/dev/two/a/b"}, {"http.path", two.RequestContext.HTTP.Path, "/dev/two/a/b"},
		{"query", two.RawQueryString, "q=1&q=2"}, {"stage", two.RequestContext.Stage, "dev"}, {"variable", two.StageVariables["color"], "red"},
		{"api", two.RequestContext.APIID, s.id}, {"account", two.RequestContext.AccountID, account}, {"domain", two.RequestContext.DomainName, host},
		{"body", two.Body, "/w=="}, {"cookies", strings.Join(two.Cookies, "|"), "c=1|d=2"}, {"parameter", two.PathParameters["id"], "a/b"},
		{"route", two.RequestContext.RouteKey, "POST /two/{id}"}, {"request id", two.RequestContext.RequestID, header.Get("Apigw-Requestid")},
		{"length", two.Headers["content-length"], "1"},
	} {
		if check.got != check.want {
			t.Errorf("2.0 %s: got %q, want %q", check.name, check.got, check.want)
		}
	}
	if !two.IsBase64Encoded {
		t.Error("a body that is no text must be in base64")
	}

	status, header, body = gatewaytest.Send(t, "POST", s.url+"/dev/one/x", strings.NewReader("hi"), "Content-Type", "text/plain")
	if status != 201 || header.Get("Content-Type") != "text/plain; charset=utf-8" || len(header.Values("Set-Cookie")) != 2 {
		t.Fatalf("got %d %v %s", status, header, body)
	}
	one := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body)
	for _, check := range []struct{ name, got, want string }{
		{"path", one.Path, "/dev/one/x"}, {"resource", one.Resource, "/one/{id}"}, {"method", one.HTTPMethod, "POST"},
		{"resourceId", one.RequestContext.ResourceID, "POST /one/{id}"}, {"body", one.Body, "hi"}, {"variable", one.StageVariables["color"], "red"},
		{"header", strings.Join(one.MultiValueHeaders["Content-Type"], "|"), "text/plain"},
	} {
		if check.got != check.want {
			t.Errorf("1.0 %s: got %q, want %q", check.name, check.got, check.want)
		}
	}
}

// What a function does wrong, and how the API answers for it.
func TestFailures(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	block := make(chan struct{})
	s.Handlers["fails"] = func([]byte) (string, error) { return "", errFails }
	s.Handlers["throttled"] = func([]byte) (string, error) {
		return "", wire.Errorf(429, "TooManyRequestsException", "Rate Exceeded.")
	}
	s.Handlers["large"] = func([]byte) (string, error) { return "", wire.Errorf(413, "RequestTooLargeException", "too large") }
	s.Handlers["slow"] = func([]byte) (string, error) { <-block; return "{}", nil }
	s.Handlers["bad"] = func([]byte) (string, error) { return `{"statusCode":"x"}`, nil }
	s.Handlers["text"] = func([]byte) (string, error) { return `{"name": "John`, nil }
	t.Cleanup(func() { close(block) })
	s.Refused = "/GET/refused"
	for _, test := range []struct {
		name, function, version string
		status                  int
		body                    string
	}{
		{"fails", "fails", "2.0", 500, `{"message":"Internal Server Error"}`},
		{"throttled", "throttled", "2.0", 503, `{"message":"Service Unavailable"}`},
		{"large", "large", "2.0", 413, `{"message":"Request Entity Too Large"}`},
		{"slow", "slow", "2.0", 503, `{"message":"Service Unavailable"}`},
		{"bad", "bad", "2.0", 500, `{"message":"Internal Server Error"}`},
		{"text", "text", "2.0", 200, `{"name": "John`},
		{"textone", "text", "1.0", 500, `{"message":"Internal Server Error"}`},
		{"gone", "gone", "2.0", 500, `{"message":"Internal Server Error"}`},
		{"refused", "echo", "2.0", 500, `{"message":"Internal Server Error"}`},
	} {
		s.route(t, "GET /"+test.name, s.integration(t, test.function, test.version, 60), nil)
		if status, _, body := s.get(t, "/"+test.name); status != test.status || body != test.body {
			t.Errorf("%s: got %d %s, want %d %s", test.name, status, body, test.status, test.body)
		}
	}
	want := "arn:aws:execute-api:us-east-1:" + account + ":" + s.id + "/$default/GET/refused"
	if sources := s.Called(); sources[len(sources)-1] != want {
		t.Errorf("got source %s, want %s", sources[len(sources)-1], want)
	}
	if status, _, body := gatewaytest.Send(t, "GET", s.url+"/text", strings.NewReader(strings.Repeat("x", 10<<20+1))); status != 413 {
		t.Errorf("a body of more than 10 MB: got %d %s", status, body)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	target := s.integration(t, "echo", "2.0", 5000)
	s.route(t, "GET /a", target, nil)
	s.route(t, "GET /b", target, nil)
	s.must(t, 200, "PATCH", s.path("/stages/$default"), object{
		"defaultRouteSettings": object{"throttlingRateLimit": 1, "throttlingBurstLimit": 2},
		"routeSettings":        object{"GET /b": object{"throttlingRateLimit": 0.5, "throttlingBurstLimit": 1}},
	})
	get := func(path string) int {
		status, _, body := s.get(t, path)
		if status == 429 && body != `{"message":"Too Many Requests"}` {
			t.Errorf("got %s", body)
		}
		return status
	}
	if got := []int{get("/a"), get("/a"), get("/a"), get("/b"), get("/b")}; !cmp.Equal(got, []int{200, 200, 429, 200, 429}) {
		t.Errorf("got %v", got)
	}
	s.Pass(time.Second)
	if got := []int{get("/a"), get("/a"), get("/b")}; !cmp.Equal(got, []int{200, 429, 429}) {
		t.Errorf("after a second: got %v", got)
	}
	s.must(t, 204, "DELETE", s.path("/stages/$default/routesettings/GET%20%2Fb"), nil)
	if got := get("/b"); got != 200 {
		t.Errorf("with the limit of the stage: got %d", got)
	}
}

func TestCORS(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, object{"corsConfiguration": object{
		"allowOrigins": []string{"https://a.example"}, "allowMethods": []string{"GET", "PUT"}, "allowHeaders": []string{"x-a"}, "maxAge": 60,
	}})
	s.Handlers["marks"] = func([]byte) (string, error) {
		return `{"statusCode":200,"headers":{"Access-Control-Allow-Origin":"https://evil.example","Vary":"Accept"}}`, nil
	}
	s.Handlers["fails"] = func([]byte) (string, error) { return "", errFails }
	s.route(t, "GET /marks", s.integration(t, "marks", "2.0", 5000), nil)
	s.route(t, "GET /fails", s.integration(t, "fails", "2.0", 5000), nil)
	s.route(t, "PUT /iam", s.integration(t, "echo", "2.0", 5000), object{"authorizationType": "AWS_IAM"})
	for _, test := range []struct {
		name, method, path, origin, asks string
		status                           int
		allowed                          string
	}{
		{"preflight", "OPTIONS", "/marks", "https://a.example", "PUT", 204, "https://a.example"},
		{"preflight where nothing is", "OPTIONS", "/none", "https://a.example", "PUT", 204, "https://a.example"},
		{"preflight of a route with authorization", "OPTIONS", "/iam", "https://a.example", "PUT", 204, "https://a.example"},
		{"preflight of a stranger", "OPTIONS", "/marks", "https://b.example", "PUT", 204, ""},
		{"options that are no preflight", "OPTIONS", "/marks", "https://a.example", "", 404, "https://a.example"},
		{"function", "GET", "/marks", "https://a.example", "", 200, "https://a.example"},
		{"function, no origin", "GET", "/marks", "", "", 200, ""},
		{"not found", "GET", "/none", "https://a.example", "", 404, "https://a.example"},
		{"forbidden", "PUT", "/iam", "https://a.example", "", 403, "https://a.example"},
		{"failure", "GET", "/fails", "https://a.example", "", 500, "https://a.example"},
	} {
		headers := []string{}
		if test.origin != "" {
			headers = append(headers, "Origin", test.origin)
		}
		if test.asks != "" {
			headers = append(headers, "Access-Control-Request-Method", test.asks)
		}
		status, header, body := gatewaytest.Send(t, test.method, s.url+test.path, nil, headers...)
		if status != test.status || header.Get("Access-Control-Allow-Origin") != test.allowed {
			t.Errorf("%s: got %d, allowed %q, %s", test.name, status, header.Get("Access-Control-Allow-Origin"), body)
		}
		if test.status == 204 && test.allowed != "" && (header.Get("Access-Control-Allow-Methods") != "GET,PUT" || header.Get("Access-Control-Max-Age") != "60") {
			t.Errorf("%s: got %v", test.name, header)
		}
	}
	s.route(t, "$default", s.integration(t, "echo", "2.0", 5000), object{"authorizationType": "AWS_IAM"})
	if status, header, _ := gatewaytest.Send(t, "OPTIONS", s.url+"/none", nil, "Origin", "https://a.example", "Access-Control-Request-Method", "PUT"); status != 403 || header.Get("Access-Control-Allow-Origin") == "" {
		t.Errorf("a $default route with authorization catches preflights: got %d %v", status, header)
	}
	s.must(t, 204, "DELETE", s.path("/cors"), nil)
	if _, header, _ := s.get(t, "/marks", "Origin", "https://a.example"); header.Get("Access-Control-Allow-Origin") != "https://evil.example" {
		t.Errorf("without CORS the function's own headers go out: got %v", header)
	}
}

func TestIAM(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	s.route(t, "GET /", s.integration(t, "echo", "2.0", 5000), object{"authorizationType": "AWS_IAM"})
	const form = "AWS4-HMAC-SHA256 Credential=222222222222/20260101/us-east-1/%/aws4_request, SignedHeaders=host, Signature=00"
	for _, test := range []struct {
		name, header string
		status       int
	}{
		{"none", "", 403}, {"other service", strings.Replace(form, "%", "s3", 1), 403}, {"bearer", "Bearer x", 403},
	} {
		if status, _, body := s.get(t, "/", "Authorization", test.header); status != test.status || body != `{"message":"Forbidden"}` {
			t.Errorf("%s: got %d %s", test.name, status, body)
		}
	}
	status, _, body := s.get(t, "/", "Authorization", strings.Replace(form, "%", "execute-api", 1))
	if status != 200 {
		t.Fatalf("got %d %s", status, body)
	}
	if got := gatewaytest.Decode[events.APIGatewayV2HTTPRequest](t, body).RequestContext.Authorizer.IAM; got == nil || got.AccountID != "222222222222" || got.UserARN != "arn:aws:iam::222222222222:root" {
		t.Errorf("got %+v", got)
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	s.Handlers["fails"] = func([]byte) (string, error) { return "", errFails }
	s.route(t, "GET /a/{b}", s.integration(t, "fails", "2.0", 5000), nil)
	s.must(t, 200, "PATCH", s.path("/stages/%24default"), object{"accessLogSettings": object{
		"destinationArn": here.Regional("logs", "log-group:access:*"),
		"format":         "$context.identity.sourceIp $context.httpMethod $context.path $context.routeKey $context.stage $context.status $context.error.message $context.nonsense $context.responseLength.",
	}})
	s.get(t, "/a/1")
	s.get(t, "/zzz")
	got := []string{<-s.Sink, <-s.Sink}
	slices.Sort(got)
	want := []string{
		"access: 127.0.0.1 GET /a/1 GET /a/{b} $default 500 Internal Server Error - 35.",
		"access: 127.0.0.1 GET /zzz - $default 404 Not Found - 23.",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestHost(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	s.route(t, "GET /", s.integration(t, "echo", "2.0", 5000), nil)
	server := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !s.Serve(w, r, strings.TrimPrefix(r.URL.Path, "/"), nil) {
			w.WriteHeader(418)
		}
	})
	for id, want := range map[string]int{s.id: 404, "none": 418} {
		w := recorder(t, server, "/"+id)
		if w != want {
			t.Errorf("%s: got %d, want %d", id, w, want)
		}
	}
	if diff := cmp.Diff(map[string]string{s.id: s.url}, s.Addresses()); diff != "" {
		t.Error(diff)
	}
}
