// SPDX-License-Identifier: MIT

package stage

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// functionPolicy is the whole policy of the role of a service's only function,
// a line for each statement, without the statement about its logs.
func functionPolicy(t *testing.T, yaml string) []string {
	t.Helper()
	s := service(t, yaml)
	d, err := generate(t, s)
	must(t, err)
	role := d.Template.Resources["WorkRole"]
	policies := role.Properties["Policies"].([]any)
	if len(policies) != 1 {
		t.Fatalf("%d policies", len(policies))
	}
	statements := policies[0].(map[string]any)["PolicyDocument"].(map[string]any)["Statement"].([]any)
	var lines []string
	for _, statement := range statements {
		data, err := json.Marshal(statement)
		must(t, err)
		lines = append(lines, string(data))
	}
	const logs = `{"Action":["logs:CreateLogStream","logs:PutLogEvents"],"Effect":"Allow","Resource":{"Fn::GetAtt":["WorkLogGroup","Arn"]}}`
	if lines[0] != logs {
		t.Errorf("logs: %s", lines[0])
	}
	return lines[1:]
}

func statement(actions, resource string) string {
	return `{"Action":["` + strings.ReplaceAll(actions, " ", `","`) + `"],"Effect":"Allow","Resource":` + resource + `}`
}

// TestIntents compares the whole policy for what the code is said to do.
func TestIntents(t *testing.T) {
	t.Parallel()
	const (
		table  = `{"Fn::GetAtt":["Table","Arn"]}`
		bucket = `{"Fn::GetAtt":["Bucket","Arn"]}`
		inside = `{"Fn::Sub":"${Bucket.Arn}/*"}`
	)
	tests := []struct {
		permissions string
		want        []string
	}{
		{`read: Table`, []string{
			statement("dynamodb:BatchGetItem dynamodb:ConditionCheckItem dynamodb:GetItem dynamodb:Query dynamodb:Scan", "["+table+"]"),
			statement("dynamodb:Query dynamodb:Scan", `[{"Fn::Sub":"${Table.Arn}/index/*"}]`)}},
		{`write: Table`, []string{statement("dynamodb:BatchWriteItem dynamodb:DeleteItem dynamodb:PutItem dynamodb:UpdateItem", "["+table+"]")}},
		{`read: "arn:aws:dynamodb:eu-west-1:123456789012:table/books"`, []string{statement(
			"dynamodb:BatchGetItem dynamodb:ConditionCheckItem dynamodb:GetItem dynamodb:Query dynamodb:Scan",
			`["arn:aws:dynamodb:eu-west-1:123456789012:table/books"]`),
			statement("dynamodb:Query dynamodb:Scan", `["arn:aws:dynamodb:eu-west-1:123456789012:table/books/index/*"]`)}},
		{`read: Bucket`, []string{statement("s3:ListBucket", "["+bucket+"]"), statement("s3:GetObject", "["+inside+"]")}},
		{`write: !GetAtt Bucket.Arn`, []string{statement("s3:AbortMultipartUpload s3:DeleteObject s3:PutObject", "["+inside+"]")}},
		{`write: !Sub "${Bucket.Arn}"`, []string{statement("s3:AbortMultipartUpload s3:DeleteObject s3:PutObject", "["+inside+"]")}},
		{`send: Queue`, []string{statement("sqs:GetQueueUrl sqs:SendMessage", `[{"Fn::GetAtt":["Queue","Arn"]}]`)}},
		{`receive: Queue`, []string{statement("sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:GetQueueUrl sqs:ReceiveMessage",
			`[{"Fn::GetAtt":["Queue","Arn"]}]`)}},
		{`publish: [Topic, "arn:aws:events:eu-west-1:123456789012:event-bus/orders"]`, []string{
			statement("sns:Publish", `[{"Ref":"Topic"}]`), statement("events:PutEvents", `["arn:aws:events:eu-west-1:123456789012:event-bus/orders"]`)}},
		{`write: Stream`, []string{statement("kinesis:DescribeStreamSummary kinesis:PutRecord kinesis:PutRecords", `[{"Fn::GetAtt":["Stream","Arn"]}]`)}},
		{`read: Stream`, []string{statement("kinesis:DescribeStreamSummary kinesis:GetRecords kinesis:GetShardIterator kinesis:ListShards",
			`[{"Fn::GetAtt":["Stream","Arn"]}]`)}},
		{`read: Secret`, []string{statement("secretsmanager:DescribeSecret secretsmanager:GetSecretValue", `[{"Ref":"Secret"}]`)}},
		{`decrypt: Key`, []string{statement("kms:Decrypt", `[{"Fn::GetAtt":["Key","Arn"]}]`)}},
		{`encrypt: Key`, []string{statement("kms:Encrypt kms:GenerateDataKey kms:ReEncryptFrom kms:ReEncryptTo", `[{"Fn::GetAtt":["Key","Arn"]}]`)}},
		{`start: Machine`, []string{statement("states:StartExecution", `[{"Ref":"Machine"}]`)}},
		{`invoke: work`, []string{statement("lambda:InvokeFunction",
			`[{"Fn::Sub":"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:orders-work"},`+
				`{"Fn::Sub":"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:orders-work:*"}]`)}},
	}
	for _, test := range tests {
		t.Run(test.permissions, func(t *testing.T) {
			t.Parallel()
			got := functionPolicy(t, "serviceName: orders\nfunctions:\n  work:\n    handler: ./h.Work\n    permissions:\n      - "+test.permissions+`
resources:
  Table: {Type: "AWS::DynamoDB::Table"}
  Bucket: {Type: "AWS::S3::Bucket"}
  Queue: {Type: "AWS::SQS::Queue"}
  Topic: {Type: "AWS::SNS::Topic"}
  Stream: {Type: "AWS::Kinesis::Stream"}
  Secret: {Type: "AWS::SecretsManager::Secret"}
  Key: {Type: "AWS::KMS::Key"}
  Machine: {Type: "AWS::StepFunctions::StateMachine"}
`)
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
}

// TestSourceRights compares the whole policy for what sources and settings need.
func TestSourceRights(t *testing.T) {
	t.Parallel()
	const ec2 = "ec2:AssignPrivateIpAddresses ec2:CreateNetworkInterface ec2:DeleteNetworkInterface " +
		"ec2:DescribeNetworkInterfaces ec2:DescribeSubnets ec2:UnassignPrivateIpAddresses"
	tests := []struct {
		name, function string
		want           []string
	}{
		{"nothing", ``, []string{}},
		{"a queue", `events: [sqs: Queue]`, []string{
			statement("sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage", `{"Fn::GetAtt":["Queue","Arn"]}`)}},
		{"two queues", `events: [sqs: Queue, sqs: "arn:aws:sqs:eu-west-1:123456789012:other"]`, []string{
			statement("sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
				`[{"Fn::GetAtt":["Queue","Arn"]},"arn:aws:sqs:eu-west-1:123456789012:other"]`)}},
		{"tracing", `tracing: true`, []string{statement("xray:PutTelemetryRecords xray:PutTraceSegments", `"*"`)}},
		{"a key", `kmsKey: Key`, []string{statement("kms:Decrypt", `{"Fn::GetAtt":["Key","Arn"]}`)}},
		{"a VPC", `vpc: {subnetIds: [subnet-1], securityGroupIds: [sg-1]}`, []string{
			statement(ec2, `"*"`),
			`{"Action":["` + strings.ReplaceAll(ec2, " ", `","`) + `"],"Condition":{"ArnEquals":{"lambda:SourceFunctionArn":` +
				`{"Fn::Sub":"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:orders-work"}}},"Effect":"Deny","Resource":"*"}`,
		}},
		{"its permissions first", `permissions: [send: Queue], tracing: true`, []string{
			statement("sqs:GetQueueUrl sqs:SendMessage", `[{"Fn::GetAtt":["Queue","Arn"]}]`),
			statement("xray:PutTelemetryRecords xray:PutTraceSegments", `"*"`)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := functionPolicy(t, "serviceName: orders\nfunctions:\n  work: {handler: ./h.Work, "+test.function+`}
resources:
  Queue: {Type: "AWS::SQS::Queue"}
  Key: {Type: "AWS::KMS::Key"}
`)
			if diff := cmp.Diff(test.want, got); diff != "" && len(test.want)+len(got) > 0 {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
}

// TestCompleteVersion: a version has a new name when the function is another
// one, and only then.
func TestCompleteVersion(t *testing.T) {
	t.Parallel()
	version := func(function string) string {
		template := decorated(t, service(t, "serviceName: orders\nfunctions:\n  work: {handler: ./h.Work, alias: live, "+function+"}\n"))
		for id, r := range template.Resources {
			if r.Type == "AWS::Lambda::Version" {
				return id
			}
		}
		t.Fatal("no version")
		return ""
	}
	first := version("")
	if !strings.HasPrefix(first, "WorkVersion") || len(first) <= len("WorkVersion") {
		t.Errorf("version is %s", first)
	}
	for _, same := range []string{"", "tags: {a: b}", "reservedConcurrency: 5", "recursiveLoop: allow"} {
		if got := version(same); got != first {
			t.Errorf("%q: got %s, want %s", same, got, first)
		}
	}
	for _, other := range []string{"memory: 256", "environment: {AA: b}", "timeout: 5s"} {
		if got := version(other); got == first {
			t.Errorf("%q: the same version", other)
		}
	}
}
