// SPDX-License-Identifier: MIT

package lambda

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// What is in the stream before and after the mapping is made, and the batches
// that the function gets of it within five minutes.
func TestStreamMapping(t *testing.T) {
	t.Parallel()
	report := []string{"ReportBatchItemFailures"}
	filters := func(patterns ...string) *filterCriteria {
		out := &filterCriteria{}
		for _, p := range patterns {
			out.Filters = append(out.Filters, filter{p})
		}
		return out
	}
	settings := func(in streamInput) mappingInput { return mappingInput{streamInput: in} }
	yes := new(true)
	for _, test := range []struct {
		name          string
		start         string
		in            mappingInput
		answer        func(events.KinesisEvent) sandbox.Outcome
		before, after []string
		want          []string
	}{
		{"from the oldest", stream.TrimHorizon, mappingInput{}, nil, []string{"a", "b"}, []string{"c"}, []string{"a,b", "c"}},
		{"from now on", stream.Latest, mappingInput{}, nil, []string{"a", "b"}, []string{"c"}, []string{"c"}},
		{"batch size", stream.TrimHorizon, mappingInput{BatchSize: new(2)}, nil, []string{"a", "b", "c"}, nil, []string{"a,b", "c"}},
		{"disabled", stream.TrimHorizon, mappingInput{Enabled: new(false)}, nil, []string{"a"}, []string{"b"}, nil},
		{"a failure keeps the rest back", stream.TrimHorizon, settings(streamInput{MaximumRetryAttempts: new(2)}), poisoned("bad"),
			[]string{"a", "bad"}, []string{"c"}, []string{"a,bad", "a,bad", "a,bad", "c"}},
		{"no retries", stream.TrimHorizon, settings(streamInput{MaximumRetryAttempts: new(0)}), poisoned("bad"), []string{"bad"}, []string{"c"}, []string{"bad", "c"}},
		{"split", stream.TrimHorizon, settings(streamInput{MaximumRetryAttempts: new(1), BisectBatchOnFunctionError: yes}), poisoned("bad"),
			[]string{"a", "b", "bad", "d"}, nil, []string{"a,b,bad,d", "a,b", "bad,d", "bad", "bad", "d"}},
		{"answers mean nothing by default", stream.TrimHorizon, mappingInput{}, reporting("bad"), []string{"a", "bad"}, nil, []string{"a,bad"}},
		{"reported", stream.TrimHorizon, mappingInput{FunctionResponseTypes: report, streamInput: streamInput{MaximumRetryAttempts: new(1)}}, reporting("bad"),
			[]string{"a", "bad", "c"}, []string{"d"}, []string{"a,bad,c", "bad,c", "d"}},
		{"reported and split", stream.TrimHorizon, mappingInput{FunctionResponseTypes: report, streamInput: streamInput{MaximumRetryAttempts: new(0), BisectBatchOnFunctionError: yes}}, reporting("bad"),
			[]string{"bad", "c"}, nil, []string{"bad,c", "bad", "c"}},
		{"reported success", stream.TrimHorizon, mappingInput{FunctionResponseTypes: report}, reporting("bad"), []string{"a"}, nil, []string{"a"}},
		{"filter", stream.TrimHorizon, mappingInput{FilterCriteria: filters(`{"data":{"kind":["x"]}}`, `{"data":{"n":[{"numeric":[">",3]}]}}`)}, nil,
			[]string{`{"kind":"x"}`, `{"kind":"y"}`, `{"n":4}`, "text", "\xff\xfe"}, []string{`{"n":2}`}, []string{`{"kind":"x"},{"n":4}`}},
		{"filter of texts", stream.TrimHorizon, mappingInput{FilterCriteria: filters(`{"data":[{"prefix":"te"}]}`)}, nil, []string{"text", "other", `{"te":1}`}, nil, []string{"text"}},
		{"filter admits nothing", stream.TrimHorizon, mappingInput{FilterCriteria: filters(`{"data":["x"]}`)}, nil, []string{"a"}, []string{"b"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				r := withStream(t, &reader{answer: test.answer}, 1)
				r.put(t, test.before...)
				r.mapped(t, test.start, test.in)
				synctest.Wait()
				r.put(t, test.after...)
				pause(5 * time.Minute)
				if diff := cmp.Diff(test.want, r.seen()); diff != "" {
					t.Error(diff)
				}
				r.close(t)
			})
		})
	}
}

func TestStreamMappingFromTimestamp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := withStream(t, &reader{}, 1)
		r.put(t, "a")
		pause(time.Minute)
		at := float64(time.Now().UnixMilli()) / 1000
		r.put(t, "b")
		pause(time.Minute)
		m, err := r.addMapping(here, newMapping{mappingInput: mappingInput{EventSourceArn: r.arn, FunctionName: "worker"}, startInput: startInput{stream.AtTimestamp, &at}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		pause(time.Minute)
		if got := r.seen(); !slices.Equal(got, []string{"b"}) {
			t.Errorf("got %v", got)
		}
		if out := m.output(""); out.StartingPositionTimestamp != at || out.StartingPosition != stream.AtTimestamp {
			t.Errorf("shown as %+v", out)
		}
		r.close(t)
	})
}

// Until it succeeds a batch is tried again with growing pauses, and its shard
// waits; other shards do not.
func TestStreamMappingBlocksItsShardOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &reader{}
		c.answer = func(e events.KinesisEvent) sandbox.Outcome {
			if time.Since(c.began) < 8*time.Second {
				return poisoned("bad")(e)
			}
			return sandbox.Outcome{}
		}
		r := withStream(t, c, 2)
		r.mapped(t, stream.TrimHorizon, mappingInput{BatchSize: new(1)})
		for hash, data := range map[string]string{"0": "bad", "340282366920938463463374607431768211455": "good"} {
			for i := range 2 {
				r.kinesis(t, "PutRecord", map[string]any{"StreamName": "s", "PartitionKey": "k", "ExplicitHashKey": hash, "Data": []byte(fmt.Sprint(data, i))})
			}
		}
		pause(time.Minute)
		got := map[string][]time.Duration{}
		for i, b := range c.batches {
			got[b] = append(got[b], c.at[i])
		}
		want := map[string][]time.Duration{"good0": {0}, "good1": {0}, "bad0": {0, time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second}, "bad1": {15 * time.Second}}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		r.close(t)
	})
}

// Records with the same key stay in order, and those with others do not wait for
// them.
func TestStreamMappingParallelization(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &reader{lasts: time.Second}
		r := withStream(t, c, 1)
		for i := range 20 {
			r.put(t, fmt.Sprintf("key%d:%d.0", i, i), fmt.Sprintf("key%d:%d.1", i, i))
		}
		r.mapped(t, stream.TrimHorizon, mappingInput{BatchSize: new(1), streamInput: streamInput{ParallelizationFactor: new(4)}})
		pause(time.Minute)
		if len(c.batches) != 40 || c.most != 4 {
			t.Errorf("%d batches, %d at a time", len(c.batches), c.most)
		}
		at := map[string]int{}
		for i, b := range c.batches {
			at[b] = i
		}
		for i := range 20 {
			if at[fmt.Sprint(i, ".0")] > at[fmt.Sprint(i, ".1")] {
				t.Errorf("key %d is out of order: %v", i, c.batches)
			}
		}
		r.close(t)
	})
}

func TestStreamMappingWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &reader{}
		r := withStream(t, c, 1)
		r.mapped(t, stream.Latest, mappingInput{BatchSize: new(5), MaximumBatchingWindowInSeconds: new(5)})
		for i := range 4 {
			r.put(t, fmt.Sprint(i))
			pause(2 * time.Second)
		}
		pause(10 * time.Second)
		r.put(t, "a", "b", "c", "d", "e", "f")
		pause(10 * time.Second)
		if want := []string{"0,1,2", "3", "a,b,c,d,e", "f"}; !slices.Equal(c.batches, want) {
			t.Errorf("batches %v at %v", c.batches, c.at)
		}
		if want := []time.Duration{5 * time.Second, 11 * time.Second, 18 * time.Second, 23 * time.Second}; !slices.Equal(c.at, want) {
			t.Errorf("batches at %v", c.at)
		}
		r.close(t)
	})
}

// An event never exceeds what an invocation takes; a record that does so alone
// is passed over.
func TestStreamMappingSplitsLargeBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &reader{}
		r := withStream(t, c, 1)
		r.kinesis(t, "UpdateMaxRecordSize", map[string]any{"StreamARN": r.arn, "MaxRecordSizeInKiB": 10240})
		for range 4 {
			r.put(t, strings.Repeat("x", 2<<20))
		}
		r.put(t, strings.Repeat("y", 5<<20), "z")
		r.mapped(t, stream.TrimHorizon, mappingInput{})
		pause(time.Minute)
		var sizes []int
		for _, b := range c.batches {
			sizes = append(sizes, len(b))
		}
		if want := []int{4<<20 + 1, 4<<20 + 1, 1}; !slices.Equal(sizes, want) {
			t.Errorf("batches of %v", sizes)
		}
		r.close(t)
	})
}

// A throttled function gets its records later: that is no failure of theirs.
func TestStreamMappingThrottled(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := withStream(t, &reader{}, 1)
		if err := r.reserve(call{scope: here, function: reference{name: "worker"}}, new(0)); err != nil {
			t.Fatal(err)
		}
		r.put(t, "a")
		r.mapped(t, stream.TrimHorizon, mappingInput{streamInput: streamInput{MaximumRetryAttempts: new(0)}})
		pause(time.Minute)
		if err := r.reserve(call{scope: here, function: reference{name: "worker"}}, nil); err != nil {
			t.Fatal(err)
		}
		pause(time.Minute)
		if got := r.seen(); !slices.Equal(got, []string{"a"}) {
			t.Errorf("got %v", got)
		}
		r.close(t)
	})
}
