// SPDX-License-Identifier: MIT

package localaws_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sparta-up/sparta/internal/localaws"
)

// resources are those of a template by logical id.
type resources = map[string]any

func of(kind string, properties resources) resources {
	return resources{"Type": kind, "Properties": properties}
}

func ref(id string) resources       { return resources{"Ref": id} }
func att(id, name string) resources { return resources{"Fn::GetAtt": []string{id, name}} }
func sub(text string) resources     { return resources{"Fn::Sub": text} }
func after(r resources, ids ...string) resources {
	r = maps.Clone(r)
	r["DependsOn"] = ids
	return r
}

// webFunctions are a role and the functions Echo and Guard of testdata/web.
func webFunctions() resources {
	made := resources{"Role": of("AWS::IAM::Role", resources{"AssumeRolePolicyDocument": resources{
		"Version":   "2012-10-17",
		"Statement": []any{resources{"Effect": "Allow", "Principal": resources{"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}},
	}})}
	for id, handler := range map[string]string{"Echo": "echo", "Guard": "guard"} {
		made[id] = of("AWS::Lambda::Function", resources{
			"Runtime": "provided.al2023", "Handler": handler, "Role": att("Role", "Arn"), "Timeout": 20,
			"Code": resources{"S3Bucket": "artifacts", "S3Key": "web.zip"}, "Environment": resources{"Variables": resources{"VERSION": "1"}},
		})
	}
	return made
}

// permission lets API Gateway call a function.
func permission(function, source string) resources {
	return of("AWS::Lambda::Permission", resources{
		"FunctionName": att(function, "Arn"), "Action": "lambda:InvokeFunction", "Principal": "apigateway.amazonaws.com",
		"SourceArn": sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:" + source),
	})
}

// webStack is a stack in a cloud.
type webStack struct {
	cloud  *localaws.Cloud
	stacks *cloudformation.Client
}

func newWebStack(t *testing.T, c *localaws.Cloud) webStack {
	t.Helper()
	code := zipOf(t, "web")
	objects := s3Client(c.Endpoint())
	if _, err := objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("artifacts")}); err != nil {
		t.Fatal(err)
	}
	if _, err := objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("artifacts"), Key: aws.String("web.zip"), Body: bytes.NewReader(code)}); err != nil {
		t.Fatal(err)
	}
	return webStack{c, cloudformation.NewFromConfig(config(c.Endpoint()))}
}

// up creates or updates the stack and returns its outputs.
func (w webStack) up(t *testing.T, update bool, made, outputs resources) map[string]string {
	t.Helper()
	stack := w.try(t, update, made, outputs)
	if s := stack.StackStatus; s != types.StackStatusCreateComplete && s != types.StackStatusUpdateComplete {
		t.Fatalf("got %s: %s", s, w.reasons(t))
	}
	out := map[string]string{}
	for _, o := range stack.Outputs {
		out[*o.OutputKey] = *o.OutputValue
	}
	return out
}

func (w webStack) try(t *testing.T, update bool, made, outputs resources) types.Stack {
	t.Helper()
	values := resources{}
	for name, value := range outputs {
		values[name] = resources{"Value": value}
	}
	text, err := json.Marshal(resources{"Resources": made, "Outputs": values})
	if err != nil {
		t.Fatal(err)
	}
	name, body, capabilities := aws.String("web"), aws.String(string(text)), []types.Capability{types.CapabilityCapabilityIam}
	if update {
		_, err = w.stacks.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: name, TemplateBody: body, Capabilities: capabilities})
	} else {
		_, err = w.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: name, TemplateBody: body, Capabilities: capabilities})
	}
	if err != nil {
		t.Fatal(err)
	}
	return await(t, w.stacks, "web")
}

// reasons returns why resources failed.
func (w webStack) reasons(t *testing.T) string {
	t.Helper()
	out, err := w.stacks.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: aws.String("web")})
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range out.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "FAILED") {
			list = append(list, aws.ToString(e.LogicalResourceId)+": "+aws.ToString(e.ResourceStatusReason))
		}
	}
	return strings.Join(list, "; ")
}

func (w webStack) down(t *testing.T) {
	t.Helper()
	out, err := w.stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: aws.String("web")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: aws.String("web")}); err != nil {
		t.Fatal(err)
	}
	if got := await(t, w.stacks, *out.Stacks[0].StackId).StackStatus; got != types.StackStatusDeleteComplete {
		t.Errorf("got %s, want DELETE_COMPLETE: %s", got, w.reasons(t))
	}
}

func httpAPI() (made, outputs resources) {
	made = webFunctions()
	uri := sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Guard.Arn}/invocations")
	maps.Copy(made, resources{
		"Api": of("AWS::ApiGatewayV2::Api", resources{"Name": sub("${AWS::StackName}"), "ProtocolType": "HTTP", "CorsConfiguration": resources{
			"AllowOrigins": []string{"*"}, "AllowMethods": []string{"*"}, "MaxAge": "600",
		}}),
		"Echoes": of("AWS::ApiGatewayV2::Integration", resources{
			"ApiId": ref("Api"), "IntegrationType": "AWS_PROXY", "IntegrationUri": att("Echo", "Arn"), "PayloadFormatVersion": "2.0", "TimeoutInMillis": "20000",
		}),
		"Guards": of("AWS::ApiGatewayV2::Authorizer", resources{
			"ApiId": ref("Api"), "Name": "guard", "AuthorizerType": "REQUEST", "AuthorizerUri": uri, "AuthorizerPayloadFormatVersion": "2.0",
			"EnableSimpleResponses": true, "IdentitySource": []string{"$request.header.Authorization"}, "AuthorizerResultTtlInSeconds": 60,
		}),
		"Item": of("AWS::ApiGatewayV2::Route", resources{"ApiId": ref("Api"), "RouteKey": "GET /items/{id}", "Target": sub("integrations/${Echoes}")}),
		"Guarded": of("AWS::ApiGatewayV2::Route", resources{
			"ApiId": ref("Api"), "RouteKey": "GET /guarded", "Target": sub("integrations/${Echoes}"), "AuthorizationType": "CUSTOM", "AuthorizerId": ref("Guards"),
		}),
		"Closed": of("AWS::ApiGatewayV2::Route", resources{"ApiId": ref("Api"), "RouteKey": "GET /closed", "Target": sub("integrations/${Echoes}")}),
		"Log":    of("AWS::Logs::LogGroup", resources{"LogGroupName": "/web/access"}),
		"Stage": after(of("AWS::ApiGatewayV2::Stage", resources{
			"ApiId": ref("Api"), "StageName": "$default", "AutoDeploy": true,
			"AccessLogSettings":    resources{"DestinationArn": att("Log", "Arn"), "Format": "$context.routeKey $context.status"},
			"DefaultRouteSettings": resources{"ThrottlingRateLimit": "100", "ThrottlingBurstLimit": 100},
		}), "Item"),
		"ItemCalls":    permission("Echo", "${Api}/*/*/items/{id}"),
		"GuardedCalls": permission("Echo", "${Api}/*/*/guarded"),
		"GuardCalls":   permission("Guard", "${Api}/authorizers/${Guards}"),
	})
	return made, resources{"URL": att("Api", "ApiEndpoint"), "Id": ref("Api"), "Stage": ref("Stage")}
}

// A stack with an HTTP API comes up, answers with real functions, keeps its
// address when it changes and when the process ends, and goes away.
func TestHTTPAPIStack(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := openCloud(t, dir)
	w := newWebStack(t, c)
	made, outputs := httpAPI()
	out := w.up(t, false, made, outputs)
	url := out["URL"]
	if out["Stage"] != "$default" || !strings.HasPrefix(url, "http://127.0.0.1:") || strings.HasSuffix(url, "/") {
		t.Fatalf("got %v", out)
	}
	get := func(path string, edit func(*http.Request)) (int, string) { return send(t, "GET", url+path, edit) }
	none := func(*http.Request) {}
	status, body := get("/items/a%20b?x=1", none)
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal([]byte(body), &event); err != nil || status != 200 || event.PathParameters["id"] != "a b" || event.RouteKey != "GET /items/{id}" {
		t.Fatalf("got %d %s", status, body)
	}
	says := func(word string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set("Authorization", word) }
	}
	for _, test := range []struct {
		name, path string
		edit       func(*http.Request)
		status     int
		body       string
	}{
		{"guarded", "/guarded", says("yes"), 200, `"lambda":{"user":"me"}`}, {"guarded, no", "/guarded", says("no"), 403, "Forbidden"},
		{"guarded, silent", "/guarded", none, 401, "Unauthorized"}, {"without permission", "/closed", none, 500, "Internal Server Error"},
		{"nothing", "/none", none, 404, "Not Found"},
	} {
		if status, body := get(test.path, test.edit); status != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s: got %d %s", test.name, status, body)
		}
	}

	made["ClosedCalls"] = permission("Echo", "${Api}/*/GET/closed")
	made["Item"] = of("AWS::ApiGatewayV2::Route", resources{"ApiId": ref("Api"), "RouteKey": "ANY /things/{id}", "Target": sub("integrations/${Echoes}")})
	made["ItemCalls"] = permission("Echo", "${Api}/*/*/things/*")
	delete(made, "Guarded")
	delete(made, "GuardedCalls")
	if got := w.up(t, true, made, outputs); got["URL"] != url || got["Id"] != out["Id"] {
		t.Errorf("the address changed from %v to %v", out, got)
	}
	for path, want := range map[string]int{"/closed": 200, "/things/1": 200, "/items/1": 404, "/guarded": 404} {
		if status, body := get(path, none); status != want {
			t.Errorf("%s after the update: got %d %s, want %d", path, status, body, want)
		}
	}
	closeCloud(t, c)
	again := openCloud(t, dir)
	w.stacks = cloudformation.NewFromConfig(config(again.Endpoint()))
	if status, body := get("/things/1", none); status != 200 {
		t.Errorf("after a restart: got %d %s", status, body)
	}
	w.down(t)
	if _, err := http.Get(url); err == nil { //nolint:noctx // nobody answers
		t.Error("the address still answers")
	}
}

// A stack with what is not modelled fails by name, and an update that fails
// leaves the API as it was.
func TestHTTPAPIStackFailures(t *testing.T) {
	t.Parallel()
	w := newWebStack(t, openCloud(t, t.TempDir()))
	made, outputs := httpAPI()
	out := w.up(t, false, made, outputs)
	broken := maps.Clone(made)
	broken["Item"] = of("AWS::ApiGatewayV2::Route", resources{"ApiId": ref("Api"), "RouteKey": "GET /new/{id}", "Target": sub("integrations/${Echoes}")})
	broken["Bad"] = after(of("AWS::ApiGatewayV2::Integration", resources{"ApiId": ref("Api"), "IntegrationType": "AWS_PROXY", "IntegrationUri": "https://a.example"}), "Item")
	if stack := w.try(t, true, broken, outputs); stack.StackStatus != types.StackStatusUpdateRollbackComplete {
		t.Fatalf("got %s", stack.StackStatus)
	}
	if reasons := w.reasons(t); !strings.Contains(reasons, "Bad: ") || !strings.Contains(reasons, "is not the ARN of a function") {
		t.Errorf("got %s", reasons)
	}
	if status, body := send(t, "GET", out["URL"]+"/items/1", func(*http.Request) {}); status != 200 {
		t.Errorf("after the rollback: got %d %s", status, body)
	}
	for _, test := range []struct {
		name       string
		properties resources
		want       string
	}{
		{"AWS::ApiGatewayV2::Api", resources{"Name": "x", "ProtocolType": "WEBSOCKET"}, "HTTP only"},
		{"AWS::ApiGatewayV2::Api", resources{"Name": "x", "ProtocolType": "HTTP", "Body": resources{}}, "does not model this property"},
		{"AWS::ApiGatewayV2::Integration", resources{"ApiId": "a", "IntegrationType": "HTTP_PROXY"}, "AWS_PROXY only"},
		{"AWS::ApiGatewayV2::VpcLink", resources{"Name": "x"}, "AWS::ApiGatewayV2::VpcLink"},
	} {
		made["Bad"] = of(test.name, test.properties)
		text, err := json.Marshal(resources{"Resources": made})
		if err != nil {
			t.Fatal(err)
		}
		said := ""
		_, err = w.stacks.UpdateStack(t.Context(), &cloudformation.UpdateStackInput{StackName: aws.String("web"), TemplateBody: aws.String(string(text)), Capabilities: []types.Capability{types.CapabilityCapabilityIam}})
		if err != nil {
			said = err.Error()
		} else {
			await(t, w.stacks, "web")
			said = w.reasons(t)
		}
		if !strings.Contains(said, test.want) {
			t.Errorf("%s: got %s, want %s", test.name, said, test.want)
		}
	}
}

func TestCommandLineAPIGatewayV2(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	v2 := func(command string, rest ...string) []string {
		return append([]string{"apigatewayv2", command}, rest...)
	}
	id := strings.TrimSpace(c.must(t, "", v2("create-api", "--name", "cli", "--protocol-type", "HTTP", "--cors-configuration", "AllowOrigins=*", "--query", "ApiId", "--output", "text")...))
	api := []string{"--api-id", id}
	c.must(t, `"Name": "cli"`, v2("get-apis")...)
	integration := strings.TrimSpace(c.must(t, "", v2("create-integration", append(api, "--integration-type", "AWS_PROXY", "--payload-format-version", "2.0",
		"--integration-uri", "arn:aws:lambda:us-east-1:"+account+":function:none", "--query", "IntegrationId", "--output", "text")...)...))
	c.must(t, `"RouteKey": "GET /a/{b}"`, v2("create-route", append(api, "--route-key", "GET /a/{b}", "--target", "integrations/"+integration)...)...)
	c.must(t, `"AutoDeploy": true`, v2("create-stage", append(api, "--stage-name", "$default", "--auto-deploy", "--default-route-settings", "ThrottlingRateLimit=5.5,ThrottlingBurstLimit=2")...)...)
	c.must(t, `"ThrottlingRateLimit": 5.5`, v2("get-stage", append(api, "--stage-name", "$default")...)...)
	c.must(t, `"Description": "new"`, v2("update-api", append(api, "--description", "new")...)...)
	c.must(t, `"AutoDeployed": true`, v2("get-deployments", api...)...)
	c.must(t, "", v2("tag-resource", "--resource-arn", "arn:aws:apigateway:us-east-1::/apis/"+id, "--tags", "a=1")...)
	c.must(t, `"a": "1"`, v2("get-tags", "--resource-arn", "arn:aws:apigateway:us-east-1::/apis/"+id)...)
	c.mustNot(t, "ConflictException", v2("delete-integration", append(api, "--integration-id", integration)...)...)
	c.mustNot(t, "does not model VPC links", v2("get-vpc-links")...)
	c.mustNot(t, "NotFoundException", v2("get-api", "--api-id", "none")...)
	c.must(t, "", v2("delete-api", api...)...)
}

// restAPI is a REST API whose deployment is named after what it holds.
func restAPI(deployment string) (made, outputs resources) {
	made = webFunctions()
	invoke := func(function string) resources {
		return sub("arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${" + function + ".Arn}/invocations")
	}
	calls := resources{"Type": "AWS_PROXY", "IntegrationHttpMethod": "POST", "Uri": invoke("Echo")}
	allow := "method.response.header.Access-Control-Allow-Origin"
	maps.Copy(made, resources{
		"Api":   of("AWS::ApiGateway::RestApi", resources{"Name": sub("${AWS::StackName}"), "EndpointConfiguration": resources{"Types": []string{"REGIONAL"}}}),
		"Items": of("AWS::ApiGateway::Resource", resources{"RestApiId": ref("Api"), "ParentId": att("Api", "RootResourceId"), "PathPart": "items"}),
		"Item":  of("AWS::ApiGateway::Resource", resources{"RestApiId": ref("Api"), "ParentId": ref("Items"), "PathPart": "{id}"}),
		"Guards": of("AWS::ApiGateway::Authorizer", resources{
			"RestApiId": ref("Api"), "Name": "guard", "Type": "TOKEN", "AuthorizerUri": invoke("Guard"), "IdentitySource": "method.request.header.Authorization",
		}),
		"List": of("AWS::ApiGateway::Method", resources{
			"RestApiId": ref("Api"), "ResourceId": ref("Items"), "HttpMethod": "GET", "AuthorizationType": "CUSTOM", "AuthorizerId": ref("Guards"), "Integration": calls,
		}),
		"Get": of("AWS::ApiGateway::Method", resources{"RestApiId": ref("Api"), "ResourceId": ref("Item"), "HttpMethod": "GET", "AuthorizationType": "NONE", "Integration": calls}),
		"Put": of("AWS::ApiGateway::Method", resources{
			"RestApiId": ref("Api"), "ResourceId": ref("Item"), "HttpMethod": "PUT", "AuthorizationType": "NONE", "ApiKeyRequired": true, "Integration": calls,
		}),
		"Options": of("AWS::ApiGateway::Method", resources{
			"RestApiId": ref("Api"), "ResourceId": ref("Item"), "HttpMethod": "OPTIONS", "AuthorizationType": "NONE",
			"Integration": resources{
				"Type": "MOCK", "RequestTemplates": resources{"application/json": `{"statusCode":204}`},
				"IntegrationResponses": []any{resources{"StatusCode": "204", "ResponseParameters": resources{allow: "'*'"}}},
			},
			"MethodResponses": []any{resources{"StatusCode": "204", "ResponseParameters": resources{allow: true}}},
		}),
		"Errors": of("AWS::ApiGateway::GatewayResponse", resources{"RestApiId": ref("Api"), "ResponseType": "DEFAULT_4XX", "ResponseParameters": resources{"gatewayresponse.header.Access-Control-Allow-Origin": "'*'"}}),
		"LogRole": of("AWS::IAM::Role", resources{"AssumeRolePolicyDocument": resources{
			"Version":   "2012-10-17",
			"Statement": []any{resources{"Effect": "Allow", "Principal": resources{"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}},
		}}),
		"Account":  of("AWS::ApiGateway::Account", resources{"CloudWatchRoleArn": att("LogRole", "Arn")}),
		"Log":      of("AWS::Logs::LogGroup", resources{}),
		deployment: after(of("AWS::ApiGateway::Deployment", resources{"RestApiId": ref("Api")}), "List", "Get", "Put", "Options", "Errors"),
		"Stage": after(of("AWS::ApiGateway::Stage", resources{
			"RestApiId": ref("Api"), "DeploymentId": ref(deployment), "StageName": "v1",
			"AccessLogSetting": resources{"DestinationArn": att("Log", "Arn"), "Format": "$context.requestId $context.status"},
			"MethodSettings":   []any{resources{"ResourcePath": "/*", "HttpMethod": "*", "ThrottlingRateLimit": "100", "ThrottlingBurstLimit": 100}},
		}), "Account"),
		"Key":        of("AWS::ApiGateway::ApiKey", resources{"Enabled": "true", "Value": "0123456789abcdef0123456789"}),
		"Plan":       after(of("AWS::ApiGateway::UsagePlan", resources{"ApiStages": []any{resources{"ApiId": ref("Api"), "Stage": ref("Stage")}}, "Quota": resources{"Limit": "1", "Period": "MONTH"}}), "Stage"),
		"PlanKey":    of("AWS::ApiGateway::UsagePlanKey", resources{"KeyId": ref("Key"), "KeyType": "API_KEY", "UsagePlanId": ref("Plan")}),
		"EchoCalls":  permission("Echo", "${Api}/*/*/*"),
		"GuardCalls": permission("Guard", "${Api}/authorizers/${Guards}"),
	})
	return made, resources{"Id": ref("Api"), "URL": sub("https://${Api}.execute-api.${AWS::Region}.${AWS::URLSuffix}/${Stage}")}
}

// A stack with a REST API comes up, answers with real functions under its own
// address and under the host name of AWS, and shows a change when, and only
// when, it is deployed.
func TestRESTAPIStack(t *testing.T) {
	t.Parallel()
	c := openCloud(t, t.TempDir())
	w := newWebStack(t, c)
	made, outputs := restAPI("First")
	out := w.up(t, false, made, outputs)
	_, text := send(t, "GET", c.Endpoint()+"/_sparta/apigateway/addresses", func(*http.Request) {})
	var addresses map[string]string
	if err := json.Unmarshal([]byte(text), &addresses); err != nil || addresses[out["Id"]] == "" {
		t.Fatalf("got %s", text)
	}
	url := addresses[out["Id"]] + "/v1"
	header := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	key := header("X-Api-Key", "0123456789abcdef0123456789")
	for _, test := range []struct {
		name, method, path string
		edit               func(*http.Request)
		status             int
		body               string
	}{
		{"item", "GET", "/items/7", header("X", "1"), 200, `"pathParameters":{"id":"7"}`},
		{"list", "GET", "/items", header("Authorization", "yes"), 200, `"principalId":"me"`},
		{"list, no", "GET", "/items", header("Authorization", "no"), 403, "not authorized"},
		{"list, silent", "GET", "/items", header("X", "1"), 401, "Unauthorized"},
		{"put without key", "PUT", "/items/7", header("X", "1"), 403, "Forbidden"},
		{"put", "PUT", "/items/7", key, 200, `"apiKeyId"`},
		{"put beyond the quota", "PUT", "/items/7", key, 429, "Limit Exceeded"},
		{"preflight", "OPTIONS", "/items/7", header("Origin", "https://a.example"), 204, ""},
		{"nothing", "GET", "/none", header("X", "1"), 403, "Missing Authentication Token"},
	} {
		if status, body := send(t, test.method, url+test.path, test.edit); status != test.status || !strings.Contains(body, test.body) {
			t.Errorf("%s: got %d %s", test.name, status, body)
		}
	}
	if out["URL"] != url {
		t.Errorf("the URL that the template makes is %s, not %s", out["URL"], url)
	}
	for _, name := range []string{out["Id"] + ".execute-api.us-east-1.amazonaws.com", out["Id"] + ".execute-api.localhost:1"} {
		if status, body := send(t, "GET", c.Endpoint()+"/v1/items/8", func(r *http.Request) { r.Host = name }); status != 200 || !strings.Contains(body, `"id":"8"`) {
			t.Errorf("as %s: got %d %s", name, status, body)
		}
	}

	get := func() int {
		status, _ := send(t, "GET", url+"/items/7/more", header("X", "1"))
		return status
	}
	made["More"] = of("AWS::ApiGateway::Resource", resources{"RestApiId": ref("Api"), "ParentId": ref("Item"), "PathPart": "more"})
	more := maps.Clone(made["Get"].(resources))
	properties := maps.Clone(more["Properties"].(resources))
	properties["ResourceId"] = ref("More")
	more["Properties"] = properties
	made["MoreGet"] = more
	w.up(t, true, made, outputs)
	if got := get(); got != 403 {
		t.Errorf("a method that is not deployed: got %d", got)
	}
	delete(made, "First")
	made["Second"] = after(of("AWS::ApiGateway::Deployment", resources{"RestApiId": ref("Api")}), "MoreGet")
	made["Stage"].(resources)["Properties"].(resources)["DeploymentId"] = ref("Second")
	if again := w.up(t, true, made, outputs); again["Id"] != out["Id"] {
		t.Errorf("the identifier changed from %s to %s", out["Id"], again["Id"])
	}
	if got := get(); got != 200 {
		t.Errorf("after the deployment: got %d", got)
	}
	w.down(t)
}

func TestCommandLineAPIGateway(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	template := `{"Resources":{
		"Api":{"Type":"AWS::ApiGateway::RestApi","Properties":{"Name":"cli","Tags":[{"Key":"a","Value":"1"}]}},
		"Method":{"Type":"AWS::ApiGateway::Method","Properties":{"RestApiId":{"Ref":"Api"},"ResourceId":{"Fn::GetAtt":["Api","RootResourceId"]},"HttpMethod":"GET","AuthorizationType":"NONE",
			"Integration":{"Type":"MOCK","RequestTemplates":{"application/json":"{\"statusCode\":200}"},"IntegrationResponses":[{"StatusCode":"200","ResponseTemplates":{"application/json":"hello"}}]},"MethodResponses":[{"StatusCode":"200"}]}},
		"Deployment":{"Type":"AWS::ApiGateway::Deployment","DependsOn":"Method","Properties":{"RestApiId":{"Ref":"Api"},"StageName":"v1"}},
		"Key":{"Type":"AWS::ApiGateway::ApiKey","Properties":{"Name":"key","Enabled":true}},
		"Plan":{"Type":"AWS::ApiGateway::UsagePlan","DependsOn":"Deployment","Properties":{"UsagePlanName":"plan","ApiStages":[{"ApiId":{"Ref":"Api"},"Stage":"v1"}]}}},
		"Outputs":{"Id":{"Value":{"Ref":"Api"}}}}`
	c.write(t, "t.json", template)
	c.must(t, "Successfully", "cloudformation", "deploy", "--stack-name", "cli", "--template-file", "t.json")
	id := strings.TrimSpace(c.must(t, "", "apigateway", "get-rest-apis", "--query", "items[0].id", "--output", "text"))
	rest := func(command string, more ...string) []string {
		return append([]string{"apigateway", command, "--rest-api-id", id}, more...)
	}
	c.must(t, `"a": "1"`, rest("get-rest-api")...)
	c.must(t, `"statusCode": "200"`, rest("get-resources", "--embed", "methods")...)
	c.must(t, `"stageName": "v1"`, rest("get-stages")...)
	c.must(t, `"createdDate"`, rest("get-deployments")...)
	c.must(t, `"name": "key"`, "apigateway", "get-api-keys", "--include-values")
	c.must(t, `"name": "plan"`, "apigateway", "get-usage-plans")
	c.must(t, `"rateLimit"`, "apigateway", "get-account")
	c.must(t, `"id"`, rest("create-deployment", "--stage-name", "v2", "--description", "by hand")...)
	c.mustNot(t, "does not model", rest("create-resource", "--parent-id", "x", "--path-part", "y")...)
	c.mustNot(t, "NotFoundException", "apigateway", "get-rest-api", "--rest-api-id", "none")
	c.must(t, "", rest("delete-rest-api")...)
}
