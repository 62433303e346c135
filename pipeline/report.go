// SPDX-License-Identifier: MIT

package pipeline

import (
	"context"
	"time"
)

// Status is how a stage ended.
type Status int

// The ways in which a stage ends.
const (
	NotRun  Status = iota // never started: an input is missing, or the pipeline was cancelled before
	Done                  // Run returned a result
	Skipped               // Skip gave a reason
	Failed                // Run returned an error, or the stage panicked
	Stopped               // Run returned an error after the pipeline had been cancelled
)

// String returns the status in lower case: "not run", "done", "skipped",
// "failed" or "stopped".
func (s Status) String() string {
	switch s {
	case Done:
		return "done"
	case Skipped:
		return "skipped"
	case Failed:
		return "failed"
	case Stopped:
		return "stopped"
	}
	return "not run"
}

// MarshalText encodes s as String does.
func (s Status) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Report is what became of one stage.
type Report struct {
	Name     string
	Inputs   []string // names of the stages it gets results from, in order of its fields
	Status   Status
	Reason   string        // why it was skipped
	Err      error         // why it failed or stopped; without the stage's name
	Start    time.Time     // when its inputs were ready and it had a slot; zero if not run
	Duration time.Duration // from Start to its end
	Undone   bool          // Undo was called and succeeded
	UndoErr  error         // why Undo failed; without the stage's name
}

// Observer is told what happens in a pipeline while it runs. Its methods are
// called from several goroutines at once.
type Observer interface {
	// Started is called before a stage runs. The stage gets the context that
	// it returns: ctx itself, or one derived from it that carries a logger.
	Started(ctx context.Context, name string) context.Context
	// Finished is called once for each stage that ran or was skipped, before
	// the stages that depend on it start. A skipped stage was not Started.
	Finished(Report)
}

// UndoObserver is an Observer that is also told of each stage that has been
// undone, well or not: Undone or UndoErr of the report is set.
type UndoObserver interface {
	Undone(Report)
}
