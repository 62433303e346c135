// SPDX-License-Identifier: MIT

package customresource

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/cfn"
	"github.com/rs/zerolog"
)

// margin is how long before the Lambda function's timeout the handler is given
// up, so that the answer still can be sent.
const margin = 500 * time.Millisecond

// errOutOfTime is the cause for which a handler's context ends.
var errOutOfTime = errors.New("the handler was not done 0.5 s before the function's timeout")

// errVanished is what is left of a handler that ended its goroutine.
var errVanished = errors.New("the handler ended its goroutine")

// Wrap makes a Lambda handler of a [Handler], a [Resource], or a function
// without arguments that returns a Resource, alone or with an error; the
// function is called once, at the first request. It panics on anything else.
//
// The Lambda handler answers every request: a failure, a panic and a handler
// that is not done 500 ms before the function's timeout are answered as FAILED.
// Its own error only says that the answer could not be delivered, so that
// Lambda does not repeat what was answered.
func Wrap(h any) func(context.Context, cfn.Event) error {
	target, err := newTarget(h)
	if err != nil {
		panic(fmt.Sprintf("customresource: %v", err))
	}
	client := newSender()
	return func(ctx context.Context, event cfn.Event) error { return serve(ctx, target, client, event) }
}

func serve(ctx context.Context, t *target, client doer, event cfn.Event) error {
	start := time.Now()
	r := newRequest(event)
	o := handle(ctx, t, r)
	a := newAnswer(r, o)
	body, err := a.body()
	if err != nil {
		return fmt.Errorf("write response: %w", err)
	}
	log := zerolog.Ctx(ctx).With().Str("request_id", r.RequestID).Str("type", string(r.Type)).
		Str("logical_id", r.LogicalID).Str("physical_id", a.PhysicalResourceID).
		Int64("duration_ms", time.Since(start).Milliseconds()).Logger()
	if o.err != nil {
		log.Error().Err(o.err).Msg("custom resource has failed")
	} else {
		log.Info().Msg("custom resource is done")
	}
	return send(context.WithoutCancel(ctx), client, event.ResponseURL, body)
}

// handle runs the handler until it is done or out of time. A handler that
// ignores the end of its context is left behind: its answer no longer counts.
func handle(ctx context.Context, t *target, r Request) outcome {
	if r.Type == Delete && r.PhysicalID == NeverMade {
		return outcome{}
	}
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadlineCause(ctx, deadline.Add(-margin), errOutOfTime)
		defer cancel()
	}
	identity, done := make(chan string, 1), make(chan outcome, 1)
	go call(ctx, t, r, identity, done)
	select {
	case o := <-done:
		return o
	case <-ctx.Done():
	}
	o := outcome{err: context.Cause(ctx)}
	select {
	case o.identity = <-identity:
	default:
	}
	return o
}

// call runs the handler. It tells the physical id before, so that the id is
// known of a handler that does not come back.
func call(ctx context.Context, t *target, r Request, identity chan<- string, done chan<- outcome) {
	o := outcome{err: errVanished} // unless the handler comes back
	defer func() {
		if v := recover(); v != nil {
			zerolog.Ctx(ctx).Error().Bytes("stack", debug.Stack()).Msg("custom resource has panicked")
			o.err = fmt.Errorf("panic: %v", v)
		}
		done <- o
	}()
	o.identity = t.identify(r)
	identity <- o.identity
	o.response, o.err = t.handle(ctx, r)
}
