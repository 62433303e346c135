// SPDX-License-Identifier: MIT

package pipeline

import (
	"context"
	"errors"
	"fmt"
	"slices"
)

// stage takes one stage from waiting for its inputs to its end.
func (e *execution) stage(running context.Context, n *node) {
	defer close(n.done)
	if !n.awaitInputs(running) || !e.takeSlot(running) {
		return // the report says NotRun
	}
	defer e.freeSlot()
	ctx := running
	var err error
	n.report.Start = e.now()
	defer func() {
		n.report.Duration = e.now().Sub(n.report.Start)
		e.settle(ctx, n, err)
	}()
	guard(&err, func() error {
		if n.report.Reason = n.skip(); n.report.Reason != "" {
			return nil
		}
		ctx = e.observer.Started(running, n.name)
		return n.run(ctx)
	})
}

// awaitInputs waits for the stages that n gets results from. It reports whether
// all of them made one and nothing has been cancelled meanwhile.
func (n *node) awaitInputs(running context.Context) bool {
	for _, input := range n.inputs {
		select {
		case <-input.done:
			if !input.hasOut {
				return false
			}
		case <-running.Done():
			return false
		}
	}
	return running.Err() == nil
}

// takeSlot waits until one more stage may run. It reports whether n may start.
func (e *execution) takeSlot(running context.Context) bool {
	if e.slots == nil {
		return true
	}
	select {
	case e.slots <- struct{}{}:
	case <-running.Done():
		return false
	}
	if running.Err() != nil {
		e.freeSlot()
		return false
	}
	return true
}

func (e *execution) freeSlot() {
	if e.slots != nil {
		<-e.slots
	}
}

// settle records how a stage ended and tells the observer. ctx is the one that
// the stage ran with.
func (e *execution) settle(ctx context.Context, n *node, err error) {
	e.mu.Lock()
	switch {
	case err != nil:
		e.fail(n, err)
	case n.report.Reason != "":
		n.report.Status, n.hasOut = Skipped, true
	default:
		n.report.Status, n.hasOut = Done, true
		e.finished = append(e.finished, e.completed(ctx, n))
	}
	e.mu.Unlock()
	e.observer.Finished(n.report)
}

// fail records the error of a stage and cancels the others if it is the first.
func (e *execution) fail(n *node, err error) {
	failure := &StageError{Stage: n.name, Err: err}
	n.report.Status, n.report.Err = Failed, err
	if Kept(err) {
		e.kept = append(e.kept, failure)
	}
	if !e.cancelled() {
		e.first = failure
		e.cancel(failure)
		return
	}
	if _, bug := errors.AsType[*PanicError](err); !bug {
		n.report.Status = Stopped
	}
}

// completed returns n with the way to undo it under the context's values.
func (e *execution) completed(ctx context.Context, n *node) completion {
	if n.undo == nil {
		return completion{node: n}
	}
	return completion{n, func() (err error) {
		undoing, cancel := context.WithTimeout(context.WithoutCancel(ctx), e.undoTimeout)
		defer cancel()
		guard(&err, func() error { return n.undo(undoing) })
		return err
	}}
}

// undo undoes finished stages, the latest first, up to one that says Keep. It
// returns what went wrong.
func (e *execution) undo() []error {
	observer, _ := e.observer.(UndoObserver)
	var errs []error
	for _, c := range slices.Backward(e.finished) {
		if c.undo == nil {
			continue
		}
		err := c.undo()
		c.node.report.Undone, c.node.report.UndoErr = err == nil, err
		if observer != nil {
			observer.Undone(c.node.report)
		}
		if err != nil {
			errs = append(errs, fmt.Errorf("undo %s: %w", c.node.name, err))
		}
		if Kept(err) {
			break
		}
	}
	return errs
}
