// SPDX-License-Identifier: MIT

package localaws_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws"
	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
)

const account = "111111111111"

func openCloud(t *testing.T, dir string) *localaws.Cloud {
	t.Helper()
	c, err := localaws.Open(t.Context(), localaws.Options{Dir: dir, Account: account, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closeCloud(t, c) })
	return c
}

func closeCloud(t *testing.T, c *localaws.Cloud) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.Close(ctx); err != nil {
		t.Error(err)
	}
}

func config(endpoint string) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &endpoint, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(),
		Credentials: credentials.NewStaticCredentialsProvider(account, "secret", ""),
	}
}

func s3Client(endpoint string) *s3.Client {
	return s3.NewFromConfig(config(endpoint), func(o *s3.Options) { o.UsePathStyle = true })
}

func TestStateSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := openCloud(t, dir)
	if first.Attached() {
		t.Error("the first process must own the directory")
	}
	if _, err := s3Client(first.Endpoint()).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("kept")}); err != nil {
		t.Fatal(err)
	}
	trust := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`
	if _, err := iam.NewFromConfig(config(first.Endpoint())).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("kept"), AssumeRolePolicyDocument: &trust}); err != nil {
		t.Fatal(err)
	}
	closeCloud(t, first)
	if _, err := os.Stat(filepath.Join(dir, "server.json")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("server.json is left: %v", err)
	}
	second := openCloud(t, dir)
	if second.Endpoint() != first.Endpoint() {
		t.Errorf("the port changed from %s to %s", first.Endpoint(), second.Endpoint())
	}
	if _, err := s3Client(second.Endpoint()).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("kept")}); err != nil {
		t.Error(err)
	}
	if _, err := iam.NewFromConfig(config(second.Endpoint())).GetRole(t.Context(), &iam.GetRoleInput{RoleName: aws.String("kept")}); err != nil {
		t.Error(err)
	}
}

// TestMain serves a directory when a test starts this program again.
func TestMain(m *testing.M) {
	dir := os.Getenv("LOCALAWS_TEST_SERVE")
	if dir == "" {
		os.Exit(m.Run())
	}
	c, err := localaws.Open(context.Background(), localaws.Options{Dir: dir, Account: account, Log: zerolog.Nop()})
	if err != nil {
		_, _ = os.Stderr.WriteString(err.Error() + "\n")
		os.Exit(1)
	}
	_, _ = os.Stdout.WriteString(c.Endpoint() + "\n")
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test closes it, or kills this process
	if err := c.Close(context.Background()); err != nil {
		os.Exit(1)
	}
}

// startOwner starts another process that serves dir.
func startOwner(t *testing.T, dir string) (endpoint string, process *exec.Cmd, stdin io.Closer) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	process = exec.CommandContext(t.Context(), program)
	process.Env = append(os.Environ(), "LOCALAWS_TEST_SERVE="+dir)
	process.Stderr = os.Stderr
	in, err := process.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := process.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := process.Start(); err != nil {
		t.Fatal(err)
	}
	line := make([]byte, 256)
	n, err := out.Read(line)
	if err != nil {
		t.Fatalf("the other process says nothing: %v", err)
	}
	return strings.TrimSpace(string(line[:n])), process, in
}

func TestSecondProcessAttaches(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	endpoint, process, stdin := startOwner(t, dir)
	c := openCloud(t, dir)
	if !c.Attached() || c.Endpoint() != endpoint {
		t.Fatalf("got endpoint %s, attached %v, want %s", c.Endpoint(), c.Attached(), endpoint)
	}
	if _, err := s3Client(c.Endpoint()).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("shared")}); err != nil {
		t.Fatal(err)
	}
	closeCloud(t, c)
	if _, err := s3Client(endpoint).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("shared")}); err != nil {
		t.Errorf("closing an attached cloud must leave the owner alone: %v", err)
	}
	_ = stdin.Close()
	if err := process.Wait(); err != nil {
		t.Fatal(err)
	}
	own := openCloud(t, dir)
	if own.Attached() {
		t.Error("the owner is gone: this process must serve")
	}
	if _, err := s3Client(own.Endpoint()).HeadBucket(t.Context(), &s3.HeadBucketInput{Bucket: aws.String("shared")}); err != nil {
		t.Error(err)
	}
}

// A killed owner leaves its lock file and server.json behind; neither hinders
// the next one, even if somebody else has its port now.
func TestKilledOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	_, process, _ := startOwner(t, dir)
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // "signal: killed"
	if _, err := os.Stat(filepath.Join(dir, "server.json")); err != nil {
		t.Fatal(err)
	}
	c := openCloud(t, dir)
	if c.Attached() {
		t.Error("attached to a process that is dead")
	}
}

func TestStaleServerFileOfAnotherProcess(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	other := openCloud(t, t.TempDir()) // another directory's server
	stale, err := json.Marshal(map[string]any{"endpoint": other.Endpoint(), "pid": 1})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "server.json"), stale, 0o600); err != nil {
		t.Fatal(err)
	}
	if c := openCloud(t, dir); c.Attached() || c.Endpoint() == other.Endpoint() {
		t.Errorf("attached to %s, which serves another directory", c.Endpoint())
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	broken := t.TempDir()
	if err := os.WriteFile(filepath.Join(broken, "s3.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]localaws.Options{
		"no directory": {},
		"a file":       {Dir: file},
		"account":      {Dir: t.TempDir(), Account: "me"},
		"broken state": {Dir: broken},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := localaws.Open(t.Context(), o)
			if err == nil {
				closeCloud(t, c)
				t.Fatal("got no error")
			}
		})
	}
}

func send(t *testing.T, method, url string, edit func(*http.Request)) (int, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	edit(request)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func sign(service string) func(*http.Request) {
	return func(r *http.Request) {
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential="+account+"/20261123/us-east-1/"+service+"/aws4_request, SignedHeaders=host, Signature=0")
	}
}

// TestOpenOnDamagedState: the message says how to begin anew, and so it goes.
func TestOpenOnDamagedState(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "cloudformation.json"), []byte("garbage"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := localaws.Open(t.Context(), localaws.Options{Dir: dir, Account: account, Log: zerolog.Nop()})
	hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](err)
	if !ok || !strings.Contains(err.Error(), "cloudformation.json") || !strings.Contains(hinted.Hint(), "remove "+dir) {
		t.Fatalf("got %v, want the file's name and a hint", err)
	}
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	openCloud(t, dir)
}

func TestRouter(t *testing.T) {
	t.Parallel()
	c := openCloud(t, t.TempDir())
	if _, err := s3Client(c.Endpoint()).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("docs")}); err != nil {
		t.Fatal(err)
	}
	with := func(service string, headers ...string) func(*http.Request) {
		return func(r *http.Request) {
			if service != "" {
				sign(service)(r)
			}
			for i := 0; i < len(headers); i += 2 {
				r.Header.Set(headers[i], headers[i+1])
			}
			r.Host = r.Header.Get("X-Test-Host")
		}
	}
	for _, test := range []struct {
		name, method, path string
		edit               func(*http.Request)
		status             int
		want               string
	}{
		{"health", "GET", "/_sparta/health", with(""), 200, `"pid"`},
		{"nothing internal", "GET", "/_sparta/none/x", with(""), 404, "nothing is served"},
		{"unknown service, JSON", "POST", "/", with("redshift-data", "X-Amz-Target", "RedshiftData.ListTables", "Content-Type", "application/x-amz-json-1.1"), 400, `"__type":"UnknownService"`},
		{"unknown service, query", "POST", "/", with("autoscaling", "Content-Type", "application/x-www-form-urlencoded"), 400, "<Code>UnknownService</Code><Message>the embedded AWS does not model autoscaling</Message>"},
		{"unknown service, CBOR", "POST", "/service/x/operation/y", with("cassandra", "Smithy-Protocol", "rpc-v2-cbor"), 400, "UnknownService"},
		{"anonymous query call", "POST", "/", with(""), 403, "MissingAuthenticationToken"},
		{"rebound name", "GET", "/docs", with("s3", "X-Test-Host", "evil.example.com"), 403, "127.0.0.1"},
		{"virtual host", "GET", "/", with("s3", "X-Test-Host", "docs.s3.us-east-1.amazonaws.com"), 200, "<Name>docs</Name>"},
		{"virtual host, legacy", "GET", "/", with("s3", "X-Test-Host", "docs.s3.amazonaws.com"), 200, "<Name>docs</Name>"},
		{"virtual host, local", "GET", "/", with("s3", "X-Test-Host", "docs.s3.localhost:4566"), 200, "<Name>docs</Name>"},
		{"path style on a name of AWS", "GET", "/docs", with("s3", "X-Test-Host", "s3.us-east-1.amazonaws.com"), 200, "<Name>docs</Name>"},
		{"a page of another site", "GET", "/docs", with("s3", "Sec-Fetch-Site", "cross-site", "Origin", "https://evil.example.com"), 403, "another site"},
		{"a form of another site", "PUT", "/docs/k", with("s3", "Sec-Fetch-Site", "cross-site"), 403, "another site"},
		{"a link of another site", "GET", "/docs", with("s3", "Sec-Fetch-Site", "cross-site"), 200, "<Name>docs</Name>"},
		{"a development server", "GET", "/docs", with("s3", "Sec-Fetch-Site", "cross-site", "Origin", "http://localhost:5173"), 200, "<Name>docs</Name>"},
		{"query credentials for others than S3", "GET", "/?Action=ListRoles&X-Amz-Credential=x/20261123/us-east-1/iam/aws4_request", with(""), 403, "AccessDenied"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			status, body := send(t, test.method, c.Endpoint()+test.path, test.edit)
			if status != test.status || !strings.Contains(body, test.want) {
				t.Errorf("got %d %s, want %d %s", status, body, test.status, test.want)
			}
		})
	}
}

// The services work together: a stack of a role, a bucket with a website and
// its policy comes up, serves, and goes away again.
func TestStack(t *testing.T) {
	t.Parallel()
	c := openCloud(t, t.TempDir())
	stacks := cloudformation.NewFromConfig(config(c.Endpoint()))
	template := `{"Resources":{
		"Site":{"Type":"AWS::S3::Bucket","Properties":{"WebsiteConfiguration":{"IndexDocument":"index.html"},"PublicAccessBlockConfiguration":{"BlockPublicPolicy":"false","RestrictPublicBuckets":false}}},
		"Open":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":{"Ref":"Site"},"PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":{"Fn::Sub":"${Site.Arn}/*"}}]}}},
		"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]},"Policies":[{"PolicyName":"read","PolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":{"Fn::Sub":"${Site.Arn}/*"}}]}}]}}},
		"Outputs":{"URL":{"Value":{"Fn::GetAtt":["Site","WebsiteURL"]}},"Bucket":{"Value":{"Ref":"Site"}},"Role":{"Value":{"Fn::GetAtt":["Role","Arn"]}}}}`
	created, err := stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{StackName: aws.String("Site-dev"), TemplateBody: &template, Capabilities: []types.Capability{types.CapabilityCapabilityIam}})
	if err != nil {
		t.Fatal(err)
	}
	stack := await(t, stacks, *created.StackId)
	if stack.StackStatus != types.StackStatusCreateComplete {
		t.Fatalf("got %s: %s", stack.StackStatus, aws.ToString(stack.StackStatusReason))
	}
	outputs := map[string]string{}
	for _, o := range stack.Outputs {
		outputs[*o.OutputKey] = *o.OutputValue
	}
	objects, bucket := s3Client(c.Endpoint()), outputs["Bucket"]
	if _, err := objects.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("index.html"), Body: strings.NewReader("hello"), ContentType: aws.String("text/html")}); err != nil {
		t.Fatal(err)
	}
	if status, body := send(t, "GET", outputs["URL"], func(*http.Request) {}); status != 200 || body != "hello" {
		t.Errorf("website: got %d %s", status, body)
	}
	remove := func() types.StackStatus {
		t.Helper()
		if _, err := stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: created.StackId}); err != nil {
			t.Fatal(err)
		}
		return await(t, stacks, *created.StackId).StackStatus
	}
	if got := remove(); got != types.StackStatusDeleteFailed {
		t.Errorf("a bucket that is not empty: got %s, want DELETE_FAILED", got)
	}
	if _, err := objects.DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: &bucket, Key: aws.String("index.html")}); err != nil {
		t.Fatal(err)
	}
	if got := remove(); got != types.StackStatusDeleteComplete {
		t.Errorf("got %s, want DELETE_COMPLETE", got)
	}
	roles, err := iam.NewFromConfig(config(c.Endpoint())).ListRoles(t.Context(), &iam.ListRolesInput{})
	if err != nil || len(roles.Roles) != 0 {
		t.Errorf("roles are left: %v, error %v", roles, err)
	}
}

// await polls a stack until its operation has ended.
func await(t *testing.T, stacks *cloudformation.Client, id string) types.Stack {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for {
		out, err := stacks.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &id})
		if err != nil {
			t.Fatal(err)
		}
		if !strings.HasSuffix(string(out.Stacks[0].StackStatus), "_IN_PROGRESS") {
			return out.Stacks[0]
		}
		select {
		case <-ctx.Done():
			t.Fatalf("the stack stays %s", out.Stacks[0].StackStatus)
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func TestCallerIdentity(t *testing.T) {
	t.Parallel()
	c := openCloud(t, t.TempDir())
	out, err := sts.NewFromConfig(config(c.Endpoint())).GetCallerIdentity(t.Context(), &sts.GetCallerIdentityInput{})
	if err != nil || aws.ToString(out.Account) != account {
		t.Errorf("got %v, error %v", out, err)
	}
}
