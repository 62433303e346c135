// SPDX-License-Identifier: MIT

package lambda_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// request makes a request of CloudFormation from properties in JSON.
func request(t testing.TB, logicalID, properties string) resource.Request {
	t.Helper()
	r := resource.Request{
		Scope: here, StackName: "stack", LogicalID: logicalID, Tags: map[string]string{"aws:cloudformation:stack-name": "stack"},
		DefaultName: func(most int) string {
			return ("stack-" + logicalID + "-RANDOM")[:min(most, len("stack--RANDOM")+len(logicalID))]
		},
	}
	if err := json.Unmarshal([]byte(properties), &r.Properties); err != nil {
		t.Fatal(err)
	}
	return r
}

// make has a resource created.
func (w *world) make(t testing.TB, kind, logicalID, properties string) (resource.Instance, resource.Request) {
	t.Helper()
	r := request(t, logicalID, properties)
	if faults := w.ResourceTypes()[kind].Check(r.Properties); len(faults) > 0 {
		t.Fatalf("faults in %s: %q", logicalID, faults)
	}
	instance, err := w.ResourceTypes()[kind].Create(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return instance, r
}

const functionType = "AWS::Lambda::Function"

func TestFunctionResource(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	kind := w.ResourceTypes()[functionType]
	const head = `{"Code":{"S3Bucket":"code","S3Key":"program.zip"},"Role":"` + goodRole + `","Runtime":"provided.al2023","Handler":"hello",`
	instance, r := w.make(t, functionType, "Hello", head+`"MemorySize":"256","Timeout":20,"Environment":{"Variables":{"PORT":8080,"ON":true}},
		"ReservedConcurrentExecutions":5,"Tags":[{"Key":"team","Value":"tea"}],"Architectures":["arm64"],"TracingConfig":{"Mode":"Active"}}`)
	want := resource.Instance{PhysicalID: "stack-Hello-RANDOM", Attributes: map[string]any{"Arn": here.Regional("lambda", "function:stack-Hello-RANDOM")}}
	if diff := cmp.Diff(want, instance); diff != "" {
		t.Errorf("instance (-want +got):\n%s", diff)
	}
	got := w.function(t, instance.PhysicalID)
	if aws.ToInt32(got.Configuration.MemorySize) != 256 || aws.ToInt32(got.Concurrency.ReservedConcurrentExecutions) != 5 {
		t.Errorf("created %+v", got)
	}
	if diff := cmp.Diff(map[string]string{"PORT": "8080", "ON": "true"}, got.Configuration.Environment.Variables); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff(map[string]string{"team": "tea", "aws:cloudformation:stack-name": "stack"}, got.Tags); diff != "" {
		t.Error(diff)
	}

	_, err := kind.Create(t.Context(), r)
	if err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("a second function of that name: %v", err)
	}
	next := request(t, "Hello", head+`"Description":"new"}`)
	if kind.Replaces(r.Properties, next.Properties) {
		t.Error("an update in place is called a replacement")
	}
	next.OldProperties = r.Properties
	if _, err := kind.Update(t.Context(), instance, next); err != nil {
		t.Fatal(err)
	}
	got = w.function(t, instance.PhysicalID)
	if aws.ToInt32(got.Configuration.MemorySize) != 128 || got.Concurrency != nil || got.Configuration.Environment != nil ||
		aws.ToString(got.Configuration.Description) != "new" || got.Configuration.Architectures[0] != types.ArchitectureX8664 {
		t.Errorf("properties that were left out are not back at their defaults: %+v", got.Configuration)
	}
	named := request(t, "Hello", head+`"FunctionName":"other"}`)
	if !kind.Replaces(r.Properties, named.Properties) {
		t.Error("another name is no replacement")
	}
	for range 2 { // what is gone already is no error
		if err := kind.Delete(t.Context(), instance, next); err != nil {
			t.Fatal(err)
		}
	}
}

func (w *world) function(t testing.TB, name string) *sdk.GetFunctionOutput {
	t.Helper()
	out, err := w.client.GetFunction(t.Context(), &sdk.GetFunctionInput{FunctionName: &name})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// A role that cannot be assumed yet is tried again by CloudFormation.
func TestFunctionWaitsForRole(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	r := request(t, "Hello", `{"Code":{"ZipFile":"x"},"Role":"`+badRole+`","Runtime":"nodejs24.x","Handler":"index.handler"}`)
	_, err := w.ResourceTypes()[functionType].Create(t.Context(), r)
	if !errors.Is(err, resource.ErrRetry) {
		t.Errorf("got %v, want ErrRetry", err)
	}
	const want = "InvalidParameterValueException: The role defined for the function cannot be assumed by Lambda."
	if err == nil || err.Error() != want {
		t.Errorf("got %q, want %q", err, want)
	}
}

func TestInlineCode(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir(), withNode(needNode(t)))
	instance, _ := w.make(t, functionType, "Inline", `{"Code":{"ZipFile":"exports.handler = async (event) => ({got: event.n + 1})"},
		"Role":"`+goodRole+`","Runtime":"nodejs24.x","Handler":"index.handler","Timeout":20}`)
	if got := string(w.invoke(t, instance.PhysicalID, `{"n":1}`).Payload); got != `{"got":2}` {
		t.Errorf("got %s", got)
	}
	r := request(t, "Go", `{"Code":{"ZipFile":"x"},"Role":"`+goodRole+`","Runtime":"provided.al2023","Handler":"x"}`)
	if _, err := w.ResourceTypes()[functionType].Create(t.Context(), r); err == nil || !strings.Contains(err.Error(), "ZipFile can only be used") {
		t.Errorf("inline code of an OS-only runtime: %v", err)
	}
}

func TestCheckNames(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, test := range []struct {
		kind, properties string
		want             []string
	}{
		{functionType, `{"Role":{"Fn::GetAtt":["R","Arn"]}}`, []string{"#: required key [Code] not found"}},
		{functionType, `{"Role":"r","Code":{},"MemorySize":64}`, []string{"#/MemorySize: 64 is not greater or equal to 128"}},
		{functionType, `{"Role":"r","Code":{},"Memory":1}`, []string{"#: extraneous key [Memory] is not permitted"}},
		{functionType, `{"Role":"r","Code":{},"VpcConfig":{},"Layers":"x"}`,
			[]string{"#/Layers: expected type: JSONArray, found: String", "#/VpcConfig: the embedded AWS does not model VPCs: functions run on this machine, in its network; in sparta.yaml give vpc only to environments that run on AWS, as in environments.prod"}},
		{functionType, `{"Role":"r","Code":{"ImageUri":"i"}}`, []string{"#/Code/ImageUri: the embedded AWS does not model this property"}},
		{functionType, `{"Role":"r","Code":{},"RecursiveLoop":"Stop"}`, []string{"#/RecursiveLoop: Stop is not a valid enum value"}},
		{"AWS::Lambda::Permission", `{"Action":"a","FunctionName":"f"}`, []string{"#: required key [Principal] not found"}},
		{"AWS::Lambda::Url", `{"AuthType":"SOME","TargetFunctionArn":{"Ref":"F"}}`, []string{"#/AuthType: SOME is not a valid enum value"}},
		{"AWS::Lambda::Version", `{}`, []string{"#: required key [FunctionName] not found"}},
		{"AWS::Lambda::Alias", `{"FunctionName":"f","FunctionVersion":"1","Name":"n","RoutingConfig":{"AdditionalVersionWeights":[{"FunctionVersion":"2","FunctionWeight":"1.5"}]}}`,
			[]string{"#/RoutingConfig/AdditionalVersionWeights/0/FunctionWeight: 1.5 is no number from 0 to 1"}},
		{"AWS::Lambda::Alias", `{"FunctionName":"f","FunctionVersion":"1","Name":"n","ProvisionedConcurrencyConfig":{"ProvisionedConcurrentExecutions":0}}`,
			[]string{"#/ProvisionedConcurrencyConfig/ProvisionedConcurrentExecutions: 0 is not greater or equal to 1"}},
		{"AWS::Lambda::EventInvokeConfig", `{"FunctionName":"f","Qualifier":"$LATEST","MaximumRetryAttempts":3}`,
			[]string{"#/MaximumRetryAttempts: 3 is not less or equal to 2"}},
	} {
		if diff := cmp.Diff(test.want, w.ResourceTypes()[test.kind].Check(request(t, "X", test.properties).Properties)); diff != "" {
			t.Errorf("%s %s (-want +got):\n%s", test.kind, test.properties, diff)
		}
	}
}

// A public function URL as Sparta's template makes it, and its way back.
func TestURLResources(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	function, _ := w.make(t, functionType, "Hello", `{"Code":{"S3Bucket":"code","S3Key":"program.zip"},"Role":"`+goodRole+
		`","Runtime":"provided.al2023","Handler":"hello","Timeout":20}`)
	arn := function.Attributes["Arn"].(string)
	url, urlRequest := w.make(t, "AWS::Lambda::Url", "Url", `{"AuthType":"NONE","TargetFunctionArn":"`+arn+`","Cors":{"AllowOrigins":["*"],"MaxAge":"60"}}`)
	first, firstRequest := w.make(t, "AWS::Lambda::Permission", "One", `{"FunctionName":"`+arn+`","Action":"lambda:InvokeFunctionUrl","Principal":"*","FunctionUrlAuthType":"NONE"}`)
	w.make(t, "AWS::Lambda::Permission", "Two", `{"FunctionName":"`+arn+`","Action":"lambda:InvokeFunction","Principal":"*","InvokedViaFunctionUrl":"true"}`)

	if url.PhysicalID != arn || url.Attributes["FunctionArn"] != arn {
		t.Errorf("URL %+v", url)
	}
	address := url.Attributes["FunctionUrl"].(string)
	if resp, body := visit(t, "GET", address+"plain", nil, "Origin", "https://example.com"); resp.StatusCode != 200 || body != `"plain"` ||
		resp.Header.Get("Access-Control-Allow-Origin") != "*" {
		t.Errorf("got %s %s %v", resp.Status, body, resp.Header)
	}
	next := request(t, "Url", `{"AuthType":"AWS_IAM","TargetFunctionArn":"`+arn+`"}`)
	kind := w.ResourceTypes()["AWS::Lambda::Url"]
	if kind.Replaces(urlRequest.Properties, next.Properties) {
		t.Error("another AuthType is called a replacement")
	}
	updated, err := kind.Update(t.Context(), url, next)
	if err != nil || updated.Attributes["FunctionUrl"] != address {
		t.Errorf("updated: %+v, %v", updated, err)
	}
	if resp, _ := visit(t, "GET", address, nil, "Origin", "https://example.com"); resp.StatusCode != 403 || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("after the update: %s %v", resp.Status, resp.Header)
	}
	for range 2 {
		if err := w.ResourceTypes()["AWS::Lambda::Permission"].Delete(t.Context(), first, firstRequest); err != nil {
			t.Fatal(err)
		}
		if err := kind.Delete(t.Context(), url, next); err != nil {
			t.Fatal(err)
		}
	}
	if resp, err := http.Get(address); err == nil {
		t.Errorf("the deleted URL still answers %s", resp.Status)
	}
}

func TestVersionResources(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.make(t, functionType, "Hello", `{"FunctionName":"hello","Code":{"S3Bucket":"code","S3Key":"program.zip"},"Role":"`+goodRole+
		`","Runtime":"provided.al2023","Handler":"hello","Timeout":20}`)
	version, versionRequest := w.make(t, "AWS::Lambda::Version", "V", `{"FunctionName":"hello","Description":"first"}`)
	arn := here.Regional("lambda", "function:hello")
	if diff := cmp.Diff(resource.Instance{PhysicalID: arn + ":1", Attributes: map[string]any{"Version": "1", "FunctionArn": arn + ":1"}}, version); diff != "" {
		t.Errorf("version (-want +got):\n%s", diff)
	}
	alias, aliasRequest := w.make(t, "AWS::Lambda::Alias", "A", `{"FunctionName":"hello","FunctionVersion":"1","Name":"live"}`)
	if alias.PhysicalID != arn+":live" {
		t.Errorf("alias %+v", alias)
	}
	aliasType := w.ResourceTypes()["AWS::Lambda::Alias"]
	next := request(t, "A", `{"FunctionName":"hello","FunctionVersion":"$LATEST","Name":"live","Description":"newest"}`)
	if _, err := aliasType.Update(t.Context(), alias, next); err != nil {
		t.Fatal(err)
	}
	if got := aws.ToString(w.invoke(t, "hello:live", "{}").ExecutedVersion); got != "$LATEST" {
		t.Errorf("the alias leads to %s", got)
	}
	if _, err := w.ResourceTypes()["AWS::Lambda::Version"].Create(t.Context(), request(t, "W", `{"FunctionName":"hello"}`)); err == nil ||
		!strings.Contains(err.Error(), "A version for this Lambda function exists ( 1 ). Modify the function to create a new version.") {
		t.Errorf("a second version of what has not changed: %v", err)
	}
	events, eventsRequest := w.make(t, "AWS::Lambda::EventInvokeConfig", "E", `{"FunctionName":"hello","Qualifier":"$LATEST","MaximumRetryAttempts":0}`)
	out, err := w.client.GetFunctionEventInvokeConfig(t.Context(), &sdk.GetFunctionEventInvokeConfigInput{FunctionName: aws.String("hello")})
	if err != nil || aws.ToInt32(out.MaximumRetryAttempts) != 0 || aws.ToString(out.FunctionArn) != arn+":$LATEST" {
		t.Errorf("event invoke config %+v, %v", out, err)
	}
	for range 2 {
		for _, gone := range []struct {
			kind     string
			instance resource.Instance
			request  resource.Request
		}{
			{"AWS::Lambda::EventInvokeConfig", events, eventsRequest}, {"AWS::Lambda::Alias", alias, aliasRequest}, {"AWS::Lambda::Version", version, versionRequest},
		} {
			if err := w.ResourceTypes()[gone.kind].Delete(t.Context(), gone.instance, gone.request); err != nil {
				t.Errorf("delete %s: %v", gone.kind, err)
			}
		}
	}
}
