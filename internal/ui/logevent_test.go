// SPDX-License-Identifier: MIT

package ui_test

import (
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/ui"
)

func logEvent(message string) ui.LogEvent {
	return ui.LogEvent{
		Time:     time.Date(2026, 11, 27, 10, 0, 0, 5e6, time.FixedZone("", 3600)),
		Function: "hello", Stream: "s", Message: message,
	}
}

func TestLogEvent(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, message, text, json string
	}{
		{"a line", "hi", "2026-11-27T09:00:00.005Z  hello  hi\n", `"message":"hi"}` + "\n"},
		{"lines", "one\r\ntwo\rthree\nfour", "hello  one\n  two\n  three\n  four\n", `"one\r\ntwo\rthree\nfour"`},
		{"a terminal's commands", "\x1b[31mred", `hello  \x1b[31mred` + "\n", `"\u001b[31mred"`},
		{"text of HTML", "<b>&", "hello  <b>&\n", `"<b>&"`},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for format, want := range map[ui.Format]string{ui.Text: test.text, ui.JSON: test.json} {
				var out tape
				u := ui.New(ui.Options{Stdout: &out.stdout, Stderr: &out.stderr, Format: format})
				if err := u.LogEvent(logEvent(test.message)); err != nil {
					t.Fatal(err)
				}
				if got := out.stdout.String(); !strings.HasSuffix(got, want) && !strings.Contains(got, want) {
					t.Errorf("got %q, want %q in it", got, want)
				}
				if got := out.stderr.String(); got != "" {
					t.Errorf("standard error has %q", got)
				}
			}
		})
	}
}

// TestLogEventAside: the live block is not in the way of what is written.
func TestLogEventAside(t *testing.T) {
	t.Parallel()
	var terminal buffer // both outputs are one terminal
	u := ui.New(ui.Options{Stdout: &terminal, Stderr: &terminal, Width: wide(80), Env: env("TERM=xterm")})
	u.Started(t.Context(), "tail")
	if err := u.LogEvent(logEvent("hi")); err != nil {
		t.Fatal(err)
	}
	u.Close()
	lines := strings.Split(terminal.String(), "\n")
	if len(lines) < 3 || !strings.HasPrefix(lines[1], "\x1b[1A\r\x1b[J2026-") || !strings.Contains(lines[2], "> tail") {
		t.Errorf("the event does not stand between two live blocks: %q", lines)
	}
}

func TestLogEventFails(t *testing.T) {
	t.Parallel()
	var out tape
	u := ui.New(ui.Options{Stdout: broken{}, Stderr: &out.stderr})
	if err := u.LogEvent(logEvent("hi")); err == nil || !strings.Contains(err.Error(), "write log event: io: read") {
		t.Errorf("got %v", err)
	}
}

func TestOverheard(t *testing.T) {
	t.Parallel()
	for format, want := range map[ui.Format]string{ui.Text: "2026-11-27T09:00:00.005Z  hello  hi\n", ui.JSON: ""} {
		var out tape
		ui.New(ui.Options{Stdout: &out.stdout, Stderr: &out.stderr, Format: format}).Overheard(logEvent("hi"))
		if got := out.stderr.String(); got != want || out.stdout.String() != "" {
			t.Errorf("format %v: got %q, want %q", format, got, want)
		}
	}
}
