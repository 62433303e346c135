// SPDX-License-Identifier: MIT

// Package ui is the only writer to standard output and standard error. It shows
// a pipeline while it runs, the problems of a file, the failure of a command and
// its result, for people or as one JSON object.
package ui

// The rules of the interface:
//
//   - Data, which is the result of the command, goes to standard output. All
//     else goes to standard error.
//   - In JSON, standard output holds exactly one object, also after a failure,
//     and standard error only failures.
//   - Texts are lower case without a full stop. Errors begin with "error: ",
//     advice with "hint: ", warnings with "warning: ".
//   - Colour repeats what words say. There is none on standard output.
//   - What we write ourselves is at most 80 columns wide. Texts of others are
//     wrapped between words only, so that addresses can be copied, and the line
//     of an error not at all, so that it can be searched for.
//   - The cursor moves only on a terminal, and only over the live block below
//     all other lines, which names the running stages.
//   - Texts from outside never control the terminal: see [Sanitize].

import (
	"io"
	"strings"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

// Format is the form of a command's result.
type Format int

// The formats. The zero value is text.
const (
	Text Format = iota
	JSON
)

// Options say where and how a UI writes.
type Options struct {
	Stdout io.Writer
	Stderr io.Writer
	Format Format
	Debug  bool                // show debug lines and the stacks of internal errors
	Env    func(string) string // environment: NO_COLOR, TERM and their like; nil: empty
	Width  func() int          // columns of the terminal that Stderr is; nil: see [TerminalWidth]
	Now    func() time.Time    // nil: time.Now
}

// UI writes to one process's standard output and standard error. It implements
// [pipeline.Observer] and [pipeline.UndoObserver]. Its methods may be called
// concurrently.
type UI struct {
	stdout io.Writer
	format Format
	debug  bool
	now    func() time.Time
	screen *screen
	logger zerolog.Logger

	mu       sync.Mutex
	problems diag.List // for the JSON object
	notes    []string  // likewise
	log      string    // likewise
}

var (
	_ pipeline.Observer     = (*UI)(nil)
	_ pipeline.UndoObserver = (*UI)(nil)
)

// New returns a UI. Close it before the process ends.
func New(o Options) *UI {
	if o.Env == nil {
		o.Env = func(string) string { return "" }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Width == nil {
		o.Width = TerminalWidth(o.Stderr)
	}
	u := &UI{stdout: o.Stdout, format: o.Format, debug: o.Debug, now: o.Now}
	u.screen = newScreen(o)
	level := zerolog.InfoLevel
	if o.Debug {
		level = zerolog.DebugLevel
	}
	u.logger = zerolog.New(&logWriter{u}).Level(level)
	return u
}

// Logger returns the logger whose lines the UI shows. The stages of a pipeline
// find it in their context, with their name in the field "stage".
func (u *UI) Logger() zerolog.Logger { return u.logger }

// Close takes the live block away and ends its redrawing. What is written later
// appears as plain lines. It may be called twice.
func (u *UI) Close() { u.screen.close() }

// Pause takes the live block away until resume is called, as while the user is
// asked a question and types the answer.
func (u *UI) Pause() (resume func()) {
	u.screen.pause(true)
	return func() { u.screen.pause(false) }
}

// quiet reports whether only failures are shown while the command works.
func (u *UI) quiet() bool { return u.format == JSON }

// Note shows one remark, such as that a program is not installed and what is
// done instead.
func (u *UI) Note(text string) {
	u.remember(text)
	if !u.quiet() {
		u.screen.print(u.screen.wrap("note: ", text, "      "))
	}
}

func (u *UI) remember(note string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.notes = append(u.notes, note)
}

// Log shows what a function has logged, as it is but for an indentation. An
// empty text shows nothing.
func (u *UI) Log(text string) {
	if text = strings.TrimRight(text, "\r\n"); text == "" {
		return
	}
	u.mu.Lock()
	u.log += text + "\n"
	u.mu.Unlock()
	if !u.quiet() {
		u.screen.print(indent(Sanitize(text), "  "))
	}
}
