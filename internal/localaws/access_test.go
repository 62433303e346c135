// SPDX-License-Identifier: MIT

package localaws_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws"
)

// restricted is a cloud with the function "caller", whose role is "worker".
type restricted struct {
	endpoint string
	iam      *iam.Client
	lambda   *lambda.Client
	s3       *s3.Client
}

const workerARN = "arn:aws:iam::" + account + ":role/team/worker"

func restrict(t *testing.T) *restricted {
	t.Helper()
	program := zipOf(t, "caller")
	r := &restricted{endpoint: openCloud(t, t.TempDir()).Endpoint()}
	r.iam, r.lambda, r.s3 = iam.NewFromConfig(config(r.endpoint)), lambda.NewFromConfig(config(r.endpoint)), s3Client(r.endpoint)
	r.make(t, program)
	return r
}

// make makes the function and its role.
func (r *restricted) make(t *testing.T, program []byte) {
	t.Helper()
	if _, err := r.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("worker"), Path: aws.String("/team/"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.lambda.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("caller"), Runtime: "provided.al2023", Handler: aws.String("caller"), Role: aws.String(workerARN), Timeout: aws.Int32(60),
		Code: &lambdatypes.FunctionCode{ZipFile: program},
	}); err != nil {
		t.Fatal(err)
	}
}

// rest posts to a REST API with the credentials of the account.
func (r *restricted) rest(t *testing.T, service, path string, in map[string]any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPost, r.endpoint+path, bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	sign(service)(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d %s %v", path, response.StatusCode, text, err)
	}
}

// grant sets the one inline policy of the role.
func (r *restricted) grant(t *testing.T, statements string) {
	t.Helper()
	document := `{"Version":"2012-10-17","Statement":[` + statements + `]}`
	if _, err := r.iam.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("worker"), PolicyName: aws.String("p"), PolicyDocument: &document}); err != nil {
		t.Fatal(err)
	}
}

// outcome is what the function says came of a call.
type outcome struct{ Gave, Code, Message string }

// call has the function make a call.
func (r *restricted) call(t *testing.T, call, on, key, from string) outcome {
	t.Helper()
	payload, err := json.Marshal(map[string]string{"Call": call, "On": on, "Key": key, "From": from})
	if err != nil {
		t.Fatal(err)
	}
	out, err := r.lambda.Invoke(t.Context(), &lambda.InvokeInput{FunctionName: aws.String("caller"), Payload: payload})
	if err != nil || out.FunctionError != nil {
		t.Fatalf("invoke: %v, %s", err, out.Payload)
	}
	var got outcome
	if err := json.Unmarshal(out.Payload, &got); err != nil {
		t.Fatal(err)
	}
	return got
}

func (r *restricted) bucket(t *testing.T, name string, keys ...string) {
	t.Helper()
	if _, err := r.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}); err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if _, err := r.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &name, Key: &key, Body: strings.NewReader("x")}); err != nil {
			t.Fatal(err)
		}
	}
}

const sessionARN = "arn:aws:sts::" + account + ":assumed-role/worker/caller"

func refused(action, resource string) string {
	return "User: " + sessionARN + " is not authorized to perform: " + action + " on resource: " + resource + " because no identity-based policy allows the " + action + " action"
}

// A function may do what its role allows, as the unmodified SDK in it sees, and
// a change of the role's policies shows at once.
func TestFunctionIsRestricted(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	r.bucket(t, "docs", "a", "b", "private/c")
	if got := r.call(t, "GetCallerIdentity", "", "", ""); got.Gave != sessionARN {
		t.Errorf("got %+v, want %s", got, sessionARN)
	}
	r.grant(t, `{"Effect":"Allow","Action":["s3:GetObject","s3:DeleteObject"],"Resource":"arn:aws:s3:::docs/*"},
		{"Effect":"Deny","Action":"s3:*","Resource":"arn:aws:s3:::docs/private/*"},
		{"Effect":"Allow","Action":"s3:ListBucket","Resource":"arn:aws:s3:::docs","Condition":{"StringLike":{"s3:prefix":["pub/*",""]}}},
		{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"arn:aws:lambda:us-east-1:`+account+`:function:caller"}`)
	for name, test := range map[string]struct {
		call, on, key, from string
		want                outcome
	}{
		"allowed":             {"GetObject", "docs", "a", "", outcome{}},
		"another action":      {"PutObject", "docs", "a", "", outcome{Code: "AccessDenied", Message: refused("s3:PutObject", `"arn:aws:s3:::docs/a"`)}},
		"denied":              {"GetObject", "docs", "private/c", "", outcome{Code: "AccessDenied", Message: "User: " + sessionARN + ` is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::docs/private/c" with an explicit deny in an identity-based policy`}},
		"no such key":         {"GetObject", "docs", "none", "", outcome{Code: "AccessDenied", Message: refused("s3:ListBucket", `"arn:aws:s3:::docs"`)}},
		"head, without body":  {"HeadObject", "docs", "none", "", outcome{Code: "Forbidden", Message: "Forbidden"}},
		"no such bucket":      {"GetObject", "nowhere", "a", "", outcome{Code: "NoSuchBucket", Message: "The specified bucket does not exist"}},
		"list":                {"ListObjectsV2", "docs", "pub/x", "", outcome{}},
		"list another prefix": {"ListObjectsV2", "docs", "private/", "", outcome{Code: "AccessDenied", Message: refused("s3:ListBucket", `"arn:aws:s3:::docs"`)}},
		"copy":                {"CopyObject", "docs", "b2", "docs/b", outcome{Code: "AccessDenied", Message: refused("s3:PutObject", `"arn:aws:s3:::docs/b2"`)}},
		"each key":            {"DeleteObjects", "docs", "b private/c", "", outcome{Gave: "b\nprivate/c AccessDenied User: " + sessionARN + ` is not authorized to perform: s3:DeleteObject on resource: "arn:aws:s3:::docs/private/c" with an explicit deny in an identity-based policy`}},
		"invoke":              {"Invoke", "caller", "", "", outcome{}},
		"invoke another":      {"Invoke", "other", "", "", outcome{Code: "AccessDeniedException", Message: refused("lambda:InvokeFunction", "arn:aws:lambda:us-east-1:"+account+":function:other")}},
		"role of its own":     {"GetRole", "worker", "", "", outcome{Code: "AccessDenied", Message: refused("iam:GetRole", workerARN)}},
		"another role":        {"AssumeRole", "arn:aws:iam::" + account + ":role/boss", "", "", outcome{Code: "AccessDenied", Message: refused("sts:AssumeRole", "arn:aws:iam::"+account+":role/boss")}},
		"an account's token":  {"GetSessionToken", "", "", "", outcome{Code: "AccessDenied", Message: "Cannot call GetSessionToken with session credentials"}},
	} {
		if got := r.call(t, test.call, test.on, test.key, test.from); got != test.want {
			t.Errorf("%s: got %+v\nwant %+v", name, got, test.want)
		}
	}
	r.grant(t, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	for call, key := range map[string]string{"PutObject": "new", "GetObject": "private/c", "CopyObject": "b3"} {
		if got := r.call(t, call, "docs", key, "docs/private/c"); got != (outcome{}) {
			t.Errorf("%s after the role was given more: got %+v", call, got)
		}
	}
}

// A right that a role lacks shows in a rehearsal as it would on AWS.
func TestTableIsRestricted(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	tables := dynamodb.NewFromConfig(config(r.endpoint))
	if _, err := tables.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("orders"), BillingMode: dynamodbtypes.BillingModePayPerRequest,
		AttributeDefinitions: []dynamodbtypes.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: dynamodbtypes.ScalarAttributeTypeS}},
		KeySchema:            []dynamodbtypes.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: dynamodbtypes.KeyTypeHash}},
	}); err != nil {
		t.Fatal(err)
	}
	denied := outcome{Code: "AccessDeniedException", Message: refused("dynamodb:PutItem", arnOf("dynamodb", "table/orders"))}
	for _, test := range []struct {
		name, statement, key string
		want                 outcome
	}{
		{"another action", `"Action":"dynamodb:GetItem","Resource":"` + arnOf("dynamodb", "table/orders") + `"`, "mine", denied},
		{"another table", `"Action":"dynamodb:PutItem","Resource":"` + arnOf("dynamodb", "table/other") + `"`, "mine", denied},
		{"allowed", `"Action":"dynamodb:PutItem","Resource":"` + arnOf("dynamodb", "table/orders") + `"`, "mine", outcome{}},
		{"own items", `"Action":"dynamodb:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":"mine"}}`, "mine", outcome{}},
		{"others' items", `"Action":"dynamodb:*","Resource":"*","Condition":{"ForAllValues:StringEquals":{"dynamodb:LeadingKeys":"mine"}}`, "yours", denied},
	} {
		r.grant(t, `{"Effect":"Allow",`+test.statement+`}`)
		if got := r.call(t, "PutItem", "orders", test.key, ""); got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.name, got, test.want)
		}
	}
}

// The policies of a resource count with those of the role, and a boundary limits
// them.
func TestFunctionAndResourcePolicies(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	r.bucket(t, "docs", "a", "secret")
	policy := `{"Version":"2012-10-17","Statement":[
		{"Effect":"Allow","Principal":{"AWS":"` + workerARN + `"},"Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/*"},
		{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::docs/*"},
		{"Effect":"Deny","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::docs/secret","Condition":{"StringEquals":{"aws:PrincipalArn":"` + workerARN + `"}}}]}`
	if _, err := r.s3.PutBucketPolicy(t.Context(), &s3.PutBucketPolicyInput{Bucket: aws.String("docs"), Policy: &policy}); err != nil {
		t.Fatal(err)
	}
	check := func(what, call, key string, want string) {
		t.Helper()
		if got := r.call(t, call, "docs", key, ""); got.Message != want {
			t.Errorf("%s: got %+v, want %q", what, got, want)
		}
	}
	check("the bucket lets the role in", "GetObject", "a", "")
	check("naming the account delegates only", "PutObject", "a", refused("s3:PutObject", `"arn:aws:s3:::docs/a"`))
	r.grant(t, `{"Effect":"Allow","Action":"s3:*","Resource":"*"}`)
	check("the role allows", "PutObject", "a", "")
	check("the bucket denies", "GetObject", "secret", "User: "+sessionARN+` is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::docs/secret" with an explicit deny in a resource-based policy`)

	boundary, err := r.iam.CreatePolicy(t.Context(), &iam.CreatePolicyInput{PolicyName: aws.String("limit"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:PutObject","Resource":"*"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	trust := aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)
	if _, err := r.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("limited"), AssumeRolePolicyDocument: trust, PermissionsBoundary: boundary.Policy.Arn}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.iam.AttachRolePolicy(t.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("limited"), PolicyArn: aws.String("arn:aws:iam::aws:policy/AmazonS3FullAccess")}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.lambda.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{FunctionName: aws.String("caller"), Role: aws.String("arn:aws:iam::" + account + ":role/limited")}); err != nil {
		t.Fatal(err)
	}
	check("the boundary and a policy of AWS allow", "PutObject", "b", "")
	check("the boundary does not", "GetObject", "b", "User: arn:aws:sts::"+account+`:assumed-role/limited/caller is not authorized to perform: s3:GetObject on resource: "arn:aws:s3:::docs/b" because no permissions boundary allows the s3:GetObject action`)
}

// Credentials of AssumeRole are restricted, and end with their function or
// their time.
func TestSessionsAreRestricted(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	r.bucket(t, "docs", "a")
	r.grant(t, `{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"arn:aws:iam::`+account+`:role/reader"}`)
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::` + account + `:root"},"Action":"sts:AssumeRole"}]}`
	if _, err := r.iam.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("reader"), AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	if got := r.call(t, "AssumeRole", "arn:aws:iam::"+account+":role/reader", "", ""); got.Gave != "arn:aws:sts::"+account+":assumed-role/reader/again" {
		t.Errorf("got %+v", got)
	}
	lent := strings.Fields(r.call(t, "credentials", "", "", "").Gave)
	as := func(key string) *s3.Client {
		c := config(r.endpoint)
		c.Credentials = credentials.NewStaticCredentialsProvider(key, lent[1], lent[2])
		return s3.NewFromConfig(c, func(o *s3.Options) { o.UsePathStyle = true })
	}
	get := func(key string) string {
		_, err := as(key).GetObject(t.Context(), &s3.GetObjectInput{Bucket: aws.String("docs"), Key: aws.String("a")})
		api, ok := errors.AsType[smithy.APIError](err)
		if !ok {
			return fmt.Sprint(err)
		}
		return api.ErrorCode()
	}
	if got := get(lent[0]); got != "AccessDenied" {
		t.Errorf("got %s, want AccessDenied", got)
	}
	if got := get("ASIA" + account + "ABCDEFGH"); got != "InvalidAccessKeyId" {
		t.Errorf("a key that nobody issued: got %s, want InvalidAccessKeyId", got)
	}
	if _, err := r.lambda.DeleteFunction(t.Context(), &lambda.DeleteFunctionInput{FunctionName: aws.String("caller")}); err != nil {
		t.Fatal(err)
	}
	for end := time.Now().Add(patience); get(lent[0]) != "InvalidAccessKeyId"; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("the credentials outlive their function: got %s", get(lent[0]))
		}
	}
}

// What the check costs a request: a queue is looked up with the credentials of
// the account, and with those of a function.
func BenchmarkRequest(b *testing.B) {
	c, err := localaws.Open(b.Context(), localaws.Options{Dir: b.TempDir(), Account: account, Log: zerolog.Nop()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = c.Close(context.Background()) })
	identities, tokens := iam.NewFromConfig(config(c.Endpoint())), sts.NewFromConfig(config(c.Endpoint()))
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"` + account + `"},"Action":"sts:AssumeRole"}]}`
	role, err := identities.CreateRole(b.Context(), &iam.CreateRoleInput{RoleName: aws.String("worker"), AssumeRolePolicyDocument: &trust})
	if err != nil {
		b.Fatal(err)
	}
	if _, err := identities.AttachRolePolicy(b.Context(), &iam.AttachRolePolicyInput{RoleName: aws.String("worker"), PolicyArn: aws.String("arn:aws:iam::aws:policy/service-role/AWSLambdaSQSQueueExecutionRole")}); err != nil {
		b.Fatal(err)
	}
	assumed, err := tokens.AssumeRole(b.Context(), &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("bench")})
	if err != nil {
		b.Fatal(err)
	}
	post := func(key, target, body string) {
		request, err := http.NewRequestWithContext(b.Context(), http.MethodPost, c.Endpoint()+"/", strings.NewReader(body))
		if err != nil {
			b.Fatal(err)
		}
		request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+key+"/20261123/us-east-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
		request.Header.Set("X-Amz-Target", target)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			b.Fatal(err)
		}
		defer response.Body.Close()
		if text, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
			b.Fatalf("%d %s %v", response.StatusCode, text, err)
		}
	}
	post(account, "AmazonSQS.CreateQueue", `{"QueueName":"jobs"}`)
	for name, key := range map[string]string{"account": account, "role": *assumed.Credentials.AccessKeyId} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				post(key, "AmazonSQS.GetQueueAttributes", `{"QueueUrl":"/`+account+`/jobs","AttributeNames":["All"]}`)
			}
		})
	}
}
