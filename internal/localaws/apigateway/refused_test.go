// SPDX-License-Identifier: MIT

package apigateway_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

func TestRefused(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, nil)
	at := s.path(t, s.root, "taken")
	variable := s.path(t, s.root, "{a}")
	greedy := s.path(t, at, "{rest+}")
	s.function(t, at, "GET", "echo", nil)
	s.make(t, "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "THROTTLED"})
	node := func(parent, part string) object {
		return object{"RestApiId": s.id, "ParentId": parent, "PathPart": part}
	}
	method := func(integration object, more object) object {
		p := object{"RestApiId": s.id, "ResourceId": at, "HttpMethod": "POST"}
		if integration != nil {
			p["Integration"] = integration
		}
		maps.Copy(p, more)
		return p
	}
	authorizer := func(more object) object {
		p := object{"RestApiId": s.id, "Name": "a", "Type": "TOKEN", "AuthorizerUri": invocations("a"), "IdentitySource": "method.request.header.A"}
		maps.Copy(p, more)
		return p
	}
	mock := func(response object) object {
		return object{"Type": "MOCK", "IntegrationResponses": []object{response}}
	}
	deployment := s.make(t, "Deployment", object{"RestApiId": s.id})
	stage := func(more object) object {
		p := object{"RestApiId": s.id, "StageName": "x", "DeploymentId": deployment}
		maps.Copy(p, more)
		return p
	}
	responses := object{"MethodResponses": []object{{"StatusCode": "200"}}}
	for _, test := range []struct {
		name, kind string
		properties object
		want       string
	}{
		{"no name", "RestApi", object{}, "required key [Name]"},
		{"private", "RestApi", object{"Name": "x", "EndpointConfiguration": object{"Types": []string{"PRIVATE"}}}, "does not model private APIs"},
		{"body", "RestApi", object{"Name": "x", "Body": object{}}, "does not model OpenAPI documents"},
		{"policy", "RestApi", object{"Name": "x", "Policy": object{}}, "does not model this property"},
		{"unknown", "RestApi", object{"Name": "x", "Zzz": 1}, "extraneous key [Zzz]"},
		{"no API", "Resource", object{"RestApiId": "none", "ParentId": "x", "PathPart": "y"}, "Invalid API identifier"},
		{"no parent", "Resource", node("none", "y"), "Invalid Resource identifier"},
		{"part", "Resource", node(s.root, "a/b"), "path part"},
		{"half a variable", "Resource", node(s.root, "{a"), "path part"},
		{"taken", "Resource", node(s.root, "taken"), "already has this name"},
		{"sibling", "Resource", node(s.root, "{b}"), "already has a variable path part"},
		{"below greedy", "Resource", node(greedy, "x"), "greedy"},
		{"parameter twice", "Resource", node(variable, "{a}"), "twice"},
		{"method twice", "Method", object{"RestApiId": s.id, "ResourceId": at, "HttpMethod": "GET"}, "already exists"},
		{"verb", "Method", object{"RestApiId": s.id, "ResourceId": at, "HttpMethod": "get"}, "Invalid HttpMethod"},
		{"no resource", "Method", object{"RestApiId": s.id, "ResourceId": "none", "HttpMethod": "GET"}, "Invalid Resource"},
		{"Cognito", "Method", method(nil, object{"AuthorizationType": "COGNITO_USER_POOLS"}), "Invalid authorizer ID"},
		{"scopes", "Method", method(nil, object{"AuthorizationScopes": []string{"a"}}), "COGNITO_USER_POOLS only"},
		{"no authorizer", "Method", method(nil, object{"AuthorizationType": "CUSTOM", "AuthorizerId": "none"}), "Invalid authorizer ID"},
		{"authorizer too much", "Method", method(nil, object{"AuthorizerId": "none"}), "authorization type is NONE"},
		{"validator", "Method", method(nil, object{"RequestValidatorId": "none"}), "Invalid Request Validator"},
		{"models", "Method", method(nil, object{"RequestModels": object{}}), "does not model"},
		{"parameters", "Method", method(nil, object{"RequestParameters": object{"method.request.body.x": true}}), "Invalid mapping expression"},
		{"HTTP", "Method", method(object{"Type": "HTTP_PROXY", "Uri": "https://a.example"}, nil), "AWS_PROXY and MOCK only"},
		{"stream", "Method", method(object{"Type": "AWS_PROXY", "ResponseTransferMode": "STREAM"}, nil), "BUFFERED only"},
		{"function", "Method", method(object{"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": "arn:aws:lambda:us-east-1:1:function:x"}, nil), "Invalid lambda function"},
		{"GET to a function", "Method", method(object{"Type": "AWS_PROXY", "IntegrationHttpMethod": "GET", "Uri": invocations("x")}, nil), "invoked with POST"},
		{"Velocity", "Method", method(object{"Type": "MOCK", "RequestTemplates": object{"application/json": "#set($x=1)"}}, nil), "Velocity"},
		{"response that the method has not", "Method", method(mock(object{"StatusCode": "200"}), nil), "Invalid Response status code"},
		{"header that is not declared", "Method", method(mock(object{"StatusCode": "200", "ResponseParameters": object{"method.response.header.A": "'1'"}}), responses), "Invalid mapping expression"},
		{"pattern", "Method", method(mock(object{"StatusCode": "200", "SelectionPattern": "("}), responses), "selection pattern"},
		{"authorizer URI", "Authorizer", authorizer(object{"AuthorizerUri": "arn:aws:lambda:us-east-1:1:function:x"}), "Invalid Authorizer URI"},
		{"no pool", "Authorizer", object{"RestApiId": s.id, "Name": "a", "Type": "COGNITO_USER_POOLS", "IdentitySource": "method.request.header.A"}, "provider ARNs are required"},
		{"unknown pool", "Authorizer", object{"RestApiId": s.id, "Name": "a", "Type": "COGNITO_USER_POOLS", "ProviderARNs": []string{"arn:x"}}, "has no user pool arn:x"},
		{"pool with a function", "Authorizer", authorizer(object{"Type": "COGNITO_USER_POOLS", "ProviderARNs": []string{poolARN}}), "has no authorizer URI"},
		{"pool without a header", "Authorizer", object{"RestApiId": s.id, "Name": "a", "Type": "COGNITO_USER_POOLS", "ProviderARNs": []string{poolARN}}, "needs a header"},
		{"identity source", "Authorizer", authorizer(object{"IdentitySource": "$request.header.A"}), "Invalid mapping expression"},
		{"token in the query", "Authorizer", authorizer(object{"IdentitySource": "method.request.querystring.a"}), "Invalid mapping expression"},
		{"no identity", "Authorizer", authorizer(object{"Type": "REQUEST", "IdentitySource": ""}), "Identity source is required"},
		{"expression", "Authorizer", authorizer(object{"IdentityValidationExpression": "("}), "identity validation expression"},
		{"case", "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "TEAPOT"}, "Invalid response type"},
		{"case twice", "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "THROTTLED"}, "already exists"},
		{"header", "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "UNAUTHORIZED", "ResponseParameters": object{"header.A": "'1'"}}, "Invalid mapping expression parameter"},
		{"value", "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "UNAUTHORIZED", "ResponseParameters": object{"gatewayresponse.header.A": "1"}}, "Invalid mapping expression specified"},
		{"template", "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "UNAUTHORIZED", "ResponseTemplates": object{"text/plain": "$input.body"}}, "$context"},
		{"status", "GatewayResponse", object{"RestApiId": s.id, "ResponseType": "UNAUTHORIZED", "StatusCode": "abc"}, "pattern"},
		{"stage", "Stage", stage(object{"StageName": "a b"}), "Stage name"},
		{"deployment", "Stage", stage(object{"DeploymentId": "none"}), "Deployment id does not exist"},
		{"cache", "Stage", stage(object{"CacheClusterEnabled": true}), "does not model"},
		{"canary", "Stage", stage(object{"CanarySetting": object{}}), "does not model"},
		{"variable", "Stage", stage(object{"Variables": object{"a": "b c"}}), "Stage variable"},
		{"execution log", "Stage", stage(object{"MethodSettings": []object{{"ResourcePath": "/*", "HttpMethod": "*", "LoggingLevel": "INFO"}}}), "CloudWatch Logs role ARN"},
		{"log", "Stage", stage(object{"AccessLogSetting": object{"DestinationArn": "arn:aws:firehose:us-east-1:1:x", "Format": "$context.requestId"}}), "only log groups"},
		{"log format", "Stage", stage(object{"AccessLogSetting": object{"DestinationArn": here.Regional("logs", "log-group:x"), "Format": "$context.status"}}), "$context.requestId"},
		{"stage description", "Deployment", object{"RestApiId": s.id, "StageDescription": object{}}, "does not model"},
	} {
		if _, err := s.try(t, test.kind, test.properties); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	s.make(t, "Method", method(nil, nil))
	if _, err := s.try(t, "Deployment", object{"RestApiId": s.id}); err == nil || !strings.Contains(err.Error(), "No integration defined") {
		t.Errorf("got %v", err)
	}
	guard := s.make(t, "Authorizer", authorizer(nil))
	if _, err := s.try(t, "Authorizer", authorizer(nil)); err == nil || !strings.Contains(err.Error(), "must be unique") {
		t.Errorf("got %v", err)
	}
	s.function(t, variable, "GET", "echo", object{"AuthorizationType": "CUSTOM", "AuthorizerId": guard})
	if err := s.remove(t, "Authorizer", guard, object{"RestApiId": s.id}); err == nil || !strings.Contains(err.Error(), "Is referenced in method") {
		t.Errorf("got %v", err)
	}
}

// Which properties need a new resource is said on the pages of the types.
func TestReplaces(t *testing.T) {
	t.Parallel()
	types := open(t, t.TempDir()).ResourceTypes()
	for kind, properties := range map[string][]string{
		"RestApi": nil, "Account": nil, "UsagePlan": nil, "Resource": {"ParentId", "PathPart", "RestApiId"},
		"Method": {"HttpMethod", "ResourceId", "RestApiId"}, "Deployment": {"RestApiId"}, "Stage": {"RestApiId", "StageName"},
		"Authorizer": {"RestApiId"}, "GatewayResponse": {"ResponseType", "RestApiId"}, "RequestValidator": {"Name", "RestApiId"},
		"ApiKey": {"GenerateDistinctId", "Name", "Value"}, "UsagePlanKey": {"KeyId", "KeyType", "UsagePlanId"},
	} {
		var got []string
		for _, name := range []string{
			"Description", "GenerateDistinctId", "HttpMethod", "KeyId", "KeyType", "Name", "ParentId", "PathPart", "ResourceId", "ResponseType", "RestApiId",
			"StageName", "UsagePlanId", "Value",
		} {
			if types["AWS::ApiGateway::"+kind].Replaces(object{}, object{name: "x"}) {
				got = append(got, name)
			}
		}
		if diff := cmp.Diff(properties, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
}

// APIs survive, at their address, and the API shows them.
func TestRestartAndAPI(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	s := w.create(t, object{"Description": "d"})
	at := s.path(t, s.root, "a", "{b}")
	s.function(t, at, "GET", "echo", nil)
	d := s.deploy(t)
	w.End(t)
	s.world = open(t, dir)
	if status, _, body := s.get(t, "/dev/a/1"); status != 200 {
		t.Errorf("got %d %s", status, body)
	}
	api := func(method, path string) (int, object) {
		status, _, body := gatewaytest.Send(t, method, s.Server.URL+path, nil)
		if body == "" || strings.TrimSpace(body) == "null" {
			return status, nil
		}
		return status, gatewaytest.Decode[object](t, body)
	}
	each := "/restapis/" + s.id
	for _, test := range []struct {
		path, member string
		want         any
	}{
		{each, "description", "d"}, {each, "rootResourceId", s.root}, {each + "/resources/" + at, "path", "/a/{b}"},
		{each + "/resources/" + at + "/methods/GET", "httpMethod", "GET"}, {each + "/resources/" + at + "/methods/GET/integration", "httpMethod", "POST"},
		{each + "/stages/dev", "deploymentId", d}, {each + "/deployments/" + d, "id", d}, {"/account", "apiKeyVersion", "4"},
		{"/tags/arn%3Aaws%3Aapigateway%3Aus-east-1%3A%3A%2Frestapis%2F" + s.id, "tags", object{"stack": "yes"}},
	} {
		if status, out := api("GET", test.path); status != 200 || cmp.Diff(test.want, out[test.member]) != "" {
			t.Errorf("%s: got %d %v", test.path, status, out)
		}
	}
	_, first := api("GET", each+"/resources?limit=2")
	_, rest := api("GET", each+"/resources?position="+first["position"].(string))
	if len(first["item"].([]any)) != 2 || len(rest["item"].([]any)) != 1 {
		t.Errorf("got %v and %v", first, rest)
	}
	for path, status := range map[string]int{
		"GET /restapis/none": 404, "GET " + each + "/stages/none": 404, "GET " + each + "/resources?zzz=1": 400, "GET " + each + "/models": 404,
		"POST /restapis": 404, "DELETE " + each + "/deployments/" + d: 202, "GET /usageplans/none": 404, "GET /apikeys/none": 404,
		"DELETE " + each + "/stages/none": 404,
	} {
		method, path, _ := strings.Cut(path, " ")
		if got, out := api(method, path); got != status {
			t.Errorf("%s %s: got %d %v, want %d", method, path, got, out, status)
		}
	}
	if status, _ := api("DELETE", each); status != 202 || s.Doors.IsOpen("apigateway/"+s.id) {
		t.Errorf("got %d, or the address is open", status)
	}
}
