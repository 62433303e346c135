// SPDX-License-Identifier: MIT

package apigateway_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/gateway/gatewaytest"
)

// proxied is an operation that a function answers.
func proxied(function string, security ...object) object {
	return object{"responses": object{}, "security": security, "x-amazon-apigateway-integration": object{
		"type": "aws_proxy", "httpMethod": "POST", "uri": invocations(function), "passthroughBehavior": "when_no_match",
	}}
}

// choice is the template of a preflight for several origins.
const choice = `#set($origin = $input.params().header.get("Origin"))
#if($origin == "")#set($origin = $input.params().header.get("origin"))#end
#if($origin.matches("https://a[.]example") || $origin.matches("https://.*[.]b[.]example"))
#set($context.responseOverride.header.Access-Control-Allow-Origin = $origin)
#end
`

func document() object {
	return object{
		"openapi": "3.0.1", "info": object{"title": "test", "version": "1"},
		"paths": object{
			"/": object{"get": proxied("echo")},
			"/items/{id}": object{
				"get":  proxied("echo", object{"guard": []string{}}),
				"put":  proxied("echo", object{"signed": []string{}}, object{"key": []string{}}),
				"post": proxied("echo"),
				"options": object{
					"parameters": []object{{"name": "id", "in": "path", "required": true, "schema": object{"type": "string"}}},
					"responses":  object{"204": object{"description": "x", "headers": object{"Access-Control-Allow-Origin": object{"schema": object{"type": "string"}}}}},
					"x-amazon-apigateway-integration": object{
						"type": "mock", "contentHandling": "CONVERT_TO_TEXT", "requestTemplates": object{"application/json": `{"statusCode": 204}`},
						"responses": object{"default": object{
							"statusCode": "204", "responseParameters": object{"method.response.header.Access-Control-Allow-Origin": "'https://a.example'"},
							"responseTemplates": object{"application/json": choice},
						}},
					},
				},
			},
			"/files/{proxy+}": object{"x-amazon-apigateway-any-method": proxied("echo")},
		},
		"components": object{"securitySchemes": object{
			"key":    object{"type": "apiKey", "name": "x-api-key", "in": "header"},
			"signed": object{"type": "apiKey", "name": "Authorization", "in": "header", "x-amazon-apigateway-authtype": "awsSigv4"},
			"guard": object{"type": "apiKey", "name": "Unused", "in": "header", "x-amazon-apigateway-authtype": "custom", "x-amazon-apigateway-authorizer": object{
				"type": "request", "authorizerUri": invocations("guard"), "identitySource": "method.request.header.Token", "authorizerResultTtlInSeconds": 0,
			}},
		}},
		"x-amazon-apigateway-binary-media-types": []string{"image/png"},
		"x-amazon-apigateway-gateway-responses": object{
			"DEFAULT_4XX": object{"responseParameters": object{"gatewayresponse.header.Access-Control-Allow-Origin": "method.request.header.Origin"}},
		},
	}
}

// A body is the whole of an API: routes, authorizers and answers; a new one
// takes its place, and what has the same path or name keeps its identifier.
func TestImport(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir()).create(t, object{"Mode": "overwrite", "Parameters": object{"endpointConfigurationTypes": "REGIONAL"}, "Body": document()})
	s.Handlers["guard"] = func([]byte) (string, error) {
		return `{"principalId":"p","policyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"execute-api:Invoke","Resource":"*"}]}}`, nil
	}
	s.deploy(t)
	check := func(method, path string, status int, headers ...string) {
		t.Helper()
		if got, _, body := gatewaytest.Send(t, method, s.url+"/dev"+path, nil, headers...); got != status {
			t.Errorf("%s %s: got %d %s, want %d", method, path, got, body, status)
		}
	}
	check("GET", "/", 200)
	check("GET", "/items/7", 401)
	check("GET", "/items/7", 200, "Token", "x")
	check("PUT", "/items/7", 403)
	check("POST", "/items/7", 200)
	check("DELETE", "/files/a/b", 200)
	_, header, _ := gatewaytest.Send(t, "GET", s.url+"/dev/items/7", nil, "Origin", "https://a.example")
	if header.Get("Access-Control-Allow-Origin") != "https://a.example" {
		t.Errorf("an error has no headers of CORS: %v", header)
	}
	for origin, want := range map[string]string{"https://a.example": "https://a.example", "https://x.b.example": "https://x.b.example", "https://c.example": "https://a.example", "": "https://a.example"} {
		status, header, body := gatewaytest.Send(t, "OPTIONS", s.url+"/dev/items/7", nil, "Origin", origin)
		if status != 204 || body != "" || header.Get("Access-Control-Allow-Origin") != want {
			t.Errorf("preflight of %q: got %d %v %q", origin, status, header, body)
		}
	}
	before := gatewaytest.Decode[object](t, sendBody(t, s, "/restapis/"+s.id+"/resources"))
	next := document()
	delete(next["paths"].(object)["/items/{id}"].(object), "post")
	delete(next["paths"].(object), "/files/{proxy+}")
	s.update(t, "RestApi", s.id, object{"Name": "test", "Body": next})
	check("POST", "/items/7", 200) // the snapshot has it
	s.deploy(t)
	check("POST", "/items/7", 403)
	check("GET", "/files/a/b", 403)
	check("GET", "/", 200)
	after := gatewaytest.Decode[object](t, sendBody(t, s, "/restapis/"+s.id+"/resources"))
	ids := func(list object) map[string]any {
		found := map[string]any{}
		for _, item := range list["item"].([]any) {
			found[item.(object)["path"].(string)] = item.(object)["id"]
		}
		return found
	}
	was, is := ids(before), ids(after)
	delete(was, "/files")
	delete(was, "/files/{proxy+}")
	if !maps.Equal(was, is) {
		t.Errorf("resources were %v, are %v", was, is)
	}
}

// sendBody returns what the API answers.
func sendBody(t *testing.T, s site, path string) string {
	t.Helper()
	_, _, body := gatewaytest.Send(t, "GET", s.Server.URL+path, nil, "Authorization", "AWS4-HMAC-SHA256 Credential=x/20261125/us-east-1/apigateway/aws4_request")
	return body
}

// What a body says beyond what is modelled fails by name.
func TestImportRefused(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	at := func(path string, value any) object {
		d := document()
		var in any = d
		keys := strings.Split(path, " ")
		for _, key := range keys[:len(keys)-1] {
			in = in.(object)[key]
		}
		in.(object)[keys[len(keys)-1]] = value
		return d
	}
	for _, test := range []struct {
		name string
		body object
		want string
	}{
		{"version", at("openapi", "3.1.0"), "version 3.0"},
		{"models", at("components schemas", object{}), `the member "schemas"`},
		{"validators", at("x-amazon-apigateway-request-validators", object{}), "request-validators"},
		{"type of a member", at("paths", []any{}), "Unable to parse"},
		{"path", at("paths items", object{}), "begin with a slash"},
		{"part of a path", at("paths /a{b", object{}), "path part"},
		{"method", at("paths / fetch", proxied("echo")), "Invalid HttpMethod"},
		{"integration", at("paths / get x-amazon-apigateway-integration type", "http_proxy"), "integrations of type HTTP_PROXY"},
		{"function", at("paths / get x-amazon-apigateway-integration uri", "x"), "Invalid lambda function"},
		{"handling", at("paths / get x-amazon-apigateway-integration contentHandling", "CONVERT_TO_BINARY"), "contentHandling"},
		{"template", at("paths / get x-amazon-apigateway-integration requestTemplates", object{"a/b": "#set($x = 1)"}), "Velocity"},
		{"parameter", at("paths / get parameters", []object{{"name": "q", "in": "query"}}), "parameters in query"},
		{"security", at("paths / get security", []object{{"none": []string{}}}), "Invalid security definition"},
		{"scheme", at("components securitySchemes key", object{"type": "http"}), "security schemes"},
		{"Cognito", at("components securitySchemes guard x-amazon-apigateway-authorizer providerARNs", []string{"arn:x"}), "has no user pool arn:x"},
		{"no authorizer", at("components securitySchemes guard x-amazon-apigateway-authorizer", nil), "Invalid authorizer definition"},
		{"identity", at("components securitySchemes guard x-amazon-apigateway-authorizer identitySource", "x"), "Invalid mapping expression"},
		{"answer", at("x-amazon-apigateway-gateway-responses TEAPOT", object{}), "Invalid response type"},
	} {
		if _, err := w.try(t, "RestApi", object{"Name": "x", "Body": test.body}); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: got %v, want %s", test.name, err, test.want)
		}
	}
	if list := w.Addresses(); len(list) != 0 {
		t.Errorf("a refused body leaves %v", list)
	}
}

// No body panics.
func FuzzImport(f *testing.F) {
	f.Add(string(gatewaytest.JSON(document())))
	f.Add(`{"openapi":"3.0.1","paths":{"/{a}/{a}":{"get":null}}}`)
	w := open(f, f.TempDir())
	f.Fuzz(func(t *testing.T, text string) {
		var body object
		if decodes(text, &body) {
			if id, err := w.try(t, "RestApi", object{"Name": "x", "Body": body}); err == nil {
				_ = w.remove(t, "RestApi", id, object{})
			}
		}
	})
}

func decodes(text string, v any) bool { return json.Unmarshal([]byte(text), v) == nil }
