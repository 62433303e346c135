// SPDX-License-Identifier: MIT

package lambda_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/google/go-cmp/cmp"
)

func TestVersionsAndAliases(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) {
		in.Environment = &types.Environment{Variables: map[string]string{"STEP": "first"}}
	})
	publish := func() string {
		t.Helper()
		out, err := w.client.PublishVersion(t.Context(), &sdk.PublishVersionInput{FunctionName: aws.String("hello")})
		if err != nil {
			t.Fatal(err)
		}
		return aws.ToString(out.Version)
	}
	if one, again := publish(), publish(); one != "1" || again != "1" {
		t.Errorf("published %s, then, unchanged, %s; want 1 both times", one, again)
	}
	if _, err := w.client.UpdateFunctionConfiguration(t.Context(), &sdk.UpdateFunctionConfigurationInput{
		FunctionName: aws.String("hello"), Environment: &types.Environment{Variables: map[string]string{"STEP": "second"}},
	}); err != nil {
		t.Fatal(err)
	}
	if two := publish(); two != "2" {
		t.Errorf("published %s, want 2", two)
	}
	if _, err := w.client.CreateAlias(t.Context(), &sdk.CreateAliasInput{
		FunctionName: aws.String("hello"), Name: aws.String("live"), FunctionVersion: aws.String("1"),
	}); err != nil {
		t.Fatal(err)
	}
	step := func(name, version, want string) {
		t.Helper()
		out := w.invoke(t, name, `{"do":"environment"}`)
		if !strings.Contains(string(out.Payload), `"STEP=`+want+`"`) || aws.ToString(out.ExecutedVersion) != version {
			t.Errorf("%s ran version %s: %s", name, aws.ToString(out.ExecutedVersion), out.Payload)
		}
	}
	step("hello:live", "1", "first")
	step("hello:2", "2", "second")
	step("hello", "$LATEST", "second")
	if got := string(w.invoke(t, "hello:live", `{"do":"context"}`).Payload); !strings.Contains(got, `function:hello:live"`) {
		t.Errorf("the ARN of an alias: %s", got)
	}

	_, err := w.client.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: aws.String("hello"), Qualifier: aws.String("1")})
	wantError(t, err, "ResourceConflictException", "alias live")
	if _, err := w.client.UpdateAlias(t.Context(), &sdk.UpdateAliasInput{
		FunctionName: aws.String("hello"), Name: aws.String("live"), FunctionVersion: aws.String("2"), Description: aws.String("newer"),
	}); err != nil {
		t.Fatal(err)
	}
	step("hello:live", "2", "second")
	if _, err := w.client.DeleteFunction(t.Context(), &sdk.DeleteFunctionInput{FunctionName: aws.String("hello"), Qualifier: aws.String("1")}); err != nil {
		t.Fatal(err)
	}
	list, err := w.client.ListVersionsByFunction(t.Context(), &sdk.ListVersionsByFunctionInput{FunctionName: aws.String("hello")})
	if err != nil {
		t.Fatal(err)
	}
	var versions []string
	for _, v := range list.Versions {
		versions = append(versions, aws.ToString(v.Version))
	}
	if diff := cmp.Diff([]string{"$LATEST", "2"}, versions); diff != "" {
		t.Error(diff)
	}
	alias, err := w.client.GetAlias(t.Context(), &sdk.GetAliasInput{FunctionName: aws.String("hello"), Name: aws.String("live")})
	if err != nil || aws.ToString(alias.Description) != "newer" || aws.ToString(alias.FunctionVersion) != "2" {
		t.Errorf("alias %+v, %v", alias, err)
	}
	aliases, err := w.client.ListAliases(t.Context(), &sdk.ListAliasesInput{FunctionName: aws.String("hello"), FunctionVersion: aws.String("2")})
	if err != nil || len(aliases.Aliases) != 1 {
		t.Errorf("aliases %+v, %v", aliases, err)
	}
	if _, err := w.client.DeleteAlias(t.Context(), &sdk.DeleteAliasInput{FunctionName: aws.String("hello"), Name: aws.String("live")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.GetAlias(t.Context(), &sdk.GetAliasInput{FunctionName: aws.String("hello"), Name: aws.String("live")})
	wantError(t, err, "ResourceNotFoundException", "Cannot find alias arn: arn:aws:lambda:us-east-1:000000000000:function:hello:live")
}

func TestVersionsRefuse(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", func(in *sdk.CreateFunctionInput) { in.Publish = true })
	_, err := w.client.PublishVersion(t.Context(), &sdk.PublishVersionInput{FunctionName: aws.String("hello"), CodeSha256: aws.String("x")})
	wantError(t, err, "InvalidParameterValueException", "different from current CodeSHA256")
	for _, test := range []struct{ name, alias, version, code string }{
		{"digits", "12", "1", "ValidationException"}, {"no version", "live", "9", "ResourceNotFoundException"},
	} {
		_, err := w.client.CreateAlias(t.Context(), &sdk.CreateAliasInput{FunctionName: aws.String("hello"), Name: &test.alias, FunctionVersion: &test.version})
		wantError(t, err, test.code, "")
	}
	for _, test := range []struct {
		name, version, code, text string
		weights                   map[string]float64
	}{
		{"no such version", "1", "ResourceNotFoundException", "function:hello:2", map[string]float64{"2": 0.5}},
		{"two more", "1", "ValidationException", "length less than or equal to 1", map[string]float64{"2": 0.5, "3": 0.1}},
		{"the same", "1", "InvalidParameterValueException", "already included", map[string]float64{"1": 0.5}},
		{"too much", "1", "ValidationException", "Map value", map[string]float64{"2": 1.5}},
		{"newest", "$LATEST", "InvalidParameterValueException", "more than 1 version", map[string]float64{"1": 0.5}},
	} {
		if test.name == "too much" {
			update := &sdk.UpdateFunctionConfigurationInput{FunctionName: aws.String("hello"), Description: aws.String("second")}
			if _, err := w.client.UpdateFunctionConfiguration(t.Context(), update); err != nil {
				t.Fatal(err)
			}
			if _, err := w.client.PublishVersion(t.Context(), &sdk.PublishVersionInput{FunctionName: aws.String("hello")}); err != nil {
				t.Fatal(err)
			}
		}
		_, err = w.client.CreateAlias(t.Context(), &sdk.CreateAliasInput{
			FunctionName: aws.String("hello"), Name: aws.String("live"), FunctionVersion: &test.version,
			RoutingConfig: &types.AliasRoutingConfiguration{AdditionalVersionWeights: test.weights},
		})
		t.Run(test.name, func(t *testing.T) { wantError(t, err, test.code, test.text) })
	}
}

func TestPermissions(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	w.create(t, "hello", nil)
	_, err := w.client.GetPolicy(t.Context(), &sdk.GetPolicyInput{FunctionName: aws.String("hello")})
	wantError(t, err, "ResourceNotFoundException", "does not exist")
	in := &sdk.AddPermissionInput{
		FunctionName: aws.String("hello"), StatementId: aws.String("s3"), Action: aws.String("lambda:InvokeFunction"), Principal: aws.String("s3.amazonaws.com"),
		SourceArn: aws.String("arn:aws:s3:::bucket"), SourceAccount: aws.String(account),
	}
	added, err := w.client.AddPermission(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"Sid": "s3", "Effect": "Allow", "Action": "lambda:InvokeFunction", "Principal": map[string]any{"Service": "s3.amazonaws.com"},
		"Resource": "arn:aws:lambda:us-east-1:000000000000:function:hello",
		"Condition": map[string]any{"ArnLike": map[string]any{"AWS:SourceArn": "arn:aws:s3:::bucket"},
			"StringEquals": map[string]any{"AWS:SourceAccount": account}},
	}
	var got map[string]any
	if err := json.Unmarshal([]byte(aws.ToString(added.Statement)), &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("statement (-want +got):\n%s", diff)
	}
	_, err = w.client.AddPermission(t.Context(), in)
	wantError(t, err, "ResourceConflictException", "The statement id (s3) provided already exists")
	in.StatementId, in.Principal = aws.String("x"), aws.String("nobody")
	_, err = w.client.AddPermission(t.Context(), in)
	wantError(t, err, "InvalidParameterValueException", "principal was invalid")
	in.Principal, in.Action = aws.String("*"), aws.String("s3:GetObject")
	_, err = w.client.AddPermission(t.Context(), in)
	wantError(t, err, "ValidationException", "action")

	policy, err := w.client.GetPolicy(t.Context(), &sdk.GetPolicyInput{FunctionName: aws.String("hello")})
	if err != nil || !strings.HasPrefix(aws.ToString(policy.Policy), `{"Version":"2012-10-17","Id":"default","Statement":[{"Sid":"s3"`) {
		t.Errorf("policy %v, %v", policy, err)
	}
	_, err = w.client.RemovePermission(t.Context(), &sdk.RemovePermissionInput{FunctionName: aws.String("hello"), StatementId: aws.String("x")})
	wantError(t, err, "ResourceNotFoundException", "Statement x is not found")
	if _, err := w.client.RemovePermission(t.Context(), &sdk.RemovePermissionInput{FunctionName: aws.String("hello"), StatementId: aws.String("s3")}); err != nil {
		t.Fatal(err)
	}
	_, err = w.client.GetPolicy(t.Context(), &sdk.GetPolicyInput{FunctionName: aws.String("hello")})
	wantError(t, err, "ResourceNotFoundException", "does not exist")
}

func TestTags(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	arn := w.create(t, "hello", func(in *sdk.CreateFunctionInput) { in.Tags = map[string]string{"a": "1", "b": "2"} }).FunctionArn
	if _, err := w.client.TagResource(t.Context(), &sdk.TagResourceInput{Resource: arn, Tags: map[string]string{"b": "3", "c": "4"}}); err != nil {
		t.Fatal(err)
	}
	if _, err := w.client.UntagResource(t.Context(), &sdk.UntagResourceInput{Resource: arn, TagKeys: []string{"a", "x"}}); err != nil {
		t.Fatal(err)
	}
	out, err := w.client.ListTags(t.Context(), &sdk.ListTagsInput{Resource: arn})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"b": "3", "c": "4"}, out.Tags); diff != "" {
		t.Error(diff)
	}
	_, err = w.client.ListTags(t.Context(), &sdk.ListTagsInput{Resource: aws.String("arn:aws:lambda:us-east-1:000000000000:layer:x")})
	wantError(t, err, "InvalidParameterValueException", "tags of")
}
