// SPDX-License-Identifier: MIT

package ui

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// LogEvent is one event of a function's log.
type LogEvent struct {
	Time     time.Time `json:"time"`     // UTC
	Function string    `json:"function"` // name in sparta.yaml
	Stream   string    `json:"stream"`
	Message  string    `json:"message"` // may have several lines
}

// LogEvent writes an event to standard output: it is what the command was run
// for. As JSON it is an object on a line of its own.
func (u *UI) LogEvent(e LogEvent) error {
	line := e.text() + "\n"
	if u.format == JSON {
		var b strings.Builder
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		if err := encoder.Encode(e); err != nil {
			return fmt.Errorf("encode log event: %w", err)
		}
		line = b.String()
	}
	return u.screen.aside(func() error {
		if _, err := u.stdout.Write([]byte(line)); err != nil {
			return fmt.Errorf("write log event: %w", err)
		}
		return nil
	})
}

// Overheard shows an event while the command does something else. It is no part
// of the JSON object.
func (u *UI) Overheard(e LogEvent) {
	if !u.quiet() {
		u.screen.print(e.text())
	}
}

// text is the event on one line, or on several of which all but the first are
// indented.
func (e LogEvent) text() string {
	// A carriage return is how a line break gets into one event of a log.
	message := strings.ReplaceAll(strings.ReplaceAll(e.Message, "\r\n", "\n"), "\r", "\n")
	message = strings.ReplaceAll(Sanitize(message), "\n", "\n  ")
	return fmt.Sprintf("%s  %s  %s", e.Time.UTC().Format("2006-01-02T15:04:05.000Z"), Sanitize(e.Function), message)
}
