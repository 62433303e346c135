// SPDX-License-Identifier: MIT

package localaws_test

import (
	"bytes"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// The whole: code and template in S3, a role, a function that runs, and a
// custom resource which that function answers over the front door.
func TestFunctionStack(t *testing.T) {
	t.Parallel()
	c := openCloud(t, t.TempDir())
	objects := s3Client(c.Endpoint())
	if _, err := objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("artifacts")}); err != nil {
		t.Fatal(err)
	}
	template := []byte(`{"Resources":{
		"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}}},
		"Echo":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"echo","Runtime":"provided.al2023","Handler":"echo","Role":{"Fn::GetAtt":["Role","Arn"]},"Timeout":20,"Code":{"S3Bucket":"artifacts","S3Key":"code.zip"}}},
		"Seed":{"Type":"Custom::Seed","Properties":{"ServiceToken":{"Fn::GetAtt":["Echo","Arn"]},"ServiceTimeout":60}}},
		"Outputs":{"Said":{"Value":{"Fn::GetAtt":["Seed","Said"]}}}}`)
	for key, body := range map[string][]byte{"code.zip": zipOf(t, "echo"), "template.json": template} {
		if _, err := objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("artifacts"), Key: &key, Body: bytes.NewReader(body)}); err != nil {
			t.Fatal(err)
		}
	}
	stacks := cloudformation.NewFromConfig(config(c.Endpoint()))
	created, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("echo"), TemplateURL: aws.String("https://artifacts.s3.us-east-1.amazonaws.com/template.json"), Capabilities: []types.Capability{types.CapabilityCapabilityIam},
	})
	if err != nil {
		t.Fatal(err)
	}
	stack := await(t, stacks, *created.StackId)
	if stack.StackStatus != types.StackStatusCreateComplete || len(stack.Outputs) != 1 || aws.ToString(stack.Outputs[0].OutputValue) != "Create" {
		t.Fatalf("got %s (%s), outputs %v", stack.StackStatus, aws.ToString(stack.StackStatusReason), stack.Outputs)
	}
	out, err := lambda.NewFromConfig(config(c.Endpoint())).Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("echo"), Payload: []byte(`{"a":1}`)})
	if err != nil || out.FunctionError != nil || string(out.Payload) != `{"a":1}` {
		t.Errorf("got %s, function error %v, error %v", out.Payload, aws.ToString(out.FunctionError), err)
	}
	if _, err := stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: created.StackId}); err != nil {
		t.Fatal(err)
	}
	if got := await(t, stacks, *created.StackId).StackStatus; got != types.StackStatusDeleteComplete {
		t.Errorf("got %s, want DELETE_COMPLETE", got)
	}
}
