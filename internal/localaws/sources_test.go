// SPDX-License-Identifier: MIT

package localaws_test

import (
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// sources is a stack with a function behind each kind of source.
const sources = `{
"Resources": {
  "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "Policies": [{"PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"], "Resource": {"Fn::GetAtt": ["Jobs", "Arn"]}},
      {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Failures", "Arn"]}}]}}]}},
  "Clock": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "scheduler.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "Policies": [{"PolicyName": "call", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": "lambda:InvokeFunction", "Resource": {"Fn::GetAtt": ["Recorder", "Arn"]}}]}}]}},
  "Recorder": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "recorder", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
    "Timeout": 60, "Code": {"S3Bucket": "code", "S3Key": "recorder.zip"}, "Environment": {"Variables": {"RECORD": "@record@"}}}},

  "Dead": {"Type": "AWS::SQS::Queue"},
  "Jobs": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 600,
    "RedrivePolicy": {"deadLetterTargetArn": {"Fn::GetAtt": ["Dead", "Arn"]}, "maxReceiveCount": 1}}},
  "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Jobs", "Arn"]}, "FunctionName": {"Ref": "Recorder"},
    "BatchSize": 1}},

  "Failures": {"Type": "AWS::SQS::Queue"},
  "Events": {"Type": "AWS::Lambda::EventInvokeConfig", "Properties": {"FunctionName": {"Ref": "Recorder"}, "Qualifier": "$LATEST", "MaximumRetryAttempts": 0,
    "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Failures", "Arn"]}}}}},

  "Topic": {"Type": "AWS::SNS::Topic"},
  "TopicPermission": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Recorder"},
    "Principal": "sns.amazonaws.com", "SourceArn": {"Ref": "Topic"}}},
  "Subscription": {"Type": "AWS::SNS::Subscription", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "lambda", "Endpoint": {"Fn::GetAtt": ["Recorder", "Arn"]},
    "FilterPolicy": {"kind": ["wanted"]}}},
  "Inbox": {"Type": "AWS::SQS::Queue"},
  "InboxPolicy": {"Type": "AWS::SQS::QueuePolicy", "Properties": {"Queues": [{"Ref": "Inbox"}], "PolicyDocument": {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Inbox", "Arn"]},
     "Condition": {"ArnEquals": {"aws:SourceArn": {"Ref": "Topic"}}}}]}}},
  "InboxSubscription": {"Type": "AWS::SNS::Subscription", "DependsOn": "InboxPolicy", "Properties": {"TopicArn": {"Ref": "Topic"}, "Protocol": "sqs",
    "Endpoint": {"Fn::GetAtt": ["Inbox", "Arn"]}, "RawMessageDelivery": true}},

  "Rule": {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": {"source": ["my.app"]}, "Targets": [{"Id": "f", "Arn": {"Fn::GetAtt": ["Recorder", "Arn"]}}]}},
  "RulePermission": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Recorder"},
    "Principal": "events.amazonaws.com", "SourceArn": {"Fn::GetAtt": ["Rule", "Arn"]}}},

  "Bucket": {"Type": "AWS::S3::Bucket", "DependsOn": "BucketPermission", "Properties": {"BucketName": "rehearsal-inbox", "NotificationConfiguration": {
    "LambdaConfigurations": [{"Event": "s3:ObjectCreated:*", "Function": {"Fn::GetAtt": ["Recorder", "Arn"]},
      "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}}}]}}},
  "BucketPermission": {"Type": "AWS::Lambda::Permission", "Properties": {"Action": "lambda:InvokeFunction", "FunctionName": {"Ref": "Recorder"},
    "Principal": "s3.amazonaws.com", "SourceArn": "arn:aws:s3:::rehearsal-inbox", "SourceAccount": {"Ref": "AWS::AccountId"}}},

  "Schedule": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 hour)", "FlexibleTimeWindow": {"Mode": "OFF"},
    "Target": {"Arn": {"Fn::GetAtt": ["Recorder", "Arn"]}, "RoleArn": {"Fn::GetAtt": ["Clock", "Arn"]}}}}
},
"Outputs": {
  "Jobs": {"Value": {"Ref": "Jobs"}}, "Dead": {"Value": {"Ref": "Dead"}}, "Inbox": {"Value": {"Ref": "Inbox"}}, "Topic": {"Value": {"Ref": "Topic"}},
  "Failures": {"Value": {"Ref": "Failures"}},
  "Mapping": {"Value": {"Ref": "Mapping"}}
}}`

// visibleAgain lets the messages that come from now on be visible again soon
// after they were received, so that nobody waits for what a function refuses.
// What was received before keeps its time: a slow machine may need it.
func (r *rehearsal) visibleAgain(t *testing.T, queue string) {
	t.Helper()
	r.json(t, "sqs", "AmazonSQS.SetQueueAttributes", map[string]any{"QueueUrl": r.outputs[queue], "Attributes": map[string]string{"VisibilityTimeout": "1"}})
}

// Each source of a stack really invokes the function with its event.
func TestSources(t *testing.T) {
	t.Parallel()
	r := rehearse(t, sources)
	r.json(t, "sqs", "AmazonSQS.SendMessage", map[string]any{"QueueUrl": r.outputs["Jobs"], "MessageBody": "a job"})
	r.query(t, "sns", "Action", "Publish", "TopicArn", r.outputs["Topic"], "Message", "unwanted")
	r.query(t, "sns", "Action", "Publish", "TopicArn", r.outputs["Topic"], "Message", "news", "MessageAttributes.entry.1.Name", "kind",
		"MessageAttributes.entry.1.Value.DataType", "String", "MessageAttributes.entry.1.Value.StringValue", "wanted")
	r.json(t, "events", "AWSEvents.PutEvents", map[string]any{"Entries": []any{map[string]any{"Source": "my.app", "DetailType": "Lost", "Detail": `{"say":"fail"}`}}})
	r.json(t, "events", "AWSEvents.PutEvents", map[string]any{"Entries": []any{map[string]any{"Source": "my.app", "DetailType": "Ordered", "Detail": `{"n":1}`}}})

	if _, err := s3Client(r.endpoint).PutObject(t.Context(), &s3.PutObjectInput{Bucket: aws.String("rehearsal-inbox"), Key: aws.String("in/a b.txt"), Body: strings.NewReader("hello")}); err != nil {
		t.Fatal(err)
	}

	var job events.SQSEvent
	r.event(t, &job, `"eventSource":"aws:sqs"`, "a job")
	if job.Records[0].Attributes["ApproximateReceiveCount"] != "1" || job.Records[0].AWSRegion != "us-east-1" {
		t.Errorf("got %+v", job)
	}
	r.visibleAgain(t, "Jobs")
	r.json(t, "sqs", "AmazonSQS.SendMessage", map[string]any{"QueueUrl": r.outputs["Jobs"], "MessageBody": "fail, job"})
	if got := r.letter(t, r.outputs["Dead"]); got != "fail, job" {
		t.Errorf("dead letter %q", got)
	}
	var news events.SNSEvent
	r.event(t, &news, `"EventSource":"aws:sns"`)
	if news.Records[0].SNS.Message != "news" || news.Records[0].SNS.TopicArn != r.outputs["Topic"] {
		t.Errorf("got %+v", news)
	}
	if got := r.letter(t, r.outputs["Inbox"]); got != "unwanted" { // has no filter
		t.Errorf("inbox %q", got)
	}
	if got := r.letter(t, r.outputs["Failures"]); !strings.Contains(got, `"condition":"RetriesExhausted","approximateInvokeCount":1`) || !strings.Contains(got, "told to fail") {
		t.Errorf("failure %s", got)
	}
	var stored events.S3Event
	r.event(t, &stored, `"eventSource":"aws:s3"`)
	if got := stored.Records[0].S3; got.Bucket.Name != "rehearsal-inbox" || got.Object.URLDecodedKey != "in/a b.txt" || got.Object.Size != 5 {
		t.Errorf("got %+v", stored)
	}
	var ordered, tick events.EventBridgeEvent
	r.event(t, &ordered, `"detail-type":"Ordered"`)
	if string(ordered.Detail) != `{"n":1}` || ordered.AccountID != account {
		t.Errorf("got %+v", ordered)
	}
	r.event(t, &tick, `"source":"aws.scheduler"`)
	if !strings.Contains(tick.Resources[0], "schedule/default/rehearsal-Schedule-") {
		t.Errorf("got %+v", tick)
	}
}
