// SPDX-License-Identifier: MIT

package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// streamOf returns the ARN and the shard of the newest stream of a table.
func (w *world) streamOf(t testing.TB, table string) (streamARN, shard string) {
	t.Helper()
	var d struct {
		Table struct{ LatestStreamArn string }
	}
	w.into(t, &d, "DescribeTable", `{"TableName":"`+table+`"}`)
	var s struct {
		StreamDescription struct{ Shards []struct{ ShardID string } }
	}
	w.into(t, &s, "Streams.DescribeStream", `{"StreamArn":"`+d.Table.LatestStreamArn+`"}`)
	return d.Table.LatestStreamArn, s.StreamDescription.Shards[0].ShardID
}

func (w *world) iterator(t testing.TB, streamARN, shard, more string) string {
	t.Helper()
	var out struct{ ShardIterator string }
	w.into(t, &out, "Streams.GetShardIterator", `{"StreamArn":"`+streamARN+`","ShardId":"`+shard+`","ShardIteratorType":`+more+`}`)
	return out.ShardIterator
}

type records struct {
	Records []struct {
		EventName string
		DynamoDB  struct {
			Keys, NewImage, OldImage    json.RawMessage
			SequenceNumber              string
			ApproximateCreationDateTime float64
			SizeBytes                   int
			StreamViewType              string
		}
		UserIdentity map[string]string
	}
	NextShardIterator string
}

func (w *world) records(t testing.TB, iterator, more string) (out records) {
	t.Helper()
	w.into(t, &out, "Streams.GetRecords", `{"ShardIterator":"`+iterator+`"`+more+`}`)
	return out
}

// brief shows records as their names, old and new images.
func (r records) brief() string {
	var out []string
	for _, record := range r.Records {
		out = append(out, fmt.Sprintf("%s %s>%s", record.EventName, record.DynamoDB.OldImage, record.DynamoDB.NewImage))
	}
	return strings.Join(out, "\n")
}

const withStream = `,"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"`

func TestStreamViews(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	for view, want := range map[string]string{
		"KEYS_ONLY":          "INSERT >\nMODIFY >\nREMOVE >",
		"NEW_IMAGE":          "INSERT >{\"n\":{\"N\":\"1\"},\"pk\":{\"S\":\"a\"}}\nMODIFY >{\"n\":{\"N\":\"2\"},\"pk\":{\"S\":\"a\"}}\nREMOVE >",
		"OLD_IMAGE":          "INSERT >\nMODIFY {\"n\":{\"N\":\"1\"},\"pk\":{\"S\":\"a\"}}>\nREMOVE {\"n\":{\"N\":\"2\"},\"pk\":{\"S\":\"a\"}}>",
		"NEW_AND_OLD_IMAGES": "INSERT >{\"n\":{\"N\":\"1\"},\"pk\":{\"S\":\"a\"}}\nMODIFY {\"n\":{\"N\":\"1\"},\"pk\":{\"S\":\"a\"}}>{\"n\":{\"N\":\"2\"},\"pk\":{\"S\":\"a\"}}\nREMOVE {\"n\":{\"N\":\"2\"},\"pk\":{\"S\":\"a\"}}>",
	} {
		w.table(t, view, "", withStream+view+`"}`)
		w.put(t, view, `{"pk":{"S":"a"},"n":{"N":"1"}}`)
		w.put(t, view, `{"pk":{"S":"a"},"n":{"N":"1"}}`) // changes nothing
		w.ok(t, "UpdateItem", `{"TableName":"`+view+`","Key":{"pk":{"S":"a"}},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"1"}}}`)
		w.ok(t, "DeleteItem", `{"TableName":"`+view+`","Key":{"pk":{"S":"a"}}}`)
		w.ok(t, "DeleteItem", `{"TableName":"`+view+`","Key":{"pk":{"S":"a"}}}`) // nothing to delete
		streamARN, shard := w.streamOf(t, view)
		got := w.records(t, w.iterator(t, streamARN, shard, `"TRIM_HORIZON"`), "")
		if diff := cmp.Diff(want, got.brief()); diff != "" {
			t.Errorf("%s: %s", view, diff)
		}
		for i, r := range got.Records {
			if string(r.DynamoDB.Keys) != `{"pk":{"S":"a"}}` || r.DynamoDB.StreamViewType != view || len(r.DynamoDB.SequenceNumber) != 21 || r.DynamoDB.SizeBytes < 3 || r.UserIdentity != nil ||
				i > 0 && r.DynamoDB.SequenceNumber <= got.Records[i-1].DynamoDB.SequenceNumber || r.DynamoDB.ApproximateCreationDateTime != float64(int64(r.DynamoDB.ApproximateCreationDateTime)) {
				t.Errorf("%s: record %+v", view, r)
			}
		}
	}
}

func TestShardIterators(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, dir)
		w.table(t, "things", "", withStream+`KEYS_ONLY"}`)
		streamARN, shard := w.streamOf(t, "things")
		latest := w.iterator(t, streamARN, shard, `"LATEST"`)
		for i := range 5 {
			w.put(t, "things", fmt.Sprintf(`{"pk":{"S":"%d"}}`, i))
		}
		first := w.records(t, latest, `,"Limit":2`)
		rest := w.records(t, first.NextShardIterator, "")
		if len(first.Records) != 2 || len(rest.Records) != 3 || rest.NextShardIterator == "" {
			t.Fatalf("got %d and %d records", len(first.Records), len(rest.Records))
		}
		second := first.Records[1].DynamoDB.SequenceNumber
		if got := w.records(t, w.iterator(t, streamARN, shard, `"AT_SEQUENCE_NUMBER","SequenceNumber":"`+second+`"`), ""); len(got.Records) != 4 {
			t.Errorf("at: got %d records", len(got.Records))
		}
		if got := w.records(t, w.iterator(t, streamARN, shard, `"AFTER_SEQUENCE_NUMBER","SequenceNumber":"`+second+`"`), ""); len(got.Records) != 3 {
			t.Errorf("after: got %d records", len(got.Records))
		}
		at := func(more string) string {
			return `{"StreamArn":"` + streamARN + `","ShardId":"` + shard + `","ShardIteratorType":` + more + `}`
		}
		w.invalid(t, "Streams.GetShardIterator", at(`"AT_SEQUENCE_NUMBER"`), "SequenceNumber must be specified")
		w.invalid(t, "Streams.GetShardIterator", at(`"AT_SEQUENCE_NUMBER","SequenceNumber":"x"`), "Invalid SequenceNumber: x")
		w.invalid(t, "Streams.GetShardIterator", at(`"AT_SEQUENCE_NUMBER","SequenceNumber":"199999999999999999999"`), "Invalid SequenceNumber")
		w.invalid(t, "Streams.GetShardIterator", at(`"NEWEST"`), "[AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON]")
		w.refused(t, "Streams.GetShardIterator", strings.Replace(at(`"LATEST"`), shard, shard+"x", 1), "ResourceNotFoundException", "Shard:")
		w.invalid(t, "Streams.GetRecords", `{"ShardIterator":"x"}`, "Invalid ShardIterator")
		w.refused(t, "Streams.DescribeStream", `{"StreamArn":"`+streamARN+`x"}`, "ResourceNotFoundException", "Stream: "+streamARN+"x not found")

		// Records are kept across a restart, and for a day.
		w = w.reopen(t, dir)
		if got := w.records(t, w.iterator(t, streamARN, shard, `"TRIM_HORIZON"`), ""); len(got.Records) != 5 {
			t.Errorf("after a restart: got %d records", len(got.Records))
		}
		time.Sleep(16 * time.Minute)
		w.refused(t, "Streams.GetRecords", `{"ShardIterator":"`+latest+`"}`, "ExpiredIteratorException", "Iterator expired.")
		time.Sleep(24 * time.Hour)
		w.put(t, "things", `{"pk":{"S":"new"}}`)
		if got := w.records(t, w.iterator(t, streamARN, shard, `"TRIM_HORIZON"`), ""); len(got.Records) != 1 || got.Records[0].DynamoDB.SequenceNumber <= rest.Records[2].DynamoDB.SequenceNumber {
			t.Errorf("after a day: got %+v", got)
		}
		w.refused(t, "Streams.GetShardIterator", at(`"AT_SEQUENCE_NUMBER","SequenceNumber":"`+second+`"`), "TrimmedDataAccessException", "")
		if err := w.shut(); err != nil {
			t.Error(err)
		}
	})
}

// A stream that is switched off, or whose table is deleted, can be read for a
// day.
func TestStreamEnds(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, dir)
		w.table(t, "things", "", withStream+`KEYS_ONLY"}`)
		w.put(t, "things", `{"pk":{"S":"a"}}`)
		old, shard := w.streamOf(t, "things")
		w.invalid(t, "UpdateTable", `{"TableName":"things"`+withStream+`NEW_IMAGE"}}`, "Table already has an enabled stream")
		w.ok(t, "UpdateTable", `{"TableName":"things","StreamSpecification":{"StreamEnabled":false}}`)
		w.put(t, "things", `{"pk":{"S":"unseen"}}`)
		w.ok(t, "UpdateTable", `{"TableName":"things"`+withStream+`NEW_IMAGE"}}`)
		w.put(t, "things", `{"pk":{"S":"b"}}`)
		fresh, other := w.streamOf(t, "things")
		if old == fresh {
			t.Errorf("both streams are %s", old)
		}
		w = w.reopen(t, dir)
		got := w.records(t, w.iterator(t, old, shard, `"TRIM_HORIZON"`), "")
		if len(got.Records) != 1 || got.NextShardIterator != "" {
			t.Errorf("the old stream has %+v", got)
		}
		if got := w.ok(t, "Streams.DescribeStream", `{"StreamArn":"`+old+`"}`); !strings.Contains(got, `"StreamStatus":"DISABLED"`) || !strings.Contains(got, "EndingSequenceNumber") {
			t.Errorf("got %s", got)
		}
		if got := w.records(t, w.iterator(t, fresh, other, `"TRIM_HORIZON"`), "").brief(); got != `INSERT >{"pk":{"S":"b"}}` {
			t.Errorf("the new stream has %s", got)
		}
		w.ok(t, "DeleteTable", `{"TableName":"things"}`)
		w.same(t, "Streams.ListStreams", `{"Limit":1}`, `{"Streams":[{"StreamArn":"`+old+`","TableName":"things","StreamLabel":"`+old[strings.LastIndex(old, "/")+1:]+`"}],"LastEvaluatedStreamArn":"`+old+`"}`)
		if got := w.ok(t, "Streams.ListStreams", `{"TableName":"things","ExclusiveStartStreamArn":"`+old+`"}`); !strings.Contains(got, fresh) {
			t.Errorf("got %s", got)
		}
		time.Sleep(25 * time.Hour)
		w.same(t, "Streams.ListStreams", `{}`, `{"Streams":[]}`)
		w.refused(t, "Streams.DescribeStream", `{"StreamArn":"`+fresh+`"}`, "ResourceNotFoundException", "")
		if err := w.shut(); err != nil {
			t.Error(err)
		}
	})
}

// Expired items are deleted by the clock, and their records say by whom.
func TestTimeToLive(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, dir)
		w.table(t, "things", "", withStream+`OLD_IMAGE"}`)
		in := func(d time.Duration) string { return fmt.Sprint(time.Now().Add(d).Unix()) }
		w.put(t, "things", `{"pk":{"S":"before"},"end":{"N":"`+in(time.Minute)+`"}}`)
		w.ok(t, "UpdateTimeToLive", `{"TableName":"things","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"end"}}`)
		for name, end := range map[string]string{
			"soon": `{"N":"` + in(time.Hour) + `"}`, "later": `{"N":"` + in(48*time.Hour) + `"}`, "text": `{"S":"` + in(0) + `"}`, "fraction": `{"N":"1.5"}`, "ancient": `{"N":"5"}`, "negative": `{"N":"-5"}`, "kept": `{"N":"` + in(time.Hour) + `"}`,
		} {
			w.put(t, "things", `{"pk":{"S":"`+name+`"},"end":`+end+`}`)
		}
		w.ok(t, "UpdateItem", `{"TableName":"things","Key":{"pk":{"S":"kept"}},"UpdateExpression":"REMOVE #e","ExpressionAttributeNames":{"#e":"end"}}`)
		count := func() (n int) {
			var p page
			w.into(t, &p, "Scan", `{"TableName":"things","Select":"COUNT"}`)
			return p.Count
		}
		time.Sleep(30 * time.Second)
		synctest.Wait()
		if got := count(); got != 8 {
			t.Errorf("at once: %d items", got)
		}
		time.Sleep(31 * time.Second)
		synctest.Wait()
		if got := count(); got != 7 {
			t.Errorf("after a minute: %d items", got)
		}
		w = w.reopen(t, dir)
		time.Sleep(time.Hour)
		synctest.Wait()
		if got := count(); got != 6 {
			t.Errorf("after an hour: %d items", got)
		}
		streamARN, shard := w.streamOf(t, "things")
		var removed []string
		for _, r := range w.records(t, w.iterator(t, streamARN, shard, `"TRIM_HORIZON"`), "").Records {
			if r.EventName == "REMOVE" {
				removed = append(removed, string(r.DynamoDB.Keys))
				if diff := cmp.Diff(map[string]string{"Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}, r.UserIdentity); diff != "" {
					t.Error(diff)
				}
			}
		}
		if diff := cmp.Diff([]string{`{"pk":{"S":"before"}}`, `{"pk":{"S":"soon"}}`}, removed); diff != "" {
			t.Error(diff)
		}
		if err := w.shut(); err != nil {
			t.Error(err)
		}
	})
}

// What event source mappings read.
func TestSource(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, dir)
		w.table(t, "things", "", withStream+`NEW_AND_OLD_IMAGES"}`)
		w.ok(t, "UpdateTimeToLive", `{"TableName":"things","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"end"}}`)
		source, shard := w.streamOf(t, "things")
		shards, err := w.Streams().Shards(t.Context(), source)
		if err != nil || !cmp.Equal(shards, []string{shard}) {
			t.Fatalf("got %v, %v", shards, err)
		}
		if _, err := w.Streams().Shards(t.Context(), source+"x"); err == nil {
			t.Error("a stream that does not exist has shards")
		}
		position := func(start string) string {
			after, err := w.Streams().Position(t.Context(), source, shard, stream.Start{Position: start})
			if err != nil {
				t.Fatal(err)
			}
			return after
		}
		read := func(after string, wait time.Duration) stream.Page {
			p, err := w.Streams().Read(t.Context(), stream.Request{Source: source, Shard: shard, After: after, Most: 2, Wait: wait})
			if err != nil {
				t.Fatal(err)
			}
			return p
		}
		w.put(t, "things", `{"pk":{"S":"old"}}`)
		latest := position(stream.Latest)
		if p := read(latest, time.Minute); len(p.Records) != 0 || p.Closed {
			t.Errorf("got %+v", p)
		}
		if p := read(position(stream.TrimHorizon), time.Minute); len(p.Records) != 1 {
			t.Errorf("got %+v", p)
		}
		if _, err := w.Streams().Position(t.Context(), source, shard, stream.Start{Position: stream.AtTimestamp}); err == nil {
			t.Error("AT_TIMESTAMP is no position of DynamoDB")
		}
		go func() {
			time.Sleep(time.Second)
			w.put(t, "things", `{"pk":{"S":"a"},"end":{"N":"`+fmt.Sprint(time.Now().Add(time.Minute).Unix())+`"},"v":{"M":{"l":{"L":[{"BOOL":true},{"NULL":true}]},"ns":{"NS":["1"]},"bs":{"BS":["AA=="]}}}}`)
		}()
		p := read(latest, time.Hour)
		if len(p.Records) != 1 {
			t.Fatalf("got %+v", p)
		}
		inserted := p.Records[0]
		p = read(inserted.Sequence, time.Hour) // waits for time to live
		if len(p.Records) != 1 {
			t.Fatalf("got %+v", p)
		}
		for i, r := range []stream.Record{inserted, p.Records[0]} {
			var decoded events.DynamoDBEventRecord
			if err := json.Unmarshal(r.Event, &decoded); err != nil {
				t.Fatal(err)
			}
			again, err := json.Marshal(decoded)
			if err != nil {
				t.Fatal(err)
			}
			var given, kept map[string]any
			if err := json.Unmarshal(r.Event, &given); err != nil {
				t.Fatal(err)
			}
			if err := json.Unmarshal(again, &kept); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(given, kept); diff != "" { // no field is lost
				t.Errorf("record %d: %s", i, diff)
			}
			if decoded.EventSourceArn != source || (decoded.UserIdentity != nil) != (i == 1) || r.Key != `{"pk":{"S":"a"}}` || r.Arrived.IsZero() || decoded.Change.SequenceNumber != r.Sequence {
				t.Errorf("record %d: %+v", i, decoded)
			}
		}
		w.ok(t, "UpdateTable", `{"TableName":"things","StreamSpecification":{"StreamEnabled":false}}`)
		if p := read(p.Records[0].Sequence, time.Hour); !p.Closed {
			t.Errorf("a closed shard: got %+v", p)
		}
		if p := read("", 0); len(p.Records) != 2 || p.Closed {
			t.Errorf("a part of a closed shard: got %+v", p)
		}
		if err := w.shut(); err != nil {
			t.Error(err)
		}
	})
}
