// SPDX-License-Identifier: MIT

package lambda_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// ready waits until provisioned concurrency is there.
func (w *world) ready(t *testing.T, name, qualifier string) *sdk.GetProvisionedConcurrencyConfigOutput {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		out, err := w.client.GetProvisionedConcurrencyConfig(context.Background(), &sdk.GetProvisionedConcurrencyConfigInput{FunctionName: &name, Qualifier: &qualifier})
		if err != nil {
			t.Fatal(err)
		}
		if out.Status != types.ProvisionedConcurrencyStatusEnumInProgress {
			return out
		}
		if time.Now().After(deadline) {
			t.Fatalf("still %s", out.Status)
		}
	}
}

// The resources of an alias with provisioned concurrency wait until processes
// run, events find them, and they are there again in the next process.
func TestProvisionedProcesses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w := open(t, dir)
	w.make(t, functionType, "Hello", `{"FunctionName":"hello","Code":{"S3Bucket":"code","S3Key":"program.zip"},"Role":"`+goodRole+
		`","Runtime":"provided.al2023","Handler":"hello","Timeout":20}`)
	w.make(t, "AWS::Lambda::Version", "V", `{"FunctionName":"hello"}`)
	alias, _ := w.make(t, "AWS::Lambda::Alias", "A",
		`{"FunctionName":"hello","FunctionVersion":"1","Name":"live","ProvisionedConcurrencyConfig":{"ProvisionedConcurrentExecutions":"2"}}`)
	if out := w.ready(t, "hello", "live"); out.Status != types.ProvisionedConcurrencyStatusEnumReady || aws.ToInt32(out.AvailableProvisionedConcurrentExecutions) != 2 {
		t.Errorf("after the creation: %+v", out)
	}
	check := func(w *world, want string) {
		t.Helper()
		out := w.invoke(t, "hello:live", `{"do":"environment"}`)
		if !strings.Contains(string(out.Payload), `"AWS_LAMBDA_INITIALIZATION_TYPE=`+want+`"`) {
			t.Errorf("no %s in %s", want, out.Payload)
		}
		if log := logOf(t, out); strings.Contains(log, "Init Duration") != (want == "on-demand") {
			t.Errorf("log of an %s environment:\n%s", want, log)
		}
	}
	check(w, "provisioned-concurrency")
	w.close(t)

	w = open(t, dir)
	w.ready(t, "hello", "live")
	check(w, "provisioned-concurrency")
	next := request(t, "A", `{"FunctionName":"hello","FunctionVersion":"1","Name":"live"}`)
	if _, err := w.ResourceTypes()["AWS::Lambda::Alias"].Update(t.Context(), alias, next); err != nil {
		t.Fatal(err)
	}
	_, err := w.client.GetProvisionedConcurrencyConfig(t.Context(), &sdk.GetProvisionedConcurrencyConfigInput{FunctionName: aws.String("hello"), Qualifier: aws.String("live")})
	wantError(t, err, "ProvisionedConcurrencyConfigNotFoundException", "No Provisioned Concurrency Config found")

	broken := request(t, "B", `{"FunctionName":"hello","Name":"broken","FunctionVersion":"2","ProvisionedConcurrencyConfig":{"ProvisionedConcurrentExecutions":1}}`)
	if _, err := w.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("hello"), Environment: &types.Environment{Variables: map[string]string{"INIT": "exit"}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.PublishVersion(t.Context(), &sdk.PublishVersionInput{FunctionName: aws.String("hello")}); err != nil {
		t.Fatal(err)
	}
	instance, err := w.ResourceTypes()["AWS::Lambda::Alias"].Create(t.Context(), broken)
	if err == nil || !strings.Contains(err.Error(), "FUNCTION_ERROR_INIT_FAILURE") || instance.PhysicalID == "" {
		t.Errorf("an alias whose environments do not start: %+v, %v", instance, err)
	}
}

func TestCommandLineProvision(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) { in.Publish = true })
	w.aws(t, nil, "lambda", "put-provisioned-concurrency-config", "--function-name", "hello", "--qualifier", "1", "--provisioned-concurrent-executions", "2")
	w.ready(t, "hello", "1")
	var got struct {
		Status                                   string
		AllocatedProvisionedConcurrentExecutions int
	}
	w.aws(t, &got, "lambda", "get-provisioned-concurrency-config", "--function-name", "hello", "--qualifier", "1")
	if got.Status != "READY" || got.AllocatedProvisionedConcurrentExecutions != 2 {
		t.Errorf("got %+v", got)
	}
	var list struct {
		ProvisionedConcurrencyConfigs []struct{ FunctionArn string }
	}
	w.aws(t, &list, "lambda", "list-provisioned-concurrency-configs", "--function-name", "hello")
	if len(list.ProvisionedConcurrencyConfigs) != 1 || !strings.HasSuffix(list.ProvisionedConcurrencyConfigs[0].FunctionArn, ":hello:1") {
		t.Errorf("got %+v", list)
	}
	w.aws(t, nil, "lambda", "delete-provisioned-concurrency-config", "--function-name", "hello", "--qualifier", "1")
	w.aws(t, nil, "lambda", "publish-version", "--function-name", "hello", "--description", "two")
	w.aws(t, nil, "lambda", "create-alias", "--function-name", "hello", "--name", "live", "--function-version", "1",
		"--routing-config", "AdditionalVersionWeights={2=1}")
	var alias struct {
		RoutingConfig struct{ AdditionalVersionWeights map[string]float64 }
	}
	w.aws(t, &alias, "lambda", "get-alias", "--function-name", "hello", "--name", "live")
	if alias.RoutingConfig.AdditionalVersionWeights["2"] != 1 {
		t.Errorf("got %+v", alias)
	}
	if got := aws.ToString(w.invoke(t, "hello:live", "{}").ExecutedVersion); got != "2" {
		t.Errorf("a weight of 1 led to version %s", got)
	}
	var all []string
	for _, name := range []string{"1", "2"} {
		var out struct{ Aliases []struct{ Name string } }
		w.aws(t, &out, "lambda", "list-aliases", "--function-name", "hello", "--function-version", name)
		for _, a := range out.Aliases {
			all = append(all, a.Name)
		}
	}
	if !slices.Equal(all, []string{"live", "live"}) {
		t.Errorf("aliases of the versions: %v", all)
	}
}
