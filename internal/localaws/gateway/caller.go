// SPDX-License-Identifier: MIT

// Package gateway is what HTTP APIs and REST APIs have in common: how they call
// functions, match paths, throttle, keep what authorizers said, and log access.
// Load balancers call functions the same way.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
)

// Principal is the service as which APIs call functions.
const Principal = "apigateway.amazonaws.com"

// Functions runs functions; *lambda.Service is one.
type Functions interface {
	// Invoke runs a function and waits for its result.
	Invoke(ctx context.Context, scope arn.Scope, function string, payload []byte, o lambda.InvokeOptions) (lambda.Response, error)
	// Permits reports whether the function's policy lets a service invoke it.
	Permits(scope arn.Scope, function, service, source string) bool
}

// The ways in which a call of a function goes wrong for the API.
var (
	// ErrPermission says that the function's policy does not let the API in.
	ErrPermission = errors.New("the function's resource policy does not permit it")
	// ErrTimeout says that the function did not answer in time. It goes on.
	ErrTimeout = errors.New("the function did not answer in time")
	// ErrFunction says that the function failed.
	ErrFunction = errors.New("the function failed")
	// ErrClosed says that the caller is closed.
	ErrClosed = errors.New("the embedded AWS is shutting down")
)

// Caller calls functions on behalf of APIs and load balancers. Its methods may
// be called concurrently.
type Caller struct {
	functions Functions
	mu        sync.Mutex // of closed, and of beginning work
	closed    bool
	work      sync.WaitGroup
	stopped   context.Context
	stop      context.CancelFunc
}

// NewCaller returns a Caller, which must be closed.
func NewCaller(functions Functions) *Caller {
	c := &Caller{functions: functions}
	c.stopped, c.stop = context.WithCancel(context.Background())
	return c
}

// Call is one call of a function.
type Call struct {
	Scope    arn.Scope
	Function string // name or ARN
	Source   string // ARN of the route or authorizer that calls
	// Principal is the service as which the function is called; "" is that of
	// APIs.
	Principal string
	Payload   []byte // JSON
	TraceID   string
	Timeout   time.Duration
}

// Call runs a function and waits for its result, which the errors of this
// package, or one of Lambda, may take the place of. As on AWS the function goes
// on when the time is up or the client is gone.
func (c *Caller) Call(in Call) (lambda.Response, error) {
	if !c.functions.Permits(in.Scope, in.Function, cmp.Or(in.Principal, Principal), in.Source) {
		return lambda.Response{}, fmt.Errorf("invoke %s for %s: %w", in.Function, in.Source, ErrPermission)
	}
	type result struct {
		response lambda.Response
		err      error
	}
	done := make(chan result, 1)
	begun := c.begin(func() {
		response, err := c.functions.Invoke(c.stopped, in.Scope, in.Function, in.Payload, lambda.InvokeOptions{TraceID: in.TraceID})
		done <- result{response, err}
	})
	if !begun {
		return lambda.Response{}, fmt.Errorf("invoke %s: %w", in.Function, ErrClosed)
	}
	timer := time.NewTimer(in.Timeout)
	defer timer.Stop()
	select {
	case r := <-done:
		switch {
		case r.err != nil:
			return r.response, fmt.Errorf("invoke %s: %w", in.Function, r.err)
		case r.response.FunctionError != "":
			return r.response, fmt.Errorf("invoke %s: %w", in.Function, ErrFunction)
		}
		return r.response, nil
	case <-timer.C:
		return lambda.Response{}, fmt.Errorf("invoke %s: %w", in.Function, ErrTimeout)
	}
}

// begin starts work unless the caller is closed.
func (c *Caller) begin(work func()) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.closed {
		c.work.Go(work)
	}
	return !c.closed
}

// Close waits for the calls under way until ctx ends, then kills them.
func (c *Caller) Close(ctx context.Context) {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		c.work.Wait()
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
	c.stop()
	<-done
}
