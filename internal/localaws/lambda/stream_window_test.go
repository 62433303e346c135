// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// adder is a function that adds up the data of its window, and notes what it is
// asked.
type adder struct {
	answer func(e events.KinesisTimeWindowEvent, state string) sandbox.Outcome // nil: the state

	mu       sync.Mutex
	asked    []string // data+state, with ! for the final call, ? for one that is early
	payloads []string
}

func (a *adder) handle(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
	var e events.KinesisTimeWindowEvent
	if err := json.Unmarshal(in.Payload, &e); err != nil {
		return sandbox.Outcome{}, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	line := dataOf(e.KinesisEvent) + "+" + e.State["sum"]
	if len(line) > 100 {
		line = "...+..."
	}
	if e.IsFinalInvokeForWindow {
		line += "!"
	}
	if e.IsWindowTerminatedEarly {
		line += "?"
	}
	a.asked, a.payloads = append(a.asked, line), append(a.payloads, string(in.Payload))
	sum := e.State["sum"] + strings.ReplaceAll(dataOf(e.KinesisEvent), ",", "")
	if a.answer != nil {
		return a.answer(e, sum), nil
	}
	return handsOn(sum), nil
}

func handsOn(sum string) sandbox.Outcome {
	return sandbox.Outcome{Payload: []byte(fmt.Sprintf(`{"state":{"sum":%q}}`, sum))}
}

func openWindows(t *testing.T, all *fakes, a *adder, shards int) *river {
	t.Helper()
	all.handle = a.handle
	return openRiver(t, all, &reader{}, shards)
}

func (a *adder) want(t *testing.T, want ...string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if diff := cmp.Diff(want, a.asked); diff != "" {
		t.Error(diff)
	}
}

func tumbling(seconds int, in streamInput) mappingInput {
	in.TumblingWindowInSeconds = &seconds
	return mappingInput{streamInput: in}
}

// The clock of a bubble begins at midnight, where a window of any length does.
func TestTumblingWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &adder{}
		r := openWindows(t, &fakes{}, a, 1)
		in := tumbling(60, streamInput{})
		in.BatchSize = new(2)
		r.put(t, "a", "b", "c")
		r.mapped(t, stream.TrimHorizon, in)
		pause(59 * time.Second)
		a.want(t, "a,b+", "c+ab")
		r.put(t, "d")
		pause(2 * time.Second)
		a.want(t, "a,b+", "c+ab", "d+abc", "+abcd!")
		pause(10 * time.Minute) // nothing comes: no window is opened
		r.put(t, "e")
		pause(10 * time.Second)
		a.want(t, "a,b+", "c+ab", "d+abc", "+abcd!", "e+")
		r.close(t)
	})
}

// Records that were in the stream before are told apart by when they arrived.
func TestTumblingWindowOfThePast(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &adder{}
		r := openWindows(t, &fakes{}, a, 1)
		r.put(t, "a")
		pause(30 * time.Second)
		r.put(t, "b")
		pause(time.Minute)
		r.put(t, "c")
		r.mapped(t, stream.TrimHorizon, tumbling(60, streamInput{}))
		pause(time.Second)
		a.want(t, "a,b+", "+ab!", "c+")
		r.close(t)
	})
}

func TestTumblingWindowFailures(t *testing.T) {
	t.Parallel()
	broken := sandbox.Outcome{FunctionError: "Unhandled", Payload: []byte(`{}`)}
	for _, test := range []struct {
		name   string
		in     mappingInput
		answer func(e events.KinesisTimeWindowEvent, sum string) sandbox.Outcome
		want   []string
	}{
		{"an answer without a state fails", tumbling(60, streamInput{MaximumRetryAttempts: new(1)}), func(e events.KinesisTimeWindowEvent, sum string) sandbox.Outcome {
			if strings.Contains(dataOf(e.KinesisEvent), "b") {
				return sandbox.Outcome{Payload: []byte(`null`)}
			}
			return handsOn(sum)
		}, []string{"a+", "b+a", "b+a", "c+a", "+ac!"}},
		{"the end is tried again", tumbling(60, streamInput{MaximumRetryAttempts: new(1)}), func(e events.KinesisTimeWindowEvent, sum string) sandbox.Outcome {
			if e.IsFinalInvokeForWindow {
				return broken
			}
			return handsOn(sum)
		}, []string{"a+", "b+a", "c+ab", "+abc!", "+abc!"}},
		{"a state that is too large ends the window", tumbling(60, streamInput{}), func(e events.KinesisTimeWindowEvent, sum string) sandbox.Outcome {
			if dataOf(e.KinesisEvent) == "b" {
				return handsOn(strings.Repeat("x", maxState))
			}
			return handsOn(sum)
		}, []string{"a+", "b+a", "...+...!?", "c+", "+c!"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := &adder{answer: test.answer}
				r := openWindows(t, &fakes{}, a, 1)
				in := test.in
				in.BatchSize = new(1)
				r.mapped(t, stream.TrimHorizon, in)
				r.put(t, "a", "b", "c")
				pause(2 * time.Minute)
				a.want(t, test.want...)
				r.close(t)
			})
		})
	}
}

// Each shard has a window of its own, which outlives the process; without windows
// it is forgotten.
func TestTumblingWindowSurvives(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a, all := &adder{}, &fakes{}
		r := openWindows(t, all, a, 2)
		m := r.mapped(t, stream.TrimHorizon, tumbling(900, streamInput{}))
		for hash, data := range map[string]string{"0": "a", "340282366920938463463374607431768211455": "z"} {
			r.kinesis(t, "PutRecord", map[string]any{"StreamName": "s", "PartitionKey": "k", "ExplicitHashKey": hash, "Data": []byte(data)})
		}
		pause(time.Second)
		r.close(t)
		b := &adder{}
		again := openWindows(t, &fakes{dir: all.dir}, b, 0)
		pause(15 * time.Minute)
		slices.Sort(b.asked)
		b.want(t, "+a!", "+z!")
		again.kinesis(t, "PutRecord", map[string]any{"StreamName": "s", "PartitionKey": "k", "ExplicitHashKey": "0", "Data": []byte("b")})
		pause(time.Second)
		if _, err := again.changeMapping(here, m.ID, mappingInput{streamInput: streamInput{TumblingWindowInSeconds: new(0)}}, func(*mapping) {}); err != nil {
			t.Fatal(err)
		}
		pause(time.Second)
		again.Service.mu.Lock()
		if len(again.windows) != 0 {
			t.Errorf("windows are left: %v", again.windows)
		}
		again.Service.mu.Unlock()
		again.close(t)
	})
}

// The event decodes into the type of aws-lambda-go without a loss, and back.
func TestTumblingWindowEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := &adder{}
		r := openWindows(t, &fakes{}, a, 1)
		r.put(t, "a")
		r.mapped(t, stream.TrimHorizon, tumbling(300, streamInput{}))
		pause(10 * time.Minute)
		a.want(t, "a+", "+a!")
		for _, payload := range a.payloads {
			var e events.KinesisTimeWindowEvent
			lossless(t, payload, &e)
			if e.ShardID != "shardId-000000000000" || e.EventSourceARN != r.arn || e.Window.End.Sub(e.Window.Start.Time) != 5*time.Minute {
				t.Errorf("got %+v", e)
			}
		}
		var changes events.DynamoDBTimeWindowEvent
		lossless(t, a.payloads[1], &changes) // without records, both are the same
		r.close(t)
	})
}

// lossless decodes an event and fails if that loses something.
func lossless(t *testing.T, payload string, event any) {
	t.Helper()
	d := json.NewDecoder(strings.NewReader(payload))
	d.DisallowUnknownFields()
	if err := d.Decode(event); err != nil {
		t.Fatal(err)
	}
	again, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	var want, got any
	if err := json.Unmarshal([]byte(payload), &want); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(again, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lost on the way: %s", diff)
	}
}
