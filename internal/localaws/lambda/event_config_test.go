// SPDX-License-Identifier: MIT

package lambda_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

func TestEventInvokeConfigs(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	name := aws.String("hello")
	if _, err := w.client.PutFunctionEventInvokeConfig(t.Context(), &sdk.PutFunctionEventInvokeConfigInput{
		FunctionName: name, MaximumRetryAttempts: aws.Int32(1),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.UpdateFunctionEventInvokeConfig(t.Context(), &sdk.UpdateFunctionEventInvokeConfigInput{
		FunctionName: name, MaximumEventAgeInSeconds: aws.Int32(60),
	}); err != nil {
		t.Fatal(err)
	}
	list, err := w.client.ListFunctionEventInvokeConfigs(t.Context(), &sdk.ListFunctionEventInvokeConfigsInput{FunctionName: name})
	if err != nil || len(list.FunctionEventInvokeConfigs) != 1 {
		t.Fatalf("got %+v, %v", list, err)
	}
	got := list.FunctionEventInvokeConfigs[0]
	if aws.ToInt32(got.MaximumRetryAttempts) != 1 || aws.ToInt32(got.MaximumEventAgeInSeconds) != 60 || got.LastModified == nil ||
		!strings.HasSuffix(aws.ToString(got.FunctionArn), "hello:$LATEST") {
		t.Errorf("got %+v", got)
	}
	_, err = w.client.PutFunctionEventInvokeConfig(t.Context(), &sdk.PutFunctionEventInvokeConfigInput{FunctionName: name, MaximumRetryAttempts: aws.Int32(3)})
	wantError(t, err, "ValidationException", "maximumRetryAttempts")
	_, err = w.client.PutFunctionEventInvokeConfig(t.Context(), &sdk.PutFunctionEventInvokeConfigInput{FunctionName: name,
		DestinationConfig: &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String("arn:aws:sqs:us-east-1:000000000000:q")}}})
	wantError(t, err, "InvalidParameterValueException", "does not model the destination arn:aws:sqs:us-east-1:000000000000:q")
	if _, err := w.client.DeleteFunctionEventInvokeConfig(t.Context(), &sdk.DeleteFunctionEventInvokeConfigInput{FunctionName: name}); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.UpdateFunctionEventInvokeConfig(t.Context(), &sdk.UpdateFunctionEventInvokeConfigInput{FunctionName: name})
	wantError(t, err, "ResourceNotFoundException", "doesn't have an EventInvokeConfig")
}

// A URL whose function has no concurrency left says so.
func TestURLThrottled(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	url := publicURL(t, w, nil)
	if _, err := w.client.PutFunctionConcurrency(t.Context(), &sdk.PutFunctionConcurrencyInput{
		FunctionName: aws.String("hello"), ReservedConcurrentExecutions: aws.Int32(0),
	}); err != nil {
		t.Fatal(err)
	}
	if resp, body := visit(t, "GET", url, nil); resp.StatusCode != 429 || body != `{"message":"Rate Exceeded."}` {
		t.Errorf("got %s %s", resp.Status, body)
	}
}

func TestReplacements(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for _, test := range []struct {
		kind, name string
		want       bool
	}{
		{functionType, "FunctionName", true}, {functionType, "MemorySize", false}, {functionType, "Architectures", false},
		{"AWS::Lambda::Permission", "Principal", true}, {"AWS::Lambda::Permission", "SourceArn", true},
		{"AWS::Lambda::Url", "TargetFunctionArn", true}, {"AWS::Lambda::Url", "Qualifier", true}, {"AWS::Lambda::Url", "AuthType", false},
		{"AWS::Lambda::Version", "Description", true}, {"AWS::Lambda::Version", "CodeSha256", true},
		{"AWS::Lambda::Alias", "Name", true}, {"AWS::Lambda::Alias", "FunctionVersion", false},
		{"AWS::Lambda::EventInvokeConfig", "Qualifier", true}, {"AWS::Lambda::EventInvokeConfig", "MaximumRetryAttempts", false},
	} {
		if got := w.ResourceTypes()[test.kind].Replaces(map[string]any{test.name: "a"}, map[string]any{test.name: "b"}); got != test.want {
			t.Errorf("%s.%s: got %v, want %v", test.kind, test.name, got, test.want)
		}
	}
}
