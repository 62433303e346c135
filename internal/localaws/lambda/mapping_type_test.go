// SPDX-License-Identifier: MIT

package lambda

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

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

func TestMappingRefuses(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := withQueue(t, &consumer{}, nil)
		fifo := s.queue(t, map[string]any{"QueueName": "q.fifo", "FifoQueue": true})
		short := s.queue(t, map[string]any{"QueueName": "short", "VisibilityTimeout": 2})
		s.mapped(t, mappingInput{})
		patterns := func(texts ...string) *filterCriteria {
			out := &filterCriteria{}
			for _, text := range texts {
				out.Filters = append(out.Filters, filter{text})
			}
			return out
		}
		for _, test := range []struct {
			source, function string
			in               mappingInput
			want             string
		}{
			{"", "worker", mappingInput{}, "without EventSourceArn"},
			{"x", "worker", mappingInput{}, "must be an ARN"},
			{here.Regional("kinesis", "stream/s"), "worker", mappingInput{}, "Stream not found"},
			{here.Regional("dynamodb", "table/t/stream/1"), "worker", mappingInput{}, "does not model event source mappings of dynamodb"},
			{here.Regional("kafka", "cluster/c"), "worker", mappingInput{}, "does not model event source mappings of kafka"},
			{strings.Replace(s.arn, "us-east-1", "eu-west-1", 1), "worker", mappingInput{}, "same region"},
			{s.arn + "2", "worker", mappingInput{}, "QueueDoesNotExist"},
			{s.arn, "nobody", mappingInput{}, "Function not found"},
			{s.arn, "worker", mappingInput{}, "already exists"},
			{short, "worker", mappingInput{}, "Queue visibility timeout: 2 seconds is less than Function timeout: 3 seconds"},
			{s.arn, "worker", mappingInput{BatchSize: new(0)}, "batchSize"},
			{s.arn, "worker", mappingInput{BatchSize: new(11)}, "batch window"},
			{fifo, "worker", mappingInput{BatchSize: new(11)}, "FIFO"},
			{fifo, "worker", mappingInput{MaximumBatchingWindowInSeconds: new(1)}, "FIFO"},
			{s.arn, "worker", mappingInput{MaximumBatchingWindowInSeconds: new(301)}, "maximumBatchingWindowInSeconds"},
			{s.arn, "worker", mappingInput{ScalingConfig: &scalingConfig{new(1)}}, "maximumConcurrency"},
			{s.arn, "worker", mappingInput{FunctionResponseTypes: []string{"Other"}}, "functionResponseTypes"},
			{s.arn, "worker", mappingInput{FilterCriteria: patterns(`{"body":"x"}`)}, "Invalid filter pattern"},
			{s.arn, "worker", mappingInput{FilterCriteria: patterns("1", "2", "3", "4", "5", "6")}, "at most 5"},
		} {
			test.in.EventSourceArn, test.in.FunctionName = test.source, test.function
			if _, err := s.addMapping(here, newMapping{mappingInput: test.in}, nil); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s %s: got %v, want %s", test.source, test.function, err, test.want)
			}
		}
		closeService(t, s.Service)
	})
}

func TestMappingType(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &consumer{}
		s := withQueue(t, c, nil)
		mappings := s.ResourceTypes()["AWS::Lambda::EventSourceMapping"]
		properties := map[string]any{"EventSourceArn": s.arn, "FunctionName": "worker", "BatchSize": "3", "Enabled": "false",
			"FilterCriteria":        map[string]any{"Filters": []any{map[string]any{"Pattern": `{"body":["a"]}`}}},
			"FunctionResponseTypes": []any{"ReportBatchItemFailures"}, "ScalingConfig": map[string]any{"MaximumConcurrency": 2}}
		if faults := mappings.Check(properties); faults != nil {
			t.Error(faults)
		}
		if faults := mappings.Check(map[string]any{"Queues": []any{"t"}}); len(faults) != 2 || !strings.Contains(faults[1], "does not model") {
			t.Error(faults)
		}
		made, err := mappings.Create(t.Context(), resource.Request{Scope: here, Properties: properties})
		if err != nil || made.Attributes["EventSourceMappingArn"] != here.Regional("lambda", "event-source-mapping:"+made.PhysicalID) {
			t.Fatal(made, err)
		}
		s.send(t, "b")
		pause(time.Minute)
		if len(c.batches) != 0 {
			t.Errorf("disabled, and handled %v", c.batches)
		}
		next := map[string]any{"EventSourceArn": s.arn, "FunctionName": "worker"}
		if mappings.Replaces(properties, next) || !mappings.Replaces(properties, map[string]any{"EventSourceArn": "x"}) {
			t.Error("replaces the wrong things")
		}
		if _, err := mappings.Update(t.Context(), made, resource.Request{Scope: here, Properties: next, OldProperties: properties}); err != nil {
			t.Fatal(err)
		}
		pause(time.Minute)
		if !slices.Equal(c.batches, []string{"b"}) {
			t.Errorf("handled %v", c.batches)
		}
		s.mu.Lock()
		m := s.mappings[made.PhysicalID]
		out := m.output("")
		s.mu.Unlock()
		if out.BatchSize != 10 || out.FilterCriteria != nil || out.ScalingConfig != nil || out.FunctionResponseTypes != nil || out.State != "Enabled" || out.LastProcessingResult != "OK" {
			t.Errorf("got %+v", out)
		}
		for range 2 {
			if err := mappings.Delete(t.Context(), made, resource.Request{Scope: here, Properties: next}); err != nil {
				t.Error(err)
			}
		}
		closeService(t, s.Service)
	})
}

// The event decodes into the type of aws-lambda-go without a loss, and back.
func TestSQSEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var payload []byte
		all := &fakes{handle: func(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
			payload = in.Payload
			return sandbox.Outcome{}, nil
		}}
		s := &source{Service: withFakes(t, all), all: all}
		add(t, s.Service, "worker", nil)
		s.arn = s.queue(t, nil)
		if err := all.queues.Deliver(t.Context(), delivery.Message{Target: s.arn, Body: []byte("hello"), Attributes: map[string]delivery.Attribute{
			"s": {DataType: "String", StringValue: "v"}, "b": {DataType: "Binary", BinaryValue: []byte{1, 2}}}}); err != nil {
			t.Fatal(err)
		}
		s.mapped(t, mappingInput{})
		pause(time.Second)
		var e events.SQSEvent
		d := json.NewDecoder(strings.NewReader(string(payload)))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			t.Fatal(err)
		}
		again, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var want, got any
		if err := json.Unmarshal(payload, &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(again, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("lost on the way: %s", diff)
		}
		r := e.Records[0]
		if r.Body != "hello" || r.EventSource != "aws:sqs" || r.EventSourceARN != s.arn || r.AWSRegion != "us-east-1" || r.Md5OfBody != "5d41402abc4b2a76b9719d911017c592" ||
			r.Attributes["ApproximateReceiveCount"] != "1" || *r.MessageAttributes["s"].StringValue != "v" || !slices.Equal(r.MessageAttributes["b"].BinaryValue, []byte{1, 2}) {
			t.Errorf("got %+v", r)
		}
		closeService(t, s.Service)
	})
}
