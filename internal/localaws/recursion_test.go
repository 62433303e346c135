// SPDX-License-Identifier: MIT

package localaws_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// Functions that make their own events happen again, with the unmodified SDK,
// run sixteen times: the SDK carries the trace header along.
func TestRecursiveLoops(t *testing.T) {
	t.Parallel()
	endpoint := openCloud(t, t.TempDir()).Endpoint()
	program, dir := zipOf(t, "loop"), t.TempDir()
	functions, objects := lambda.NewFromConfig(config(endpoint)), s3Client(endpoint)
	role, err := iam.NewFromConfig(config(endpoint)).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("worker"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := iam.NewFromConfig(config(endpoint)).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("worker"), PolicyName: aws.String("loop"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["lambda:InvokeFunction","s3:PutObject"],"Resource":"*"}]}`)}); err != nil {
		t.Fatal(err)
	}
	create := func(loop string) *string {
		t.Helper()
		out, err := functions.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
			FunctionName: &loop, Role: role.Role.Arn, Runtime: types.RuntimeProvidedal2023, Handler: aws.String("loop"), Timeout: aws.Int32(30),
			Code:        &types.FunctionCode{ZipFile: program},
			Environment: &types.Environment{Variables: map[string]string{"LOOP": loop, "RECORD": filepath.Join(dir, loop)}},
		})
		if err != nil {
			t.Fatal(err)
		}
		return out.FunctionArn
	}
	ran := func(loop string) int {
		data, err := os.ReadFile(filepath.Join(dir, loop))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			t.Fatal(err)
		}
		return bytes.Count(data, []byte("\n"))
	}
	await := func(loop string) {
		t.Helper()
		for end := time.Now().Add(patience); ran(loop) < 16; time.Sleep(20 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("the loop by way of the %s ran %d times", loop, ran(loop))
			}
		}
		time.Sleep(500 * time.Millisecond) // nothing more comes
		if got := ran(loop); got != 16 {
			t.Errorf("the loop by way of the %s ran %d times, want 16", loop, got)
		}
	}
	create("function")
	if _, err := functions.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("function"), InvocationType: types.InvocationTypeEvent, Payload: []byte("{}")}); err != nil {
		t.Fatal(err)
	}
	await("function")

	arn := create("bucket")
	if _, err := objects.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("loop")}); err != nil {
		t.Fatal(err)
	}
	if _, err := functions.AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: arn, StatementId: aws.String("s"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("s3.amazonaws.com")}); err != nil {
		t.Fatal(err)
	}
	if _, err := objects.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{
		Bucket: aws.String("loop"), NotificationConfiguration: &s3types.NotificationConfiguration{LambdaFunctionConfigurations: []s3types.LambdaFunctionConfiguration{
			{LambdaFunctionArn: arn, Events: []s3types.Event{"s3:ObjectCreated:*"}}}},
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("loop"), Key: aws.String("object"), Body: strings.NewReader("first")}); err != nil {
		t.Fatal(err)
	}
	await("bucket")

	if _, err := functions.PutFunctionRecursionConfig(t.Context(), &lambda.PutFunctionRecursionConfigInput{FunctionName: arn, RecursiveLoop: types.RecursiveLoopAllow}); err != nil {
		t.Fatal(err)
	}
	got, err := functions.GetFunctionRecursionConfig(t.Context(), &lambda.GetFunctionRecursionConfigInput{FunctionName: aws.String("bucket")})
	if err != nil || got.RecursiveLoop != types.RecursiveLoopAllow {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := functions.GetFunctionRecursionConfig(t.Context(), &lambda.GetFunctionRecursionConfigInput{FunctionName: aws.String("function")}); err != nil || got.RecursiveLoop != types.RecursiveLoopTerminate {
		t.Errorf("the default: %+v, %v", got, err)
	}
}
