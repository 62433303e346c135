// SPDX-License-Identifier: MIT

package localaws_test

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/localaws/awscli"
)

// cli runs the aws command against a cloud.
type cli struct{ awscli.CLI }

func newCLI(t *testing.T) cli {
	t.Helper()
	if testing.Short() {
		t.Skip("the aws command takes its time")
	}
	awscli.Need(t)
	return cli{awscli.CLI{Endpoint: openCloud(t, t.TempDir()).Endpoint(), Key: account, Dir: t.TempDir()}}
}

// must runs a command that has to work and to print want.
func (c cli) must(t *testing.T, want string, args ...string) string {
	t.Helper()
	out := c.Run(t, args...)
	if out.Code != 0 || !strings.Contains(out.Text(), want) {
		t.Fatalf("aws %s: exit %d, got %q, want %q", strings.Join(args, " "), out.Code, out.Text(), want)
	}
	return out.Text()
}

// mustNot runs a command that has to fail and to print want.
func (c cli) mustNot(t *testing.T, want string, args ...string) {
	t.Helper()
	if out := c.Run(t, args...); out.Code == 0 || !strings.Contains(out.Text(), want) {
		t.Fatalf("aws %s: exit %d, got %q, want failure with %q", strings.Join(args, " "), out.Code, out.Text(), want)
	}
}

func (c cli) write(t *testing.T, name, content string) {
	t.Helper()
	path := filepath.Join(c.Dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestCommandLineS3(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.write(t, "site/index.html", "<h1>hi</h1>")
	c.write(t, "site/css/a b+ü.css", "body{}")
	c.write(t, "big.bin", strings.Repeat("0123456789abcdef", 1<<20)) // 16 MB: multipart by default
	c.must(t, "make_bucket", "s3", "mb", "s3://docs")
	c.must(t, "upload", "s3", "sync", "site", "s3://docs/site")
	if out := c.must(t, "", "s3", "sync", "site", "s3://docs/site"); out != "" {
		t.Errorf("a second sync copies again: %s", out)
	}
	c.must(t, "site/css/a b+ü.css", "s3", "ls", "--recursive", "s3://docs")
	c.must(t, "PRE css/", "s3", "ls", "s3://docs/site/")
	c.must(t, "body{}", "s3", "cp", "s3://docs/site/css/a b+ü.css", "-")
	c.must(t, `"ContentType": "text/html"`, "s3api", "head-object", "--bucket", "docs", "--key", "site/index.html")
	c.must(t, "upload", "s3", "cp", "big.bin", "s3://docs/big.bin")
	c.must(t, "copy", "s3", "cp", "s3://docs/big.bin", "s3://docs/copy.bin")
	c.must(t, "download", "s3", "cp", "s3://docs/copy.bin", "back.bin")
	want, err := os.ReadFile(filepath.Join(c.Dir, "big.bin"))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(filepath.Join(c.Dir, "back.bin")); err != nil || string(got) != string(want) {
		t.Errorf("got %d bytes back, error %v", len(got), err)
	}
	url := strings.TrimSpace(c.must(t, "http", "s3", "presign", "s3://docs/site/index.html"))
	response, err := http.Get(url) //nolint:noctx // a URL that the command printed
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if body, err := io.ReadAll(response.Body); err != nil || string(body) != "<h1>hi</h1>" {
		t.Errorf("presigned URL: got %d %s", response.StatusCode, body)
	}
	c.mustNot(t, "BucketNotEmpty", "s3", "rb", "s3://docs")
	if err := os.Remove(filepath.Join(c.Dir, "site/css/a b+ü.css")); err != nil {
		t.Fatal(err)
	}
	c.must(t, "delete: s3://docs/site/css/a b+ü.css", "s3", "sync", "--delete", "site", "s3://docs/site")
	c.must(t, "move", "s3", "mv", "s3://docs/big.bin", "s3://docs/moved.bin")
	c.must(t, "remove_bucket", "s3", "rb", "--force", "s3://docs")
	c.mustNot(t, "NoSuchBucket", "s3", "ls", "s3://docs")
}

func TestCommandLineS3API(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.write(t, "a.txt", "a")
	b := []string{"--bucket", "docs"}
	api := func(command string, rest ...string) []string {
		return append(append([]string{"s3api", command}, b...), rest...)
	}
	c.must(t, "/docs", api("create-bucket")...)
	c.must(t, "", api("put-bucket-versioning", "--versioning-configuration", "Status=Enabled")...)
	c.must(t, "Enabled", api("get-bucket-versioning")...)
	c.must(t, "", api("put-bucket-tagging", "--tagging", "TagSet=[{Key=a,Value=1}]")...)
	c.must(t, `"Key": "a"`, api("get-bucket-tagging")...)
	c.must(t, "", api("put-bucket-lifecycle-configuration", "--lifecycle-configuration", `{"Rules":[{"ID":"x","Status":"Enabled","Filter":{"Prefix":""},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}}]}`)...)
	c.must(t, "DaysAfterInitiation", api("get-bucket-lifecycle-configuration")...)
	c.must(t, "VersionId", api("put-object", "--key", "k", "--body", "a.txt", "--checksum-algorithm", "SHA256", "--if-none-match", "*")...)
	c.mustNot(t, "PreconditionFailed", api("put-object", "--key", "k", "--body", "a.txt", "--if-none-match", "*")...)
	c.must(t, "IsLatest", api("list-object-versions")...)
	c.must(t, "DeleteMarker", api("delete-object", "--key", "k")...)
	c.mustNot(t, "AccessDenied", api("put-object", "--key", "k", "--body", "a.txt", "--expected-bucket-owner", "222222222222")...)
	c.mustNot(t, "NotImplemented", api("put-bucket-logging", "--bucket-logging-status", "{}")...)
	c.must(t, "BlockPublicPolicy", api("get-public-access-block")...)
	c.must(t, "http://irish.s3.amazonaws.com/", "s3api", "create-bucket", "--region", "eu-west-1", "--bucket", "irish", "--create-bucket-configuration", "LocationConstraint=eu-west-1")
	c.must(t, "upload", "s3", "cp", "a.txt", "s3://irish/a.txt") // follows the redirect to the bucket's region
}

func TestCommandLineIAMAndSTS(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	trust := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com","AWS":"%s"},"Action":"sts:AssumeRole"}]}`, account)
	inline := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:*","Resource":"*"}]}`
	c.must(t, `"RoleName": "worker"`, "iam", "create-role", "--role-name", "worker", "--path", "/team/", "--assume-role-policy-document", trust, "--tags", "Key=a,Value=1")
	c.must(t, `"Service": "lambda.amazonaws.com"`, "iam", "get-role", "--role-name", "worker")
	c.mustNot(t, "EntityAlreadyExists", "iam", "create-role", "--role-name", "worker", "--assume-role-policy-document", trust)
	c.mustNot(t, "MalformedPolicyDocument", "iam", "create-role", "--role-name", "other", "--assume-role-policy-document", "{}")
	c.must(t, "", "iam", "put-role-policy", "--role-name", "worker", "--policy-name", "logs", "--policy-document", inline)
	c.must(t, `"Action": "logs:*"`, "iam", "get-role-policy", "--role-name", "worker", "--policy-name", "logs")
	c.must(t, "", "iam", "attach-role-policy", "--role-name", "worker", "--policy-arn", "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole")
	c.must(t, `"PolicyName": "AWSLambdaBasicExecutionRole"`, "iam", "list-attached-role-policies", "--role-name", "worker")
	c.must(t, "assumed-role/worker/me", "sts", "assume-role", "--role-arn", "arn:aws:iam::"+account+":role/team/worker", "--role-session-name", "me")
	c.must(t, account, "sts", "get-caller-identity")
	c.mustNot(t, "DeleteConflict", "iam", "delete-role", "--role-name", "worker")
	c.mustNot(t, "does not model the IAM action CreateUser", "iam", "create-user", "--user-name", "x")
	c.mustNot(t, "the embedded AWS does not model states", "stepfunctions", "list-state-machines")
	c.mustNot(t, "the embedded AWS does not model the SNS action ListPlatformApplications", "sns", "list-platform-applications")
	c.mustNot(t, `does not model operation "ListMetrics" of CloudWatch`, "cloudwatch", "list-metrics")
}
