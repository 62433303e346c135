// SPDX-License-Identifier: MIT

package flow_test

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	cfntypes "github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/awsclient"
	"github.com/sparta-up/sparta/internal/localaws"
)

// goldenAccount and goldenRegion are those of the golden templates.
const goldenAccount, goldenRegion = "123456789012", "eu-west-1"

// goldens are the services with golden templates that the embedded AWS brings
// up, and why it does not bring up the others.
var goldens = map[string]string{
	"alarms": "", "grants": "", "loggroups": "", "origins": "", "queues": "", "rules": "", "schedules": "", "topics": "",
	"buckets":       "a custom resource whose code the test has not: examples/bucket shows it",
	"cdn":           "CloudFront",
	"everything":    "a custom resource whose code the test has not: examples/site shows it",
	"httpapis":      "Cognito, Route 53 and certificates",
	"kafkas":        "Secrets Manager and Kafka",
	"loadbalancers": "a load balancer of others, whose ARN nobody can choose",
	"mails":         "a custom resource whose code the test has not: examples/mail shows it",
	"outcomes":      "a bucket as destination of asynchronous events",
	"repositories":  "CodeCommit",
	"restapis":      "Cognito and Route 53",
	"settings":      "EFS and KMS",
	"streams":       "tumbling windows: examples/stream shows the rest",
	"topicrules":    "IoT",
	"userpools":     "Cognito and KMS",
}

// changes are what an update changes of a resource of a type.
var changes = map[string]map[string]any{
	"AWS::ApiGateway::ApiKey":         {"Description": "changed"},
	"AWS::ApiGateway::RestApi":        {"Description": "changed"},
	"AWS::ApiGateway::Stage":          {"Description": "changed"},
	"AWS::ApiGateway::UsagePlan":      {"Description": "changed"},
	"AWS::CloudWatch::Alarm":          {"AlarmDescription": "changed"},
	"AWS::Events::Rule":               {"Description": "changed"},
	"AWS::IAM::Role":                  {"Description": "changed"},
	"AWS::Kinesis::Stream":            {"RetentionPeriodHours": 48},
	"AWS::Lambda::EventInvokeConfig":  {"MaximumEventAgeInSeconds": 77},
	"AWS::Lambda::EventSourceMapping": {"BatchSize": 7},
	"AWS::Lambda::Function":           {"MemorySize": 384},
	"AWS::Logs::LogGroup":             {"RetentionInDays": 7},
	"AWS::SNS::Topic":                 {"DisplayName": "changed"},
	"AWS::SQS::Queue":                 {"MessageRetentionPeriod": 7777},
	"AWS::Scheduler::Schedule":        {"Description": "changed"},
}

// changed is a template with other properties.
func changed(t *testing.T, template string) string {
	t.Helper()
	var tree map[string]any
	if err := json.Unmarshal([]byte(template), &tree); err != nil {
		t.Fatal(err)
	}
	for _, r := range tree["Resources"].(map[string]any) {
		resource := r.(map[string]any)
		for name, value := range changes[resource["Type"].(string)] {
			if resource["Properties"] == nil {
				resource["Properties"] = map[string]any{}
			}
			resource["Properties"].(map[string]any)[name] = value
		}
	}
	text, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// stage is an embedded AWS with what the golden templates take for granted: the
// artifacts and a static role.
type goldenStage struct {
	t     *testing.T
	admin aws.Config
	who   identity
	stack *cloudformation.Client
}

func newGoldenStage(t *testing.T, service string) *goldenStage {
	t.Helper()
	cloud, err := localaws.Open(t.Context(), localaws.Options{Dir: t.TempDir(), Account: goldenAccount, Region: goldenRegion, Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cloud.Close(context.Background()) })
	g := &goldenStage{t: t, admin: awsclient.Local(cloud.Endpoint(), goldenAccount, goldenRegion)}
	_, err = iam.NewFromConfig(g.admin).CreateRole(t.Context(), &iam.CreateRoleInput{RoleName: aws.String("auditor"), Path: aws.String("/teams/"), AssumeRolePolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	_, err = iam.NewFromConfig(g.admin).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{RoleName: aws.String("auditor"), PolicyName: aws.String("all"), PolicyDocument: aws.String(
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`)})
	if err != nil {
		t.Fatal(err)
	}
	g.upload(service)
	g.surround()
	g.who = newIdentity(t, g.admin, "deployer")
	cfg, err := g.who.config(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	g.stack = cloudformation.NewFromConfig(cfg)
	return g
}

// upload puts archives where the templates have the code.
func (g *goldenStage) upload(service string) {
	g.t.Helper()
	var archive bytes.Buffer
	z := zip.NewWriter(&archive)
	if _, err := z.Create("bootstrap"); err != nil {
		g.t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		g.t.Fatal(err)
	}
	client, bucket := awsclient.New(g.admin).S3, aws.String("sparta-artifacts-"+goldenAccount+"-"+goldenRegion+"-an")
	_, err := client.CreateBucket(g.t.Context(), &s3.CreateBucketInput{
		Bucket: bucket, BucketNamespace: "account-regional", CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: goldenRegion},
	})
	for _, name := range []string{"app-arm64.zip", "app-x86_64.zip", "provider.zip"} {
		if err == nil {
			_, err = client.PutObject(g.t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: aws.String(service + "/" + name), Body: bytes.NewReader(archive.Bytes())})
		}
	}
	if err != nil {
		g.t.Fatal(err)
	}
}

// outside is what the golden templates use that is of others.
const outside = `{"Resources": {
  "Dead": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "dead"}}, "Others": {"Type": "AWS::SQS::Queue", "Properties": {"QueueName": "others"}},
  "Near": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "near"}}, "Bus": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "others"}},
  "Log": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "outside"}},
  "Bare": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "bare"}},
  "Elsewhere": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": "/aws/lambda/elsewhere"}},
  "Existing": {"Type": "AWS::Events::EventBus", "Properties": {"Name": "existing"}},
  "Times": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "existing"}},
  "Timers": {"Type": "AWS::Scheduler::ScheduleGroup", "Properties": {"Name": "outside"}},
  "Writer": {"Type": "AWS::IAM::Role", "Properties": {
    "AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "apigateway.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "Policies": [{"PolicyName": "logs", "PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "logs:*", "Resource": "*"}]}}]}},
  "Account": {"Type": "AWS::ApiGateway::Account", "Properties": {"CloudWatchRoleArn": {"Fn::GetAtt": ["Writer", "Arn"]}}}},
  "Outputs": {"Group": {"Value": "outside", "Export": {"Name": "group"}}}}`

// surround makes what is outside.
func (g *goldenStage) surround() {
	g.t.Helper()
	_, err := cloudformation.NewFromConfig(g.admin).CreateStack(g.t.Context(), &cloudformation.CreateStackInput{
		StackName: aws.String("outside"), TemplateBody: aws.String(outside),
		Capabilities: []cfntypes.Capability{"CAPABILITY_IAM"},
	})
	if err == nil {
		err = g.wait("outside", cfntypes.StackStatusCreateComplete)
	}
	if err == nil {
		_, err = sns.NewFromConfig(g.admin, func(o *sns.Options) { o.Region = "us-east-1" }).CreateTopic(g.t.Context(), &sns.CreateTopicInput{Name: aws.String("far")})
	}
	if err != nil {
		g.t.Fatal(err)
	}
}

// deploy makes a stack of a template, changes it and deletes it.
func (g *goldenStage) deploy(name, template, after string) error {
	g.t.Helper()
	defer g.clear(name)
	err := g.change(name, cfntypes.ChangeSetTypeCreate, template)
	if err == nil {
		err = g.wait(name, cfntypes.StackStatusCreateComplete)
	}
	if err == nil {
		err = g.change(name, cfntypes.ChangeSetTypeUpdate, after)
	}
	if err == nil {
		err = g.wait(name, cfntypes.StackStatusUpdateComplete)
	}
	if err == nil {
		_, err = g.stack.DeleteStack(g.t.Context(), &cloudformation.DeleteStackInput{StackName: &name})
	}
	if err == nil {
		err = g.wait(name, cfntypes.StackStatusDeleteComplete)
	}
	return err
}

// change executes a change set.
func (g *goldenStage) change(name string, kind cfntypes.ChangeSetType, template string) error {
	ctx, set := g.t.Context(), aws.String(strings.ToLower(string(kind)))
	_, err := g.stack.CreateChangeSet(ctx, &cloudformation.CreateChangeSetInput{
		StackName: &name, ChangeSetName: set, ChangeSetType: kind, TemplateBody: &template, Capabilities: []cfntypes.Capability{"CAPABILITY_NAMED_IAM"},
	})
	if err != nil {
		return err
	}
	for {
		out, err := g.stack.DescribeChangeSet(ctx, &cloudformation.DescribeChangeSetInput{StackName: &name, ChangeSetName: set})
		switch {
		case err != nil:
			return err
		case out.Status == cfntypes.ChangeSetStatusFailed:
			return errors.New(aws.ToString(out.StatusReason) + g.findings(*out.ChangeSetId))
		case out.Status == cfntypes.ChangeSetStatusCreateComplete:
			_, err = g.stack.ExecuteChangeSet(ctx, &cloudformation.ExecuteChangeSetInput{StackName: &name, ChangeSetName: set})
			return err
		}
		time.Sleep(2 * time.Millisecond) // no event says that it is done
	}
}

// findings are those of the early validation of a change set.
func (g *goldenStage) findings(set string) string {
	out, err := cloudformation.NewFromConfig(g.admin).DescribeEvents(g.t.Context(), &cloudformation.DescribeEventsInput{ChangeSetName: &set})
	if err != nil {
		return err.Error()
	}
	var all strings.Builder
	for _, e := range out.OperationEvents {
		all.WriteString("\n" + aws.ToString(e.LogicalResourceId) + ": " + aws.ToString(e.ValidationStatusReason))
	}
	return all.String()
}

// clear deletes what is left of a stack, with the rights of the account.
func (g *goldenStage) clear(name string) {
	g.t.Helper()
	client := cloudformation.NewFromConfig(g.admin)
	if _, err := client.DeleteStack(g.t.Context(), &cloudformation.DeleteStackInput{StackName: &name}); err != nil {
		g.t.Fatal(err)
	}
	if err := g.wait(name, cfntypes.StackStatusDeleteComplete); err != nil {
		g.t.Fatalf("clear: %v", err)
	}
}

// wait waits until a stack moves no more; the error says why its status is not
// the one that is wanted.
func (g *goldenStage) wait(name string, want cfntypes.StackStatus) error {
	client := cloudformation.NewFromConfig(g.admin)
	for {
		out, err := client.DescribeStacks(g.t.Context(), &cloudformation.DescribeStacksInput{StackName: &name})
		if err != nil {
			if want == cfntypes.StackStatusDeleteComplete && strings.Contains(err.Error(), "does not exist") {
				return nil
			}
			return err
		}
		status := out.Stacks[0].StackStatus
		if status == want {
			return nil
		}
		if !strings.HasSuffix(string(status), "_IN_PROGRESS") {
			return errors.New(string(status) + g.reasons(name))
		}
		time.Sleep(2 * time.Millisecond) // no event says that it has moved
	}
}

// reasons are what the events of a stack say of failures.
func (g *goldenStage) reasons(name string) string {
	out, err := cloudformation.NewFromConfig(g.admin).DescribeStackEvents(g.t.Context(), &cloudformation.DescribeStackEventsInput{StackName: &name})
	if err != nil {
		return err.Error()
	}
	var all strings.Builder
	for _, e := range out.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "_FAILED") {
			all.WriteString("\n" + aws.ToString(e.LogicalResourceId) + ": " + aws.ToString(e.ResourceStatusReason))
		}
	}
	return all.String()
}

// TestDeployerOfGoldens has CloudFormation make, change and delete each golden
// template with the rights that `sparta permissions` prints for its service; it
// fails as soon as one of the statements about the resources is missing.
func TestDeployerOfGoldens(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../stage/testdata/*/sparta.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if why, known := goldens[name]; !known || why != "" {
				if !known {
					t.Error("the table does not have the service")
				}
				t.Skip("the embedded AWS does not bring it up: " + why)
			}
			text, err := os.ReadFile("../stage/testdata/" + name + ".template.json")
			if err != nil {
				t.Fatal(err)
			}
			deployGolden(t, file, string(text))
		})
	}
}

func deployGolden(t *testing.T, file, template string) {
	t.Helper()
	printed := permissions(t, file)
	g, after := newGoldenStage(t, printed.Service), changed(t, template)
	whole, name := printed.Deployer, printed.Service
	g.who.may("deployer", whole)
	if err := g.deploy(name, template, after); err != nil {
		t.Fatalf("with the whole policy: %v", err)
	}
	for _, left := range withoutStatement(whole) {
		g.who.may("deployer", left.policy)
		err := g.deploy(name, template, after)
		if why := notForStacks(left); (err == nil) != (why != "") {
			t.Errorf("without %s: %v (%s)", left.name, err, why)
		}
	}
}

// notForStacks says why stacks do not need a statement.
func notForStacks(left reduced) string {
	on := strings.Join(listOf(left.resource), " ")
	switch {
	case strings.Contains(on, "changeSet/"):
		return "Sparta reads the findings of the early validation itself"
	case left.action == "s3:ListBucket" || left.action == "s3:ListBucketVersions" || left.action == "s3:DeleteObjectVersion":
		return "Sparta creates, lists and empties buckets itself: see TestDeployerIsLeast"
	case strings.HasSuffix(on, ":schedule/schedules-*/*"):
		return "the group of a schedule is imported, so that all groups are in another statement"
	case left.action == "iam:GetRole":
		return "Sparta looks at static roles itself"
	}
	return ""
}
