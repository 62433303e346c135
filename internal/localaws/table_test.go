// SPDX-License-Identifier: MIT

package localaws_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"
)

// tables is a stack whose function reads the changes of a table.
const tables = `{
"Resources": {
  "Role": {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": {"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"}]},
    "Policies": [{"PolicyName": "read", "PolicyDocument": {"Version": "2012-10-17", "Statement": [
      {"Effect": "Allow", "Action": ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"], "Resource": {"Fn::GetAtt": ["Orders", "StreamArn"]}},
      {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Fn::GetAtt": ["Dead", "Arn"]}}]}}]}},
  "Recorder": {"Type": "AWS::Lambda::Function", "Properties": {"Runtime": "provided.al2023", "Handler": "recorder", "Role": {"Fn::GetAtt": ["Role", "Arn"]},
    "Timeout": 60, "Code": {"S3Bucket": "code", "S3Key": "recorder.zip"}, "Environment": {"Variables": {"RECORD": "@record@"}}}},
  "Orders": {"Type": "AWS::DynamoDB::Table", "Properties": {"BillingMode": "PAY_PER_REQUEST",
    "AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}, {"AttributeName": "sk", "AttributeType": "N"}, {"AttributeName": "state", "AttributeType": "S"}],
    "KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}, {"AttributeName": "sk", "KeyType": "RANGE"}],
    "GlobalSecondaryIndexes": [{"IndexName": "byState", "KeySchema": [{"AttributeName": "state", "KeyType": "HASH"}], "Projection": {"ProjectionType": "KEYS_ONLY"}}],
    "StreamSpecification": {"StreamViewType": "NEW_AND_OLD_IMAGES"}, "TimeToLiveSpecification": {"AttributeName": "end", "Enabled": true},
    "PointInTimeRecoverySpecification": {"PointInTimeRecoveryEnabled": true}, "SSESpecification": {"SSEEnabled": true}, "Tags": [{"Key": "team", "Value": "a"}]}},
  "Dead": {"Type": "AWS::SQS::Queue"},
  "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": {"Fn::GetAtt": ["Orders", "StreamArn"]}, "FunctionName": {"Ref": "Recorder"},
    "StartingPosition": "TRIM_HORIZON", "MaximumRetryAttempts": 0, "DestinationConfig": {"OnFailure": {"Destination": {"Fn::GetAtt": ["Dead", "Arn"]}}},
    "FilterCriteria": {"Filters": [{"Pattern": "{\"eventName\":[\"INSERT\"],\"dynamodb\":{\"NewImage\":{\"state\":{\"S\":[\"wanted\"]}}}}"},
      {"Pattern": "{\"userIdentity\":{\"type\":[\"Service\"]}}"}]}}}
},
"Outputs": {"Orders": {"Value": {"Ref": "Orders"}}, "Arn": {"Value": {"Fn::GetAtt": ["Orders", "Arn"]}}, "Stream": {"Value": {"Fn::GetAtt": ["Orders", "StreamArn"]}}, "Dead": {"Value": {"Ref": "Dead"}}}
}`

// A change of a table of a stack really reaches the function, filtered, and as
// an event that aws-lambda-go decodes without losing anything.
func TestTable(t *testing.T) {
	t.Parallel()
	r := rehearse(t, tables)
	client := dynamodb.NewFromConfig(config(r.endpoint))
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	put := func(pk, state string, more map[string]types.AttributeValue) {
		t.Helper()
		item := map[string]types.AttributeValue{"pk": text(pk), "sk": &types.AttributeValueMemberN{Value: "1.50"}, "state": text(state)}
		maps.Copy(item, more)
		if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String(r.outputs["Orders"]), Item: item}); err != nil {
			t.Fatal(err)
		}
	}
	if !strings.HasPrefix(r.outputs["Orders"], "rehearsal-Orders-") || !strings.HasPrefix(r.outputs["Stream"], r.outputs["Arn"]+"/stream/") {
		t.Errorf("outputs %v", r.outputs)
	}
	put("ignored", "unwanted", nil)
	put("bad", "wanted", map[string]types.AttributeValue{"told": text("fail")})
	put("good", "wanted", map[string]types.AttributeValue{
		"b": &types.AttributeValueMemberB{Value: []byte{0, 255}}, "t": &types.AttributeValueMemberBOOL{Value: true}, "null": &types.AttributeValueMemberNULL{Value: true},
		"ss": &types.AttributeValueMemberSS{Value: []string{"a"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"1"}}, "bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}}},
		"m":   &types.AttributeValueMemberM{Value: map[string]types.AttributeValue{"l": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("x")}}}},
		"end": &types.AttributeValueMemberN{Value: fmt.Sprint(time.Now().Add(3 * time.Second).Unix())},
	})
	var inserted, expired events.DynamoDBEvent
	r.event(t, &inserted, `"eventName":"INSERT"`, `"pk":{"S":"good"}`)
	record := change(t, inserted, "INSERT", "good")
	if record.EventSourceArn != r.outputs["Stream"] || record.EventSource != "aws:dynamodb" || record.AWSRegion != "us-east-1" || record.Change.Keys["sk"].Number() != "1.5" ||
		len(record.Change.NewImage) != 11 || record.Change.OldImage != nil || string(record.Change.NewImage["b"].Binary()) != "\x00\xff" || record.Change.ApproximateCreationDateTime.IsZero() {
		t.Errorf("got %+v", record)
	}
	r.event(t, &expired, `"eventName":"REMOVE"`, `"pk":{"S":"good"}`)
	record = change(t, expired, "REMOVE", "good")
	if id := record.UserIdentity; id == nil || id.Type != "Service" || id.PrincipalID != "dynamodb.amazonaws.com" || len(record.Change.OldImage) != 11 {
		t.Errorf("got %+v", record)
	}
	for _, line := range r.events(t) {
		var event events.DynamoDBEvent
		var given, kept map[string]any
		if err := json.Unmarshal([]byte(line), &event); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal([]byte(line), &given); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &kept); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(given, kept); diff != "" {
			t.Errorf("lost: %s", diff)
		}
		if strings.Contains(line, "ignored") {
			t.Errorf("passed the filter: %s", line)
		}
	}
	if got := r.letter(t, r.outputs["Dead"]); !strings.Contains(got, `"condition":"RetryAttemptsExhausted"`) || !strings.Contains(got, `"DDBStreamBatchInfo":{"shardId":"shardId-`) || !strings.Contains(got, r.outputs["Stream"]) {
		t.Errorf("dead letter %s", got)
	}
}

// change returns the record of a change of an item; a batch may have others.
func change(t *testing.T, event events.DynamoDBEvent, kind, pk string) events.DynamoDBEventRecord {
	t.Helper()
	for _, record := range event.Records {
		if record.EventName == kind && record.Change.Keys["pk"].String() == pk {
			return record
		}
	}
	t.Fatalf("no %s of %s in %+v", kind, pk, event)
	return events.DynamoDBEventRecord{}
}

// Tables, items and streams outlive the process, even one that is killed.
func TestTableSurvives(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	endpoint, process, _ := startOwner(t, dir)
	client := dynamodb.NewFromConfig(config(endpoint))
	if _, err := client.CreateTable(t.Context(), &dynamodb.CreateTableInput{
		TableName: aws.String("things"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}}, KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}},
	}); err != nil {
		t.Fatal(err)
	}
	key := map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "a"}}
	if _, err := client.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: aws.String("things"), Item: key}); err != nil {
		t.Fatal(err)
	}
	if err := process.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = process.Wait() // it was killed
	client = dynamodb.NewFromConfig(config(openCloud(t, dir).Endpoint()))
	got, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("things"), Key: key})
	if err != nil || len(got.Item) != 1 {
		t.Errorf("got %v, %v", got, err)
	}
}

func TestCommandLineTables(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.must(t, `"TableStatus": "CREATING"`, "dynamodb", "create-table", "--table-name", "things", "--billing-mode", "PAY_PER_REQUEST", "--attribute-definitions", "AttributeName=pk,AttributeType=S", "AttributeName=sk,AttributeType=N",
		"--key-schema", "AttributeName=pk,KeyType=HASH", "AttributeName=sk,KeyType=RANGE", "--stream-specification", "StreamEnabled=true,StreamViewType=NEW_IMAGE", "--tags", "Key=a,Value=b")
	c.must(t, "", "dynamodb", "wait", "table-exists", "--table-name", "things")
	c.must(t, `"CapacityUnits": 1.0`, "dynamodb", "put-item", "--table-name", "things", "--item", `{"pk":{"S":"a"},"sk":{"N":"1"},"b":{"S":"text"}}`, "--return-consumed-capacity", "TOTAL")
	c.must(t, `"N": "5"`, "dynamodb", "update-item", "--table-name", "things", "--key", `{"pk":{"S":"a"},"sk":{"N":"1"}}`, "--update-expression", "ADD n :n", "--expression-attribute-values", `{":n":{"N":"5"}}`, "--return-values", "ALL_NEW")
	c.must(t, `"S": "text"`, "dynamodb", "get-item", "--table-name", "things", "--key", `{"pk":{"S":"a"},"sk":{"N":"1"}}`)
	c.must(t, `"UnprocessedItems": {}`, "dynamodb", "batch-write-item", "--request-items", `{"things":[{"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"N":"2"}}}},{"PutRequest":{"Item":{"pk":{"S":"a"},"sk":{"N":"3"}}}}]}`)
	c.must(t, `"Count": 3`, "dynamodb", "query", "--table-name", "things", "--page-size", "1", "--key-condition-expression", "pk = :p", "--expression-attribute-values", `{":p":{"S":"a"}}`)
	c.must(t, `"Count": 3`, "dynamodb", "scan", "--table-name", "things", "--select", "COUNT")
	c.mustNot(t, "ConditionalCheckFailedException", "dynamodb", "delete-item", "--table-name", "things", "--key", `{"pk":{"S":"a"},"sk":{"N":"1"}}`, "--condition-expression", "n > :n", "--expression-attribute-values", `{":n":{"N":"5"}}`)
	c.mustNot(t, "TransactionCanceledException", "dynamodb", "transact-write-items", "--transact-items", `[{"ConditionCheck":{"TableName":"things","Key":{"pk":{"S":"a"},"sk":{"N":"1"}},"ConditionExpression":"attribute_not_exists(pk)"}}]`)
	c.mustNot(t, `Syntax error; token: "<EOF>", near: "="`, "dynamodb", "scan", "--table-name", "things", "--filter-expression", "n =")
	c.must(t, `"TimeToLiveStatus": "DISABLED"`, "dynamodb", "describe-time-to-live", "--table-name", "things")
	c.must(t, `"ENABLED"`, "dynamodb", "describe-continuous-backups", "--table-name", "things")
	table := "arn:aws:dynamodb:us-east-1:" + account + ":table/things"
	c.must(t, `"Key": "a"`, "dynamodb", "list-tags-of-resource", "--resource-arn", table)
	c.must(t, `"UPDATING"`, "dynamodb", "update-table", "--table-name", "things", "--deletion-protection-enabled")
	c.mustNot(t, "protected against deletion", "dynamodb", "delete-table", "--table-name", "things")
	c.must(t, `"UPDATING"`, "dynamodb", "update-table", "--table-name", "things", "--no-deletion-protection-enabled")
	stream := regexpFind(t, table+"/stream/[^\"]*", c.must(t, "LatestStreamArn", "dynamodb", "describe-table", "--table-name", "things"))
	shard := regexpFind(t, "shardId-[^\"]*", c.must(t, `"ENABLED"`, "dynamodbstreams", "describe-stream", "--stream-arn", stream))
	iterator := field(t, c.must(t, "ShardIterator", "dynamodbstreams", "get-shard-iterator", "--stream-arn", stream, "--shard-id", shard, "--shard-iterator-type", "TRIM_HORIZON"), "ShardIterator")
	c.must(t, `"MODIFY"`, "dynamodbstreams", "get-records", "--shard-iterator", iterator)
	c.must(t, `"DELETING"`, "dynamodb", "delete-table", "--table-name", "things")
	c.must(t, "", "dynamodb", "wait", "table-not-exists", "--table-name", "things")
	c.mustNot(t, `does not model operation "ExecuteStatement" of DynamoDB`, "dynamodb", "execute-statement", "--statement", "SELECT * FROM things")
	c.must(t, stream, "dynamodbstreams", "list-streams", "--table-name", "things")
}

func regexpFind(t *testing.T, expression, text string) string {
	t.Helper()
	found := regexp.MustCompile(expression).FindString(text)
	if found == "" {
		t.Fatalf("%s is not in %s", expression, text)
	}
	return found
}
