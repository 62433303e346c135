// SPDX-License-Identifier: MIT

package iam_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/iam"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	account = "111111111111"
	trust   = `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	allow   = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"logs:*","Resource":"*"}}`
	basic   = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"
)

var scope = arn.Scope{Partition: "aws", Account: account, Region: "us-east-1"}

func open(t *testing.T, dir string) (*iam.Service, *sdk.Client, *store.Store) {
	t.Helper()
	kept, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	s, err := iam.New(service.Env{Default: scope, Store: kept, Now: time.Now, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeAPI(w, r, wire.Identify(r, account, scope.Region))
	}))
	t.Cleanup(func() {
		server.Close()
		if err := kept.Close(); err != nil {
			t.Error(err)
		}
	})
	return s, sdk.New(sdk.Options{
		BaseEndpoint: &server.URL, Region: scope.Region, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(), Credentials: credentials.NewStaticCredentialsProvider(account, "secret", ""),
	}), kept
}

func wantCode(t *testing.T, err error, want string) {
	t.Helper()
	api, ok := errors.AsType[smithy.APIError](err)
	if !ok || api.ErrorCode() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func create(t *testing.T, client *sdk.Client, name string) *types.Role {
	t.Helper()
	out, err := client.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(trust)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Role
}

// The pages CreateRole and GetRole: paths, ids, and policies that come back
// percent-encoded.
func TestRole(t *testing.T) {
	t.Parallel()
	_, client, _ := open(t, t.TempDir())
	_, err := client.CreateRole(t.Context(), &sdk.CreateRoleInput{
		RoleName: aws.String("worker"), Path: aws.String("/team/a/"), AssumeRolePolicyDocument: aws.String(trust), Description: aws.String("works"),
		MaxSessionDuration: aws.Int32(7200), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
	})
	if err != nil {
		t.Fatal(err)
	}
	out, err := client.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: aws.String("worker")})
	if err != nil {
		t.Fatal(err)
	}
	r := out.Role
	if aws.ToString(r.Arn) != "arn:aws:iam::111111111111:role/team/a/worker" || !strings.HasPrefix(aws.ToString(r.RoleId), "AROA") || aws.ToInt32(r.MaxSessionDuration) != 7200 || len(r.Tags) != 1 {
		t.Errorf("got %+v", r)
	}
	document, err := url.PathUnescape(aws.ToString(r.AssumeRolePolicyDocument))
	if err != nil || document != trust || strings.ContainsAny(aws.ToString(r.AssumeRolePolicyDocument), `{"+ `) {
		t.Errorf("got trust policy %s, error %v", aws.ToString(r.AssumeRolePolicyDocument), err)
	}
	_, err = client.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: aws.String("none")})
	if _, ok := errors.AsType[*types.NoSuchEntityException](err); !ok {
		t.Errorf("got %v, want NoSuchEntity", err)
	}
}

func TestCreateRoleRefuses(t *testing.T) {
	t.Parallel()
	_, client, _ := open(t, t.TempDir())
	create(t, client, "there")
	long := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":%q,"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"}]}`, strings.Repeat("x", 2048))
	for _, test := range []struct{ title, name, path, document, want string }{
		{"taken", "there", "", trust, "EntityAlreadyExists"},
		{"taken but for case", "THERE", "", trust, "EntityAlreadyExists"},
		{"bad letters", "a b", "", trust, "ValidationError"},
		{"too long", strings.Repeat("x", 65), "", trust, "ValidationError"},
		{"bad path", "x", "team", trust, "ValidationError"},
		{"no JSON", "x", "", "trust me", "MalformedPolicyDocument"},
		{"no principal", "x", "", allow, "MalformedPolicyDocument"},
		{"resource", "x", "", strings.Replace(trust, `"Action"`, `"Resource":"*","Action"`, 1), "MalformedPolicyDocument"},
		{"other action", "x", "", strings.Replace(trust, "sts:AssumeRole", "s3:GetObject", 1), "MalformedPolicyDocument"},
		{"too large", "x", "", long, "LimitExceeded"},
	} {
		t.Run(test.title, func(t *testing.T) {
			in := &sdk.CreateRoleInput{RoleName: &test.name, AssumeRolePolicyDocument: &test.document}
			if test.path != "" {
				in.Path = &test.path
			}
			_, err := client.CreateRole(t.Context(), in)
			wantCode(t, err, test.want)
		})
	}
	_, err := client.CreateUser(t.Context(), &sdk.CreateUserInput{UserName: aws.String("x")})
	wantCode(t, err, "InvalidAction")
}

// The page DeleteRole: policies first.
func TestDeleteRole(t *testing.T) {
	t.Parallel()
	_, client, _ := open(t, t.TempDir())
	create(t, client, "r")
	name := aws.String("r")
	if _, err := client.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String(allow)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String(basic)}); err != nil {
		t.Fatal(err)
	}
	remove := func() error {
		_, err := client.DeleteRole(t.Context(), &sdk.DeleteRoleInput{RoleName: name})
		return err
	}
	wantCode(t, remove(), "DeleteConflict")
	if _, err := client.DetachRolePolicy(t.Context(), &sdk.DetachRolePolicyInput{RoleName: name, PolicyArn: aws.String(basic)}); err != nil {
		t.Fatal(err)
	}
	wantCode(t, remove(), "DeleteConflict")
	if _, err := client.DeleteRolePolicy(t.Context(), &sdk.DeleteRolePolicyInput{RoleName: name, PolicyName: aws.String("p")}); err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, remove(), "NoSuchEntity")
}

func TestPolicies(t *testing.T) {
	t.Parallel()
	_, client, _ := open(t, t.TempDir())
	create(t, client, "r")
	name := aws.String("r")
	_, err := client.PutRolePolicy(t.Context(), &sdk.PutRolePolicyInput{RoleName: name, PolicyName: aws.String("p"), PolicyDocument: aws.String("[]")})
	wantCode(t, err, "MalformedPolicyDocument")
	_, err = client.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: aws.String("arn:aws:iam::111111111111:policy/none")})
	wantCode(t, err, "NoSuchEntity")
	_, err = client.GetRolePolicy(t.Context(), &sdk.GetRolePolicyInput{RoleName: name, PolicyName: aws.String("none")})
	wantCode(t, err, "NoSuchEntity")
	made, err := client.CreatePolicy(t.Context(), &sdk.CreatePolicyInput{PolicyName: aws.String("m"), PolicyDocument: aws.String(allow)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.AttachRolePolicy(t.Context(), &sdk.AttachRolePolicyInput{RoleName: name, PolicyArn: made.Policy.Arn}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetPolicy(t.Context(), &sdk.GetPolicyInput{PolicyArn: made.Policy.Arn})
	if err != nil || aws.ToInt32(got.Policy.AttachmentCount) != 1 {
		t.Errorf("got %+v, error %v", got, err)
	}
	version, err := client.GetPolicyVersion(t.Context(), &sdk.GetPolicyVersionInput{PolicyArn: made.Policy.Arn, VersionId: got.Policy.DefaultVersionId})
	if err != nil || aws.ToString(version.PolicyVersion.Document) != url.PathEscape(allow) && !strings.Contains(aws.ToString(version.PolicyVersion.Document), "%22logs%3A%2A%22") {
		t.Errorf("got %+v, error %v", version, err)
	}
	_, err = client.DeletePolicy(t.Context(), &sdk.DeletePolicyInput{PolicyArn: made.Policy.Arn})
	wantCode(t, err, "DeleteConflict")
}

// Lists come in pages.
func TestListRoles(t *testing.T) {
	t.Parallel()
	_, client, _ := open(t, t.TempDir())
	for i := range 5 {
		create(t, client, fmt.Sprintf("r%d", i))
	}
	var names []string
	for pages := sdk.NewListRolesPaginator(client, &sdk.ListRolesInput{MaxItems: aws.Int32(2)}); pages.HasMorePages(); {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Roles {
			names = append(names, aws.ToString(r.RoleName))
		}
	}
	if got := strings.Join(names, " "); got != "r0 r1 r2 r3 r4" {
		t.Errorf("got %s", got)
	}
}

func TestTagsAndUpdates(t *testing.T) {
	t.Parallel()
	_, client, _ := open(t, t.TempDir())
	create(t, client, "r")
	name := aws.String("r")
	tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
	if _, err := client.TagRole(t.Context(), &sdk.TagRoleInput{RoleName: name, Tags: []types.Tag{tag("a", "1"), tag("b", "2")}}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UntagRole(t.Context(), &sdk.UntagRoleInput{RoleName: name, TagKeys: []string{"a"}}); err != nil {
		t.Fatal(err)
	}
	tags, err := client.ListRoleTags(t.Context(), &sdk.ListRoleTagsInput{RoleName: name})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Key != "b" {
		t.Errorf("got %v, error %v", tags, err)
	}
	if _, err := client.UpdateRole(t.Context(), &sdk.UpdateRoleInput{RoleName: name, MaxSessionDuration: aws.Int32(3700)}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.UpdateAssumeRolePolicy(t.Context(), &sdk.UpdateAssumeRolePolicyInput{RoleName: name, PolicyDocument: aws.String(strings.Replace(trust, "lambda", "scheduler", 1))}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetRole(t.Context(), &sdk.GetRoleInput{RoleName: name})
	if err != nil || aws.ToInt32(got.Role.MaxSessionDuration) != 3700 || !strings.Contains(aws.ToString(got.Role.AssumeRolePolicyDocument), "scheduler") {
		t.Errorf("got %+v, error %v", got, err)
	}
}

// Who may assume a role decides its trust policy alone.
func TestAssumableBy(t *testing.T) {
	t.Parallel()
	s, client, _ := open(t, t.TempDir())
	document := func(statement string) string {
		return `{"Version":"2012-10-17","Statement":[` + statement + `]}`
	}
	const service = `"Effect":"Allow","Principal":{"Service":["lambda.amazonaws.com","edgelambda.amazonaws.com"]},"Action":"sts:AssumeRole"`
	for name, test := range map[string]struct{ document, want string }{
		"plain":          {document(`{` + service + `}`), ""},
		"all-actions":    {document(`{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:*"}`), ""},
		"other":          {document(`{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}`), "AccessDenied"},
		"account-only":   {document(`{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"sts:AssumeRole"}`), "AccessDenied"},
		"denied":         {document(`{` + service + `},{"Effect":"Deny","Principal":"*","Action":"*"}`), "AccessDenied"},
		"source-account": {document(`{` + service + `,"Condition":{"StringEquals":{"aws:SourceAccount":"111111111111"}}}`), ""},
		"other-account":  {document(`{` + service + `,"Condition":{"StringEquals":{"aws:SourceAccount":"222222222222"}}}`), "AccessDenied"},
		"source-arn":     {document(`{` + service + `,"Condition":{"ArnLike":{"aws:SourceArn":"arn:aws:lambda:*"}}}`), ""},
		"unknown":        {document(`{` + service + `,"Condition":{"NumericLessThan":{"aws:MultiFactorAuthAge":"1"}}}`), "AccessDenied"},
	} {
		out, err := client.CreateRole(t.Context(), &sdk.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: &test.document})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		err = s.AssumableBy(scope, aws.ToString(out.Role.Arn), "lambda.amazonaws.com")
		if got := codeOf(err); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
	good := "arn:aws:iam::111111111111:role/plain"
	for name, test := range map[string]struct {
		account, role, want string
	}{
		"missing":         {account, good + "x", "NoSuchEntity"},
		"wrong path":      {account, "arn:aws:iam::111111111111:role/team/plain", "NoSuchEntity"},
		"no ARN":          {account, "plain", "NoSuchEntity"},
		"a user":          {account, "arn:aws:iam::111111111111:user/plain", "NoSuchEntity"},
		"another account": {"222222222222", good, "AccessDenied"},
	} {
		if got := codeOf(s.AssumableBy(arn.Scope{Partition: "aws", Account: test.account}, test.role, "lambda.amazonaws.com")); got != test.want {
			t.Errorf("%s: got %q, want %q", name, got, test.want)
		}
	}
}

func codeOf(err error) string {
	if e, ok := errors.AsType[*wire.Error](err); ok {
		return e.Code
	}
	return ""
}

func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, client, kept := open(t, dir)
	made := create(t, client, "r")
	if err := kept.Close(); err != nil {
		t.Fatal(err)
	}
	s, _, _ := open(t, dir)
	if err := s.AssumableBy(scope, aws.ToString(made.Arn), "lambda.amazonaws.com"); err != nil {
		t.Error(err)
	}
}
