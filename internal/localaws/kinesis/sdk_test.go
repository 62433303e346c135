// SPDX-License-Identifier: MIT

package kinesis_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// The unmodified client makes a stream, waits for it, writes and reads.
func TestClient(t *testing.T) {
	t.Parallel()
	client := open(t, t.TempDir()).serve(t)
	name := aws.String("orders")
	if _, err := client.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: name, ShardCount: aws.Int32(2), Tags: map[string]string{"a": "1"}}); err != nil {
		t.Fatal(err)
	}
	if err := sdk.NewStreamExistsWaiter(client).Wait(t.Context(), &sdk.DescribeStreamInput{StreamName: name}, time.Minute); err != nil {
		t.Fatal(err)
	}
	summary, err := client.DescribeStreamSummary(t.Context(), &sdk.DescribeStreamSummaryInput{StreamName: name})
	if err != nil {
		t.Fatal(err)
	}
	if d := summary.StreamDescriptionSummary; *d.OpenShardCount != 2 || d.StreamStatus != types.StreamStatusActive || *d.StreamARN != here.Regional("kinesis", "stream/orders") ||
		*d.RetentionPeriodHours != 24 || d.StreamModeDetails.StreamMode != types.StreamModeProvisioned || d.EncryptionType != types.EncryptionTypeNone {
		t.Errorf("got %+v", d)
	}
	one, err := client.PutRecord(t.Context(), &sdk.PutRecordInput{StreamName: name, PartitionKey: aws.String("k"), Data: []byte("first")})
	if err != nil {
		t.Fatal(err)
	}
	put, err := client.PutRecords(t.Context(), &sdk.PutRecordsInput{StreamName: name, Records: []types.PutRecordsRequestEntry{
		{PartitionKey: aws.String("k"), Data: []byte("second")}, {PartitionKey: aws.String("k"), Data: []byte{}}}})
	if err != nil || *put.FailedRecordCount != 0 || len(put.Records) != 2 {
		t.Fatal(put, err)
	}
	last := *one.SequenceNumber
	for _, r := range put.Records {
		if *r.ShardId != *one.ShardId || stream.Compare(*r.SequenceNumber, last) <= 0 {
			t.Errorf("shard %s, sequence number %s after %s", *r.ShardId, *r.SequenceNumber, last)
		}
		last = *r.SequenceNumber
	}
	it, err := client.GetShardIterator(t.Context(), &sdk.GetShardIteratorInput{StreamName: name, ShardId: one.ShardId, ShardIteratorType: types.ShardIteratorTypeTrimHorizon})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: it.ShardIterator})
	if err != nil {
		t.Fatal(err)
	}
	var data []string
	for _, r := range got.Records {
		data = append(data, string(r.Data))
	}
	r := got.Records[0]
	if !slices.Equal(data, []string{"first", "second", ""}) || *r.PartitionKey != "k" || *r.SequenceNumber != *one.SequenceNumber ||
		time.Since(*r.ApproximateArrivalTimestamp) > time.Minute || *got.MillisBehindLatest != 0 || got.NextShardIterator == nil {
		t.Errorf("got %v, first %+v", data, r)
	}
	if _, err := client.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamName: name}); err != nil {
		t.Fatal(err)
	}
	if err := sdk.NewStreamNotExistsWaiter(client).Wait(t.Context(), &sdk.DescribeStreamInput{StreamName: name}, time.Minute); err != nil {
		t.Fatal(err)
	}
}

// Errors are those that the client has types for.
func TestClientErrors(t *testing.T) {
	t.Parallel()
	client := open(t, t.TempDir()).serve(t)
	_, err := client.DescribeStream(t.Context(), &sdk.DescribeStreamInput{StreamName: aws.String("none")})
	if e, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok || !strings.Contains(e.ErrorMessage(), "Stream none under account 000000000000 not found.") {
		t.Errorf("got %v", err)
	}
	if _, err := client.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: aws.String("s")}); err != nil {
		t.Fatal(err)
	}
	_, err = client.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: aws.String("s")})
	if _, ok := errors.AsType[*types.ResourceInUseException](err); !ok {
		t.Errorf("got %v", err)
	}
	_, err = client.SplitShard(t.Context(), &sdk.SplitShardInput{StreamName: aws.String("s"), ShardToSplit: aws.String(firstShard), NewStartingHashKey: aws.String("1")})
	if err == nil || !strings.Contains(err.Error(), `does not model operation "SplitShard" of Kinesis`) {
		t.Errorf("got %v", err)
	}
	_, err = client.GetRecords(t.Context(), &sdk.GetRecordsInput{ShardIterator: aws.String("x")})
	if _, ok := errors.AsType[*types.InvalidArgumentException](err); !ok {
		t.Errorf("got %v", err)
	}
}

// The client's paginators see every shard, stream and consumer once.
func TestClientPages(t *testing.T) {
	t.Parallel()
	client := open(t, t.TempDir()).serve(t)
	for _, name := range []string{"a", "b", "c"} {
		if _, err := client.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: &name, ShardCount: aws.Int32(5)}); err != nil {
			t.Fatal(err)
		}
	}
	var names []string
	streams := sdk.NewListStreamsPaginator(client, &sdk.ListStreamsInput{Limit: aws.Int32(2)})
	for streams.HasMorePages() {
		page, err := streams.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, page.StreamNames...)
	}
	if !slices.Equal(names, []string{"a", "b", "c"}) {
		t.Errorf("streams %v", names)
	}
	var shards []string
	token := (*string)(nil)
	for first := true; first || token != nil; first = false {
		in := &sdk.ListShardsInput{MaxResults: aws.Int32(2), NextToken: token}
		if first {
			in.StreamName = aws.String("a")
		}
		page, err := client.ListShards(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		for _, sh := range page.Shards {
			shards = append(shards, strings.TrimLeft(strings.TrimPrefix(*sh.ShardId, "shardId-"), "0"))
		}
		token = page.NextToken
	}
	if !slices.Equal(shards, []string{"", "1", "2", "3", "4"}) {
		t.Errorf("shards %v", shards)
	}
	described := 0
	pages := sdk.NewDescribeStreamPaginator(client, &sdk.DescribeStreamInput{StreamName: aws.String("b"), Limit: aws.Int32(3)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		described += len(page.StreamDescription.Shards)
	}
	if described != 5 {
		t.Errorf("described %d shards", described)
	}
	source := aws.String(here.Regional("kinesis", "stream/c"))
	for i := range 3 {
		if _, err := client.RegisterStreamConsumer(t.Context(), &sdk.RegisterStreamConsumerInput{StreamARN: source, ConsumerName: aws.String("c" + strconv.Itoa(i))}); err != nil {
			t.Fatal(err)
		}
	}
	consumers := 0
	list := sdk.NewListStreamConsumersPaginator(client, &sdk.ListStreamConsumersInput{StreamARN: source, MaxResults: aws.Int32(2)})
	for list.HasMorePages() {
		page, err := list.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		consumers += len(page.Consumers)
	}
	if consumers != 3 {
		t.Errorf("%d consumers", consumers)
	}
}

func TestClientConsumers(t *testing.T) {
	t.Parallel()
	client := open(t, t.TempDir()).serve(t)
	if _, err := client.CreateStream(t.Context(), &sdk.CreateStreamInput{StreamName: aws.String("s"), ShardCount: aws.Int32(1)}); err != nil {
		t.Fatal(err)
	}
	source := aws.String(here.Regional("kinesis", "stream/s"))
	made, err := client.RegisterStreamConsumer(t.Context(), &sdk.RegisterStreamConsumerInput{StreamARN: source, ConsumerName: aws.String("fan"), Tags: map[string]string{"a": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	if want := *source + "/consumer/fan:" + strconv.FormatInt(made.Consumer.ConsumerCreationTimestamp.Unix(), 10); *made.Consumer.ConsumerARN != want {
		t.Errorf("got %s, want %s", *made.Consumer.ConsumerARN, want)
	}
	for _, in := range []*sdk.DescribeStreamConsumerInput{{ConsumerARN: made.Consumer.ConsumerARN}, {StreamARN: source, ConsumerName: aws.String("fan")}} {
		got, err := client.DescribeStreamConsumer(t.Context(), in)
		if err != nil || got.ConsumerDescription.ConsumerStatus != types.ConsumerStatusActive || *got.ConsumerDescription.StreamARN != *source {
			t.Errorf("got %+v, %v", got, err)
		}
	}
	tags, err := client.ListTagsForResource(t.Context(), &sdk.ListTagsForResourceInput{ResourceARN: made.Consumer.ConsumerARN})
	if err != nil || len(tags.Tags) != 1 || *tags.Tags[0].Value != "1" {
		t.Errorf("got %+v, %v", tags, err)
	}
	if _, err := client.DeleteStream(t.Context(), &sdk.DeleteStreamInput{StreamARN: source}); err == nil || !strings.Contains(err.Error(), "registered consumers") {
		t.Errorf("got %v", err)
	}
	if _, err := client.DeregisterStreamConsumer(t.Context(), &sdk.DeregisterStreamConsumerInput{ConsumerARN: made.Consumer.ConsumerARN}); err != nil {
		t.Fatal(err)
	}
	_, err = client.DescribeStreamConsumer(t.Context(), &sdk.DescribeStreamConsumerInput{ConsumerARN: made.Consumer.ConsumerARN})
	if _, ok := errors.AsType[*types.ResourceNotFoundException](err); !ok {
		t.Errorf("got %v", err)
	}
}
