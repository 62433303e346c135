// SPDX-License-Identifier: MIT

package pipeline_test

import (
	"context"
	"errors"
	"testing"

	"github.com/sparta-up/sparta/pipeline"
)

// skipped is a stage that is skipped if there is a reason.
type skipped struct {
	Many []pipeline.Result[int]
	why  string
	ask  func() string
}

func (s *skipped) Skip() string {
	if s.ask != nil {
		return s.ask()
	}
	return s.why
}

func (s *skipped) Run(context.Context) (int, error) { return 42, nil }

func TestASkippedStageYieldsTheZeroValue(t *testing.T) {
	t.Parallel()
	p := pipeline.New("skip")
	site := pipeline.Add(p, "site", &skipped{why: "no site"})
	next := pipeline.Add(p, "next", newStep(func(context.Context) (int, error) { return 5 + site.Get(), nil }, site))
	reports, err := p.Run(t.Context(), pipeline.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if site.Get() != 0 || next.Get() != 5 {
		t.Errorf("results: got %d and %d, want 0 and 5", site.Get(), next.Get())
	}
	if r := reports[0]; r.Status != pipeline.Skipped || r.Reason != "no site" {
		t.Errorf("report: got %s %q", r.Status, r.Reason)
	}
	if r := reports[1]; r.Status != pipeline.Done || r.Reason != "" {
		t.Errorf("report of the dependent: got %s %q", r.Status, r.Reason)
	}
}

func TestSkipIsAskedOnceWithInputsReady(t *testing.T) {
	t.Parallel()
	p := pipeline.New("ask")
	a := pipeline.Add(p, "a", newStep(returns(7)))
	asked := 0
	b := pipeline.Add(p, "b", &skipped{Many: []pipeline.Result[int]{a}, ask: func() string {
		asked++
		if a.Get() == 7 {
			return ""
		}
		return "no seven"
	}})
	if _, err := p.Run(t.Context(), pipeline.Options{}); err != nil {
		t.Fatal(err)
	}
	if asked != 1 || b.Get() != 42 {
		t.Errorf("asked %d times, result %d; want once and 42", asked, b.Get())
	}
}

func TestAPanicInSkipIsTheStagesInternalError(t *testing.T) {
	t.Parallel()
	p := pipeline.New("panic")
	pipeline.Add(p, "odd", &skipped{ask: func() string { panic("boom") }})
	reports, err := p.Run(t.Context(), pipeline.Options{})
	if err == nil || err.Error() != "odd: internal error: boom" {
		t.Errorf("got %v", err)
	}
	if _, ok := errors.AsType[*pipeline.PanicError](err); !ok || reports[0].Status != pipeline.Failed {
		t.Errorf("got %T with status %s, want a PanicError of a failed stage", err, reports[0].Status)
	}
}

func TestASkippedStageIsNotUndone(t *testing.T) {
	t.Parallel()
	p := pipeline.New("undo")
	s := pipeline.Add(p, "site", &skippedUndoable{})
	pipeline.Add(p, "broken", newStep(fails(errors.New("no")), s))
	reports, _ := p.Run(t.Context(), pipeline.Options{})
	if reports[0].Undone || reports[0].UndoErr != nil {
		t.Errorf("the skipped stage was undone: %+v", reports[0])
	}
}

type skippedUndoable struct{}

func (*skippedUndoable) Skip() string                     { return "not needed" }
func (*skippedUndoable) Run(context.Context) (int, error) { return 1, nil }
func (*skippedUndoable) Undo(context.Context, int) error {
	return errors.New("undo of a skipped stage")
}
