// SPDX-License-Identifier: MIT

package localaws_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sparta-up/sparta/internal/localaws"
)

// webZip is the program of testdata/web, built once.
var webZip = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "web-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", file, "./testdata/web")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, errors.New(string(out))
	}
	program, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	h := &zip.FileHeader{Name: "bootstrap", Method: zip.Store}
	h.SetMode(0o755)
	out, err := w.CreateHeader(h)
	if err == nil {
		_, err = out.Write(program)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
})

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
	code, err := webZip()
	if err != nil {
		t.Fatal(err)
	}
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
		{"AWS::ApiGatewayV2::DomainName", resources{"DomainName": "a.example"}, "AWS::ApiGatewayV2::DomainName"},
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
	c.mustNot(t, "does not model custom domain names", v2("get-domain-names")...)
	c.mustNot(t, "NotFoundException", v2("get-api", "--api-id", "none")...)
	c.must(t, "", v2("delete-api", api...)...)
}
