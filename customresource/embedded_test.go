// SPDX-License-Identifier: MIT

package customresource_test

import (
	"archive/zip"
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/ses"
	sestypes "github.com/aws/aws-sdk-go-v2/service/ses/types"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/customresource"
	"github.com/sparta-up/sparta/customresource/notification"
	"github.com/sparta-up/sparta/internal/localaws"
)

const (
	account = "000000000000"
	region  = "us-east-1"
)

// stage is an embedded AWS with a bucket of programs.
type stage struct {
	cloud  *localaws.Cloud
	record string // file of the events that functions got
	stacks *cloudformation.Client
	s3     *s3.Client
	ses    *ses.Client
}

func config(endpoint, account, region string) aws.Config {
	return aws.Config{Region: region, BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider(account, "secret", "")}
}

func storage(endpoint, account, region string) *s3.Client {
	return s3.NewFromConfig(config(endpoint, account, region), func(o *s3.Options) { o.UsePathStyle = true })
}

func openStage(t *testing.T) *stage {
	t.Helper()
	cloud, err := localaws.Open(t.Context(), localaws.Options{Dir: t.TempDir(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := cloud.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	cfg := config(cloud.Endpoint(), account, region)
	return &stage{
		cloud: cloud, record: filepath.Join(t.TempDir(), "record"), stacks: cloudformation.NewFromConfig(cfg),
		s3: storage(cloud.Endpoint(), account, region), ses: ses.NewFromConfig(cfg),
	}
}

func must(t *testing.T) func(any, error) {
	return func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
}

// program builds a Go program and puts it, zipped, into the bucket "code".
func (s *stage) program(t *testing.T, key, dir string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-tags", "lambda.norpc", "-o", file, dir)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	code, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Store}
	header.SetMode(0o755)
	f, err := w.CreateHeader(header)
	must(t)(f, err)
	must(t)(f.Write(code))
	must(t)(nil, w.Close())
	must(t)(s.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("code"), Key: &key, Body: bytes.NewReader(archive.Bytes())}))
}

// until asks until it is so.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	for end := time.Now().Add(60 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("%s has not come about", what)
		}
	}
}

func (s *stage) stack(t *testing.T, id *string) types.Stack {
	t.Helper()
	out, err := s.stacks.DescribeStacks(t.Context(), &cloudformation.DescribeStacksInput{StackName: id})
	if err != nil {
		t.Fatal(err)
	}
	return out.Stacks[0]
}

// settle waits for the end of a stack's operation and returns the status and the
// reasons of what failed.
func (s *stage) settle(t *testing.T, id *string) (types.StackStatus, string) {
	t.Helper()
	until(t, "the end of the operation", func() bool {
		return !strings.HasSuffix(string(s.stack(t, id).StackStatus), "IN_PROGRESS")
	})
	out, err := s.stacks.DescribeStackEvents(t.Context(), &cloudformation.DescribeStackEventsInput{StackName: id})
	if err != nil {
		t.Fatal(err)
	}
	var reasons []string
	for _, e := range out.StackEvents {
		if strings.HasSuffix(string(e.ResourceStatus), "FAILED") {
			reasons = append(reasons, *e.LogicalResourceId+": "+aws.ToString(e.ResourceStatusReason))
		}
	}
	return s.stack(t, id).StackStatus, strings.Join(reasons, "\n")
}

// providerTemplate uses a bucket that it does not make, and activates its rule
// set.
const providerTemplate = `{"Resources":{
	"Role":{"Type":"AWS::IAM::Role","Properties":{"AssumeRolePolicyDocument":{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]},
		"Policies":[{"PolicyName":"builtins","PolicyDocument":{"Version":"2012-10-17","Statement":[
			{"Effect":"Allow","Action":["s3:GetBucketNotification","s3:PutBucketNotification"],"Resource":"arn:aws:s3:::docs"},
			{"Effect":"Allow","Action":["ses:DescribeActiveReceiptRuleSet","ses:SetActiveReceiptRuleSet"],"Resource":"*"}]}}]}},
	"F":{"Type":"AWS::Lambda::Function","Properties":{"FunctionName":"listener","Runtime":"provided.al2023","Handler":"recorder","Role":{"Fn::GetAtt":["Role","Arn"]},"Timeout":20,
		"Environment":{"Variables":{"RECORD":"@record@"}},"Code":{"S3Bucket":"code","S3Key":"recorder.zip"}}},
	"AllowS3":{"Type":"AWS::Lambda::Permission","Properties":{"FunctionName":{"Ref":"F"},"Action":"lambda:InvokeFunction","Principal":"s3.amazonaws.com","SourceArn":"arn:aws:s3:::docs","SourceAccount":{"Ref":"AWS::AccountId"}}},
	"AllowSES":{"Type":"AWS::Lambda::Permission","Properties":{"FunctionName":{"Ref":"F"},"Action":"lambda:InvokeFunction","Principal":"ses.amazonaws.com","SourceAccount":{"Ref":"AWS::AccountId"}}},
	"Notifier":{"Type":"AWS::Lambda::Function","Properties":{"Runtime":"provided.al2023","Handler":"index.bucketNotifications","Role":{"Fn::GetAtt":["Role","Arn"]},"Timeout":60,"Code":{"S3Bucket":"code","S3Key":"provider.zip"}}},
	"Activator":{"Type":"AWS::Lambda::Function","Properties":{"Runtime":"provided.al2023","Handler":"index.activeReceiptRuleSet","Role":{"Fn::GetAtt":["Role","Arn"]},"Timeout":60,"Code":{"S3Bucket":"code","S3Key":"provider.zip"}}},
	"Docs":{"Type":"Custom::SpartaBucketNotifications","DependsOn":"AllowS3","Properties":{"ServiceToken":{"Fn::GetAtt":["Notifier","Arn"]},"ServiceTimeout":60,
		"Bucket":"docs","Notifications":[{"Function":{"Fn::GetAtt":["F","Arn"]},"Events":["s3:ObjectCreated:*"],"Filter":{"Prefix":"in/"}}]}},
	"Set":{"Type":"AWS::SES::ReceiptRuleSet"},
	"Rule":{"Type":"AWS::SES::ReceiptRule","DependsOn":"AllowSES","Properties":{"RuleSetName":{"Ref":"Set"},"Rule":{"Enabled":true,"Recipients":["example.com"],"Actions":[{"LambdaAction":{"FunctionArn":{"Fn::GetAtt":["F","Arn"]}}}]}}},
	"Active":{"Type":"Custom::SpartaActiveReceiptRuleSet","DependsOn":"Rule","Properties":{"ServiceToken":{"Fn::GetAtt":["Activator","Arn"]},"ServiceTimeout":60,"RuleSetName":{"Ref":"Set"}}}}}`

// The built-in resources in a stack of the embedded AWS: the provider's program
// runs as on Lambda and answers CloudFormation.
func TestBuiltinsInAStack(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("compiles two programs")
	}
	s := openStage(t)
	for _, name := range []string{"code", "docs"} {
		must(t)(s.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &name}))
	}
	s.program(t, "provider.zip", "./testdata/provider")
	s.program(t, "recorder.zip", "../internal/localaws/testdata/recorder")
	theirs := s3types.NotificationConfiguration{EventBridgeConfiguration: &s3types.EventBridgeConfiguration{}}
	must(t)(s.s3.PutBucketNotificationConfiguration(t.Context(), &s3.PutBucketNotificationConfigurationInput{Bucket: aws.String("docs"), NotificationConfiguration: &theirs}))

	template := strings.ReplaceAll(providerTemplate, "@record@", s.record)
	create := func(name string) *string {
		t.Helper()
		made, err := s.stacks.CreateStack(t.Context(), &cloudformation.CreateStackInput{
			StackName: &name, TemplateBody: &template, Capabilities: []types.Capability{types.CapabilityCapabilityIam},
		})
		if err != nil {
			t.Fatal(err)
		}
		return made.StackId
	}
	foreign := aws.String("foreign")
	must(t)(s.ses.CreateReceiptRuleSet(t.Context(), &ses.CreateReceiptRuleSetInput{RuleSetName: foreign}))
	must(t)(s.ses.SetActiveReceiptRuleSet(t.Context(), &ses.SetActiveReceiptRuleSetInput{RuleSetName: foreign}))
	if status, reasons := s.settle(t, create("refused")); status != types.StackStatusRollbackComplete || !strings.Contains(reasons, `the rule set "foreign" is active`) {
		t.Fatalf("got %s\n%s", status, reasons)
	}
	if got := s.listeners(t); got != "bridge" {
		t.Errorf("after the rollback the bucket has %s", got)
	}
	must(t)(s.ses.SetActiveReceiptRuleSet(t.Context(), &ses.SetActiveReceiptRuleSetInput{}))

	id := create("shop")
	if status, reasons := s.settle(t, id); status != types.StackStatusCreateComplete {
		t.Fatalf("got %s\n%s", status, reasons)
	}
	if got := s.listeners(t); got != "sparta:shop/Docs/@/1 bridge" {
		t.Errorf("the bucket has %s", got)
	}
	for _, key := range []string{"out/1", "in/2"} {
		must(t)(s.s3.PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("docs"), Key: &key, Body: strings.NewReader("x")}))
	}
	content := func(text string) *sestypes.Content { return &sestypes.Content{Data: &text} }
	must(t)(s.ses.SendEmail(t.Context(), &ses.SendEmailInput{Source: aws.String("a@outside.example"), Destination: &sestypes.Destination{ToAddresses: []string{"me@example.com"}},
		Message: &sestypes.Message{Subject: content("hello stack"), Body: &sestypes.Body{Text: content("x")}}}))
	until(t, "both events", func() bool {
		data, _ := os.ReadFile(s.record)
		if strings.Contains(string(data), "out/1") {
			t.Fatalf("the function is told of a key without the prefix: %s", data)
		}
		return strings.Contains(string(data), `"key":"in/2"`) && strings.Contains(string(data), "hello stack")
	})

	must(t)(s.stacks.DeleteStack(t.Context(), &cloudformation.DeleteStackInput{StackName: id}))
	if status, reasons := s.settle(t, id); status != types.StackStatusDeleteComplete {
		t.Fatalf("got %s\n%s", status, reasons)
	}
	active, err := s.ses.DescribeActiveReceiptRuleSet(t.Context(), &ses.DescribeActiveReceiptRuleSetInput{})
	if got := s.listeners(t); got != "bridge" || err != nil || active.Metadata != nil {
		t.Errorf("what is left: %s, %+v, %v", got, active, err)
	}
}

// entryTime is the time in the id of an entry.
var entryTime = regexp.MustCompile(`(/)[0-9a-z]+(/\d+)$`)

// listeners returns the ids in the configuration of the bucket "docs", with @ for
// the time in them.
func (s *stage) listeners(t *testing.T) string {
	t.Helper()
	c, err := s.s3.GetBucketNotificationConfiguration(t.Context(), &s3.GetBucketNotificationConfigurationInput{Bucket: aws.String("docs")})
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, e := range c.LambdaFunctionConfigurations {
		all = append(all, entryTime.ReplaceAllString(*e.Id, "$1@$2"))
	}
	if c.EventBridgeConfiguration != nil {
		all = append(all, "bridge")
	}
	return strings.Join(all, " ")
}

// Where the bucket is not what the stack thinks, the answer of the embedded S3
// becomes a clear message.
func TestBucketNotificationsElsewhere(t *testing.T) {
	s := openStage(t)
	must(t)(storage(s.cloud.Endpoint(), account, "eu-west-1").CreateBucket(t.Context(), &s3.CreateBucketInput{
		Bucket: aws.String("irish"), CreateBucketConfiguration: &s3types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	}))
	must(t)(storage(s.cloud.Endpoint(), "222222222222", region).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("alien")}))
	must(t)(s.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("docs")}))
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": s.cloud.Endpoint(), "AWS_REGION": region, "AWS_ACCESS_KEY_ID": account, "AWS_SECRET_ACCESS_KEY": "s", "AWS_SESSION_TOKEN": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_PROFILE": "", "AWS_CA_BUNDLE": "",
	} {
		t.Setenv(name, value)
	}
	resource, err := notification.New()
	if err != nil {
		t.Fatal(err)
	}
	for bucket, want := range map[string]string{
		"irish": "another region: S3 notifies functions of the bucket's own region, eu-west-1, but these are in us-east-1",
		"alien": "it is not of account " + account, "nowhere": "there is no such bucket", "docs": "let it in",
	} {
		r := customresource.Request{
			Type: customresource.Create, StackID: "arn:aws:cloudformation:us-east-1:000000000000:stack/shop/1", LogicalID: "Docs",
			Properties: map[string]any{"Bucket": bucket, "Notifications": []any{map[string]any{
				"Function": "arn:aws:lambda:us-east-1:000000000000:function:none", "Events": []any{"s3:ObjectCreated:*"},
			}}},
		}
		if _, err := resource.Create(t.Context(), r); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want ...%s...", bucket, err, want)
		}
		if err := resource.Delete(t.Context(), r); err != nil && bucket != "alien" {
			t.Errorf("%s: delete: %v", bucket, err)
		}
	}
}
