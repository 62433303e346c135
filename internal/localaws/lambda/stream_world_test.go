// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// reader is a function that notes the data of the records it gets and answers as
// told.
type reader struct {
	answer func(e events.KinesisEvent) sandbox.Outcome // nil: success
	lasts  time.Duration

	mu      sync.Mutex
	began   time.Time
	batches []string // data, joined
	at      []time.Duration
	busy    int
	most    int // batches at a time
}

func (c *reader) handle(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
	var e events.KinesisEvent
	if err := json.Unmarshal(in.Payload, &e); err != nil {
		return sandbox.Outcome{}, err
	}
	c.mu.Lock()
	c.batches, c.at = append(c.batches, dataOf(e)), append(c.at, time.Since(c.began))
	c.busy++
	c.most = max(c.most, c.busy)
	c.mu.Unlock()
	time.Sleep(c.lasts)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.busy--
	if c.answer == nil {
		return sandbox.Outcome{Payload: []byte("null")}, nil
	}
	return c.answer(e), nil
}

// dataOf returns the data of an event's records, joined.
func dataOf(e events.KinesisEvent) string {
	var list []string
	for _, r := range e.Records {
		list = append(list, string(r.Kinesis.Data))
	}
	return strings.Join(list, ",")
}

// poisoned fails for batches with a text.
func poisoned(text string) func(events.KinesisEvent) sandbox.Outcome {
	return func(e events.KinesisEvent) sandbox.Outcome {
		if strings.Contains(dataOf(e), text) {
			return sandbox.Outcome{FunctionError: "Unhandled", Payload: []byte(`{"errorMessage":"no"}`)}
		}
		return sandbox.Outcome{}
	}
}

// reporting names the first record with a text as failed.
func reporting(text string) func(events.KinesisEvent) sandbox.Outcome {
	return func(e events.KinesisEvent) sandbox.Outcome {
		for _, r := range e.Records {
			if strings.Contains(string(r.Kinesis.Data), text) {
				return sandbox.Outcome{Payload: []byte(fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, r.Kinesis.SequenceNumber))}
			}
		}
		return sandbox.Outcome{Payload: []byte(`{"batchItemFailures":[]}`)}
	}
}

// river is a stream "s" with a function "worker", inside a synctest bubble.
type river struct {
	*source
	reader *reader
}

func withStream(t *testing.T, c *reader, shards int) *river {
	t.Helper()
	c.began = time.Now()
	return openRiver(t, &fakes{}, c, shards)
}

// openRiver opens the state of all; without shards the stream is there already.
func openRiver(t *testing.T, all *fakes, c *reader, shards int) *river {
	t.Helper()
	if all.handle == nil {
		all.handle = c.handle
	}
	r := &river{&source{Service: withFakes(t, all), all: all, arn: here.Regional("kinesis", "stream/s")}, c}
	if shards > 0 {
		add(t, r.Service, "worker", nil)
		r.kinesis(t, "CreateStream", map[string]any{"StreamName": "s", "ShardCount": shards})
	}
	return r
}

// kinesis calls the API of Kinesis.
func (r *river) kinesis(t *testing.T, action string, in map[string]any) (out map[string]any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	request := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", strings.NewReader(string(body)))
	request.Header.Set("X-Amz-Target", "Kinesis_20131202."+action)
	rec := httptest.NewRecorder()
	r.all.streams.ServeAPI(rec, request, wire.Identity{Account: here.Account, Region: here.Region})
	if rec.Code != http.StatusOK {
		t.Fatalf("%s: %s", action, rec.Body)
	}
	if err := json.Unmarshal(rec.Body.Bytes(), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// put adds records to the stream: data, or key:data.
func (r *river) put(t *testing.T, list ...string) (sequences []string) {
	t.Helper()
	for _, text := range list {
		key, data, ok := strings.Cut(text, ":")
		if !ok || strings.HasPrefix(text, "{") {
			key, data = "k", text
		}
		sequences = append(sequences, r.kinesis(t, "PutRecord", map[string]any{"StreamName": "s", "PartitionKey": key, "Data": []byte(data)})["SequenceNumber"].(string))
	}
	return sequences
}

func (r *river) mapped(t *testing.T, start string, in mappingInput) *mapping {
	t.Helper()
	in.EventSourceArn, in.FunctionName = r.arn, "worker"
	m, err := r.addMapping(here, newMapping{mappingInput: in, startInput: startInput{StartingPosition: start}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// seen returns the batches so far.
func (r *river) seen() []string {
	r.reader.mu.Lock()
	defer r.reader.mu.Unlock()
	return append([]string(nil), r.reader.batches...)
}

// close closes all services, as the process does when it ends.
func (r *river) close(t *testing.T) {
	t.Helper()
	closeService(t, r.Service)
	if err := r.all.streams.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := r.all.store.Flush(); err != nil {
		t.Error(err)
	}
}
