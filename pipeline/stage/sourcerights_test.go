// SPDX-License-Identifier: MIT

package stage

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

const sourcesYAML = `serviceName: orders
functions:
  work: {handler: ./h.Work, %s}
  next: {handler: ./h.Next}
resources:
  Jobs: {Type: "AWS::SQS::Queue"}
  Topic: {Type: "AWS::SNS::Topic"}
  Files: {Type: "AWS::S3::Bucket"}
  Clicks: {Type: "AWS::Kinesis::Stream"}
  Table: {Type: "AWS::DynamoDB::Table", Properties: {StreamSpecification: {StreamViewType: KEYS_ONLY}}}
  Secret: {Type: "AWS::SecretsManager::Secret"}
`

// TestRolesOfSources compares the whole policy of a function's role: what it may
// write to its log, and what its sources and destinations take.
func TestRolesOfSources(t *testing.T) {
	t.Parallel()
	const (
		clicks   = `{"Fn::GetAtt":["Clicks","Arn"]}`
		network  = `{"Effect":"Allow","Action":["ec2:CreateNetworkInterface","ec2:DeleteNetworkInterface","ec2:DescribeNetworkInterfaces","ec2:DescribeSecurityGroups","ec2:DescribeSubnets","ec2:DescribeVpcs"],"Resource":"*"}`
		kafka    = `["kafka:DescribeClusterV2"]`
		brokers  = `{"Effect":"Allow","Action":["kafka:GetBootstrapBrokers"],"Resource":"*"}`
		cluster  = `arn:aws:kafka:eu-west-1:123456789012:cluster/main/1-2`
		reads    = `["kinesis:DescribeStream","kinesis:DescribeStreamSummary","kinesis:GetRecords","kinesis:GetShardIterator","kinesis:ListShards"]`
		changes  = `["dynamodb:DescribeStream","dynamodb:GetRecords","dynamodb:GetShardIterator","dynamodb:ListStreams"]`
		receives = `["sqs:DeleteMessage","sqs:GetQueueAttributes","sqs:ReceiveMessage"]`
		jobs     = `{"Fn::GetAtt":["Jobs","Arn"]}`
		secret   = `{"Effect":"Allow","Action":["secretsmanager:GetSecretValue"],"Resource":{"Ref":"Secret"}}`
	)
	tests := []struct{ name, keys, want string }{
		{"a queue", `events: [sqs: Jobs]`, `{"Effect":"Allow","Action":` + receives + `,"Resource":` + jobs + `}`},
		{"a bucket", `events: [s3: Files]`, ``},
		{"a rule of AWS IoT", `events: [iot: {sql: "SELECT * FROM 'a'", onFailure: Jobs}]`, ``},
		{"a topic", `events: [sns: Topic]`, ``},
		{"a topic through a queue", `events: [sns: {topic: Topic, queue: Jobs}]`, `{"Effect":"Allow","Action":` + receives + `,"Resource":` + jobs + `}`},
		{"a stream", `events: [kinesis: Clicks]`, `{"Effect":"Allow","Action":` + reads + `,"Resource":` + clicks + `}`},
		{"a stream by a consumer", `events: [kinesis: {stream: Clicks, consumer: true}]`,
			`{"Effect":"Allow","Action":["kinesis:DescribeStream","kinesis:DescribeStreamSummary","kinesis:ListShards"],"Resource":` + clicks + `},
			 {"Effect":"Allow","Action":["kinesis:DescribeStreamConsumer","kinesis:SubscribeToShard"],"Resource":{"Fn::GetAtt":["WorkKinesisConsumerClicks","ConsumerARN"]}}`},
		{"a table", `events: [dynamodb: Table]`, `{"Effect":"Allow","Action":` + changes + `,"Resource":{"Fn::GetAtt":["Table","StreamArn"]}}`},
		{"two streams that give up records to a bucket", `events: [kinesis: {stream: Clicks, onFailure: Files}, kinesis: "arn:aws:kinesis:eu-west-1:123456789012:stream/s"]`,
			`{"Effect":"Allow","Action":` + reads + `,"Resource":[` + clicks + `,"arn:aws:kinesis:eu-west-1:123456789012:stream/s"]},
			 {"Effect":"Allow","Action":["s3:ListBucket"],"Resource":{"Fn::GetAtt":["Files","Arn"]}},
			 {"Effect":"Allow","Action":["s3:PutObject"],"Resource":{"Fn::Sub":"${Files.Arn}/*"}}`},
		{"MSK by a secret", `events: [msk: {cluster: "` + cluster + `", topic: t, auth: {scram: Secret}}]`,
			secret + `,{"Effect":"Allow","Action":` + kafka + `,"Resource":"` + cluster + `"},` + brokers + `,` + network},
		{"MSK by the role", `events: [msk: {cluster: "` + cluster + `", topic: t, auth: iam, consumerGroup: g}]`,
			`{"Effect":"Allow","Action":` + kafka + `,"Resource":"` + cluster + `"},` + brokers + `,` + network + `,
			 {"Effect":"Allow","Action":["kafka-cluster:Connect","kafka-cluster:DescribeClusterDynamicConfiguration"],"Resource":"` + cluster + `"},
			 {"Effect":"Allow","Action":["kafka-cluster:DescribeTopic","kafka-cluster:ReadData"],"Resource":"arn:aws:kafka:eu-west-1:123456789012:topic/main/1-2/t"},
			 {"Effect":"Allow","Action":["kafka-cluster:AlterGroup","kafka-cluster:DescribeGroup"],"Resource":"arn:aws:kafka:eu-west-1:123456789012:group/main/1-2/g"}`},
		{"Kafka over the internet", `events: [kafka: {servers: ["k.example.com:9092"], topic: t, auth: {mtls: Secret}, ca: Secret}]`, secret},
		{"Kafka in a VPC", `events: [kafka: {servers: ["k.example.com:9092"], topic: t, vpc: {subnetIds: [subnet-1], securityGroupIds: [sg-1]}}]`, network},
		{"dead letters", `deadLetter: Topic`, `{"Effect":"Allow","Action":["sns:Publish"],"Resource":{"Ref":"Topic"}}`},
		{"destinations", `destinations: {onSuccess: next, onFailure: "arn:aws:events:eu-west-1:123456789012:event-bus/b"}`,
			`{"Effect":"Allow","Action":["lambda:InvokeFunction"],"Resource":{"Fn::Sub":"arn:${AWS::Partition}:lambda:${AWS::Region}:${AWS::AccountId}:function:orders-next"}},
			 {"Effect":"Allow","Action":["events:PutEvents"],"Resource":"arn:aws:events:eu-west-1:123456789012:event-bus/b"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			logs := `{"Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],"Resource":{"Fn::GetAtt":["WorkLogGroup","Arn"]}}`
			if tt.want != "" {
				logs += ","
			}
			var want, got any
			must(t, json.Unmarshal([]byte(`{"Version":"2012-10-17","Statement":[`+logs+tt.want+`]}`), &want))
			resources := resourcesOf(t, tt.keys)
			text, err := json.Marshal(resources["WorkRole"].Properties["Policies"].([]any)[0].(map[string]any)["PolicyDocument"])
			must(t, err)
			must(t, json.Unmarshal(text, &got))
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("policy (-want +got):\n%s", diff)
			}
		})
	}
}

// resourcesOf generates a service of two functions, the first with more keys.
func resourcesOf(t *testing.T, keys string) map[string]*cfn.Resource {
	t.Helper()
	s := service(t, fmt.Sprintf(sourcesYAML, keys))
	d, err := generate(t, s)
	must(t, err)
	return d.Template.Resources
}

// TestAliasedOutcomes: the events of a function that is called by an alias are
// configured for it, and so is the right to send to one.
func TestAliasedOutcomes(t *testing.T) {
	t.Parallel()
	s := service(t, `serviceName: orders
functions:
  work: {handler: ./h.Work, alias: live, destinations: {onSuccess: next}, events: [s3: Files]}
  next: {handler: ./h.Next, alias: live}
resources: {Files: {Type: "AWS::S3::Bucket"}}
`)
	d, err := generate(t, s)
	must(t, err)
	config := d.Template.Resources[spec.EventConfigID("work")]
	want := map[string]any{
		"FunctionName": cfn.Ref("WorkFunction"), "Qualifier": "live",
		"DestinationConfig": map[string]any{"OnSuccess": map[string]any{"Destination": cfn.Ref(spec.AliasID("next"))}},
	}
	if diff := cmp.Diff(want, config.Properties); diff != "" {
		t.Errorf("event configuration (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{spec.AliasID("work")}, config.DependsOn); diff != "" {
		t.Errorf("depends on (-want +got):\n%s", diff)
	}
	rules := d.Template.Resources["Files"].Properties["NotificationConfiguration"].(map[string]any)["LambdaConfigurations"].([]any)
	if diff := cmp.Diff(map[string]any{"Event": "s3:ObjectCreated:*", "Function": cfn.Ref(spec.AliasID("work"))}, rules[0]); diff != "" {
		t.Errorf("notification (-want +got):\n%s", diff)
	}
}
