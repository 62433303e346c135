// SPDX-License-Identifier: MIT

package ui

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/pipeline"
)

// Result is what a command hands to its caller.
type Result struct {
	Command string // such as "up"
	Service string // may be empty
	Status  string // such as "created"; empty: "done"; shown as "failed" if Err is set
	Outputs []Output
	// Resources are those of the service's stack, by logical id.
	Resources []Resource
	Changes   []Change        // of the stack's resources, by logical id
	Reply     json.RawMessage // answer of a function that was invoked; nil: none was
	Extra     map[string]any  // what only this command tells, by name in camelCase; values of JSON
	Stages    []pipeline.Report
	Err       error // why the command failed; nil: it did not
}

// Output is one output of a stack.
type Output struct {
	Name        string
	Value       string
	Description string // may be empty
}

// Result writes the result to standard output, once, at the end. In JSON it is
// one object with all that has been told before. As text it is a line with the
// service and its status, and then a line for each output and extra value; the
// line is left out if there is a reply and no service, and if the command
// failed. The reply comes last, as the same JSON value. The error is that of writing.
func (u *UI) Result(r Result) error {
	u.Close()
	var data []byte
	if u.format == JSON {
		var err error
		if data, err = u.object(r); err != nil {
			return err
		}
	} else {
		data = u.text(r)
	}
	if _, err := u.stdout.Write(data); err != nil {
		return fmt.Errorf("write result: %w", err)
	}
	return nil
}

func (r Result) status() string {
	switch {
	case r.Err != nil:
		return "failed"
	case r.Status != "":
		return r.Status
	}
	return "done"
}

func (u *UI) text(r Result) []byte {
	var b strings.Builder
	switch {
	case r.Err != nil, r.Service == "" && r.Reply != nil:
	case r.Service == "":
		fmt.Fprintln(&b, Sanitize(r.status()))
	default:
		fmt.Fprintf(&b, "%s: %s\n", Sanitize(r.Service), Sanitize(r.status()))
	}
	lines := slices.Clone(r.Outputs)
	for _, name := range slices.Sorted(maps.Keys(r.Extra)) {
		lines = append(lines, Output{Name: name, Value: fmt.Sprint(r.Extra[name])})
	}
	u.writeOutputs(&b, lines)
	writeResources(&b, r.Resources)
	u.writeChanges(&b, r.Changes)
	if r.Reply != nil {
		b.WriteString(reply(r.Reply) + "\n")
	}
	return []byte(b.String())
}

// writeOutputs writes names and values in columns. Values are never cut.
func (u *UI) writeOutputs(w io.Writer, outputs []Output) {
	const widestName = 30
	width := 0
	for _, o := range outputs {
		if n := len(o.Name); n <= widestName {
			width = max(width, n)
		}
	}
	for _, o := range outputs {
		fmt.Fprintf(w, "  %-*s  %s\n", width, Sanitize(o.Name), Sanitize(o.Value))
		if o.Description != "" {
			fmt.Fprintln(w, u.screen.wrap("    ", o.Description, "    "))
		}
	}
}

// reply returns the answer of a function as text. JSON stays the same value:
// the characters that could control a terminal are within its strings and can
// be written as escapes of JSON (RFC 8259, section 7).
func reply(answer json.RawMessage) string {
	if !json.Valid(answer) {
		return Sanitize(string(answer))
	}
	var b strings.Builder
	for _, r := range strings.TrimRight(string(answer), "\r\n") {
		if r >= 0x7f && unsafe(r) {
			fmt.Fprintf(&b, `\u%04x`, r)
		} else {
			b.WriteRune(r)
		}
	}
	return b.String()
}
