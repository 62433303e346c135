// SPDX-License-Identifier: MIT

package flow_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"

	"github.com/sparta-up/sparta/pipeline/stage"
)

const restYAML = `serviceName: Shop
defaults: {runtime: provided.al2023, timeout: 10}
functions:
  written: {handler: ./web.Written, alias: live, environment: {SHOP: !Sub "https://${RestApi}.execute-api.${AWS::Region}.${AWS::URLSuffix}/v1"}, events: [http: GET /, http: "* /written"]}
  typed: {handler: ./web.TypedREST, events: [http: "GET /items/{id}", http: "DELETE /items/{id}"]}
  served: {handler: ./web.Served, runtime: nodejs24.x, events: [http: "ANY /files/{proxy+}", http: "PUT /items/{id}"]}
  strict:
    handler: ./web.StrictREST
    events:
      - http: GET /strict
      - http: {method: GET, path: /signed, authorizer: iam}
      - http: {method: GET, path: /guarded, authorizer: guard}
      - http: {method: GET, path: "/slow/{id}", throttle: {rate: 0.001, burst: 2}}
      - http: {method: GET, path: /keyed, apiKey: true}
  guard: {handler: ./web.GuardREST}
api:
  type: rest
  stage: v1
  cors: {origins: ["https://page.example"], credentials: true, exposeHeaders: [x-form]}
  authorizers:
    guard: {function: guard, identity: [header.X-Token]}
  accessLogs: true
  apiKeys: [partner]
  usagePlans: {basic: {apiKeys: [partner], quota: {limit: 2, period: day}}}
`

// TestRESTAPI brings a REST API up and drives it: routes, parameters, forms of
// handlers, authorizers, limits, keys and CORS.
func TestRESTAPI(t *testing.T) {
	t.Parallel()
	m := webModule(t, restYAML)
	w := local(t, m.file())
	address := output(t, w.mustUp(stage.Created), "ApiUrl")
	key := w.apiKey("Shop-partner")
	cors := []string{allowed, "[" + page + "]", "Access-Control-Allow-Credentials", "[true]", "Vary", "[Origin]"}
	for _, x := range []exchange{
		{method: "GET", path: "/", status: 409, body: "written true", want: []string{"X-Form", "[1]", "Content-Type", "[text/plain]"}},
		{method: "POST", path: "/written", status: 409, body: "written true"},
		{method: "GET", path: "/items/a%20b", status: 202, body: "typed a b /items/{id}", want: []string{"X-Form", "[2]"}},
		{method: "PUT", path: "/items/7?a=1&a=2", status: 410, body: "served PUT /items/7?a=1&a=2 in", want: []string{"X-Form", "[3]", "Set-Cookie", "[a=1 b=2]"}},
		{method: "PATCH", path: "/files/x/y.txt", status: 410, body: "served PATCH /files/x/y.txt"},
		{method: "POST", path: "/items/7", status: 403, body: "Missing Authentication Token", headers: []string{"Origin", page}, want: cors},
		{method: "GET", path: "/strict?q=1&q=2", status: 200, body: "complete"},
		{method: "GET", path: "/signed", status: 403},
		{method: "GET", path: "/signed", status: 200, body: "complete", headers: []string{"Authorization", signed}},
		{method: "GET", path: "/guarded", status: 401, headers: []string{"Origin", page}, want: cors},
		{method: "GET", path: "/guarded", status: 403, headers: []string{"X-Token", "shut"}},
		{method: "GET", path: "/guarded", status: 200, body: "complete", headers: []string{"X-Token", "open"}},
		{method: "GET", path: "/slow/1", status: 200},
		{method: "GET", path: "/slow/2", status: 200},
		{method: "GET", path: "/slow/3", status: 429, headers: []string{"Origin", page}, want: cors},
		{method: "GET", path: "/keyed", status: 403},
		{method: "GET", path: "/keyed", status: 200, body: "complete", headers: []string{"X-Api-Key", key}},
		{method: "GET", path: "/keyed", status: 200, headers: []string{"X-Api-Key", key}},
		{method: "GET", path: "/keyed", status: 429, body: "Limit Exceeded", headers: []string{"X-Api-Key", key}},
		{method: "OPTIONS", path: "/items/7", status: 204, headers: []string{"Origin", page, preflight, "PUT"}, want: append(cors, "Access-Control-Allow-Methods", "[DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT]")},
		{method: "OPTIONS", path: "/guarded", status: 204, headers: []string{"Origin", page, preflight, "GET"}, want: cors},
		{method: "GET", path: "/", status: 409, headers: []string{"Origin", page}, want: append(cors, "Access-Control-Expose-Headers", "[x-form]")},
		{method: "GET", path: "/items/7", status: 202, headers: []string{"Origin", page}, want: cors},
		{method: "GET", path: "/files/x", status: 410, headers: []string{"Origin", page}, want: cors},
		{method: "GET", path: "/items/7", status: 202, headers: []string{"Origin", "https://other.example"}, want: []string{allowed, "[]"}},
		{method: "GET", path: "/items/bad", status: 502, headers: []string{"Origin", page}, want: cors},
	} {
		x.run(t, address)
	}
	log := w.logLines("/aws/vendedlogs/sparta/Shop/api")
	if !strings.Contains(log, `"route":"/items/{id}"`) || !strings.Contains(log, `"status":"429"`) {
		t.Errorf("access log: %s", log)
	}
	w.Confirm = agree
	w.takeDown()
}

// TestRESTRedeploys: a deployment is made when the API changes, and only then;
// the address stays, and what was taken out is gone at once.
func TestRESTRedeploys(t *testing.T) {
	t.Parallel()
	m := webModule(t, `serviceName: Shop
defaults: {runtime: provided.al2023}
functions:
  written: {handler: ./web.Written, events: [http: GET /, http: GET /old]}
  served: {handler: ./web.Served, events: [http: POST /]}
api: {type: rest, stage: live}
`)
	w := local(t, m.file())
	address := output(t, w.mustUp(stage.Created), "ApiUrl")
	first := w.deployments()
	if len(first) != 1 {
		t.Fatalf("deployments: %v", first)
	}
	step := func(what, old, replacement string, kind stage.OperationKind, deploys bool, checks ...exchange) {
		t.Helper()
		before := w.deployments()
		m.edit("sparta.yaml", old, replacement)
		if again := output(t, w.mustUp(kind), "ApiUrl"); again != address {
			t.Errorf("%s: the URL was %s, is %s", what, address, again)
		}
		after := w.deployments()
		if len(after) != 1 || (after[0] != before[0]) != deploys {
			t.Errorf("%s: deployments were %v, are %v", what, before, after)
		}
		for _, x := range checks {
			x.run(t, address)
		}
	}
	step("another function", "events: [http: POST /]", "events: [http: POST /, http: GET /new]", stage.Updated, true,
		exchange{method: "GET", path: "/new", status: 410}, exchange{method: "GET", path: "/old", status: 409})
	step("a route gone", ", http: GET /old", "", stage.Updated, true,
		exchange{method: "GET", path: "/old", status: 403}, exchange{method: "GET", path: "/", status: 409})
	step("an authorizer", "http: GET /new", "http: {method: GET, path: /new, authorizer: iam}", stage.Updated, true,
		exchange{method: "GET", path: "/new", status: 403})
	step("memory of a function", "handler: ./web.Served", "handler: ./web.Served, memory: 256", stage.Updated, false)
	step("a limit of the stage", "stage: live}", "stage: live, throttle: {rate: 1, burst: 1000}}", stage.Updated, false)
	step("nothing", "serviceName: Shop", "serviceName: Shop # the same", stage.Unchanged, false)
	step("CORS", "stage: live", "stage: live, cors: true", stage.Updated, true,
		exchange{method: "GET", path: "/", status: 409, headers: []string{"Origin", page}, want: []string{allowed, "[*]"}},
		exchange{method: "GET", path: "/new", status: 403, headers: []string{"Origin", page}, want: []string{allowed, "[*]"}},
		exchange{method: "OPTIONS", path: "/", status: 204, want: []string{allowed, "[*]", "Access-Control-Allow-Headers", "[*,Authorization]"}})
	w.takeDown()
}

// TestRESTOrigins: pages of several origins.
func TestRESTOrigins(t *testing.T) {
	t.Parallel()
	m := webModule(t, `serviceName: Shop
defaults: {runtime: provided.al2023}
functions: {served: {handler: ./web.Served, events: [http: GET /, http: {method: GET, path: /signed, authorizer: iam}]}}
api: {type: rest, cors: {origins: ["https://a.example", "https://*.b.example"]}}
`)
	w := local(t, m.file())
	address := output(t, w.mustUp(stage.Created), "ApiUrl")
	if !strings.HasSuffix(address, "/dev") {
		t.Errorf("the stage of the environment dev: %s", address)
	}
	for origin, want := range map[string]string{"https://a.example": "[https://a.example]", "https://x.b.example": "[https://x.b.example]", "https://c.example": "[]"} {
		exchange{method: "GET", path: "/", status: 410, headers: []string{"Origin", origin}, want: []string{allowed, want}}.run(t, address)
	}
	exchange{method: "OPTIONS", path: "/", status: 204, headers: []string{"Origin", "https://x.b.example", preflight, "GET"}, want: []string{allowed, "[https://x.b.example]"}}.run(t, address)
	exchange{method: "OPTIONS", path: "/", status: 204, headers: []string{"Origin", "https://c.example", preflight, "GET"}, want: []string{allowed, "[https://a.example]"}}.run(t, address)
	exchange{method: "GET", path: "/signed", status: 403, headers: []string{"Origin", "https://a.example"}, want: []string{allowed, "[https://a.example]"}}.run(t, address)
	w.takeDown()
}

func TestExampleREST(t *testing.T) {
	t.Parallel()
	for name, node := range hosts(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := localWithNode(t, "../../examples/rest/sparta.yaml", node)
			address := output(t, w.mustUp(stage.Created), "ApiUrl")
			key := []string{"X-Api-Key", w.apiKey("RestSparta-partner")}
			for _, x := range []exchange{
				{method: "GET", path: "/health", status: 200, body: "well", headers: []string{"Origin", page}, want: []string{allowed, "[*]"}},
				{method: "GET", path: "/forecast/sparta", status: 403},
				{method: "GET", path: "/forecast/sparta", status: 200, body: `"dry and stern"`, headers: key, want: []string{"Content-Type", "[application/json]"}},
				{method: "GET", path: "/forecast/corinth", status: 404, body: "nobody knows the weather of corinth", headers: key},
			} {
				x.run(t, address)
			}
			w.takeDown()
		})
	}
}

// deployments are the logical ids of the deployments in the stack.
func (w *world) deployments() []string {
	w.t.Helper()
	out, err := w.clients().CloudFormation.ListStackResources(w.t.Context(), &cloudformation.ListStackResourcesInput{StackName: aws.String("Shop")})
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, r := range out.StackResourceSummaries {
		if *r.ResourceType == "AWS::ApiGateway::Deployment" && r.ResourceStatus != "DELETE_COMPLETE" {
			ids = append(ids, *r.LogicalResourceId+" "+*r.PhysicalResourceId)
		}
	}
	return ids
}

// apiKey returns the value of an API key, as API Gateway tells it.
func (w *world) apiKey(name string) string {
	w.t.Helper()
	request, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.endpoint+"/apikeys?includeValues=true&name="+name, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=x/20261127/us-east-1/apigateway/aws4_request")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		w.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	var list struct {
		Item []struct{ Name, Value string }
	}
	if err := json.Unmarshal(text, &list); err != nil || len(list.Item) != 1 || list.Item[0].Name != name {
		w.t.Fatalf("API keys: %v in %s", err, text)
	}
	return list.Item[0].Value
}
