// SPDX-License-Identifier: MIT

package sandbox

import (
	"context"
	"errors"
	"time"
)

// errSlowInit says that an init phase did not end in time.
var errSlowInit = errors.New("init phase takes too long")

// Init is how an init phase ended.
type Init struct {
	Duration  time.Duration // from the start of the process
	ErrorType string        // such as Runtime.ExitError, or Sandbox.Timedout; empty if the function is ready
}

// Init waits until the function is ready for its first event, or its init phase
// has failed or taken longer than InitTimeout; the next Invoke reports a failure
// again, and begins a slow init phase anew. When Init returns, Output has
// received every line of the init phase. It returns an error only for ErrBusy,
// ErrClosed or a context that ended.
func (s *Sandbox) Init(ctx context.Context) (Init, error) {
	if !s.work.TryLock() {
		return Init{}, ErrBusy
	}
	defer s.work.Unlock()
	p, err := s.current()
	if err != nil {
		return Init{}, err
	}
	limit := time.NewTimer(time.Until(p.started.Add(s.config.InitTimeout)))
	defer limit.Stop()
	defer p.flush()
	select {
	case <-p.api.ready:
		return Init{Duration: p.api.readyAt.Sub(p.started)}, nil
	case r := <-p.api.initFailed:
		p.api.initFailed <- r // Invoke wants it, too
		return Init{time.Since(p.started), r.errorType}, nil
	case <-p.exited:
		return Init{time.Since(p.started), p.initError()}, nil
	case <-limit.C:
		return Init{time.Since(p.started), timedOut}, nil
	case <-ctx.Done():
		return Init{}, context.Cause(ctx)
	}
}

// initError returns the error type of a process that ended in its init phase.
func (p *process) initError() string {
	select {
	case r := <-p.api.initFailed:
		p.api.initFailed <- r
		return r.errorType
	default:
		return exitError
	}
}

// ready returns a process whose init phase is over, or the reply to the event
// if the init phase failed. An init phase that overruns its limit is repeated
// within the event, under the function's timeout
// (https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html).
func (s *Sandbox) ready(ctx context.Context, e *event) (*process, *reply, error) {
	p, err := s.current()
	if err != nil || p.served {
		return p, nil, err
	}
	p.served = true
	failed, err := p.initialised(ctx, e, time.Until(p.started.Add(s.config.InitTimeout)))
	if errors.Is(err, errSlowInit) {
		p.close()
		if p, err = s.start(); err != nil {
			return nil, nil, err
		}
		p.served = true
		failed, err = p.initialised(ctx, e, e.timeout)
	}
	if errors.Is(err, errSlowInit) {
		failed, err = new(timeoutReply(e)), nil
	}
	return p, failed, err
}

// initialised waits until the process asks for its first event; the function's
// timeout starts then. A process that fails to, or takes too long, is killed.
func (p *process) initialised(ctx context.Context, e *event, limit time.Duration) (*reply, error) {
	select {
	case <-p.api.ready: // also if the limit passed since
		e.begin(p)
		return nil, nil
	default:
	}
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-p.api.ready:
		e.begin(p)
		return nil, nil
	case r := <-p.api.initFailed:
		p.kill()
		return &r, nil
	case <-p.exited:
		return new(p.initExit(e)), nil
	case <-timer.C:
		p.kill()
		return nil, errSlowInit
	case <-ctx.Done():
		p.kill()
		return nil, context.Cause(ctx)
	}
}

// initExit is the reply to an event whose process ended in its init phase: what
// it reported about that, else how it ended.
func (p *process) initExit(e *event) reply {
	select {
	case r := <-p.api.initFailed:
		return r
	default:
		return p.exitReply(e.RequestID)
	}
}

// begin starts the function's timeout.
func (e *event) begin(p *process) {
	e.init = p.api.readyAt.Sub(p.started)
	e.Deadline = time.Now().Add(e.timeout)
}
