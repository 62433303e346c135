// SPDX-License-Identifier: MIT

package ui

import (
	"context"
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/pipeline"
)

// nameColumns is how many columns the names of stages take.
const nameColumns = 16

// Started shows that a stage runs. The context it returns carries a logger with
// the stage's name.
func (u *UI) Started(ctx context.Context, name string) context.Context {
	u.screen.start(name)
	return u.logger.With().Str("stage", name).Logger().WithContext(ctx)
}

// Finished shows one line about how a stage ended. Why it failed is not in it:
// the failure of the command tells that.
func (u *UI) Finished(r pipeline.Report) {
	line := ""
	if !u.quiet() {
		line = u.stageLine(r.Name, u.ending(r)) + "\n"
	}
	u.screen.finish(r.Name, line)
}

// Undone shows one line about a stage that was undone, or could not be.
func (u *UI) Undone(r pipeline.Report) {
	if u.quiet() {
		return
	}
	outcome := "undone"
	if r.UndoErr != nil {
		outcome = u.screen.red("not undone")
	}
	u.screen.print(u.stageLine(r.Name, outcome))
}

func (u *UI) stageLine(name, text string) string {
	return fmt.Sprintf("%-*s  %s", nameColumns, name, text)
}

// ending says how a stage ended.
func (u *UI) ending(r pipeline.Report) string {
	took := span(r.Duration)
	switch r.Status {
	case pipeline.Skipped:
		return u.screen.dim("skipped: " + cut(Sanitize(r.Reason), u.screen.width()-nameColumns-len("  skipped: ")))
	case pipeline.Failed:
		return u.screen.red("failed after " + took)
	case pipeline.Stopped:
		return u.screen.yellow("stopped after " + took)
	}
	return took
}

// Progress shows what a running stage is doing. Where lines can't be rewritten,
// each new text is a line.
func (u *UI) Progress(stage, text string) {
	text = cut(Sanitize(text), widest)
	if u.screen.progress(stage, text) && !u.screen.live && !u.quiet() {
		u.screen.print(clip(u.stageLine(stage, text), u.screen.width()))
	}
}

// Event is one step of a stack operation.
type Event struct {
	Stage     string // stage that waits for the operation; may be empty
	LogicalID string
	Type      string // such as AWS::Lambda::Function
	Status    string // such as CREATE_FAILED
	Reason    string // may be empty
}

// Event shows one step of a stack operation: failures as lines, with their
// reason; other ends as lines where there is no live block; what has only begun
// in the live block alone. Debug makes lines of them all.
func (u *UI) Event(e Event) {
	failed := strings.HasSuffix(e.Status, "_FAILED")
	begun := strings.HasSuffix(e.Status, "_IN_PROGRESS")
	if u.screen.live {
		u.screen.progress(e.Stage, cut(Sanitize(e.LogicalID+" "+e.Status), widest))
	}
	switch {
	case u.quiet():
	case u.debug, failed, !begun && !u.screen.live:
		u.screen.print(u.eventLine(e, failed))
	}
}

func (u *UI) eventLine(e Event, failed bool) string {
	const statusColumns = 18 // as wide as UPDATE_IN_PROGRESS
	status := fmt.Sprintf("%-*s", statusColumns, Sanitize(e.Status))
	rest := "  " + Sanitize(e.LogicalID)
	if full := rest + "  " + Sanitize(e.Type); 2+cells(status)+cells(full) <= u.screen.width() {
		rest = full
	}
	switch {
	case failed:
		status = u.screen.red(status)
	case strings.Contains(e.Status, "ROLLBACK"):
		status = u.screen.yellow(status)
	case strings.HasSuffix(e.Status, "_COMPLETE"):
		status = u.screen.green(status)
	default:
		status = u.screen.dim(status)
	}
	line := "  " + status + rest
	if e.Reason != "" && (failed || u.debug) {
		line += "\n" + u.screen.wrap("    ", e.Reason, "    ")
	}
	return line
}
