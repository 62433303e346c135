// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/sandbox"
)

func TestLineage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		header, rest string
		want         lineage
	}{
		{"Root=1-2-3;Sampled=0", "Root=1-2-3;Sampled=0", nil},
		{"Root=1-2-3;Lineage=a:2|b:5;Sampled=0", "Root=1-2-3;Sampled=0", lineage{{"a", 2}, {"b", 5}}},
		{"Lineage=a:x|:3|b|c:-1|d:1", "", lineage{{"d", 1}}},
		{"", "", nil},
	} {
		rest, got := cutLineage(test.header)
		if rest != test.rest || cmp.Diff(test.want, got, cmp.AllowUnexported(ancestor{})) != "" {
			t.Errorf("%q: got %q and %v", test.header, rest, got)
		}
	}
	l, n := lineage{}, 0
	for range 3 {
		l, n = l.hop("f")
	}
	l, _ = l.hop("g")
	if _, again := cutLineage(l.String()); n != 3 || cmp.Diff(l, again, cmp.AllowUnexported(ancestor{})) != "" || len(again) != 2 {
		t.Errorf("after three and one: %d, %v, %v", n, l, again)
	}
}

// Whatever a header says, the lineage that follows from it is short and read
// again as it was.
func FuzzLineage(f *testing.F) {
	f.Add("Root=1-2-3;Parent=4;Sampled=1;Lineage=1:a:2|b:16")
	f.Add("Lineage=;Lineage=a:1|a:1")
	f.Fuzz(func(t *testing.T, header string) {
		_, l := cutLineage(header)
		next, hops := l.hop("function")
		if hops < 1 || len(next) > maxAncestors {
			t.Errorf("%q: %d hops of %d ancestors", header, hops, len(next))
		}
		rest, again := cutLineage(next.String())
		if rest != "" || cmp.Diff(next, again, cmp.AllowUnexported(ancestor{})) != "" {
			t.Errorf("%q: %v became %v", header, next, again)
		}
	})
}

// looping makes a function that calls itself in a way, with the trace header it
// was given, as the SDK does. It returns how often it ran.
func looping(t *testing.T, loop string, again func(s *Service, all *fakes, trace string)) int64 {
	t.Helper()
	var ran atomic.Int64
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{}
		var s *Service
		all.handle = func(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
			if ran.Add(1) < 40 {
				again(s, all, in.TraceID)
			}
			return sandbox.Outcome{Payload: []byte("null")}, nil
		}
		s = withFakes(t, all)
		add(t, s, "hello", nil)
		if loop != "" {
			if err := s.setRecursion(call{scope: here, function: reference{name: "hello"}}, loop); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.Invoke(t.Context(), here, "hello", nil, InvokeOptions{}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		closeService(t, s)
	})
	return ran.Load()
}

func TestRecursiveLoops(t *testing.T) {
	t.Parallel()
	asynchronous := func(s *Service, _ *fakes, trace string) {
		_, _ = s.Invoke(context.Background(), here, "hello", nil, InvokeOptions{Type: Event, TraceID: trace})
	}
	synchronous := func(s *Service, _ *fakes, trace string) {
		_, _ = s.Invoke(context.Background(), here, "hello", nil, InvokeOptions{TraceID: trace})
	}
	topic := func(s *Service, _ *fakes, trace string) {
		_ = s.Deliver(context.Background(), delivery.Message{Account: here.Account, Target: here.Regional("lambda", "function:hello"), Body: []byte("{}"), TraceHeader: trace})
	}
	// As an event source mapping invokes, with the header only in the record.
	queue := func(s *Service, _ *fakes, trace string) {
		payload, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"eventSource": "aws:sqs", "attributes": map[string]string{"AWSTraceHeader": trace}}}})
		if err == nil {
			go func() { _, _ = s.Invoke(context.Background(), here, "hello", payload, InvokeOptions{}) }()
		}
	}
	for _, test := range []struct {
		name, loop string
		again      func(*Service, *fakes, string)
		want       int64
	}{
		{"asynchronous", "", asynchronous, 16}, {"synchronous", "", synchronous, 16}, {"topic", "Terminate", topic, 16}, {"queue", "", queue, 16},
		{"allowed", "Allow", asynchronous, 40},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := looping(t, test.loop, test.again); got != test.want {
				t.Errorf("ran %d times, want %d", got, test.want)
			}
		})
	}
}

// A synchronous caller is told, and an asynchronous event goes to the dead-letter
// queue.
func TestTerminatedLoop(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{}
		s := withFakes(t, all)
		dead := (&source{s, all, ""}).queue(t, map[string]any{})
		add(t, s, "hello", func(in *createInput) { in.DeadLetterConfig = &struct{ TargetArn string }{dead} })
		l := lineage{}
		for range maxHops {
			l, _ = l.hop(here.Regional("lambda", "function:hello"))
		}
		trace := "Root=1-2-3;" + l.String()
		if _, err := s.Invoke(t.Context(), here, "hello", nil, InvokeOptions{TraceID: trace}); err == nil || !strings.HasPrefix(err.Error(), "RecursiveInvocationException") {
			t.Errorf("got %v", err)
		}
		if r, err := s.Invoke(t.Context(), here, "hello", []byte(`{"lost":1}`), InvokeOptions{TraceID: trace, Type: Event}); err != nil || r.Status != 202 {
			t.Errorf("got %+v, %v", r, err)
		}
		letters, err := all.queues.Receive(t.Context(), dead, 10, 0)
		if err != nil || len(letters) != 1 || letters[0].Body != `{"lost":1}` {
			t.Errorf("letters %+v, %v", letters, err)
		}
		if made, _ := all.counts(); made != 0 {
			t.Errorf("%d environments were made", made)
		}
		closeService(t, s)
	})
}
