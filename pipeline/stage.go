// SPDX-License-Identifier: MIT

package pipeline

import "context"

// Stage is one box of the flowchart: it turns its inputs into an Out. A stage is
// a pointer to a struct whose exported fields of type [Result] or []Result are
// its inputs; Run reads them with Get. The Out is read-only from the moment Run
// returns it.
//
// Run must return soon after ctx is done. If it fails it leaves nothing behind:
// Undo is for stages that had finished.
type Stage[Out any] interface {
	Run(ctx context.Context) (Out, error)
}

// Skipper is a stage that may not be needed. Skip is asked once, when all inputs
// are ready, and may read them. It returns why the stage is skipped, or "" to
// let it run. The result of a skipped stage is the zero Out, and the stages that
// depend on it run.
type Skipper interface {
	Skip() (reason string)
}

// Undoer is a stage whose work is taken back when a later one fails. Undo gets
// what Run returned and a context that is not cancelled but has a deadline. It
// is called after all stages have come to an end, for the stage that finished
// last first. An error marked with [Keep] ends the undoing there: what the
// stages before it made is in use.
type Undoer[Out any] interface {
	Undo(ctx context.Context, out Out) error
}

// Titler is a stage with words of its own for its box in the flowchart. The
// default is the stage's name.
type Titler interface {
	Title() string
}
