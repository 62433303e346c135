// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// After a restart a stream is read on where it was left, also by LATEST, and a
// batch that had failed is tried again.
func TestStreamPositionsSurvive(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		dir := t.TempDir()
		c := &reader{answer: poisoned("bad"), began: time.Now()}
		r := openRiver(t, &fakes{dir: dir}, c, 1)
		r.put(t, "never")
		m := r.mapped(t, stream.Latest, mappingInput{BatchSize: new(1)})
		r.put(t, "a", "bad", "c")
		pause(time.Second / 2)
		if got := r.seen(); !slices.Equal(got, []string{"a", "bad"}) {
			t.Errorf("got %v", got)
		}
		r.close(t)

		c = &reader{}
		r = openRiver(t, &fakes{dir: dir}, c, 0)
		pause(time.Minute)
		if got := r.seen(); !slices.Equal(got, []string{"bad", "c"}) {
			t.Errorf("after the restart: %v", got)
		}
		if _, err := r.dropMapping(here, m.ID); err != nil {
			t.Error(err)
		}
		pause(time.Second)
		if len(r.positions) != 0 {
			t.Errorf("positions %v are left", r.positions)
		}
		r.close(t)
	})
}

// An update lets the batch under way end before anything is read again.
func TestStreamMappingUpdates(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &reader{lasts: 10 * time.Second}
		r := withStream(t, c, 1)
		m := r.mapped(t, stream.Latest, mappingInput{BatchSize: new(1)})
		r.put(t, "a")
		pause(time.Second)
		change := func(in mappingInput) {
			t.Helper()
			if _, err := r.changeMapping(here, m.ID, in, func(*mapping) {}); err != nil {
				t.Fatal(err)
			}
		}
		change(mappingInput{BatchSize: new(5), streamInput: streamInput{ParallelizationFactor: new(3)}})
		r.put(t, "b", "c")
		pause(time.Minute)
		change(mappingInput{Enabled: new(false)})
		r.put(t, "d")
		pause(time.Minute)
		change(mappingInput{Enabled: new(true)})
		pause(time.Minute)
		if want := []string{"a", "b,c", "d"}; !slices.Equal(c.batches, want) || c.most != 1 {
			t.Errorf("got %v, %d at a time", c.batches, c.most)
		}
		if want := []time.Duration{0, 10 * time.Second, 121 * time.Second}; !slices.Equal(c.at, want) {
			t.Errorf("at %v", c.at)
		}
		r.close(t)
	})
}

// A deleted mapping tries nothing again.
func TestStreamMappingEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &reader{answer: poisoned("bad")}
		r := withStream(t, c, 1)
		m := r.mapped(t, stream.TrimHorizon, mappingInput{})
		r.put(t, "bad")
		pause(2 * time.Second)
		if _, err := r.dropMapping(here, m.ID); err != nil {
			t.Fatal(err)
		}
		n := len(r.seen())
		pause(time.Minute)
		if n != 2 || len(r.seen()) != n {
			t.Errorf("%d batches, then %d", n, len(r.seen()))
		}
		r.close(t)
	})
}

// A stream that is gone is no end: its successor of the same name is read.
func TestStreamMappingOutlivesItsStream(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &reader{}
		r := withStream(t, c, 1)
		m := r.mapped(t, stream.Latest, mappingInput{})
		r.put(t, "a")
		pause(time.Second)
		r.kinesis(t, "DeleteStream", map[string]any{"StreamName": "s"})
		pause(30 * time.Second)
		r.mu.Lock()
		result := m.LastResult
		r.mu.Unlock()
		if !strings.Contains(result, "PROBLEM: ResourceNotFoundException: Stream s under account 000000000000 not found.") {
			t.Errorf("result %s", result)
		}
		r.kinesis(t, "CreateStream", map[string]any{"StreamName": "s", "ShardCount": 1})
		r.put(t, "b")
		pause(time.Minute)
		if got := r.seen(); !slices.Equal(got, []string{"a", "b"}) {
			t.Errorf("got %v", got)
		}
		r.close(t)
	})
}

func TestStreamMappingOfConsumer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var from string
		c := &reader{answer: func(e events.KinesisEvent) sandbox.Outcome {
			from = e.Records[0].EventSourceArn
			return sandbox.Outcome{}
		}}
		r := withStream(t, c, 1)
		made := r.kinesis(t, "RegisterStreamConsumer", map[string]any{"StreamARN": r.arn, "ConsumerName": "fan"})
		r.arn = made["Consumer"].(map[string]any)["ConsumerARN"].(string)
		r.mapped(t, stream.TrimHorizon, mappingInput{})
		r.put(t, "a")
		pause(time.Second)
		if got := r.seen(); !slices.Equal(got, []string{"a"}) || from != r.arn {
			t.Errorf("got %v from %s", got, from)
		}
		r.close(t)
	})
}

func TestStreamMappingType(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := withStream(t, &reader{}, 1)
		target := r.queue(t, map[string]any{"QueueName": "jobs"})
		mappings := r.ResourceTypes()["AWS::Lambda::EventSourceMapping"]
		properties := map[string]any{
			"EventSourceArn": r.arn, "FunctionName": "worker", "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": "946684700", "BatchSize": 7,
			"ParallelizationFactor": "2", "BisectBatchOnFunctionError": "true", "MaximumRetryAttempts": 3, "MaximumRecordAgeInSeconds": 60,
			"DestinationConfig": map[string]any{"OnFailure": map[string]any{"Destination": target}},
		}
		if faults := mappings.Check(properties); faults != nil {
			t.Error(faults)
		}
		for name, value := range map[string]any{
			"StartingPosition": "FIRST", "TumblingWindowInSeconds": 901, "ParallelizationFactor": 11, "MaximumRetryAttempts": -2, "MaximumRecordAgeInSeconds": 604801,
			"DestinationConfig": map[string]any{"OnSuccess": map[string]any{}},
		} {
			if faults := mappings.Check(map[string]any{"FunctionName": "worker", name: value}); len(faults) != 1 || !strings.Contains(faults[0], "#/"+name) {
				t.Errorf("%s: %v", name, faults)
			}
		}
		made, err := mappings.Create(t.Context(), resource.Request{Scope: here, Properties: properties})
		if err != nil {
			t.Fatal(err)
		}
		shown := func() mappingOutput {
			r.mu.Lock()
			defer r.mu.Unlock()
			out := r.mappings[made.PhysicalID].output("")
			out.UUID, out.EventSourceMappingArn, out.LastModified = "", "", 0
			return out
		}
		want := mappingOutput{
			EventSourceArn: r.arn, FunctionArn: here.Regional("lambda", "function:worker"), BatchSize: 7, State: "Enabled", StateTransitionReason: "User action", LastProcessingResult: "No records processed",
			streamOutput: &streamOutput{BisectBatchOnFunctionError: true, MaximumRecordAgeInSeconds: 60, MaximumRetryAttempts: 3, ParallelizationFactor: new(2), TumblingWindowInSeconds: new(0), StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: 946684700},
		}
		want.DestinationConfig.OnFailure.Destination = target
		unexported := cmp.AllowUnexported(mappingOutput{})
		if diff := cmp.Diff(want, shown(), unexported); diff != "" {
			t.Error(diff)
		}
		next := map[string]any{"EventSourceArn": r.arn, "FunctionName": "worker", "StartingPosition": "AT_TIMESTAMP", "StartingPositionTimestamp": 946684700}
		if mappings.Replaces(properties, next) || !mappings.Replaces(properties, map[string]any{"EventSourceArn": r.arn, "StartingPosition": "LATEST"}) {
			t.Error("replaces the wrong things")
		}
		if _, err := mappings.Update(t.Context(), made, resource.Request{Scope: here, Properties: next, OldProperties: properties}); err != nil {
			t.Fatal(err)
		}
		want.BatchSize, want.streamOutput = 100, &streamOutput{MaximumRecordAgeInSeconds: -1, MaximumRetryAttempts: -1, ParallelizationFactor: new(1), TumblingWindowInSeconds: new(0), StartingPosition: "AT_TIMESTAMP", StartingPositionTimestamp: 946684700}
		if diff := cmp.Diff(want, shown(), unexported); diff != "" {
			t.Error(diff)
		}
		r.close(t)
	})
}

func TestStreamMappingRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		r := withStream(t, &reader{}, 1)
		queue := r.queue(t, map[string]any{"QueueName": "jobs"})
		fifo := r.queue(t, map[string]any{"QueueName": "q.fifo", "FifoQueue": true})
		r.mapped(t, stream.Latest, mappingInput{})
		latest := startInput{StartingPosition: stream.Latest}
		onFailure := func(target string) streamInput {
			return streamInput{DestinationConfig: &destinations{OnFailure: destination{target}}}
		}
		now, later := float64(time.Now().Unix()), float64(time.Now().Add(time.Hour).Unix())
		for _, test := range []struct {
			source string
			start  startInput
			in     streamInput
			want   string
		}{
			{r.arn, startInput{}, streamInput{}, "Value null at 'startingPosition'"},
			{r.arn, startInput{StartingPosition: "FIRST"}, streamInput{}, "enum value set: [TRIM_HORIZON, LATEST, AT_TIMESTAMP]"},
			{r.arn, startInput{StartingPosition: stream.AtTimestamp}, streamInput{}, "StartingPositionTimestamp is required"},
			{r.arn, startInput{stream.Latest, &now}, streamInput{}, "valid only with"},
			{r.arn, startInput{stream.AtTimestamp, &later}, streamInput{}, "in the future"},
			{r.arn + "2", latest, streamInput{}, "Stream not found: " + r.arn + "2"},
			{r.arn + "/consumer/c:1", latest, streamInput{}, "Stream not found"},
			{here.Regional("dynamodb", "table/t/stream/1"), latest, streamInput{}, "does not model event source mappings of dynamodb"},
			{strings.Replace(r.arn, here.Account, "222222222222", 1), latest, streamInput{}, "other accounts"},
			{strings.Replace(r.arn, "us-east-1", "eu-west-1", 1), latest, streamInput{}, "same region"},
			{r.arn, latest, streamInput{}, "provided mapping already exists"},
			{r.arn, latest, streamInput{ParallelizationFactor: new(0)}, "parallelizationFactor"},
			{r.arn, latest, streamInput{ParallelizationFactor: new(11)}, "parallelizationFactor"},
			{r.arn, latest, streamInput{MaximumRetryAttempts: new(10001)}, "maximumRetryAttempts"},
			{r.arn, latest, streamInput{MaximumRecordAgeInSeconds: new(59)}, "maximumRecordAgeInSeconds"},
			{r.arn, latest, streamInput{MaximumRecordAgeInSeconds: new(604801)}, "maximumRecordAgeInSeconds"},
			{r.arn, latest, streamInput{TumblingWindowInSeconds: new(901)}, "tumblingWindowInSeconds"},
			{r.arn, latest, streamInput{DestinationConfig: &destinations{OnSuccess: destination{queue}}}, "OnSuccess"},
			{r.arn, latest, onFailure(queue + "2"), "is invalid"},
			{r.arn, latest, onFailure(fifo), "FIFO"},
			{r.arn, latest, onFailure("kafka://topic"), "does not model the destination kafka://topic"},
			{r.arn, latest, onFailure(here.Regional("lambda", "function:worker")), "is invalid"},
			{r.arn, latest, onFailure("arn:aws:s3:::none"), "is invalid"},
			{queue, latest, streamInput{}, "not valid for SQS event sources"},
			{queue, startInput{}, streamInput{BisectBatchOnFunctionError: new(true)}, "not valid for SQS event sources"},
		} {
			in := mappingInput{EventSourceArn: test.source, FunctionName: "worker", streamInput: test.in}
			if _, err := r.addMapping(here, newMapping{mappingInput: in, startInput: test.start}, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s %+v: got %v, want %s", test.source, test.in, err, test.want)
			}
		}
		in := mappingInput{EventSourceArn: r.arn, FunctionName: "worker", ScalingConfig: &scalingConfig{new(2)}}
		if _, err := r.addMapping(here, newMapping{mappingInput: in, startInput: latest}, nil); err == nil || !strings.Contains(err.Error(), "ScalingConfig") {
			t.Errorf("got %v", err)
		}
		r.close(t)
	})
}

// tables are streams with shards that end, as those of DynamoDB do.
type tables struct {
	mu     sync.Mutex
	shards map[string][]string // data; sequence numbers are 1, 2...
	closed map[string]bool
}

func (f *tables) Shards(context.Context, string) ([]string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	var ids []string
	for id := range f.shards {
		ids = append(ids, id)
	}
	return ids, nil
}

func (f *tables) Position(_ context.Context, _, shard string, start stream.Start) (string, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if start.Position == stream.Latest {
		return string(rune('0' + len(f.shards[shard]))), nil
	}
	return "", nil
}

func (f *tables) Read(ctx context.Context, r stream.Request) (stream.Page, error) {
	for {
		f.mu.Lock()
		page := stream.Page{Closed: f.closed[r.Shard]}
		for i, data := range f.shards[r.Shard] {
			if sequence := string(rune('1' + i)); stream.Compare(sequence, r.After) > 0 && len(page.Records) < r.Most {
				page.Records = append(page.Records, stream.Record{Sequence: sequence, Event: []byte(`{"eventName":"` + data + `"}`)})
			}
		}
		f.mu.Unlock()
		if len(page.Records) > 0 || page.Closed || ctx.Err() != nil || r.Wait <= 0 {
			return page, nil
		}
		time.Sleep(time.Second)
		r.Wait -= time.Second
	}
}

// Shards that come later are read from their beginning, and those that are
// closed to their end.
func TestStreamMappingOfShardsThatEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &tables{shards: map[string][]string{"one": {"old"}}, closed: map[string]bool{}}
		var got []string
		all := &fakes{tables: f, handle: func(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
			got = append(got, string(in.Payload))
			return sandbox.Outcome{}, nil
		}}
		s := withFakes(t, all)
		add(t, s, "worker", nil)
		in := mappingInput{EventSourceArn: here.Regional("dynamodb", "table/t/stream/1"), FunctionName: "worker", FilterCriteria: &filterCriteria{[]filter{{`{"eventName":[{"anything-but":"no"}]}`}}}}
		at := 1.0
		if _, err := s.addMapping(here, newMapping{mappingInput: in, startInput: startInput{stream.AtTimestamp, &at}}, nil); err == nil || !strings.Contains(err.Error(), "Unsupported starting position") {
			t.Errorf("got %v", err)
		}
		if _, err := s.addMapping(here, newMapping{mappingInput: in, startInput: startInput{StartingPosition: stream.Latest}}, nil); err != nil {
			t.Fatal(err)
		}
		f.mu.Lock()
		f.shards["one"] = append(f.shards["one"], "a", "no", "b")
		f.closed["one"] = true
		f.shards["two"] = []string{"c"}
		f.mu.Unlock()
		pause(time.Minute)
		slices.Sort(got)
		want := []string{`{"Records":[{"eventName":"a"},{"eventName":"b"}]}`, `{"Records":[{"eventName":"c"}]}`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		closeService(t, s)
	})
}
