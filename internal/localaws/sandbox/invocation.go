// SPDX-License-Identifier: MIT

package sandbox

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Invocation is one event and what the handler learns about it.
type Invocation struct {
	RequestID       string    // UUID
	FunctionARN     string    // the ARN that was invoked, qualifier included
	Payload         []byte    // the event, JSON
	ClientContext   string    // JSON; may be empty
	CognitoIdentity string    // JSON; may be empty
	TraceID         string    // X-Ray trace header; may be empty
	Deadline        time.Time // when the function times out; required
}

// Outcome is how an invocation ended.
type Outcome struct {
	Payload       []byte        // the result, or the JSON description of the failure
	ContentType   string        // as the runtime gave it; application/json for failures
	FunctionError string        // empty, or Unhandled if the function failed
	ErrorType     string        // such as Function.Unknown or Runtime.ExitError; empty without a failure
	Init          time.Duration // how long the init phase took, if this event was the first of a process
	Duration      time.Duration // from handing the event over to the answer
	MaxMemoryMB   int           // peak resident memory of the function's processes; 0 if not known
	Streaming     bool          // the payload was streamed: it may start with an HTTP prelude
}

// Invoke hands the function one event and waits for its answer. What goes wrong
// in the function, a timeout included, is an Outcome with a FunctionError.
// Invoke returns an error only for ErrBusy, ErrClosed, a context that ended
// (the function's processes are then killed) or faults of our own.
//
// The Deadline is moved by the time that Invoke waits for the init phase, which
// Lambda does not count towards the function's timeout. When Invoke returns,
// Output has received every line that was written before the answer.
func (s *Sandbox) Invoke(ctx context.Context, inv Invocation) (Outcome, error) {
	if inv.Deadline.IsZero() {
		return Outcome{}, errors.New("invoke: the invocation has no deadline")
	}
	if !s.work.TryLock() {
		return Outcome{}, ErrBusy
	}
	defer s.work.Unlock()
	out, err := s.run(ctx, &event{Invocation: inv, timeout: max(0, time.Until(inv.Deadline)), done: make(chan reply, 1)})
	if err != nil {
		return Outcome{}, fmt.Errorf("invoke %s: %w", inv.RequestID, err)
	}
	return out, nil
}

// event is an invocation in work.
type event struct {
	Invocation
	timeout time.Duration // the function's, from the end of the init phase
	init    time.Duration // of the process, if this is its first event
	done    chan reply    // the runtime's answer; capacity 1
}

// reply is what became of an event.
type reply struct {
	payload     []byte
	contentType string
	errorType   string // set if the function failed
	streaming   bool
}

// run brings the event to a process that takes it and waits for the answer. A
// process that ends between two events is replaced, once, as Lambda does.
func (s *Sandbox) run(ctx context.Context, e *event) (Outcome, error) {
	for attempt := 0; ; attempt++ {
		p, failed, err := s.ready(ctx, e)
		if err != nil {
			return Outcome{}, err
		}
		if failed != nil {
			return e.ended(p, *failed, 0), nil
		}
		limit := time.NewTimer(time.Until(e.Deadline))
		defer limit.Stop()
		select {
		case p.api.next <- e:
			return collect(ctx, p, e, limit.C)
		case <-p.exited:
			if attempt > 0 {
				return e.ended(p, p.exitReply(e.RequestID), 0), nil
			}
		case <-limit.C:
			p.kill()
			return e.ended(p, timeoutReply(e), e.timeout), nil
		case <-ctx.Done():
			p.kill()
			return Outcome{}, context.Cause(ctx)
		}
	}
}

// collect waits for the answer to an event that the runtime has taken.
func collect(ctx context.Context, p *process, e *event, limit <-chan time.Time) (Outcome, error) {
	began := time.Now()
	select {
	case r := <-e.done:
		return e.ended(p, r, time.Since(began)), nil
	case <-p.exited:
		r := p.exitReply(e.RequestID)
		select {
		case r = <-e.done: // it answered with its last breath
		default:
		}
		return e.ended(p, r, time.Since(began)), nil
	case <-limit:
		p.kill()
		return e.ended(p, timeoutReply(e), time.Since(began)), nil
	case <-ctx.Done():
		p.kill()
		return Outcome{}, context.Cause(ctx)
	}
}

// ended describes the end of an event.
func (e *event) ended(p *process, r reply, took time.Duration) Outcome {
	p.flush()
	out := Outcome{
		Payload:     r.payload,
		ContentType: r.contentType,
		ErrorType:   r.errorType,
		Init:        e.init,
		Duration:    took,
		MaxMemoryMB: p.peakMemoryMB(),
		Streaming:   r.streaming,
	}
	if r.errorType != "" {
		out.FunctionError = "Unhandled"
	}
	return out
}
