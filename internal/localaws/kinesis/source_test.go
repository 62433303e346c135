// SPDX-License-Identifier: MIT

package kinesis_test

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// The event decodes into the type of aws-lambda-go without a loss, and back.
func TestEvent(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	source := w.stream(t, "s", 1)
	sequence := w.put(t, "key", "\x00\xffdata")
	page, err := w.Read(t.Context(), stream.Request{Source: source, Shard: firstShard, Most: 10, Role: "arn:aws:iam::000000000000:role/r"})
	if err != nil || len(page.Records) != 1 || page.Closed {
		t.Fatal(page, err)
	}
	payload := `{"Records":[` + string(page.Records[0].Event) + `]}`
	var e events.KinesisEvent
	d := json.NewDecoder(strings.NewReader(payload))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	for text, v := range map[string]*any{payload: &want, string(again): &got} {
		if err := json.Unmarshal([]byte(text), v); err != nil {
			t.Fatal(err)
		}
	}
	// the type reads the time as floating point, by way of nanoseconds
	near := cmp.Comparer(func(a, b float64) bool { return a-b < 1e-3 && b-a < 1e-3 })
	if diff := cmp.Diff(want, got, near); diff != "" {
		t.Errorf("lost on the way: %s", diff)
	}
	r := e.Records[0]
	if r.EventID != firstShard+":"+sequence || r.EventSource != "aws:kinesis" || r.EventName != "aws:kinesis:record" || r.EventVersion != "1.0" || r.EventSourceArn != source ||
		r.AwsRegion != "us-east-1" || r.InvokeIdentityArn != "arn:aws:iam::000000000000:role/r" || string(r.Kinesis.Data) != "\x00\xffdata" || r.Kinesis.PartitionKey != "key" ||
		r.Kinesis.SequenceNumber != sequence || r.Kinesis.KinesisSchemaVersion != "1.0" || time.Since(r.Kinesis.ApproximateArrivalTimestamp.Time) > time.Minute {
		t.Errorf("got %+v", r)
	}
}

func TestReadWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := open(t, t.TempDir())
		source := w.stream(t, "s", 1)
		after, err := w.Position(t.Context(), source, firstShard, stream.Start{Position: stream.Latest})
		if err != nil {
			t.Fatal(err)
		}
		read := func(ctx context.Context, wait time.Duration) (int, time.Duration) {
			began := time.Now()
			page, err := w.Read(ctx, stream.Request{Source: source, Shard: firstShard, After: after, Most: 10, Wait: wait})
			if err != nil {
				t.Error(err)
			}
			return len(page.Records), time.Since(began)
		}
		if n, took := read(t.Context(), 0); n != 0 || took != 0 {
			t.Errorf("without waiting: %d records after %v", n, took)
		}
		if n, took := read(t.Context(), time.Minute); n != 0 || took != time.Minute {
			t.Errorf("nothing comes: %d records after %v", n, took)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if n, took := read(ctx, time.Minute); n != 0 || took != time.Second {
			t.Errorf("the context ends: %d records after %v", n, took)
		}
		go func() {
			time.Sleep(3 * time.Second)
			w.put(t, "k", "x")
		}()
		if n, took := read(t.Context(), time.Minute); n != 1 || took != 3*time.Second {
			t.Errorf("one comes: %d records after %v", n, took)
		}
	})
}

// A consumer of a stream is a source like the stream, as long as it is
// registered.
func TestConsumerIsSource(t *testing.T) {
	t.Parallel()
	w := open(t, t.TempDir())
	source := w.stream(t, "s", 2)
	w.put(t, "k", "x")
	consumer := w.ok(t, "RegisterStreamConsumer", object{"StreamARN": source, "ConsumerName": "fan"})["Consumer"].(object)["ConsumerARN"].(string)
	shards, err := w.Shards(t.Context(), consumer)
	if err != nil || !slices.Equal(shards, []string{"shardId-000000000000", "shardId-000000000001"}) {
		t.Fatal(shards, err)
	}
	records := 0
	for _, shard := range shards {
		page, err := w.Read(t.Context(), stream.Request{Source: consumer, Shard: shard, Most: 10})
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range page.Records {
			if records++; !strings.Contains(string(r.Event), `"eventSourceARN":"`+consumer+`"`) {
				t.Errorf("got %s", r.Event)
			}
		}
	}
	if records != 1 {
		t.Errorf("%d records", records)
	}
	w.ok(t, "DeregisterStreamConsumer", object{"ConsumerARN": consumer})
	for _, gone := range []string{consumer, source + "2", "arn:aws:sqs:us-east-1:000000000000:q", ""} {
		if _, err := w.Shards(t.Context(), gone); err == nil {
			t.Errorf("%s is a source", gone)
		}
	}
}
