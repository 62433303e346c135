// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

// streams is a stack whose function reads a stream, also by way of a consumer.
const streams = `{
"Resources": {
  "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "Policies": [{"PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["kinesis:DescribeStream", "kinesis:GetRecords", "kinesis:GetShardIterator", "kinesis:ListShards"], "Resource": {"Fn::GetAtt": ["Orders", "Arn"]}},
      {"Effect": "Allow", "Action": "kinesis:SubscribeToShard", "Resource": {"Fn::Sub": "${Orders.Arn}/consumer/fan:*"}},
      {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::rehearsal-failures/*"},
      {"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::rehearsal-failures"},
      {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Dead", "Arn"]}}]}}]}},
  "Recorder": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "recorder", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
    "Timeout": 60, "Code": {"S3Bucket": "code", "S3Key": "recorder.zip"}, "Environment": {"Variables": {"RECORD": "@record@"}}}},
  "Orders": {"Type": "AWS::Kinesis::Stream", "Properties": {"ShardCount": 1, "RetentionPeriodHours": 48, "Tags": [{"Key": "team", "Value": "a"}]}},
  "Failures": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "rehearsal-failures"}},
  "Dead": {"Type": "AWS::SQS::Queue"},
  "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Orders", "Arn"]}, "FunctionName": {"Ref": "Recorder"},
    "StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": 0, "BisectBatchOnFunctionError": true, "MaximumRecordAgeInSeconds": 3600, "ParallelizationFactor": 2,
    "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Failures", "Arn"]}}},
    "FilterCriteria": {"Filters": [{"Pattern": "{\"data\":{\"kind\":[\"wanted\"]}}"}]}}},
  "Fan": {"Type": "AWS::Kinesis::StreamConsumer", "Properties": {"ConsumerName": "fan", "StreamARN": {"Fn::GetAtt": ["Orders", "Arn"]}}},
  "FanMapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": {"Ref": "Fan"}, "FunctionName": {"Ref": "Recorder"},
    "StartingPosition": "LATEST", "MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Dead", "Arn"]}}}}}
},
"Outputs": {"Orders": {"Value": {"Ref": "Orders"}}, "Arn": {"Value": {"Fn::GetAtt": ["Orders", "Arn"]}}, "Fan": {"Value": {"Fn::GetAtt": ["Fan", "ConsumerARN"]}},
  "Dead": {"Value": {"Ref": "Dead"}}, "Mapping": {"Value": {"Ref": "Mapping"}}, "Role": {"Value": {"Fn::GetAtt": ["Role", "Arn"]}}}
}`

// What a client puts into a stream of a stack really reaches the function, and
// what that does not handle is told to a bucket and a queue.
func TestStream(t *testing.T) {
	t.Parallel()
	r := rehearse(t, streams)
	client := kinesis.NewFromConfig(config(r.endpoint))
	name := aws.String(r.outputs["Orders"])
	put, err := client.PutRecords(t.Context(), &kinesis.PutRecordsInput{StreamName: name, Records: []types.PutRecordsRequestEntry{
		{PartitionKey: aws.String("one"), Data: []byte(`{"kind":"wanted","n":1}`)},
		{PartitionKey: aws.String("two"), Data: []byte(`{"kind":"unwanted"}`)},
		{PartitionKey: aws.String("fail"), Data: []byte(`{"kind":"wanted","n":2}`)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	var e events.KinesisEvent
	r.event(t, &e, `"eventSourceARN":"`+r.outputs["Arn"]+`"`, `"partitionKey":"one"`)
	if got := e.Records[0]; string(got.Kinesis.Data) != `{"kind":"wanted","n":1}` || got.Kinesis.SequenceNumber != *put.Records[0].SequenceNumber ||
		got.EventID != *put.Records[0].ShardId+":"+got.Kinesis.SequenceNumber || got.InvokeIdentityArn != r.outputs["Role"] || got.AwsRegion != "us-east-1" {
		t.Errorf("got %+v", got)
	}
	r.event(t, &e, `"eventSourceARN":"`+r.outputs["Fan"]+`"`, `"partitionKey":"two"`)
	for _, line := range r.events(t) {
		if strings.Contains(line, `"eventSourceARN":"`+r.outputs["Arn"]+`"`) && strings.Contains(line, `"partitionKey":"two"`) {
			t.Errorf("passed the filter: %s", line)
		}
	}
	if got := r.letter(t, r.outputs["Dead"]); !strings.Contains(got, `"condition":"RetryAttemptsExhausted","approximateInvokeCount":1`) || !strings.Contains(got, `"KinesisBatchInfo"`) {
		t.Errorf("dead letter %s", got)
	}
	r.failureObject(t, *put.Records[2].SequenceNumber)
	out, err := lambda.NewFromConfig(config(r.endpoint)).GetEventSourceMapping(t.Context(), &lambda.GetEventSourceMappingInput{UUID: aws.String(r.outputs["Mapping"])})
	if err != nil || *out.MaximumRetryAttempts != 0 || *out.ParallelizationFactor != 2 || *out.DestinationConfig.OnFailure.Destination != "arn:aws:s3:::rehearsal-failures" ||
		!*out.BisectBatchOnFunctionError || out.StartingPosition != "TRIM_HORIZON" || *out.MaximumRecordAgeInSeconds != 3600 || *out.BatchSize != 100 {
		t.Errorf("mapping %+v, %v", out, err)
	}
}

// failureObject waits for the object that tells of a record that was given up.
func (r *rehearsal) failureObject(t *testing.T, sequence string) {
	t.Helper()
	storage := s3Client(r.endpoint)
	bucket := aws.String("rehearsal-failures")
	var key string
	r.await(t, "the failure in the bucket", func() bool {
		list, err := storage.ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: bucket})
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range list.Contents {
			key = *o.Key
		}
		return key != ""
	})
	form := `^aws/lambda/` + r.outputs["Mapping"] + `/shardId-000000000000/\d{4}/\d\d/\d\d/\d{4}-\d\d-\d\dT\d\d\.\d\d\.\d\d-[0-9a-f-]{36}$`
	if !regexp.MustCompile(form).MatchString(key) {
		t.Errorf("key %s", key)
	}
	object, err := storage.GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	defer object.Body.Close()
	data, err := io.ReadAll(object.Body)
	if err != nil {
		t.Fatal(err)
	}
	var failure struct {
		RequestContext   struct{ Condition string }
		KinesisBatchInfo struct{ StartSequenceNumber, EndSequenceNumber, StreamArn string }
		Payload          string
	}
	if err := json.Unmarshal(data, &failure); err != nil {
		t.Fatal(err)
	}
	if i := failure.KinesisBatchInfo; failure.RequestContext.Condition != "RetryAttemptsExhausted" || i.StartSequenceNumber != sequence || i.EndSequenceNumber != sequence || i.StreamArn != r.outputs["Arn"] {
		t.Errorf("got %s", data)
	}
	var e events.KinesisEvent
	if err := json.Unmarshal([]byte(failure.Payload), &e); err != nil || len(e.Records) != 1 || e.Records[0].Kinesis.PartitionKey != "fail" {
		t.Errorf("payload %s: %v", failure.Payload, err)
	}
}

// A stream, its records and how far a mapping has come outlive the process.
func TestStreamSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := openCloud(t, dir)
	client := kinesis.NewFromConfig(config(c.Endpoint()))
	name := aws.String("kept")
	if _, err := client.CreateStream(t.Context(), &kinesis.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	if err := kinesis.NewStreamExistsWaiter(client).Wait(t.Context(), &kinesis.DescribeStreamInput{StreamName: name}, patience); err != nil {
		t.Fatal(err)
	}
	put, err := client.PutRecord(t.Context(), &kinesis.PutRecordInput{StreamName: name, PartitionKey: aws.String("k"), Data: []byte("x")})
	if err != nil {
		t.Fatal(err)
	}
	closeCloud(t, c)
	client = kinesis.NewFromConfig(config(openCloud(t, dir).Endpoint()))
	it, err := client.GetShardIterator(t.Context(), &kinesis.GetShardIteratorInput{StreamName: name, ShardId: put.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetRecords(t.Context(), &kinesis.GetRecordsInput{ShardIterator: it.ShardIterator})
	if err != nil || len(got.Records) != 1 || string(got.Records[0].Data) != "x" || *got.Records[0].SequenceNumber != *put.SequenceNumber {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestCommandLineStreamToFunction(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.withFunction(t)
	c.must(t, "", "iam", "attach-role-policy", "--role-name", "worker", "--policy-arn", "arn:aws:iam::aws:policy/service-role/AWSLambdaKinesisExecutionRole")
	c.must(t, "", "iam", "attach-role-policy", "--role-name", "worker", "--policy-arn", "arn:aws:iam::aws:policy/AmazonSQSFullAccess")
	c.must(t, "", "kinesis", "create-stream", "--stream-name", "orders", "--shard-count", "2")
	c.must(t, "", "kinesis", "wait", "stream-exists", "--stream-name", "orders")
	source := "arn:aws:kinesis:us-east-1:" + account + ":stream/orders"
	c.must(t, `"OpenShardCount": 2`, "kinesis", "describe-stream-summary", "--stream-name", "orders")
	c.must(t, source, "kinesis", "describe-stream", "--stream-name", "orders")
	c.must(t, `"orders"`, "kinesis", "list-streams")
	c.must(t, "shardId-000000000001", "kinesis", "list-shards", "--stream-name", "orders")
	c.must(t, "", "kinesis", "add-tags-to-stream", "--stream-name", "orders", "--tags", "team=a")
	c.must(t, `"Value": "a"`, "kinesis", "list-tags-for-stream", "--stream-name", "orders")
	c.must(t, "", "kinesis", "increase-stream-retention-period", "--stream-name", "orders", "--retention-period-hours", "48")
	consumer := c.must(t, source+"/consumer/fan:", "kinesis", "register-stream-consumer", "--stream-arn", source, "--consumer-name", "fan")
	if !strings.Contains(consumer, `"ConsumerStatus": "ACTIVE"`) {
		t.Errorf("got %s", consumer)
	}
	queue := field(t, c.must(t, "QueueUrl", "sqs", "create-queue", "--queue-name", "failures"), "QueueUrl")
	mapping := field(t, c.must(t, `"StartingPositionTimestamp": `, "lambda", "create-event-source-mapping", "--function-name", "recorder", "--event-source-arn", source,
		"--starting-position", "AT_TIMESTAMP", "--starting-position-timestamp", "2026-01-01T00:00:00Z", "--batch-size", "10", "--maximum-retry-attempts", "1", "--bisect-batch-on-function-error", "--parallelization-factor", "2",
		"--maximum-record-age-in-seconds", "3600", "--function-response-types", "ReportBatchItemFailures",
		"--destination-config", "OnFailure={Destination=arn:aws:sqs:us-east-1:"+account+":failures}"), "UUID")
	shard := field(t, c.must(t, "SequenceNumber", "kinesis", "put-record", "--stream-name", "orders", "--partition-key", "first", "--data", "aGVsbG8="), "ShardId")
	c.recorded(t, `"partitionKey":"first"`)
	c.must(t, `"FailedRecordCount": 0`, "kinesis", "put-records", "--stream-name", "orders", "--records", "Data=YQ==,PartitionKey=second", "Data=Yg==,PartitionKey=fail")
	c.recorded(t, `"partitionKey":"second"`)
	iterator := field(t, c.must(t, "ShardIterator", "kinesis", "get-shard-iterator", "--stream-name", "orders", "--shard-id", shard, "--shard-iterator-type", "TRIM_HORIZON"), "ShardIterator")
	c.must(t, `"PartitionKey": "first"`, "kinesis", "get-records", "--shard-iterator", iterator)
	c.must(t, "KinesisBatchInfo", "sqs", "receive-message", "--queue-url", queue, "--wait-time-seconds", "20")
	c.must(t, `"State": "Updating"`, "lambda", "update-event-source-mapping", "--uuid", mapping, "--no-enabled", "--maximum-retry-attempts", "5")
	c.must(t, `"MaximumRetryAttempts": 5`, "lambda", "get-event-source-mapping", "--uuid", mapping)
	c.must(t, `"State": "Deleting"`, "lambda", "delete-event-source-mapping", "--uuid", mapping)
	c.mustNot(t, "Stream not found", "lambda", "create-event-source-mapping", "--function-name", "recorder", "--event-source-arn", source+"2", "--starting-position", "LATEST")
	c.mustNot(t, "startingPosition", "lambda", "create-event-source-mapping", "--function-name", "recorder", "--event-source-arn", source)
	c.mustNot(t, `does not model operation "UpdateShardCount" of Kinesis`, "kinesis", "update-shard-count", "--stream-name", "orders", "--target-shard-count", "4", "--scaling-type", "UNIFORM_SCALING")
	c.mustNot(t, "ResourceInUseException", "kinesis", "delete-stream", "--stream-name", "orders")
	c.must(t, "", "kinesis", "delete-stream", "--stream-name", "orders", "--enforce-consumer-deletion")
	c.must(t, "", "kinesis", "wait", "stream-not-exists", "--stream-name", "orders")
}
