// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"context"
	"errors"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sparta-up/sparta/pipeline"
)

// chain is a pipeline of a, b and c, which can be undone, and then last.
func chain(undo func(name string, out int) error, last func(context.Context) (int, error)) *pipeline.Pipeline {
	p := pipeline.New("up")
	previous := pipeline.Known(0)
	for i, name := range []string{"a", "b", "c"} {
		previous = pipeline.Add(p, name, &undoable{
			Many: []pipeline.Result[int]{previous},
			do:   returns(i + 1),
			undo: func(_ context.Context, out int) error { return undo(name, out) },
		})
	}
	pipeline.Add(p, "last", newStep(last, previous))
	return p
}

func TestFinishedStagesAreUndoneInReverse(t *testing.T) {
	t.Parallel()
	var outs []int
	p := chain(func(_ string, out int) error { outs = append(outs, out); return nil }, fails(io.EOF))
	observer := &journal{}
	reports, err := p.Run(t.Context(), pipeline.Options{Observer: observer})
	if err == nil || err.Error() != "last: EOF" {
		t.Errorf("error: got %v", err)
	}
	if diff := cmp.Diff([]int{3, 2, 1}, outs); diff != "" {
		t.Errorf("values given to Undo (-want +got):\n%s", diff)
	}
	words := observer.all()
	want := []string{"failed last", "undone c", "undone b", "undone a"}
	if diff := cmp.Diff(want, words[len(words)-4:]); diff != "" {
		t.Errorf("observed at the end (-want +got):\n%s", diff)
	}
	for _, r := range reports {
		if r.Undone != (r.Name != "last") || r.UndoErr != nil {
			t.Errorf("report of %s: undone %v, %v", r.Name, r.Undone, r.UndoErr)
		}
	}
}

func TestErrorsOfUndoAreJoined(t *testing.T) {
	t.Parallel()
	denied := errors.New("access denied")
	p := chain(func(name string, _ int) error {
		switch name {
		case "c":
			return denied
		case "b":
			panic("boom")
		}
		return nil
	}, fails(io.EOF))
	observer := &journal{}
	reports, err := p.Run(t.Context(), pipeline.Options{Observer: observer})
	want := "last: EOF\nundo c: access denied\nundo b: internal error: boom"
	if err == nil || err.Error() != want {
		t.Errorf("error:\n got %v\nwant %s", err, want)
	}
	if failure, ok := errors.AsType[*pipeline.StageError](err); !ok || failure.Stage != "last" || !errors.Is(err, denied) {
		t.Errorf("the joined error hides its parts: %v", err)
	}
	if !reports[0].Undone || reports[1].UndoErr == nil || reports[2].UndoErr != denied || reports[2].Undone {
		t.Errorf("reports: %+v", reports)
	}
	words := observer.all()
	if diff := cmp.Diff([]string{"not undone c", "not undone b", "undone a"}, words[len(words)-3:]); diff != "" {
		t.Errorf("observed at the end (-want +got):\n%s", diff)
	}
}

func TestAKeptErrorKeepsWhatIsDone(t *testing.T) {
	t.Parallel()
	undo := func(name string, _ int) error { return errors.New("undo of " + name) }
	p := chain(undo, fails(pipeline.Keep(io.EOF)))
	_, err := p.Run(t.Context(), pipeline.Options{})
	if err == nil || err.Error() != "last: EOF" || !errors.Is(err, io.EOF) || !pipeline.Kept(err) {
		t.Errorf("got %v", err)
	}
	if pipeline.Keep(nil) != nil || pipeline.Kept(nil) || pipeline.Kept(io.EOF) {
		t.Error("Keep marks what was not given to it")
	}
}

func TestAKeptErrorIsHeardAfterAnInterrupt(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	undo := func(name string, _ int) error { return errors.New("undo of " + name) }
	p := chain(undo, func(ctx context.Context) (int, error) {
		cancel()
		<-ctx.Done()
		return 0, pipeline.Keep(errors.New("the stack operation goes on"))
	})
	_, err := p.Run(ctx, pipeline.Options{})
	want := "up: context canceled\nlast: the stack operation goes on"
	if err == nil || err.Error() != want || !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAKeptErrorOfAnotherStageIsHeard(t *testing.T) {
	t.Parallel()
	begun := make(chan struct{})
	undo := func(name string, _ int) error { return errors.New("undo of " + name) }
	p := chain(undo, func(ctx context.Context) (int, error) {
		close(begun)
		<-ctx.Done()
		return 0, pipeline.Keep(io.EOF)
	})
	pipeline.Add(p, "aside", newStep(func(context.Context) (int, error) {
		<-begun
		return 0, io.ErrClosedPipe
	}))
	_, err := p.Run(t.Context(), pipeline.Options{})
	if want := "aside: io: read/write on closed pipe\nlast: EOF"; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestAnUndoThatKeepsEndsTheUndoing(t *testing.T) {
	t.Parallel()
	var undone []string
	p := chain(func(name string, _ int) error {
		undone = append(undone, name)
		if name == "b" {
			return pipeline.Keep(errors.New("the stack operation goes on"))
		}
		return nil
	}, fails(io.EOF))
	reports, err := p.Run(t.Context(), pipeline.Options{})
	if diff := cmp.Diff([]string{"c", "b"}, undone); diff != "" {
		t.Errorf("undone (-want +got):\n%s", diff)
	}
	if want := "last: EOF\nundo b: the stack operation goes on"; err.Error() != want || reports[0].Undone {
		t.Errorf("got %v and %+v, want %s", err, reports[0], want)
	}
}

// Undo gets a context that lives although the pipeline's is cancelled, has a
// deadline, and carries the values that the Observer put in for the stage.
func TestTheContextOfUndo(t *testing.T) {
	t.Parallel()
	tests := []struct{ option, want time.Duration }{{0, 30 * time.Second}, {time.Minute, time.Minute}}
	for _, test := range tests {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			p := pipeline.New("up")
			a := pipeline.Add(p, "a", &undoable{do: returns(1), undo: func(ctx context.Context, _ int) error {
				if ctx.Err() != nil || ctx.Value(stageKey{}) != "a" {
					t.Errorf("context of Undo: err %v, stage %v", ctx.Err(), ctx.Value(stageKey{}))
				}
				<-ctx.Done()
				return ctx.Err()
			}})
			pipeline.Add(p, "b", newStep(func(ctx context.Context) (int, error) { cancel(); return waits(ctx) }, a))
			start := time.Now()
			_, err := p.Run(ctx, pipeline.Options{Observer: &naming{}, UndoTimeout: test.option})
			if got := time.Since(start); got != test.want {
				t.Errorf("undoing was stopped after %s, want %s", got, test.want)
			}
			if want := "up: context canceled\nundo a: context deadline exceeded"; err.Error() != want {
				t.Errorf("error: got %q, want %q", err, want)
			}
		})
	}
}
