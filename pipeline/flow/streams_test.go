// SPDX-License-Identifier: MIT

package flow_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/sparta-up/sparta/pipeline/stage"
)

const streamYAML = `functions:
  first: {handler: ./handlers.Record, events: [kinesis: Clicks]}
  second:
    handler: ./handlers.Record
    events:
      - kinesis: {stream: Clicks, filters: [{data: {kind: [order]}}], retries: 0, onFailure: Dead}
  wide:
    handler: ./handlers.Record
    events:
      - kinesis: {stream: Clicks, consumer: true}
  dead: {handler: ./handlers.Any, events: [sqs: Dead]}
resources:
  Clicks: {Type: AWS::Kinesis::Stream, DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {Name: clicks, ShardCount: 1}}
  Dead: {Type: AWS::SQS::Queue, DeletionPolicy: Delete, UpdateReplacePolicy: Delete}
`

// TestSourceStream: two readers and a consumer of one stream, a filter, what is
// given up, and a source that is taken away.
func TestSourceStream(t *testing.T) {
	t.Parallel()
	r := newRecording(t, streamYAML)
	r.mustUp(stage.Created)
	put := func(key, data string) {
		_, err := kinesis.NewFromConfig(r.config()).PutRecord(t.Context(), &kinesis.PutRecordInput{
			StreamName: aws.String("clicks"), PartitionKey: &key, Data: []byte(data),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	put("one", `{"kind":"order","n":1}`)
	put("two", `{"kind":"other","n":2}`)
	// Data is in base64 in an event: the records are told apart by their keys.
	var e events.KinesisEvent
	for _, function := range []string{"first", "wide"} {
		r.await(function, `"partitionKey":"one"`, &e)
		if got := e.Records[0]; string(got.Kinesis.Data) != `{"kind":"order","n":1}` || got.EventSource != "aws:kinesis" {
			t.Errorf("%s: got %+v", function, got)
		}
	}
	r.await("second", "partitionKey", &e)
	if len(e.Records) != 1 || string(e.Records[0].Kinesis.Data) != `{"kind":"order","n":1}` {
		t.Errorf("second: the filter lets pass %+v", e.Records)
	}

	put("please fail", `{"kind":"order"}`)
	var dead map[string]any
	r.await("dead", "KinesisBatchInfo", &dead)

	r.edit("sparta.yaml", "  first: {handler: ./handlers.Record, events: [kinesis: Clicks]}", "  first: {handler: ./handlers.Record}")
	r.mustUp(stage.Updated)
	out, err := r.clients().Lambda.ListEventSourceMappings(t.Context(), &lambda.ListEventSourceMappingsInput{FunctionName: aws.String("Orders-first")})
	if err != nil || len(out.EventSourceMappings) != 0 {
		t.Errorf("first still has %v, %v", out.EventSourceMappings, err)
	}
}

const tableYAML = `functions:
  changes: {handler: ./handlers.Change, events: [dynamodb: {table: Table, batchSize: 1}]}
resources:
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      TableName: entries
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
`

// TestSourceTable: the changes of a table call a function.
func TestSourceTable(t *testing.T) {
	t.Parallel()
	r := newRecording(t, tableYAML)
	r.mustUp(stage.Created)
	item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "ada"}}
	if _, err := dynamodb.NewFromConfig(r.config()).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("entries"), Item: item}); err != nil {
		t.Fatal(err)
	}
	var change events.DynamoDBEvent
	r.await("changes", `"ada"`, &change)
	if got := change.Records[0]; got.EventName != "INSERT" || got.Change.NewImage["id"].String() != "ada" {
		t.Errorf("got %+v", got)
	}
}

const windowYAML = `functions:
  sums: {handler: ./handlers.Sum, events: [kinesis: {stream: Clicks, tumblingWindow: 2, batchSize: 1}]}
  counts: {handler: ./handlers.Count, events: [dynamodb: {table: Table, tumblingWindow: 2}]}
resources:
  Clicks: {Type: AWS::Kinesis::Stream, DeletionPolicy: Delete, UpdateReplacePolicy: Delete, Properties: {Name: clicks, ShardCount: 1}}
  Table:
    Type: AWS::DynamoDB::Table
    DeletionPolicy: Delete
    UpdateReplacePolicy: Delete
    Properties:
      TableName: entries
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
`

// TestSourceWindow: functions that hand a state from event to event, and get it at
// the end of a window.
func TestSourceWindow(t *testing.T) {
	t.Parallel()
	r := newRecording(t, windowYAML)
	r.mustUp(stage.Created)
	for _, key := range []string{"one", "two"} {
		if _, err := kinesis.NewFromConfig(r.config()).PutRecord(t.Context(), &kinesis.PutRecordInput{
			StreamName: aws.String("clicks"), PartitionKey: &key, Data: []byte("x"),
		}); err != nil {
			t.Fatal(err)
		}
	}
	item := map[string]types.AttributeValue{"id": &types.AttributeValueMemberS{Value: "ada"}}
	if _, err := dynamodb.NewFromConfig(r.config()).PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("entries"), Item: item}); err != nil {
		t.Fatal(err)
	}
	var change events.DynamoDBTimeWindowEvent
	r.await("counts", `"isFinalInvokeForWindow":true`, &change)
	if change.State["seen"] != "ada" || len(change.Records) != 0 || change.Window.End.Sub(change.Window.Start.Time) != 2*time.Second {
		t.Errorf("got %+v", change)
	}
	r.await("sums", `"two"`, new(events.KinesisTimeWindowEvent)) // maybe in a window of its own
	var e events.KinesisTimeWindowEvent
	r.await("sums", `"isFinalInvokeForWindow":true`, &e)
	if !strings.HasPrefix(e.State["seen"], "one") || len(e.Records) != 0 || e.IsWindowTerminatedEarly {
		t.Errorf("got %+v", e)
	}
}
