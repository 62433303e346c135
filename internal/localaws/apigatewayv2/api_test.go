// SPDX-License-Identifier: MIT

package apigatewayv2_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	target := s.integration(t, "echo", "2.0", 5000)
	s.route(t, "GET /taken/{a}", target, nil)
	function := functionARN("echo")
	jwt := object{"issuer": "https://issuer.example", "audience": []string{"a"}}
	header := []string{"$request.header.Authorization"}
	for _, test := range []struct {
		name, method, path string
		body               object
		status             int
		want               string
	}{
		{"WebSocket", "POST", "/v2/apis", object{"name": "x", "protocolType": "WEBSOCKET"}, 400, "does not model WebSocket APIs"},
		{"protocol", "POST", "/v2/apis", object{"name": "x", "protocolType": "FTP"}, 400, "Invalid protocol"},
		{"no name", "POST", "/v2/apis", object{"protocolType": "HTTP"}, 400, "name"},
		{"quick creation", "POST", "/v2/apis", object{"name": "x", "protocolType": "HTTP", "target": function}, 400, `does not model parameter "target" of CreateApi`},
		{"origin", "POST", "/v2/apis", object{"name": "x", "protocolType": "HTTP", "corsConfiguration": object{"allowOrigins": []string{"a.example"}}}, 400, "Invalid format for origin"},
		{"credentials of everybody", "POST", "/v2/apis", object{"name": "x", "protocolType": "HTTP", "corsConfiguration": object{"allowOrigins": []string{"*"}, "allowCredentials": true}}, 400, "allowCredentials"},
		{"member", "POST", "/v2/apis", object{"name": "x", "protocolType": "HTTP", "corsConfiguration": object{"zzz": 1}}, 400, "zzz"},
		{"type", "POST", "/v2/apis", object{"name": 1, "protocolType": "HTTP"}, 400, "Unable to parse"},
		{"no API", "GET", "/v2/apis/none", nil, 404, "Invalid API identifier"},
		{"key", "POST", s.path("/routes"), object{"routeKey": "GET"}, 400, "not formatted properly"},
		{"method", "POST", s.path("/routes"), object{"routeKey": "FETCH /"}, 400, "not formatted properly"},
		{"path", "POST", s.path("/routes"), object{"routeKey": "GET /{a+}/b"}, 400, "greedy"},
		{"same route", "POST", s.path("/routes"), object{"routeKey": "GET /taken/{b}"}, 409, "already exists"},
		{"target", "POST", s.path("/routes"), object{"routeKey": "GET /t", "target": "integrations/none"}, 400, "Invalid target"},
		{"authorizer", "POST", s.path("/routes"), object{"routeKey": "GET /t", "authorizationType": "JWT", "authorizerId": "none"}, 400, "Invalid authorizer"},
		{"scopes", "POST", s.path("/routes"), object{"routeKey": "GET /t", "authorizationScopes": []string{"a"}}, 400, "scopes"},
		{"models", "POST", s.path("/routes"), object{"routeKey": "GET /t", "requestModels": object{}}, 400, "requestModels"},
		{"proxy", "POST", s.path("/integrations"), object{"integrationType": "HTTP_PROXY", "integrationUri": "https://a.example"}, 400, "HTTP_PROXY"},
		{"subtype", "POST", s.path("/integrations"), object{"integrationType": "AWS_PROXY", "integrationSubtype": "SQS-SendMessage"}, 400, "integrationSubtype"},
		{"uri", "POST", s.path("/integrations"), object{"integrationType": "AWS_PROXY", "integrationUri": "arn:aws:sqs:us-east-1:1:q"}, 400, "ARN of a function"},
		{"timeout", "POST", s.path("/integrations"), object{"integrationType": "AWS_PROXY", "integrationUri": function, "timeoutInMillis": 30001}, 400, "30000"},
		{"format", "POST", s.path("/integrations"), object{"integrationType": "AWS_PROXY", "integrationUri": function, "payloadFormatVersion": "3.0"}, 400, "payloadFormatVersion"},
		{"integration in use", "DELETE", s.path("/" + target), nil, 409, "referenced by Route"},
		{"issuer", "POST", s.path("/authorizers"), object{"name": "a", "authorizerType": "JWT", "identitySource": header, "jwtConfiguration": object{"issuer": "http://a.example", "audience": []string{"a"}}}, 400, "Invalid issuer"},
		{"audience", "POST", s.path("/authorizers"), object{"name": "a", "authorizerType": "JWT", "identitySource": header, "jwtConfiguration": object{"issuer": "https://a.example"}}, 400, "audience"},
		{"source", "POST", s.path("/authorizers"), object{"name": "a", "authorizerType": "JWT", "identitySource": []string{"method.request.header.A"}, "jwtConfiguration": jwt}, 400, "Invalid mapping expression"},
		{"function", "POST", s.path("/authorizers"), object{"name": "a", "authorizerType": "REQUEST", "authorizerUri": function}, 400, "Invalid authorizer URI"},
		{"simple", "POST", s.path("/authorizers"), object{"name": "a", "authorizerType": "REQUEST", "authorizerUri": invocations("a"), "enableSimpleResponses": true}, 400, "2.0"},
		{"TTL", "POST", s.path("/authorizers"), object{"name": "a", "authorizerType": "REQUEST", "authorizerUri": invocations("a"), "authorizerResultTtlInSeconds": 60}, 400, "Identity source is required"},
		{"TOKEN", "POST", s.path("/authorizers"), object{"name": "a", "authorizerType": "TOKEN"}, 400, "authorizerType"},
		{"stage twice", "POST", s.path("/stages"), object{"stageName": "$default"}, 409, "already exists"},
		{"stage name", "POST", s.path("/stages"), object{"stageName": "a b"}, 400, "Stage name"},
		{"stage deployment", "POST", s.path("/stages"), object{"stageName": "a", "deploymentId": "none"}, 400, "Deployment id"},
		{"limits of no route", "POST", s.path("/stages"), object{"stageName": "a", "routeSettings": object{"GET /none": object{}}}, 404, "Unable to find Route"},
		{"log", "POST", s.path("/stages"), object{"stageName": "a", "accessLogSettings": object{"destinationArn": "arn:aws:firehose:us-east-1:1:x", "format": "$context.requestId"}}, 400, "log group"},
		{"log format", "POST", s.path("/stages"), object{"stageName": "a", "accessLogSettings": object{"destinationArn": here.Regional("logs", "log-group:a"), "format": "x"}}, 400, "format"},
		{"deployment of an automatic stage", "POST", s.path("/deployments"), object{"stageName": "$default"}, 400, "automatically"},
		{"VPC links", "POST", "/v2/vpclinks", object{}, 404, "does not model VPC links"},
		{"import", "PUT", "/v2/apis", object{}, 404, "does not model import"},
		{"models", "GET", s.path("/models"), nil, 404, "does not model models"},
		{"anything", "GET", "/v2/zzz", nil, 404, "does not model GET /v2/zzz"},
		{"query", "GET", "/v2/apis?zzz=1", nil, 400, "zzz"},
		{"tags", "GET", "/v2/tags/arn%3Aaws%3Asqs%3Aus-east-1%3A1%3Aq", nil, 400, "Invalid resource ARN"},
	} {
		var body any
		if test.body != nil {
			body = test.body
		}
		status, out := s.api(t, test.method, test.path, body)
		if text, _ := out["message"].(string); status != test.status || !strings.Contains(text, test.want) {
			t.Errorf("%s: got %d %v, want %d %s", test.name, status, out, test.status, test.want)
		}
	}
}

// Deployments are snapshots: only a stage that deploys by itself follows the
// API.
func TestDeployments(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	if status, out := s.api(t, "POST", s.path("/deployments"), object{}); status != 400 {
		t.Errorf("an API without routes cannot be deployed: got %d %v", status, out)
	}
	target := s.integration(t, "echo", "2.0", 5000)
	s.route(t, "GET /a", target, nil)
	s.must(t, 201, "POST", s.path("/stages"), object{"stageName": "prod"})
	get := func(path string) int { status, _, _ := s.get(t, path); return status }
	if got := []int{get("/a"), get("/prod/a")}; !cmp.Equal(got, []int{200, 404}) {
		t.Errorf("before deployment: got %v", got)
	}
	first := s.must(t, 201, "POST", s.path("/deployments"), object{"stageName": "prod", "description": "one"})["deploymentId"].(string)
	b := s.route(t, "GET /b", target, nil)
	if got := []int{get("/prod/a"), get("/b"), get("/prod/b")}; !cmp.Equal(got, []int{200, 200, 404}) {
		t.Errorf("after a change: got %v", got)
	}
	second := s.must(t, 201, "POST", s.path("/deployments"), object{})["deploymentId"].(string)
	s.must(t, 200, "PATCH", s.path("/stages/prod"), object{"deploymentId": second})
	s.must(t, 204, "DELETE", s.path("/routes/"+b), nil)
	if got := []int{get("/prod/b"), get("/b")}; !cmp.Equal(got, []int{200, 404}) {
		t.Errorf("after another deployment: got %v", got)
	}
	if status, _ := s.api(t, "DELETE", s.path("/deployments/"+second), nil); status != 400 {
		t.Errorf("a live deployment must stay: got %d", status)
	}
	s.must(t, 204, "DELETE", s.path("/deployments/"+first), nil)
	if got := s.must(t, 200, "GET", s.path("/deployments"), nil)["items"].([]any); len(got) != 2 { // the automatic one, and the second
		t.Errorf("got %v", got)
	}
	if got := s.must(t, 200, "PATCH", s.path("/deployments/"+second), object{"description": "two"})["description"]; got != "two" {
		t.Errorf("got %v", got)
	}
}

func TestAPI(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	s := w.create(t, object{"tags": object{"a": "1"}, "description": "old"})
	got := w.must(t, 200, "PATCH", s.path(""), object{"description": "new"})
	if got["description"] != "new" || got["name"] != "test" || got["apiEndpoint"] != s.url {
		t.Errorf("got %v", got)
	}
	if status, out := w.api(t, "PATCH", s.path(""), object{"protocolType": "WEBSOCKET"}); status != 400 {
		t.Errorf("the protocol stays: got %d %v", status, out)
	}
	target := s.integration(t, "echo", "2.0", 5000)
	route := s.route(t, "GET /a", target, nil)
	if out := w.must(t, 200, "PATCH", s.path("/routes/"+route), object{"operationName": "op"}); out["routeKey"] != "GET /a" || out["operationName"] != "op" || out["routeId"] != route {
		t.Errorf("got %v", out)
	}
	if out := w.must(t, 200, "GET", s.path("/"+target), nil); out["timeoutInMillis"] != 5000.0 || out["integrationMethod"] != "POST" {
		t.Errorf("got %v", out)
	}
	for range 3 {
		w.create(t, nil)
	}
	page := w.must(t, 200, "GET", "/v2/apis?maxResults=3", nil)
	rest := w.must(t, 200, "GET", "/v2/apis?nextToken="+page["nextToken"].(string), nil)
	if len(page["items"].([]any)) != 3 || len(rest["items"].([]any)) != 1 {
		t.Errorf("got %v and %v", page, rest)
	}
	tags := "/v2/tags/" + strings.NewReplacer(":", "%3A", "/", "%2F").Replace("arn:aws:apigateway:us-east-1::/apis/"+s.id)
	w.must(t, 201, "POST", tags, object{"tags": object{"b": "2"}})
	w.must(t, 204, "DELETE", tags+"?tagKeys=a", nil)
	w.must(t, 201, "POST", tags+"%2Fstages%2F%24default", object{"tags": object{"c": "3"}})
	if diff := cmp.Diff(object{"b": "2"}, w.must(t, 200, "GET", tags, nil)["tags"]); diff != "" {
		t.Error(diff)
	}
	if got := w.must(t, 200, "GET", s.path("/stages/$default"), nil)["tags"]; !cmp.Equal(got, object{"c": "3"}) {
		t.Errorf("got %v", got)
	}
	w.must(t, 204, "DELETE", s.path("/stages/$default"), nil)
	if status, _, _ := s.get(t, "/a"); status != 404 {
		t.Errorf("without a stage: got %d", status)
	}
	w.must(t, 204, "DELETE", s.path(""), nil)
	w.must(t, 404, "GET", s.path(""), nil)
	if w.Doors.IsOpen("apigatewayv2/" + s.id) {
		t.Error("the address is open")
	}
}

// APIs, their stages and their addresses survive.
func TestRestart(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := open(t, dir)
	s := first.create(t, object{"corsConfiguration": object{"allowOrigins": []string{"*"}}})
	s.route(t, "GET /a/{b}", s.integration(t, "echo", "2.0", 5000), nil)
	first.End(t)
	second := open(t, dir)
	if status, header, body := gatewaytest.Send(t, "GET", s.url+"/a/1", nil, "Origin", "https://x.example"); status != 200 || header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("got %d %s", status, body)
	}
	second.End(t)
	blocker := open(t, t.TempDir())
	taken, err := blocker.Doors.Open("x", portOf(t, s.url), http.NotFoundHandler()) // somebody else has the port now
	if err != nil {
		t.Fatal(err)
	}
	third := open(t, dir)
	if taken == portOf(t, s.url) && (len(third.notices) != 1 || !strings.Contains(third.notices[0], "is now http://127.0.0.1:")) {
		t.Errorf("got notices %v", third.notices)
	}
	endpoint := third.must(t, 200, "GET", s.path(""), nil)["apiEndpoint"].(string)
	if status, _, body := gatewaytest.Send(t, "GET", endpoint+"/a/1", nil); status != 200 {
		t.Errorf("at the new address: got %d %s", status, body)
	}
}
