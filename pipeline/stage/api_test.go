// SPDX-License-Identifier: MIT

package stage

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/gobuild"
)

// TestAPIPermissions: a function has one permission for an API: for its route,
// or for the API if it has several.
func TestAPIPermissions(t *testing.T) {
	t.Parallel()
	const prefix = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:"
	tests := []struct{ name, events, api, want string }{
		{"one route", `http: "GET /items/{id}"`, "", "${HttpApi}/*/GET/items/*"},
		{"the root", "http: POST /", "", "${HttpApi}/*/POST/"},
		{"all methods", `http: "* /files/{proxy+}"`, "", "${HttpApi}/*/*/files/*"},
		{"default", "http: $default", "", "${HttpApi}/*/$default"},
		{"several", "http: GET /a, http: GET /b", "", "${HttpApi}/*/*"},
		{"rest", `http: "GET /items/{id}"`, "api: {type: rest, stage: v1}\n", "${RestApi}/*/GET/items/*"},
		{"several of rest", "http: GET /a, http: GET /b", "api: {type: rest}\n", "${RestApi}/*/*"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := service(t, "serviceName: orders\n"+test.api+"functions: {one: {handler: ./h.One, events: ["+test.events+"]}}\n")
			d, err := generate(t, s)
			must(t, err)
			var got []any
			for _, id := range sortedKeys(d.Template.Resources) {
				if r := d.Template.Resources[id]; r.Type == "AWS::Lambda::Permission" {
					got = append(got, id, r.Properties)
				}
			}
			want := []any{"OneApiPermission", map[string]any{
				"Action": "lambda:InvokeFunction", "FunctionName": cfn.Ref("OneFunction"), "Principal": "apigateway.amazonaws.com",
				"SourceArn": cfn.Sub(prefix + test.want),
			}}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("permissions (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRouteIDs: a route keeps its logical id when another function answers it,
// when its parameters get other names, and when the file has another order.
func TestRouteIDs(t *testing.T) {
	t.Parallel()
	routes := func(file string) map[string]string {
		ids := map[string]string{}
		d, err := generate(t, service(t, "serviceName: orders\nfunctions:\n"+file))
		must(t, err)
		for id, r := range d.Template.Resources {
			if r.Type == "AWS::ApiGatewayV2::Route" {
				ids[id] = r.Properties["RouteKey"].(string)
			}
		}
		return ids
	}
	first := routes("  a: {handler: ./h.A, events: [http: \"GET /x/{id}\", http: GET /x]}\n  b: {handler: ./h.B, events: [http: $default]}\n")
	second := routes("  b: {handler: ./h.B, events: [http: \"GET /x/{name}\"]}\n  a: {handler: ./h.A, events: [http: $default, http: GET /x]}\n")
	if len(first) != 3 {
		t.Fatalf("routes: %v", first)
	}
	for id, key := range first {
		if got := strings.Replace(second[id], "name", "id", 1); got != key {
			t.Errorf("%s is %q and then %q", id, key, got)
		}
	}
}

const restAPI = `serviceName: orders
functions:
  one: {handler: ./h.One, events: [http: GET /]}
api: {type: rest, stage: v1}
outputs: {Deployment: !Sub "is ${RestApiDeployment}"}
`

// deployment returns the logical id of the deployment of a service, to which
// stage and outputs must lead.
func deployment(t *testing.T, file string) string {
	t.Helper()
	template := decorated(t, service(t, file))
	for id, r := range template.Resources {
		if r.Type != "AWS::ApiGateway::Deployment" {
			continue
		}
		if diff := cmp.Diff(cfn.Ref(id), template.Resources["RestApiStage"].Properties["DeploymentId"]); diff != "" {
			t.Errorf("the stage (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(cfn.Sub("is ${"+id+"}"), template.Outputs["Deployment"].Value); diff != "" {
			t.Errorf("the output (-want +got):\n%s", diff)
		}
		return id
	}
	t.Fatal("no deployment")
	return ""
}

// TestDeploymentID: the id of a deployment changes with what the API says, also
// by a decorator, and with nothing else.
func TestDeploymentID(t *testing.T) {
	t.Parallel()
	first := deployment(t, restAPI)
	if len(first) != len("RestApiDeployment")+12 {
		t.Errorf("the id is %s", first)
	}
	patch := func(patch string) string { return restAPI + "decorators: [{name: p, patch: " + patch + "}]\n" }
	edit := func(old, replacement string) string { return strings.Replace(restAPI, old, replacement, 1) }
	tests := []struct {
		name, file string
		same       bool
	}{
		{"the same", restAPI, true},
		{"another function", edit("functions:\n", "functions:\n  two: {handler: ./h.Two}\n"), true},
		{"memory", edit("./h.One,", "./h.One, memory: 256,"), true},
		{"stage", edit("stage: v1", "stage: v2"), true},
		{"limits", edit("stage: v1", "stage: v1, throttle: {rate: 1, burst: 1}"), true},
		{"a decorator elsewhere", patch("{Resources: {OneFunction: {Properties: {MemorySize: 256}}}}"), true},
		{"method", edit("GET /", "POST /"), false},
		{"path", edit("GET /", "GET /a"), false},
		{"authorizer", edit("http: GET /", "http: {method: GET, path: /, authorizer: iam}"), false},
		{"CORS", edit("stage: v1", "stage: v1, cors: true"), false},
		{"binary types", edit("stage: v1", "stage: v1, binaryMediaTypes: [a/b]"), false},
		{"name of the service", edit("orders", "sales"), false},
		{"a decorator's method", patch("{Resources: {RestApi: {Properties: {Body: {paths: {/: {get: {summary: x}}}}}}}}"), false},
		{"a decorator's name of a function", patch("{Resources: {OneFunction: {Properties: {FunctionName: other}}}}"), false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := deployment(t, test.file); (got == first) != test.same {
				t.Errorf("got %s after %s", got, first)
			}
		})
	}
}

// TestUnknot: functions that need the API are named by what they are called,
// others by reference, so that there is no circle.
func TestUnknot(t *testing.T) {
	t.Parallel()
	template := decorated(t, service(t, `serviceName: orders
functions:
  one: {handler: ./h.One, environment: {API: !Ref RestApi}, events: [http: GET /]}
  two: {handler: ./h.Two, events: [http: POST /]}
api: {type: rest}
`))
	text := string((&cfn.Template{Resources: map[string]*cfn.Resource{"RestApi": template.Resources["RestApi"]}}).JSON())
	for _, want := range []string{`function:orders-one"`, `"Fn::GetAtt":["TwoFunction","Arn"]`} {
		if !strings.Contains(text, want) {
			t.Errorf("no %s in %s", want, text)
		}
	}
	if strings.Contains(text, "OneFunction") {
		t.Errorf("OneFunction in %s", text)
	}
}

// TestUnknotAlias: an alias is named like its function.
func TestUnknotAlias(t *testing.T) {
	t.Parallel()
	resources := map[string]*cfn.Resource{
		"RestApi": {Type: "AWS::ApiGateway::RestApi", Properties: map[string]any{"Body": cfn.SubWith("${F}", map[string]any{"F": cfn.Ref("Live")})}},
		"Live":    {Type: "AWS::Lambda::Alias", Properties: map[string]any{"Name": "live", "FunctionName": cfn.Ref("F")}},
		"F":       {Type: "AWS::Lambda::Function", Properties: map[string]any{"FunctionName": "orders-f", "Environment": cfn.Ref("RestApi")}},
	}
	unknot(&cfn.Template{Resources: resources})
	want := cfn.SubWith("${F}", map[string]any{"F": cfn.Sub("arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:orders-f:live")})
	if diff := cmp.Diff(any(want), resources["RestApi"].Properties["Body"]); diff != "" {
		t.Errorf("body (-want +got):\n%s", diff)
	}
}

// TestOutsideBody: a part of the API that stands beside its Body is refused.
func TestOutsideBody(t *testing.T) {
	t.Parallel()
	s := service(t, restAPI+"resources:\n  More: {Type: \"AWS::ApiGateway::Resource\", Properties: {RestApiId: !Ref RestApi, ParentId: !GetAtt RestApi.RootResourceId, PathPart: x}}\n")
	d, err := generate(t, s)
	must(t, err)
	problems := outsideBody(d)
	if len(problems) != 1 || problems[0].Code != "SP0341" || problems[0].Position.Line != 7 || problems[0].Path != "Resources.More" {
		t.Errorf("got %v", problems)
	}
}

// TestAPIMisfits: handlers whose events neither routes nor authorizers send.
func TestAPIMisfits(t *testing.T) {
	t.Parallel()
	const file = `serviceName: orders
functions:
  hello: {handler: ./h.Hello, events: [http: GET /]}
`
	const guarded = `serviceName: orders
functions:
  other: {handler: ./h.Other, events: [http: {path: /, authorizer: guard}]}
  hello: {handler: ./h.Hello}
`
	const rest, http = "api: {type: rest, authorizers: {guard: {function: hello}}}\n", "api: {authorizers: {guard: {function: hello}}}\n"
	event := func(name string) gobuild.Symbol {
		return gobuild.Symbol{Form: gobuild.FormEvent, Event: eventsPackage + name}
	}
	tests := []struct {
		name, file string
		symbol     gobuild.Symbol
		want       string // "" for no problem
	}{
		{"HTTP", file, event("APIGatewayV2HTTPRequest"), ""},
		{"the same as a URL's", file, event("LambdaFunctionURLRequest"), ""},
		{"HTTP handler", file, gobuild.Symbol{Form: gobuild.FormHTTP}, ""},
		{"REST's event", file, event("APIGatewayProxyRequest"), "takes events.APIGatewayProxyRequest, which an HTTP API does not send"},
		{"REST", file + "api: {type: rest}\n", event("APIGatewayProxyRequest"), ""},
		{"HTTP's event", file + "api: {type: rest}\n", event("APIGatewayV2HTTPRequest"), "takes events.APIGatewayV2HTTPRequest, which a REST API does not send"},
		{"authorizer", guarded + http, event("APIGatewayV2CustomAuthorizerV2Request"), ""},
		{"authorizer of REST", guarded + rest, event("APIGatewayCustomAuthorizerRequestTypeRequest"), ""},
		{"the other authorizer", guarded + rest, event("APIGatewayV2CustomAuthorizerV2Request"), "which an authorizer of a REST API does not send"},
		{"HTTP handler as authorizer", guarded + http, gobuild.Symbol{Form: gobuild.FormHTTP}, "an authorizer of an HTTP API sends no HTTP requests"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := Project{Service: serviceIn(t, map[string]string{"sparta.yaml": test.file}), Symbols: map[string]gobuild.Symbol{"functions.hello": test.symbol}}
			var said []string
			for _, problem := range p.misfits() {
				said = append(said, problem.String())
			}
			if got := strings.Join(said, "\n"); (got == "") != (test.want == "") || !strings.Contains(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
