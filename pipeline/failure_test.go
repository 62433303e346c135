// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"context"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sparta-up/sparta/pipeline"
)

func TestTheFirstFailureCancelsTheRest(t *testing.T) {
	t.Parallel()
	p := pipeline.New("up")
	ready := make(chan struct{})
	var cause error
	long := pipeline.Add(p, "long", newStep(func(ctx context.Context) (int, error) {
		close(ready)
		<-ctx.Done()
		cause = context.Cause(ctx)
		return 0, errors.New("signal: killed") // as a child process says it
	}))
	broken := pipeline.Add(p, "broken", newStep(func(context.Context) (int, error) {
		<-ready
		return 0, io.ErrUnexpectedEOF
	}))
	pipeline.Add(p, "next", newStep(returns(1), broken))
	pipeline.Add(p, "last", newStep(returns(1), long))
	observer := &journal{}
	reports, err := p.Run(t.Context(), pipeline.Options{Observer: observer})

	failure, ok := err.(*pipeline.StageError)
	if !ok || failure.Stage != "broken" || !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Fatalf("error: got %T %v, want the StageError of broken", err, err)
	}
	if got, want := err.Error(), "broken: unexpected EOF"; got != want {
		t.Errorf("text: got %q, want %q", got, want)
	}
	if cause != error(failure) {
		t.Errorf("cause of the others' context: got %v, want the same StageError", cause)
	}
	want := map[string]pipeline.Status{
		"long": pipeline.Stopped, "broken": pipeline.Failed, "next": pipeline.NotRun, "last": pipeline.NotRun,
	}
	if diff := cmp.Diff(want, statuses(reports)); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	for _, word := range observer.all() {
		if strings.HasSuffix(word, "next") || strings.HasSuffix(word, "last") {
			t.Errorf("a stage that did not run was observed: %q", word)
		}
	}
}

func TestCancellationFromOutside(t *testing.T) {
	t.Parallel()
	interrupt := errors.New("interrupt signal received")
	ctx, cancel := context.WithCancelCause(t.Context())
	p := pipeline.New("up")
	var undone journal
	done := pipeline.Add(p, "done", &undoable{do: returns(1), undo: func(context.Context, int) error {
		undone.add("done")
		return nil
	}})
	long := pipeline.Add(p, "long", newStep(func(ctx context.Context) (int, error) {
		cancel(interrupt)
		return waits(ctx)
	}, done))
	pipeline.Add(p, "next", newStep(returns(1), long))
	reports, err := p.Run(ctx, pipeline.Options{})
	if !errors.Is(err, interrupt) || err.Error() != "up: interrupt signal received" {
		t.Errorf("error: got %v", err)
	}
	if _, ok := errors.AsType[*pipeline.StageError](err); ok {
		t.Errorf("error: a stage was blamed for the interrupt: %v", err)
	}
	want := map[string]pipeline.Status{"done": pipeline.Done, "long": pipeline.Stopped, "next": pipeline.NotRun}
	if diff := cmp.Diff(want, statuses(reports)); diff != "" {
		t.Errorf("statuses (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"done"}, undone.all()); diff != "" {
		t.Errorf("undone (-want +got):\n%s", diff)
	}
}

func TestAContextThatIsDoneStartsNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, slots := range []int{0, 1} {
		p := pipeline.New("up")
		pipeline.Add(p, "a", newStep(func(context.Context) (int, error) {
			t.Error("the stage ran")
			return 0, nil
		}))
		reports, err := p.Run(ctx, pipeline.Options{Slots: slots})
		if !errors.Is(err, context.Canceled) || reports[0].Status != pipeline.NotRun || !reports[0].Start.IsZero() {
			t.Errorf("%d slots: got %v and %+v", slots, err, reports[0])
		}
	}
}

func TestAnInterruptAfterTheLastStageChangesNothing(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := pipeline.New("up")
	pipeline.Add(p, "a", &undoable{
		do: func(context.Context) (int, error) { cancel(); return 1, nil },
		undo: func(context.Context, int) error {
			t.Error("undone although all is done")
			return nil
		},
	})
	if _, err := p.Run(ctx, pipeline.Options{}); err != nil {
		t.Errorf("got %v, want nil", err)
	}
}

func TestAStageWaitingForASlotIsNotRun(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := pipeline.New("up")
		for _, name := range []string{"a", "b"} {
			pipeline.Add(p, name, newStep(func(context.Context) (int, error) {
				time.Sleep(time.Second)
				return 0, errors.New("no")
			}))
		}
		reports, err := p.Run(t.Context(), pipeline.Options{Slots: 1})
		failed, other := reports[0], reports[1]
		if failed.Status == pipeline.NotRun {
			failed, other = other, failed
		}
		if failed.Status != pipeline.Failed || other.Status != pipeline.NotRun || err.Error() != failed.Name+": no" {
			t.Errorf("got %v, %+v, %+v", err, failed, other)
		}
	})
}

func TestAPanicIsTheStagesInternalError(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		do   func(context.Context) (int, error)
		want string
	}{
		"text":  {func(context.Context) (int, error) { panic("boom") }, "a: internal error: boom"},
		"error": {func(context.Context) (int, error) { panic(io.EOF) }, "a: internal error: EOF"},
		"nil":   {func(context.Context) (int, error) { panic(nil) }, "a: internal error: panic called with nil argument"},
		//lint:ignore SA5000 the panic is what is tested
		"runtime": {func(context.Context) (int, error) { var m map[int]int; m[0]++; return 0, nil }, "a: internal error: assignment to entry in nil map"},
		"goexit":  {func(context.Context) (int, error) { runtime.Goexit(); return 0, nil }, "a: internal error: the stage ended its goroutine"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := pipeline.New("up")
			a := pipeline.Add(p, "a", newStep(test.do))
			pipeline.Add(p, "b", newStep(returns(1), a))
			reports, err := p.Run(t.Context(), pipeline.Options{Slots: 1})
			if err == nil || err.Error() != test.want {
				t.Fatalf("got %v, want %q", err, test.want)
			}
			bug, ok := errors.AsType[*pipeline.PanicError](err)
			if !ok || !strings.Contains(string(bug.Stack), "failure_test.go") {
				t.Errorf("the stack does not lead to the stage: %s", bug.Stack)
			}
			if name == "error" && !errors.Is(err, io.EOF) {
				t.Error("the error that was passed to panic is not in the chain")
			}
			if reports[0].Status != pipeline.Failed || reports[1].Status != pipeline.NotRun {
				t.Errorf("statuses: %v", statuses(reports))
			}
		})
	}
}

func TestAPanicAfterCancellationIsStillABug(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	p := pipeline.New("up")
	pipeline.Add(p, "a", newStep(func(context.Context) (int, error) {
		cancel()
		panic("boom")
	}))
	reports, err := p.Run(ctx, pipeline.Options{})
	if !errors.Is(err, context.Canceled) || reports[0].Status != pipeline.Failed {
		t.Errorf("got %v and %+v", err, reports[0])
	}
}

func TestGetBeforeThereIsAValuePanics(t *testing.T) {
	t.Parallel()
	var unset pipeline.Result[int]
	p := pipeline.New("up")
	later := pipeline.Add(p, "later", newStep(returns(1)))
	broken := pipeline.Add(p, "broken", newStep(fails(io.EOF), later))
	mustPanic(t, "pipeline: Get of a Result that was never set", func() { unset.Get() })
	mustPanic(t, "pipeline: Get of the result of stage later before it has one", func() { later.Get() })
	double := pipeline.Map(later, func(n int) int { return 2 * n })
	mustPanic(t, "pipeline: Get of the result of stage later before it has one", func() { double.Get() })
	if _, err := p.Run(t.Context(), pipeline.Options{}); err == nil {
		t.Fatal("no error")
	}
	mustPanic(t, "pipeline: Get of the result of stage broken, which made none", func() { broken.Get() })
	if double.Get() != 2 {
		t.Errorf("a Map that was read too early is spoiled: got %d, want 2", double.Get())
	}
}

// mustPanic checks that f panics with text.
func mustPanic(t *testing.T, text string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if got := recover(); got != text {
			t.Errorf("panic:\n got %v\nwant %s", got, text)
		}
	}()
	f()
}
