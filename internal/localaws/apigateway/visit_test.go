// SPDX-License-Identifier: MIT

package apigateway_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

func TestRouting(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	pets := s.path(t, s.root, "pets")
	s.function(t, pets, "GET", "echo", nil)
	s.function(t, s.path(t, pets, "{id}"), "ANY", "echo", nil)
	s.function(t, s.path(t, pets, "fixed"), "POST", "echo", nil)
	s.function(t, s.path(t, s.root, "{proxy+}"), "ANY", "echo", nil)
	s.path(t, s.root, "empty")
	s.deploy(t)
	for _, test := range []struct {
		request, want string
		parameters    map[string]string
	}{
		{"GET /dev/pets", "/pets", nil},
		{"GET /dev/pets/", "/pets", nil},
		{"GET /dev/pets/1", "/pets/{id}", map[string]string{"id": "1"}},
		{"PUT /dev/pets/a%20b", "/pets/{id}", map[string]string{"id": "a b"}},
		{"POST /dev/pets/fixed", "/pets/fixed", nil},
		{"GET /dev/pets/fixed", "", nil},
		{"GET /dev/pets/1/2", "/{proxy+}", map[string]string{"proxy": "pets/1/2"}},
		{"GET /dev/empty", "/{proxy+}", map[string]string{"proxy": "empty"}},
		{"DELETE /dev/pets", "", nil},
		{"GET /dev", "", nil},
		{"GET /dev/", "", nil},
	} {
		method, path, _ := strings.Cut(test.request, " ")
		status, header, body := gatewaytest.Send(t, method, s.url+path, nil)
		if test.want == "" {
			if status != 403 || body != `{"message":"Missing Authentication Token"}` || header.Get("X-Amzn-Errortype") != "MissingAuthenticationTokenException" {
				t.Errorf("%s: got %d %s", test.request, status, body)
			}
			continue
		}
		got := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body)
		if got.Resource != test.want {
			t.Errorf("%s: got %s, want %s", test.request, got.Resource, test.want)
		}
		if diff := cmp.Diff(test.parameters, got.PathParameters); diff != "" {
			t.Errorf("%s: %s", test.request, diff)
		}
	}
	for _, path := range []string{"/", "/prod/pets", "/pets"} {
		if status, _, body := s.get(t, path); status != 403 || body != `{"message":"Forbidden"}` {
			t.Errorf("%s, which is no stage: got %d %s", path, status, body)
		}
	}
}

// A change that is not deployed is not live.
func TestDeployments(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	if _, err := s.try(t, "Deployment", object{"RestApiId": s.id}); err == nil || !strings.Contains(err.Error(), "doesn't contain any methods") {
		t.Errorf("got %v", err)
	}
	a := s.path(t, s.root, "a")
	s.function(t, a, "GET", "echo", nil)
	first := s.make(t, "Deployment", object{"RestApiId": s.id})
	stage := object{"RestApiId": s.id, "StageName": "v1", "DeploymentId": first}
	s.make(t, "Stage", stage)
	s.function(t, a, "POST", "echo", nil)
	get := func(method string) int {
		status, _, _ := gatewaytest.Send(t, method, s.url+"/v1/a", nil)
		return status
	}
	if got := []int{get("GET"), get("POST")}; !cmp.Equal(got, []int{200, 403}) {
		t.Errorf("before the deployment: got %v", got)
	}
	second := s.make(t, "Deployment", object{"RestApiId": s.id})
	if get("POST") != 403 {
		t.Error("a deployment is not live before the stage serves it")
	}
	s.update(t, "Stage", "v1", object{"RestApiId": s.id, "StageName": "v1", "DeploymentId": second})
	if get("POST") != 200 {
		t.Error("the stage serves the new deployment")
	}
	if err := s.remove(t, "Deployment", second, object{"RestApiId": s.id}); err == nil || !strings.Contains(err.Error(), "Active stages") {
		t.Errorf("got %v", err)
	}
	if err := s.remove(t, "Deployment", first, object{"RestApiId": s.id}); err != nil {
		t.Error(err)
	}
	s.update(t, "Stage", "v1", object{"RestApiId": s.id, "StageName": "v1", "DeploymentId": second, "Variables": object{"x": "1"}})
	if _, _, body := s.get(t, "/v1/a"); gatewaytest.Decode[events.APIGatewayProxyRequest](t, body).StageVariables["x"] != "1" {
		t.Errorf("got %s", body)
	}
	third := s.make(t, "Deployment", object{"RestApiId": s.id, "StageName": "made"})
	if status, _, _ := s.get(t, "/made/a"); status != 200 {
		t.Errorf("a deployment makes the stage that it names: got %d", status)
	}
	if err := s.remove(t, "Deployment", third, object{"RestApiId": s.id}); err != nil {
		t.Error(err)
	}
	if status, _, _ := s.get(t, "/made/a"); status != 403 {
		t.Errorf("the stage goes with it: got %d", status)
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, object{"BinaryMediaTypes": []string{"image/png"}})
	s.Handlers["answer"] = func([]byte) (string, error) {
		return `{"statusCode":201,"headers":{"Date":"yesterday","WWW-Authenticate":"x","X-A":"1"},"multiValueHeaders":{"Set-Cookie":["a=1","b=2"]},"body":"aGk=","isBase64Encoded":true}`, nil
	}
	s.function(t, s.path(t, s.root, "x", "{id}"), "POST", "echo", object{"OperationName": "op"})
	s.function(t, s.path(t, s.root, "answer"), "GET", "answer", nil)
	s.deploy(t)
	_, _, body := gatewaytest.Send(t, "POST", s.url+"/dev/x/a%2Fb?q=1&q=2", strings.NewReader("\x00\xff"), "Content-Type", "image/png", "X-B", "1", "X-B", "2")
	got := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body)
	for _, check := range []struct{ name, got, want string }{
		{"path", got.Path, "/x/a%2Fb"}, {"context.path", got.RequestContext.Path, "/dev/x/a%2Fb"}, {"resource", got.Resource, "/x/{id}"},
		{"parameter", got.PathParameters["id"], "a/b"}, {"stage", got.RequestContext.Stage, "dev"}, {"body", got.Body, "AP8="},
		{"operation", got.RequestContext.OperationName, "op"}, {"query", strings.Join(got.MultiValueQueryStringParameters["q"], "|"), "1|2"},
		{"last", got.QueryStringParameters["q"], "2"}, {"header", strings.Join(got.MultiValueHeaders["X-B"], "|"), "1|2"}, {"api", got.RequestContext.APIID, s.id},
	} {
		if check.got != check.want {
			t.Errorf("%s: got %q, want %q", check.name, check.got, check.want)
		}
	}
	if !got.IsBase64Encoded || got.RequestContext.ResourceID == "" || got.RequestContext.RequestID == "" {
		t.Errorf("got %+v", got)
	}
	_, _, body = gatewaytest.Send(t, "POST", s.url+"/dev/x/1", strings.NewReader("a=1"), "Content-Type", "application/x-www-form-urlencoded")
	if got := gatewaytest.Decode[events.APIGatewayProxyRequest](t, body); got.IsBase64Encoded || got.Body != "a=1" {
		t.Errorf("what is no binary media type stays text: got %+v", got)
	}
	status, header, body := s.get(t, "/dev/answer", "Accept", "image/png")
	if status != 201 || body != "hi" || header.Get("X-Amzn-Remapped-Date") != "yesterday" || header.Get("X-Amzn-Remapped-Www-Authenticate") != "x" || header.Get("Www-Authenticate") != "" ||
		len(header.Values("Set-Cookie")) != 2 || header.Get("Content-Type") != "application/json" || header.Get("X-Amzn-Requestid") == "" {
		t.Errorf("got %d %v %q", status, header, body)
	}
	if _, _, body := s.get(t, "/dev/answer", "Accept", "text/html"); body != "aGk=" {
		t.Errorf("what is not accepted as binary stays in base64: got %q", body)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	block := make(chan struct{})
	t.Cleanup(func() { close(block) })
	s.Handlers["fails"] = func([]byte) (string, error) { return "", failure("no") }
	s.Handlers["bad"] = func([]byte) (string, error) { return `"text"`, nil }
	s.Handlers["slow"] = func([]byte) (string, error) { <-block; return "", nil }
	s.Refused = "/GET/refused"
	for _, name := range []string{"fails", "bad", "slow", "gone", "refused"} {
		function := name
		if name == "refused" {
			function = "echo"
		}
		s.function(t, s.path(t, s.root, name), "GET", function, object{"Integration": object{
			"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": invocations(function), "TimeoutInMillis": 60,
		}})
	}
	s.make(t, "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "DEFAULT_4XX", "ResponseParameters": object{
		"gatewayresponse.header.Access-Control-Allow-Origin": "'*'", "gatewayresponse.header.X-Origin": "method.request.header.Origin",
	}})
	s.make(t, "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "DEFAULT_5XX", "ResponseParameters": object{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}})
	s.make(t, "GatewayResponse", object{
		"RestApiId": s.id, "ResponseType": "INTEGRATION_TIMEOUT", "StatusCode": "599",
		"ResponseTemplates": object{"application/json": `{"why":$context.error.messageString,"id":"$context.apiId"}`, "text/plain": "late"},
	})
	s.deploy(t)
	for _, test := range []struct {
		path   string
		status int
		body   string
		cors   string
	}{
		{"/fails", 502, `{"message":"Internal server error"}`, "*"},
		{"/bad", 502, `{"message":"Internal server error"}`, "*"},
		{"/gone", 500, `{"message":"Internal server error"}`, "*"},
		{"/refused", 500, `{"message":"Internal server error"}`, "*"},
		{"/slow", 599, `{"why":"Endpoint request timed out","id":"` + s.id + `"}`, ""},
		{"/none", 403, `{"message":"Missing Authentication Token"}`, "*"},
	} {
		status, header, body := s.get(t, "/dev"+test.path, "Origin", "https://a.example")
		if status != test.status || body != test.body || header.Get("Access-Control-Allow-Origin") != test.cors {
			t.Errorf("%s: got %d %s %q", test.path, status, body, header.Get("Access-Control-Allow-Origin"))
		}
		if test.status == 403 && header.Get("X-Origin") != "https://a.example" {
			t.Errorf("%s: got %v", test.path, header)
		}
	}
	if _, header, body := s.get(t, "/dev/slow", "Accept", "text/plain"); body != "late" || header.Get("Content-Type") != "text/plain" {
		t.Errorf("got %s", body)
	}
	want := "arn:aws:execute-api:us-east-1:" + account + ":" + s.id + "/dev/GET/slow"
	if sources := s.Called(); sources[len(sources)-1] != want {
		t.Errorf("got %s, want %s", sources[len(sources)-1], want)
	}
}

// CORS the way that templates for REST APIs write it.
func TestMock(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	at := s.path(t, s.root, "a")
	s.function(t, at, "GET", "echo", nil)
	s.make(t, "Method", object{
		"RestApiId": s.id, "ResourceId": at, "HttpMethod": "OPTIONS", "AuthorizationType": "NONE",
		"Integration": object{
			"Type": "MOCK", "PassthroughBehavior": "NEVER", "RequestTemplates": object{"application/json": `{"statusCode": 200}`},
			"IntegrationResponses": []object{
				{"StatusCode": "204", "ResponseParameters": object{"method.response.header.Access-Control-Allow-Origin": "'*'", "method.response.header.Access-Control-Allow-Methods": "'GET,OPTIONS'"}},
				{"StatusCode": "500", "SelectionPattern": `5\d\d`},
			},
		},
		"MethodResponses": []object{
			{"StatusCode": "204", "ResponseParameters": object{"method.response.header.Access-Control-Allow-Origin": true, "method.response.header.Access-Control-Allow-Methods": "true"}},
			{"StatusCode": "500"},
		},
	})
	s.deploy(t)
	status, header, body := gatewaytest.Send(t, "OPTIONS", s.url+"/dev/a", nil, "Origin", "https://a.example", "Access-Control-Request-Method", "GET")
	if status != 204 || body != "" || header.Get("Access-Control-Allow-Origin") != "*" || header.Get("Access-Control-Allow-Methods") != "GET,OPTIONS" {
		t.Errorf("got %d %v %s", status, header, body)
	}
	if status, _, _ := gatewaytest.Send(t, "OPTIONS", s.url+"/dev/a", strings.NewReader("<a/>"), "Content-Type", "application/xml"); status != 415 {
		t.Errorf("NEVER lets nothing pass through: got %d", status)
	}
}

func TestLimitsAndParameters(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	validator := s.make(t, "RequestValidator", object{"RestApiId": s.id, "Name": "v", "ValidateRequestParameters": true})
	a := s.path(t, s.root, "a", "b")
	s.function(t, a, "GET", "echo", object{"RequestValidatorId": validator, "RequestParameters": object{"method.request.querystring.q": true, "method.request.header.X-H": true, "method.request.querystring.o": false}})
	s.function(t, s.root, "GET", "echo", nil)
	d := s.make(t, "Deployment", object{"RestApiId": s.id})
	s.make(t, "Stage", object{"RestApiId": s.id, "StageName": "dev", "DeploymentId": d, "MethodSettings": []object{
		{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": 1, "ThrottlingBurstLimit": 2},
		{"ResourcePath": "/~1a~1b", "HttpMethod": "GET", "ThrottlingRateLimit": "1", "ThrottlingBurstLimit": "4"},
	}})
	if status, _, body := s.get(t, "/dev/a/b"); status != 400 || body != `{"message":"Missing required request parameters: [X-H, q]"}` {
		t.Errorf("got %d %s", status, body)
	}
	if status, _, body := s.get(t, "/dev/a/b?q=1", "X-H", "1"); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
	codes := func(path string, n int) (got []int) {
		for range n {
			status, _, _ := s.get(t, path, "X-H", "1")
			got = append(got, status)
		}
		return got
	}
	if got := codes("/dev/a/b?q=1", 3); !cmp.Equal(got, []int{200, 200, 429}) {
		t.Errorf("got %v", got)
	}
	if got := codes("/dev/", 3); !cmp.Equal(got, []int{200, 200, 429}) {
		t.Errorf("got %v", got)
	}
	s.Pass(time.Second)
	if got := codes("/dev/", 2); !cmp.Equal(got, []int{200, 429}) {
		t.Errorf("after a second: got %v", got)
	}
}

func TestAccessLog(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	s.function(t, s.path(t, s.root, "{a}"), "GET", "echo", nil)
	d := s.make(t, "Deployment", object{"RestApiId": s.id})
	stage := object{"RestApiId": s.id, "StageName": "dev", "DeploymentId": d, "AccessLogSetting": object{
		"DestinationArn": here.Regional("logs", "log-group:rest"), "Format": "$context.requestId $context.httpMethod $context.path $context.resourcePath $context.status $context.error.message",
	}}
	if _, err := s.try(t, "Stage", stage); err == nil || !strings.Contains(err.Error(), "CloudWatch Logs role ARN must be set in account settings to enable logging") {
		t.Errorf("got %v", err)
	}
	if _, err := s.try(t, "Account", object{"CloudWatchRoleArn": "arn:aws:iam::111111111111:role/other"}); err == nil {
		t.Error("API Gateway must be able to assume the role")
	}
	s.make(t, "Account", object{"CloudWatchRoleArn": goodRole})
	s.make(t, "Stage", stage)
	_, header, _ := s.get(t, "/dev/x")
	if got, want := <-s.Sink, "rest: "+header.Get("X-Amzn-Requestid")+" GET /dev/x /{a} 200 -"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	s.get(t, "/dev/x/y")
	if got := <-s.Sink; !strings.HasSuffix(got, "GET /dev/x/y - 403 Missing Authentication Token") {
		t.Errorf("got %s", got)
	}
}
