// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/sparta-up/sparta/internal/localaws/sdkhttp"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// clients are the unmodified clients of the SDK.
func (w *world) clients(t *testing.T) (*dynamodb.Client, *dynamodbstreams.Client) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		id := wire.Identify(r, account, here.Region)
		if id.Service != "dynamodb" {
			t.Errorf("the request is signed for %s", id.Service)
		}
		w.ServeAPI(rw, r, id)
	}))
	t.Cleanup(server.Close)
	config := aws.Config{
		Region: here.Region, BaseEndpoint: &server.URL, RetryMaxAttempts: 1, HTTPClient: sdkhttp.Client(), Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}
	return dynamodb.NewFromConfig(config), dynamodbstreams.NewFromConfig(config)
}

type item = map[string]types.AttributeValue

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

var ignoreHidden = cmpopts.IgnoreUnexported(
	types.AttributeValueMemberS{}, types.AttributeValueMemberN{}, types.AttributeValueMemberB{}, types.AttributeValueMemberBOOL{}, types.AttributeValueMemberNULL{},
	types.AttributeValueMemberL{}, types.AttributeValueMemberM{}, types.AttributeValueMemberSS{}, types.AttributeValueMemberNS{}, types.AttributeValueMemberBS{},
)

func TestSDK(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	client, streams := w.clients(t)
	ctx := t.Context()
	created, err := client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String("things"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}, {AttributeName: aws.String("sk"), AttributeType: "N"}},
		KeySchema:            []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}, {AttributeName: aws.String("sk"), KeyType: "RANGE"}},
		StreamSpecification:  &types.StreamSpecification{StreamEnabled: aws.Bool(true), StreamViewType: types.StreamViewTypeNewAndOldImages},
	})
	if err != nil || created.TableDescription.TableStatus != types.TableStatusCreating {
		t.Fatal(created, err)
	}
	if err := dynamodb.NewTableExistsWaiter(client).Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("things")}, time.Second); err != nil {
		t.Fatal(err)
	}
	everything := item{
		"pk": text("p"), "sk": &types.AttributeValueMemberN{Value: "-1.5"}, "s": text("é\x00\"<"), "b": &types.AttributeValueMemberB{Value: []byte{0, 255}}, "t": &types.AttributeValueMemberBOOL{Value: true},
		"null": &types.AttributeValueMemberNULL{Value: true}, "ss": &types.AttributeValueMemberSS{Value: []string{"b", "a"}}, "ns": &types.AttributeValueMemberNS{Value: []string{"2", "1"}},
		"bs": &types.AttributeValueMemberBS{Value: [][]byte{{1}, {0}}}, "l": &types.AttributeValueMemberL{Value: []types.AttributeValue{text("x"), &types.AttributeValueMemberL{Value: []types.AttributeValue{}}}},
		"m": &types.AttributeValueMemberM{Value: item{"k": &types.AttributeValueMemberM{Value: item{}}}},
	}
	if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("things"), Item: everything}); err != nil {
		t.Fatal(err)
	}
	got, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: aws.String("things"), Key: item{"pk": text("p"), "sk": &types.AttributeValueMemberN{Value: "-1.50"}}, ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(everything, got.Item, ignoreHidden); diff != "" {
		t.Error(diff)
	}
	for i := range 25 {
		if _, err := client.PutItem(ctx, &dynamodb.PutItemInput{TableName: aws.String("things"), Item: item{"pk": text("q"), "sk": &types.AttributeValueMemberN{Value: fmt.Sprint(i)}}}); err != nil {
			t.Fatal(err)
		}
	}
	n := 0
	pages := dynamodb.NewQueryPaginator(client, &dynamodb.QueryInput{
		TableName: aws.String("things"), KeyConditionExpression: aws.String("pk = :q AND sk >= :n"), ExpressionAttributeValues: item{":q": text("q"), ":n": &types.AttributeValueMemberN{Value: "3"}}, Limit: aws.Int32(10),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			t.Fatal(err)
		}
		n += len(page.Items)
	}
	if n != 22 {
		t.Errorf("the paginator finds %d items", n)
	}
	described, err := streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: created.TableDescription.LatestStreamArn})
	if err != nil || described.StreamDescription.StreamStatus != streamtypes.StreamStatusEnabled {
		t.Fatal(described, err)
	}
	iterator, err := streams.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{
		StreamArn: created.TableDescription.LatestStreamArn, ShardId: described.StreamDescription.Shards[0].ShardId, ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon,
	})
	if err != nil {
		t.Fatal(err)
	}
	records, err := streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator.ShardIterator})
	if err != nil || len(records.Records) != 26 || records.Records[0].EventName != streamtypes.OperationTypeInsert || len(records.Records[0].Dynamodb.NewImage) != len(everything) {
		t.Errorf("got %+v, %v", records, err)
	}
	if _, err := client.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String("things")}); err != nil {
		t.Fatal(err)
	}
	if err := dynamodb.NewTableNotExistsWaiter(client).Wait(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("things")}, time.Second); err != nil {
		t.Fatal(err)
	}
}

// The client has a type for each error.
func TestSDKErrors(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	client, streams := w.clients(t)
	ctx := t.Context()
	w.table(t, "things", "", "")
	w.put(t, "things", `{"pk":{"S":"a"},"v":{"S":"old"}}`)

	_, err := client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: aws.String("things"), Item: item{"pk": text("a")}, ConditionExpression: aws.String("attribute_not_exists(pk)"), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	failed, ok := errors.AsType[*types.ConditionalCheckFailedException](err)
	if !ok || failed.ErrorMessage() != "The conditional request failed" {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(item{"pk": text("a"), "v": text("old")}, failed.Item, ignoreHidden); diff != "" {
		t.Error(diff)
	}
	_, err = client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
		{Put: &types.Put{TableName: aws.String("things"), Item: item{"pk": text("b")}}},
		{Delete: &types.Delete{TableName: aws.String("things"), Key: item{"pk": text("a")}, ConditionExpression: aws.String("attribute_not_exists(pk)"), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}},
	}})
	cancelled, ok := errors.AsType[*types.TransactionCanceledException](err)
	if !ok || len(cancelled.CancellationReasons) != 2 {
		t.Fatalf("got %v", err)
	}
	if r := cancelled.CancellationReasons; *r[0].Code != "None" || *r[1].Code != "ConditionalCheckFailed" || *r[1].Message != "The conditional request failed" || len(r[1].Item) != 2 ||
		cancelled.ErrorMessage() != "Transaction cancelled, please refer cancellation reasons for specific reasons [None, ConditionalCheckFailed]" {
		t.Errorf("got %+v", cancelled)
	}
	_, err = client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: aws.String("none")})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("got %v", err)
	}
	_, err = client.CreateTable(ctx, &dynamodb.CreateTableInput{
		TableName: aws.String("things"), BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{{AttributeName: aws.String("pk"), AttributeType: "S"}}, KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("pk"), KeyType: "HASH"}},
	})
	if _, ok := errors.AsType[*types.ResourceInUseException](err); !ok {
		t.Errorf("got %v", err)
	}
	_, err = streams.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: aws.String("bm9uZQ==")})
	if err == nil {
		t.Error("an iterator that is none reads records")
	}
	_, err = streams.DescribeStream(ctx, &dynamodbstreams.DescribeStreamInput{StreamArn: aws.String(here.Regional("dynamodb", "table/things/stream/none"))})
	if _, ok := errors.AsType[*streamtypes.ResourceNotFoundException](err); !ok {
		t.Errorf("got %v", err)
	}
}
