// SPDX-License-Identifier: MIT

package lambda

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// onFailure makes the input of a mapping with a destination.
func onFailure(target string, in streamInput) mappingInput {
	in.DestinationConfig = &destinations{OnFailure: destination{target}}
	return mappingInput{streamInput: in}
}

// The record is that of the page "Retain discarded batch records for a Kinesis
// Data Streams event source in Lambda".
func TestStreamFailureToQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := withStream(t, &reader{answer: poisoned("bad")}, 1)
		target := r.queue(t, map[string]any{"QueueName": "failures"})
		sequences := r.put(t, "bad", "b", "c")
		r.mapped(t, stream.TrimHorizon, onFailure(target, streamInput{MaximumRetryAttempts: new(1)}))
		pause(time.Minute)
		letters := r.left(t, target)
		if len(letters) != 1 {
			t.Fatalf("got %v", letters)
		}
		var got map[string]any
		if err := json.Unmarshal([]byte(letters[0]), &got); err != nil {
			t.Fatal(err)
		}
		if id, _ := got["requestContext"].(map[string]any)["requestId"].(string); len(id) != 36 {
			t.Errorf("request id %q", id)
		}
		delete(got["requestContext"].(map[string]any), "requestId")
		want := map[string]any{
			"requestContext":  map[string]any{"functionArn": here.Regional("lambda", "function:worker"), "condition": "RetryAttemptsExhausted", "approximateInvokeCount": 2.0},
			"responseContext": map[string]any{"statusCode": 200.0, "executedVersion": "$LATEST", "functionError": "Unhandled"},
			"version":         "1.0", "timestamp": "2000-01-01T00:00:01.000Z",
			"KinesisBatchInfo": map[string]any{
				"shardId": "shardId-000000000000", "startSequenceNumber": sequences[0], "endSequenceNumber": sequences[2],
				"approximateArrivalOfFirstRecord": "2000-01-01T00:00:00.000Z", "approximateArrivalOfLastRecord": "2000-01-01T00:00:00.000Z",
				"batchSize": 3.0, "streamArn": r.arn,
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		r.close(t)
	})
}

// A bucket gets the whole event with the record, under a key that tells of the
// mapping and the shard.
func TestStreamFailureToBucket(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := withStream(t, &reader{answer: poisoned("bad")}, 1)
		box := &inbox{}
		r.all.table.Add("s3", box)
		r.put(t, "bad", "b")
		m := r.mapped(t, stream.TrimHorizon, onFailure(files, streamInput{MaximumRetryAttempts: new(0)}))
		pause(time.Minute)
		if len(box.got) != 1 || box.got[0].Target != files {
			t.Fatalf("got %+v", box.got)
		}
		form := `^aws/lambda/` + m.ID + `/shardId-000000000000/2000/01/01/2000-01-01T00\.\d\d\.\d\d-[0-9a-f-]{36}$`
		if key := box.got[0].Key; !regexp.MustCompile(form).MatchString(key) {
			t.Errorf("the key is %s, want %s", key, form)
		}
		var got struct{ Payload string }
		var event events.KinesisEvent
		if err := errors.Join(json.Unmarshal(box.got[0].Body, &got), json.Unmarshal([]byte(got.Payload), &event)); err != nil || dataOf(event) != "bad,b" {
			t.Errorf("the record has %s, %v", box.got[0].Body, err)
		}
		r.close(t)
	})
}

// Streams of DynamoDB have their own name in the record.
func TestStreamFailureOfTable(t *testing.T) {
	t.Parallel()
	l := lane{m: &mapping{Source: here.Regional("dynamodb", "table/t/stream/1"), FunctionARN: "f"}, shard: "one"}
	now := time.Date(2026, 11, 23, 12, 0, 0, 5_000_000, time.UTC)
	failure := l.failure([]stream.Record{{Sequence: "1", Arrived: now}, {Sequence: "2", Arrived: now}}, retryAttemptsExhausted, attempt{1, Response{RequestID: "id", ExecutedVersion: "7"}}, now)
	got, err := json.Marshal(failure)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"requestContext":{"requestId":"id","functionArn":"f","condition":"RetryAttemptsExhausted","approximateInvokeCount":1},"responseContext":{"statusCode":200,"executedVersion":"7"},` +
		`"version":"1.0","timestamp":"2026-11-23T12:00:00.005Z","DDBStreamBatchInfo":{"shardId":"one","startSequenceNumber":"1","endSequenceNumber":"2",` +
		`"approximateArrivalOfFirstRecord":"2026-11-23T12:00:00.005Z","approximateArrivalOfLastRecord":"2026-11-23T12:00:00.005Z","batchSize":2,"streamArn":"arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/1"}}`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

// What is too old is not tried, or not tried any longer; younger records are.
func TestStreamFailureOfAge(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &reader{answer: poisoned("bad")}
		r := withStream(t, c, 1)
		target := r.queue(t, map[string]any{"QueueName": "failures"})
		r.put(t, "old")
		pause(2 * time.Minute)
		r.put(t, "bad")
		m := r.mapped(t, stream.TrimHorizon, onFailure(target, streamInput{MaximumRecordAgeInSeconds: new(60)}))
		pause(2 * time.Minute)
		r.put(t, "good")
		pause(time.Minute)
		seen := r.seen()
		if len(seen) < 5 || seen[0] != "bad" || seen[len(seen)-1] != "good" {
			t.Errorf("handled %v", seen)
		}
		letters := r.left(t, target)
		if len(letters) != 2 || !strings.Contains(letters[0], `"condition":"RecordAgeExceeded","approximateInvokeCount":0},"version"`) ||
			!strings.Contains(letters[1], `"condition":"RecordAgeExceeded"`) || !strings.Contains(letters[1], `"responseContext":{"statusCode":200`) {
			t.Errorf("got %s", strings.Join(letters, "\n"))
		}
		if out := m.output(""); out.LastProcessingResult != "OK" {
			t.Errorf("result %s", out.LastProcessingResult)
		}
		r.close(t)
	})
}

// Records that the stream does not keep any more hold up nothing.
func TestStreamFailureOfRetention(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := withStream(t, &reader{answer: poisoned("bad")}, 1)
		r.put(t, "bad")
		r.mapped(t, stream.TrimHorizon, mappingInput{})
		pause(23 * time.Hour)
		r.put(t, "good")
		pause(30 * time.Minute)
		if seen := r.seen(); seen[len(seen)-1] != "bad" {
			t.Errorf("handled %s", seen[len(seen)-1])
		}
		pause(time.Hour)
		if seen := r.seen(); seen[len(seen)-1] != "good" {
			t.Errorf("handled %s", seen[len(seen)-1])
		}
		r.close(t)
	})
}
