// SPDX-License-Identifier: MIT

package flow_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/cli"
	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// printed are the policies that `sparta permissions` prints.
type printed struct {
	Service                   string `json:"-"`
	Deployer, Invoker, Reader document
	UnknownTypes              []string
}

// document is a policy.
type document struct {
	Version   string
	Statement []map[string]any
}

// permissions runs `sparta permissions`.
func permissions(t *testing.T, file string, more ...string) printed {
	t.Helper()
	var out, errs bytes.Buffer
	args := append([]string{"permissions", "--file", file, "--output", "json"}, more...)
	code := cli.Main(cli.Process{
		Args: args, Stdin: strings.NewReader(""), Stdout: &out, Stderr: &errs, Environ: os.Environ(), Toolkit: os.DirFS("../.."),
	})
	var result struct {
		Service string
		Extra   printed
	}
	if err := json.Unmarshal(out.Bytes(), &result); err != nil || code != 0 {
		t.Fatalf("permissions: exit code %d, %v, %s%s", code, err, out.String(), errs.String())
	}
	result.Extra.Service = result.Service
	return result.Extra
}

// identity is a role whose only rights are those of one policy.
type identity struct {
	t      *testing.T
	iam    *iam.Client
	config func(context.Context) (aws.Config, error)
}

// newIdentity makes a role that has no rights yet, and assumes it.
func newIdentity(t *testing.T, admin aws.Config, name string) identity {
	t.Helper()
	client := iam.NewFromConfig(admin)
	role, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: &name, AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	out, err := sts.NewFromConfig(admin).AssumeRole(t.Context(), &sts.AssumeRoleInput{RoleArn: role.Role.Arn, RoleSessionName: aws.String("session")})
	if err != nil {
		t.Fatal(err)
	}
	c := out.Credentials
	return identity{t, client, func(context.Context) (aws.Config, error) {
		cfg := admin.Copy()
		cfg.Credentials = credentials.NewStaticCredentialsProvider(*c.AccessKeyId, *c.SecretAccessKey, *c.SessionToken)
		return cfg, nil
	}}
}

// may sets the policy of the role, as IAM takes it: with its quotas.
func (i identity) may(name string, d document) {
	i.t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		i.t.Fatal(err)
	}
	_, err = i.iam.PutRolePolicy(i.t.Context(), &iam.PutRolePolicyInput{
		RoleName: &name, PolicyName: aws.String("printed"), PolicyDocument: aws.String(string(text)),
	})
	if err != nil {
		i.t.Fatalf("IAM does not take the policy: %v", err)
	}
}

// exampleModule is a copy of an example as a module of its own, which a test may
// change.
func exampleModule(t *testing.T, name string) module {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	m := module{t, t.TempDir()}
	if err := os.CopyFS(m.dir, os.DirFS(filepath.Join(root, "examples", name))); err != nil {
		t.Fatal(err)
	}
	read := func(file string) string {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	const own = "module github.com/sparta-up/sparta\n"
	m.write("go.mod", strings.Replace(read("go.mod"), own, "module example.com/"+name+"\n\nrequire github.com/sparta-up/sparta v0.0.0\n\nreplace github.com/sparta-up/sparta => "+root+"\n", 1))
	m.write("go.sum", read("go.sum"))
	return m
}

// TestDeployerOfExamples deploys every example, with the rights that `sparta
// permissions` prints and no others: up, up again, up after a change, down. Who
// deploys may not invoke; who invokes may do nothing else.
func TestDeployerOfExamples(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]string{
		"bucket": "", "hello": "hello", "http": "", "mail": "", "queue": "", "rest": "", "schedule": "", "site": "", "stream": "", "typed": "convert",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := exampleModule(t, name)
			w := local(t, m.file())
			admin := awsclient.Local(w.endpoint, account, region)
			deployer := newIdentity(t, admin, "deployer")
			policies := permissions(t, m.file())
			if len(policies.UnknownTypes) > 0 {
				t.Errorf("the policy leaves out %v", policies.UnknownTypes)
			}
			deployer.may("deployer", policies.Deployer)
			w.traffic.as(t, w, deployer)
			w.Follow, w.Confirm = func(stage.Event) {}, agree

			w.mustUp(stage.Created)
			w.mustUp(stage.Unchanged)
			m.edit("sparta.yaml", "", "\nenvironments: {dev: {defaults: {memory: 320, tags: {team: red}, environment: {MORE: \"1\"}}}}\n")
			deployer.may("deployer", permissions(t, m.file()).Deployer)
			w.mustUp(stage.Updated)
			if _, err := flow.NewDiff(w.settings()).Run(t.Context(), w.options()); err != nil {
				t.Errorf("diff: %v", err)
			}
			if call != "" {
				w.invokes(deployer, call, policies.Invoker)
			}
			w.reads(deployer, policies.Reader)
			if outcome, err := w.down(); err != nil || outcome.Kind != stage.Deleted {
				t.Fatalf("down: got %v, %v", outcome.Kind, err)
			}
		})
	}
}

// invokes checks that an event is sent to a function by who may invoke, but not
// by who deploys.
func (w *world) invokes(deployer identity, function string, policy document) {
	w.t.Helper()
	invoke := func() error {
		f := flow.NewInvoke(w.settings(), function, []byte(`{"name": "Ada", "celsius": 20}`))
		_, err := f.Run(w.t.Context(), w.options())
		return err
	}
	if err := invoke(); err == nil || !strings.Contains(err.Error(), "lambda:InvokeFunction") {
		w.t.Errorf("who deploys may invoke: %v", err)
	}
	invoker := newIdentity(w.t, awsclient.Local(w.endpoint, account, region), "invoker")
	invoker.may("invoker", policy)
	w.traffic.as(w.t, w, invoker)
	if err := invoke(); err != nil {
		w.t.Errorf("invoke: %v", err)
	}
	if _, err := w.up(); err == nil {
		w.t.Error("who invokes may deploy")
	}
	w.traffic.as(w.t, w, deployer)
}

// reads checks that who looks on may do that and nothing else.
func (w *world) reads(deployer identity, policy document) {
	w.t.Helper()
	reader := newIdentity(w.t, awsclient.Local(w.endpoint, account, region), "reader")
	reader.may("reader", policy)
	w.traffic.as(w.t, w, reader)
	if _, err := flow.NewStatus(w.settings()).Run(w.t.Context(), w.options()); err != nil {
		w.t.Errorf("status: %v", err)
	}
	logs := func() error {
		_, err := flow.NewLogs(w.settings(), flow.LogOptions{Show: func(stage.LogEvent) error { return nil }}).Run(w.t.Context(), w.options())
		return err
	}
	if err := logs(); err != nil {
		w.t.Errorf("logs: %v", err)
	}
	if _, err := w.down(); err == nil {
		w.t.Error("who looks on may delete")
	}
	for _, left := range withoutStatement(policy) {
		reader.may("reader", left.policy)
		_, noStatus := flow.NewStatus(w.settings()).Run(w.t.Context(), w.options())
		if noStatus == nil && logs() == nil {
			w.t.Errorf("who looks on does not need %s", left.name)
		}
	}
	w.traffic.as(w.t, w, deployer)
}

// plainYAML is a service without code, so that its deployment is calls of AWS
// only.
const plainYAML = `serviceName: Plain
resources:
  Files:
    Type: AWS::S3::Bucket
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties: {VersioningConfiguration: {Status: %s}}
`

// notShown are the actions whose need the deployment of a plain service does not
// show, and why.
var notShown = map[string]string{
	"cloudformation:CancelUpdateStack":      "called when a user interrupts an update",
	"cloudformation:ContinueUpdateRollback": "called after a rollback has failed",
	"cloudformation:RollbackStack":          "called after a failed update without a rollback",
	"cloudformation:DescribeEvents":         "called when the early validation finds something",
	"cloudformation:DescribeStackEvents":    "a deployment goes on without its events",
	"cloudformation:DeleteChangeSet":        "called for a change set that is not executed",
	"s3:PutBucketPolicy":                    "the policy demands TLS, which a local endpoint does not have",
	"s3:DeleteObject":                       "called when an upload is taken back after a failure",
}

// TestDeployerIsLeast takes every action of every statement away, one at a time:
// then up, up after a change or down fails, or it is said why not.
func TestDeployerIsLeast(t *testing.T) {
	t.Parallel()
	write := func(t *testing.T, versions string) string {
		t.Helper()
		file := filepath.Join(t.TempDir(), "sparta.yaml")
		if err := os.WriteFile(file, fmt.Appendf(nil, plainYAML, versions), 0o644); err != nil {
			t.Fatal(err)
		}
		return file
	}
	policy := permissions(t, write(t, "Enabled")).Deployer
	for _, left := range withoutOne(policy, func(action string) bool {
		return strings.HasPrefix(action, "cloudformation:") || strings.HasPrefix(action, "s3:")
	}) {
		t.Run(left.name, func(t *testing.T) {
			t.Parallel()
			err := deployPlain(t, left.policy, write)
			_, reason := notShown[left.action]
			switch {
			case err == nil && !reason:
				t.Errorf("nothing needs %s on %v", left.action, left.resource)
			case err != nil && reason:
				t.Errorf("needed after all: %v", err)
			}
		})
	}
	if err := deployPlain(t, policy, write); err != nil {
		t.Errorf("with the whole policy: %v", err)
	}
}

// deployPlain deploys the plain service, changes it, takes it away and deploys it
// again, with the rights of a policy.
func deployPlain(t *testing.T, policy document, write func(t *testing.T, versions string) string) error {
	t.Helper()
	w := localWithNode(t, write(t, "Enabled"), "")
	admin := awsclient.Local(w.endpoint, account, region)
	deployer := newIdentity(t, admin, "deployer")
	deployer.may("deployer", policy)
	w.traffic.as(t, w, deployer)
	w.Confirm = agree
	if _, err := w.up(); err != nil {
		return err
	}
	w.File = write(t, "Suspended")
	if _, err := w.up(); err != nil {
		return err
	}
	w.putInto("Files")
	if _, err := w.down(); err != nil {
		return err
	}
	_, err := w.up() // the artifact bucket is there already
	return err
}
