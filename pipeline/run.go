// SPDX-License-Identifier: MIT

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Options say how a pipeline runs. The zero value is ready to use.
type Options struct {
	Observer    Observer         // may be nil; may also be an [UndoObserver]
	Slots       int              // how many stages may run at once; 0: no limit
	Now         func() time.Time // the clock of the reports; nil: time.Now
	UndoTimeout time.Duration    // for each Undo; 0: 30 s
}

// Run runs every stage once, each as soon as its inputs are ready, and returns
// when all of them have come to an end. The reports are in order of Add.
//
// The error is nil if every stage is done or skipped. If stages failed, it is
// the *StageError of the first one; the others were cancelled by it, with that
// error as the context's cause. If ctx was cancelled from outside, it wraps
// context.Cause(ctx). In both cases finished stages are undone, latest first,
// unless a stage returned an error marked with [Keep]. Errors of other stages
// that are marked so, and those of undoing, are joined to the error.
//
// Run panics if it was called before.
func (p *Pipeline) Run(ctx context.Context, o Options) ([]Report, error) {
	if p.started {
		panic("pipeline: second Run of pipeline " + p.name)
	}
	p.started = true
	running, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	e := newExecution(running, cancel, o)
	var stages sync.WaitGroup
	for _, n := range p.nodes {
		stages.Go(func() { e.stage(running, n) })
	}
	stages.Wait()
	err := e.verdict(running, p)
	reports := make([]Report, len(p.nodes))
	for i, n := range p.nodes {
		reports[i] = n.report
	}
	return reports, err
}

// execution is one run of a pipeline.
type execution struct {
	observer    Observer
	now         func() time.Time
	undoTimeout time.Duration
	slots       chan struct{} // nil: no limit
	cancelled   func() bool
	cancel      context.CancelCauseFunc

	mu       sync.Mutex
	first    *StageError   // the failure that cancelled the rest
	kept     []*StageError // failures marked with Keep
	finished []completion  // in order of completion
}

// completion is a stage that is done, and how to undo it, if there is a way.
type completion struct {
	node *node
	undo func() error
}

func newExecution(running context.Context, cancel context.CancelCauseFunc, o Options) *execution {
	e := &execution{
		observer:    o.Observer,
		now:         o.Now,
		undoTimeout: o.UndoTimeout,
		cancelled:   func() bool { return running.Err() != nil },
		cancel:      cancel,
	}
	if e.observer == nil {
		e.observer = silent{}
	}
	if e.now == nil {
		e.now = time.Now
	}
	if e.undoTimeout == 0 {
		e.undoTimeout = 30 * time.Second
	}
	if o.Slots > 0 {
		e.slots = make(chan struct{}, o.Slots)
	}
	return e
}

// verdict returns the error of the whole run, after undoing what a failure asks
// to be undone. All stages have ended.
func (e *execution) verdict(running context.Context, p *Pipeline) error {
	var errs []error
	switch {
	case e.first != nil:
		errs = []error{e.first}
	case !p.complete():
		errs = []error{fmt.Errorf("%s: %w", p.name, context.Cause(running))}
	default:
		return nil
	}
	if len(e.kept) == 0 {
		errs = append(errs, e.undo()...)
	}
	for _, err := range e.kept {
		if err != e.first {
			errs = append(errs, err)
		}
	}
	if len(errs) == 1 {
		return errs[0]
	}
	return errors.Join(errs...)
}

// complete reports whether every stage has a result.
func (p *Pipeline) complete() bool {
	for _, n := range p.nodes {
		if !n.hasOut {
			return false
		}
	}
	return true
}

// silent is the Observer of a pipeline that nobody observes.
type silent struct{}

func (silent) Started(ctx context.Context, _ string) context.Context { return ctx }
func (silent) Finished(Report)                                       {}
