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

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

// consumer is a function that notes the bodies it gets and answers as told.
type consumer struct {
	mu      sync.Mutex
	batches []string // bodies, joined
	at      []time.Duration
	began   time.Time
	busy    int
	most    int // batches at a time
	events  []events.SQSEvent
	answer  func(e events.SQSEvent) sandbox.Outcome // nil: success
	lasts   time.Duration
}

func (c *consumer) handle(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
	var e events.SQSEvent
	if err := json.Unmarshal(in.Payload, &e); err != nil {
		return sandbox.Outcome{}, err
	}
	var bodies []string
	for _, r := range e.Records {
		bodies = append(bodies, r.Body)
	}
	c.mu.Lock()
	c.batches, c.at, c.events = append(c.batches, strings.Join(bodies, ",")), append(c.at, time.Since(c.began)), append(c.events, e)
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

func failing(events.SQSEvent) sandbox.Outcome {
	return sandbox.Outcome{FunctionError: "Unhandled", Payload: []byte(`{}`)}
}

// source is a mapping's queue with its function, inside a synctest bubble.
type source struct {
	*Service
	all *fakes
	arn string
}

func withQueue(t *testing.T, c *consumer, properties map[string]any) *source {
	t.Helper()
	c.began = time.Now()
	all := &fakes{handle: c.handle}
	s := &source{Service: withFakes(t, all), all: all}
	add(t, s.Service, "worker", nil)
	s.arn = s.queue(t, properties)
	return s
}

func (s *source) queue(t *testing.T, properties map[string]any) string {
	t.Helper()
	made, err := s.all.queues.ResourceTypes()["AWS::SQS::Queue"].Create(t.Context(), resource.Request{
		Scope: here, Properties: properties, DefaultName: func(int) string { return "jobs" }})
	if err != nil {
		t.Fatal(err)
	}
	return made.Attributes["Arn"].(string)
}

func (s *source) send(t *testing.T, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		group, text, _ := strings.Cut(body, ":")
		m := delivery.Message{Target: s.arn, Body: []byte(body)}
		if text != "" && strings.HasSuffix(s.arn, ".fifo") {
			m.Group, m.Deduplication, m.Body = group, body, []byte(text)
		}
		if err := s.all.queues.Deliver(t.Context(), m); err != nil {
			t.Fatal(err)
		}
	}
}

func (s *source) mapped(t *testing.T, in mappingInput) *mapping {
	t.Helper()
	in.EventSourceArn, in.FunctionName = s.arn, "worker"
	m, err := s.addMapping(here, newMapping{mappingInput: in}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// left returns the bodies of the messages that are in a queue for good.
func (s *source) left(t *testing.T, queue string) []string {
	t.Helper()
	list, err := s.all.queues.Receive(t.Context(), queue, 100, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range list {
		out = append(out, m.Body)
	}
	return out
}

// pause lets time pass and what it brings about come to rest.
func pause(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func TestMapping(t *testing.T) {
	t.Parallel()
	standard := map[string]any{"VisibilityTimeout": 60}
	fifo := map[string]any{"VisibilityTimeout": 60, "QueueName": "jobs.fifo", "FifoQueue": true}
	reporting := []string{"ReportBatchItemFailures"}
	report := func(answer string) func(events.SQSEvent) sandbox.Outcome {
		return func(e events.SQSEvent) sandbox.Outcome {
			if strings.Contains(answer, "%s") {
				return sandbox.Outcome{Payload: []byte(fmt.Sprintf(answer, e.Records[0].MessageId))}
			}
			return sandbox.Outcome{Payload: []byte(answer)}
		}
	}
	for _, test := range []struct {
		name    string
		queue   map[string]any
		in      mappingInput
		answer  func(events.SQSEvent) sandbox.Outcome
		send    []string
		batches []string
		left    []string // after the visibility timeout
	}{
		{"batches", standard, mappingInput{BatchSize: new(2)}, nil, []string{"a", "b", "c"}, []string{"a,b", "c"}, nil},
		{"failure", standard, mappingInput{}, failing, []string{"a", "b"}, []string{"a,b"}, []string{"a", "b"}},
		{"answers mean nothing by default", standard, mappingInput{}, report(`{"batchItemFailures":[{"itemIdentifier":"%s"}]}`), []string{"a", "b"}, []string{"a,b"}, nil},
		{"partial failure", standard, mappingInput{FunctionResponseTypes: reporting}, report(`{"batchItemFailures":[{"itemIdentifier":"%s"}]}`), []string{"a", "b"}, []string{"a,b"}, []string{"a"}},
		{"reported success", standard, mappingInput{FunctionResponseTypes: reporting}, report(`{"batchItemFailures":[]}`), []string{"a"}, []string{"a"}, nil},
		{"reported nothing", standard, mappingInput{FunctionResponseTypes: reporting}, report(`null`), []string{"a"}, []string{"a"}, nil},
		{"unknown identifier", standard, mappingInput{FunctionResponseTypes: reporting}, report(`{"batchItemFailures":[{"itemIdentifier":"x"}]}`), []string{"a"}, []string{"a"}, []string{"a"}},
		{"null identifier", standard, mappingInput{FunctionResponseTypes: reporting}, report(`{"batchItemFailures":[{"itemIdentifier":null}]}`), []string{"a"}, []string{"a"}, []string{"a"}},
		{"report that is none", standard, mappingInput{FunctionResponseTypes: reporting}, report(`{"batchItemFailures":3}`), []string{"a"}, []string{"a"}, []string{"a"}},
		{"filter", standard, mappingInput{FilterCriteria: &filterCriteria{[]filter{{`{"body":{"kind":["x"]}}`}, {`{"body":{"n":[{"numeric":[">",3]}]}}`}}}}, nil,
			[]string{`{"kind":"x"}`, `{"kind":"y"}`, `{"n":4}`, "text"}, []string{`{"kind":"x"},{"n":4}`}, nil},
		{"filter of texts", standard, mappingInput{FilterCriteria: &filterCriteria{[]filter{{`{"body":[{"prefix":"te"}]}`}}}}, nil, []string{"text", `"other"`}, []string{"text"}, nil},
		{"filter admits nothing", standard, mappingInput{FilterCriteria: &filterCriteria{[]filter{{`{"body":["x"]}`}}}}, nil, []string{"a", "b"}, nil, nil},
		{"in order of groups", fifo, mappingInput{BatchSize: new(1)}, nil, []string{"g:a", "g:b", "g:c"}, []string{"a", "b", "c"}, nil},
		{"disabled", standard, mappingInput{Enabled: new(false)}, nil, []string{"a"}, nil, []string{"a"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &consumer{answer: test.answer}
				s := withQueue(t, c, test.queue)
				s.send(t, test.send...)
				m := s.mapped(t, test.in)
				pause(50 * time.Second)
				slices.Sort(c.batches)
				if diff := cmp.Diff(test.batches, c.batches); diff != "" {
					t.Error(diff)
				}
				if _, err := s.dropMapping(here, m.ID); err != nil {
					t.Error(err)
				}
				pause(10 * time.Second)
				if diff := cmp.Diff(test.left, s.left(t, s.arn)); diff != "" {
					t.Error(diff)
				}
				closeService(t, s.Service)
			})
		})
	}
}

// A failing message is tried again after each visibility timeout and then goes
// to the dead-letter queue.
func TestMappingRetriesAndGivesUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &consumer{answer: failing}
		s := withQueue(t, c, map[string]any{"QueueName": "dead"})
		dead := s.arn
		s.arn = s.queue(t, map[string]any{"VisibilityTimeout": 10, "RedrivePolicy": map[string]any{"deadLetterTargetArn": dead, "maxReceiveCount": 3}})
		m := s.mapped(t, mappingInput{})
		s.send(t, "a")
		pause(time.Minute)
		if want := []time.Duration{0, 10 * time.Second, 20 * time.Second}; !slices.Equal(c.at, want) {
			t.Errorf("tried at %v", c.at)
		}
		if got := s.left(t, dead); !slices.Equal(got, []string{"a"}) {
			t.Errorf("dead letters %v", got)
		}
		s.mu.Lock()
		result := m.LastResult
		s.mu.Unlock()
		if result != "PROBLEM: Function call failed" {
			t.Errorf("result %s", result)
		}
		closeService(t, s.Service)
	})
}

func TestMappingConcurrency(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		in   mappingInput
		want int
	}{"default": {mappingInput{BatchSize: new(1)}, 5}, "limited": {mappingInput{BatchSize: new(1), ScalingConfig: &scalingConfig{new(2)}}, 2}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &consumer{lasts: time.Second}
				s := withQueue(t, c, nil)
				for i := range 12 {
					s.send(t, fmt.Sprint(i))
				}
				s.mapped(t, test.in)
				pause(20 * time.Second)
				if c.most != test.want || len(c.batches) != 12 {
					t.Errorf("%d at a time, %d batches", c.most, len(c.batches))
				}
				closeService(t, s.Service)
			})
		})
	}
}

// Groups of a FIFO queue are worked on at the same time, the messages of one
// group are not.
func TestMappingFIFOConcurrency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &consumer{lasts: time.Second}
		s := withQueue(t, c, map[string]any{"QueueName": "jobs.fifo", "FifoQueue": true})
		s.send(t, "1:a", "1:b", "2:c", "2:d")
		s.mapped(t, mappingInput{BatchSize: new(1)})
		pause(10 * time.Second)
		if want := []time.Duration{0, 0, time.Second, time.Second}; !slices.Equal(c.at, want) || c.most != 2 {
			t.Errorf("at %v, %d at a time", c.at, c.most)
		}
		closeService(t, s.Service)
	})
}

func TestMappingWindow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &consumer{}
		s := withQueue(t, c, nil)
		s.mapped(t, mappingInput{BatchSize: new(20), MaximumBatchingWindowInSeconds: new(5)})
		for i := range 4 {
			s.send(t, fmt.Sprint(i))
			pause(2 * time.Second)
		}
		pause(10 * time.Second)
		if want := []string{"0,1,2", "3"}; !slices.Equal(c.batches, want) || c.at[0] != 5*time.Second {
			t.Errorf("batches %v at %v", c.batches, c.at)
		}
		closeService(t, s.Service)
	})
}

// An event never exceeds what an invocation takes.
func TestMappingSplitsLargeBatches(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &consumer{}
		s := withQueue(t, c, nil)
		for range 8 {
			s.send(t, strings.Repeat("x", 1<<20))
		}
		s.mapped(t, mappingInput{})
		pause(5 * time.Second)
		total := 0
		for _, e := range c.events {
			total += len(e.Records)
		}
		if len(c.events) != 2 || total != 8 {
			t.Errorf("%d events with %d records", len(c.events), total)
		}
		closeService(t, s.Service)
	})
}
