// SPDX-License-Identifier: MIT

// Package stage holds the boxes of Sparta's flowcharts: one struct and one file
// for each. A stage's exported fields of type pipeline.Result are its inputs;
// the value that Run returns is its output. What a stage needs from outside,
// such as a clock or AWS, arrives in its fields too.
package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/aws/smithy-go"
)

// hintError is an error with advice on what to do next.
type hintError struct {
	err  error
	hint string
}

func (h *hintError) Error() string { return h.err.Error() }
func (h *hintError) Unwrap() error { return h.err }

// Hint returns what to do next.
func (h *hintError) Hint() string { return h.hint }

// withHint attaches advice to err; a nil err stays nil.
func withHint(err error, format string, args ...any) error {
	if err == nil {
		return nil
	}
	return &hintError{err: err, hint: fmt.Sprintf(format, args...)}
}

// apiError returns the code and the message of an AWS error; both are empty if
// err is none.
func apiError(err error) (code, message string) {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode(), api.ErrorMessage()
	}
	return "", ""
}

// plain reduces an SDK error, which repeats service, operation and request id,
// to AWS's own code and message.
func plain(err error) error {
	code, message := apiError(err)
	switch {
	case code == "":
		return err
	case message == "":
		return &plainError{code, err}
	}
	return &plainError{code + ": " + message, err}
}

type plainError struct {
	text  string
	cause error
}

func (p *plainError) Error() string { return p.text }
func (p *plainError) Unwrap() error { return p.cause }

// Pace says how a stage waits between two looks at something that moves. The
// zero value is the pace for CloudFormation: three quick looks, for what takes
// no time, then one after 0.3 s, growing to 2 s.
type Pace struct {
	First time.Duration // zero: 0.3 s
	Most  time.Duration // zero: 2 s
}

// quickLooks is how many waits are shorter than Pace.First.
const quickLooks = 3

// wait sleeps after look number n (from 0), with 20 % jitter so that many
// deployments don't poll in step. It returns early with the context's cause.
func (p Pace) wait(ctx context.Context, n int) error {
	jittered := time.Duration(float64(p.delay(n)) * (0.8 + 0.4*rand.Float64()))
	timer := time.NewTimer(jittered)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

func (p Pace) delay(n int) time.Duration {
	first, most := cmp.Or(p.First, 300*time.Millisecond), cmp.Or(p.Most, 2*time.Second)
	if n < quickLooks {
		return first * time.Duration(n+1) / (2 * quickLooks)
	}
	delay := float64(first) * math.Pow(1.3, float64(n-quickLooks))
	return time.Duration(min(delay, float64(most)))
}
