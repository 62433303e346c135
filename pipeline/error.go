// SPDX-License-Identifier: MIT

package pipeline

import (
	"errors"
	"fmt"
	"runtime/debug"
)

// StageError is the failure of one stage.
type StageError struct {
	Stage string // name of the stage
	Err   error
}

// Error returns "stage: cause".
func (e *StageError) Error() string { return e.Stage + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *StageError) Unwrap() error { return e.Err }

// PanicError is the error of a stage that panicked, which is a bug of the stage.
type PanicError struct {
	Value any    // what was passed to panic; nil if the goroutine was ended by runtime.Goexit
	Stack []byte // of the goroutine that panicked, as runtime/debug prints it
}

// Error returns "internal error: " and the value.
func (e *PanicError) Error() string {
	if e.Value == nil {
		return "internal error: the stage ended its goroutine"
	}
	return fmt.Sprintf("internal error: %v", e.Value)
}

// Unwrap returns the value if it is an error, else nil.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// guard sets *err to what f returns, or to a *PanicError if f panics. It also
// does so if f ends the goroutine, which then goes on ending.
func guard(err *error, f func() error) {
	returned := false
	defer func() {
		if !returned {
			*err = &PanicError{Value: recover(), Stack: debug.Stack()}
		}
	}()
	*err = f()
	returned = true
}

// Keep marks err, which a stage is about to return: what finished stages have
// made is in use and must not be undone, as when a stack operation that reads
// it has begun. Keep(nil) is nil. The text and chain of err stay as they are.
func Keep(err error) error {
	if err == nil {
		return nil
	}
	return &keptError{err}
}

// Kept reports whether err or an error that it wraps was marked with [Keep].
func Kept(err error) bool {
	_, ok := errors.AsType[*keptError](err)
	return ok
}

type keptError struct{ err error }

func (e *keptError) Error() string { return e.err.Error() }
func (e *keptError) Unwrap() error { return e.err }
