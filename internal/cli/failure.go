// SPDX-License-Identifier: MIT

package cli

import (
	"errors"
	"slices"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// fail shows why the command failed and returns the exit code.
func (s *session) fail(err error) int {
	err = s.withoutEcho(err)
	s.ui.Failure(err)
	_, shown := errors.AsType[*diag.Fault](err) // instead of the error's own text
	if state, ok := errors.AsType[*stage.StackError](err); ok && shown {
		s.ui.Note(state.State())
	}
	s.result.Err = err
	if writeErr := s.ui.Result(s.result); writeErr != nil {
		s.ui.Failure(writeErr)
	}
	return exitCode(err)
}

// withoutEcho reduces what an interrupt made of a pipeline's error to what a
// person has to know: what the stage says that was at the stack, or one error
// for them all.
func (s *session) withoutEcho(err error) error {
	if !errors.Is(err, errInterrupted) {
		return err
	}
	rest := slices.DeleteFunc(parts(err), func(part error) bool {
		_, told := errors.AsType[*pipeline.StageError](part)
		return errors.Is(part, errInterrupted) && !told
	})
	if !errors.Is(errors.Join(rest...), errInterrupted) {
		rest = append([]error{&stopped{cause: err, touched: s.touched()}}, rest...)
	}
	return errors.Join(rest...)
}

// parts returns the errors that were joined to err, or err alone.
func parts(err error) []error {
	joined, ok := err.(interface{ Unwrap() []error }) //nolint:errorlint // what wraps a join is one error
	if !ok {
		return []error{err}
	}
	var all []error
	for _, part := range joined.Unwrap() {
		all = append(all, parts(part)...)
	}
	return all
}

// exitCode sorts failures by what they leave behind.
func exitCode(err error) int {
	if errors.Is(err, errInterrupted) {
		return exitInterrupted
	}
	if _, ok := errors.AsType[*usage](err); ok {
		return exitUsage
	}
	if _, ok := errors.AsType[*stage.ConsentError](err); ok {
		return exitUsage
	}
	if failed, ok := errors.AsType[*pipeline.StageError](err); ok && failed.Stage == "read" {
		return exitUsage
	}
	if state, ok := errors.AsType[*stage.StackError](err); ok && state.Partial() {
		return exitPartial
	}
	return exitFailed
}

// stopped is an interrupt that the stages obeyed.
type stopped struct {
	cause   error
	touched bool // the stack, or what lies in its buckets
}

func (s *stopped) Error() string { return errInterrupted.Error() }
func (s *stopped) Unwrap() error { return s.cause }

// Hint says what the command leaves behind.
func (s *stopped) Hint() string {
	if s.touched {
		return "run the same command again: it goes on from what it finds"
	}
	return "the stack was not touched"
}

// touched reports whether a stage has begun that changes what is deployed.
func (s *session) touched() bool {
	for _, report := range s.result.Stages {
		switch report.Name {
		case "converge", "wait", "empty", "delete", "gone":
			if report.Status != pipeline.NotRun && report.Status != pipeline.Skipped {
				return true
			}
		}
	}
	return false
}
