// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/sandbox"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func TestAsynchronousEvents(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		fail   int // how often the function fails
		config *eventConfigInput
		after  []time.Duration // when it was tried
	}{
		{"success", 0, nil, []time.Duration{0}},
		{"a failure", 1, nil, []time.Duration{0, time.Minute}},
		{"failures", 9, nil, []time.Duration{0, time.Minute, 3 * time.Minute}},
		{"no retries", 9, &eventConfigInput{MaximumRetryAttempts: new(0)}, []time.Duration{0}},
		{"too old", 9, &eventConfigInput{MaximumEventAgeInSeconds: new(90)}, []time.Duration{0, time.Minute}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				began := time.Now()
				var after []time.Duration
				var ids []string
				all := &fakes{}
				all.handle = func(_ context.Context, _ *fake, in sandbox.Invocation) (sandbox.Outcome, error) {
					after = append(after, time.Since(began))
					ids = append(ids, in.RequestID)
					if len(after) <= test.fail {
						return sandbox.Outcome{FunctionError: "Unhandled", Payload: []byte(`{}`)}, nil
					}
					return sandbox.Outcome{}, nil
				}
				s := withFakes(t, all)
				add(t, s, "hello", nil)
				if test.config != nil {
					if _, err := s.putEventConfig(t.Context(), call{scope: here, function: reference{name: "hello"}}, *test.config); err != nil {
						t.Fatal(err)
					}
				}
				r, err := s.Invoke(t.Context(), here, "hello", nil, InvokeOptions{Type: Event})
				if err != nil || r.Status != 202 {
					t.Fatalf("got %+v, %v", r, err)
				}
				time.Sleep(time.Hour)
				synctest.Wait()
				if !slices.Equal(after, test.after) {
					t.Errorf("tried after %v, want %v", after, test.after)
				}
				if slices.ContainsFunc(ids, func(id string) bool { return id != r.RequestID }) {
					t.Errorf("request ids %v, want %s each time", ids, r.RequestID)
				}
				closeService(t, s)
			})
		})
	}
}

// An event for which there is no environment waits for one.
func TestThrottledEvents(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{}
		s := withFakes(t, all)
		add(t, s, "hello", nil)
		c := call{scope: here, function: reference{name: "hello"}}
		if err := s.reserve(c, new(0)); err != nil {
			t.Fatal(err)
		}
		if _, err := s.Invoke(t.Context(), here, "hello", nil, InvokeOptions{Type: Event}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		if made, _ := all.counts(); made != 0 {
			t.Error("the event ran although no concurrency is reserved")
		}
		if err := s.reserve(c, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(throttleLimit)
		synctest.Wait()
		if made, _ := all.counts(); made != 1 {
			t.Errorf("made %d environments, want 1", made)
		}
		closeService(t, s)
	})
}

// An event that waits for its retry does not hold up Close.
func TestCloseDropsRetries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		all := &fakes{}
		all.handle = func(context.Context, *fake, sandbox.Invocation) (sandbox.Outcome, error) {
			return sandbox.Outcome{FunctionError: "Unhandled"}, nil
		}
		s := withFakes(t, all)
		add(t, s, "hello", nil)
		if _, err := s.Invoke(t.Context(), here, "hello", nil, InvokeOptions{Type: Event}); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		began := time.Now()
		closeService(t, s)
		if took := time.Since(began); took > time.Second {
			t.Errorf("Close took %s", took)
		}
		_, err := s.Invoke(t.Context(), here, "hello", nil, InvokeOptions{Type: Event})
		if e, ok := errors.AsType[*wire.Error](err); !ok || e.Status != 503 {
			t.Errorf("an event after Close: %v", err)
		}
	})
}
