// SPDX-License-Identifier: MIT

// Package diag describes problems found in a text file: where they are, what
// they are, why, and what to do next. Problems are collected rather than
// returned one by one, so that a user sees all of them at once.
package diag

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Position is a place in a text file.
type Position struct {
	File   string // path as the user wrote it
	Line   int    // from 1; 0 means that the place inside the file is not known
	Column int    // from 1, counted in Unicode code points
}

// String returns file:line:column, shortened where a part is not known.
func (p Position) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// IsZero reports whether p names no place at all.
func (p Position) IsZero() bool { return p == Position{} }

// Severity says whether a problem stops the work.
type Severity int

// The severities, worst first. The zero value is an error.
const (
	Error Severity = iota
	Warning
)

// String returns "error" or "warning".
func (s Severity) String() string {
	if s == Warning {
		return "warning"
	}
	return "error"
}

// MarshalText encodes s as its name.
func (s Severity) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// Problem is one fault or warning.
type Problem struct {
	Position Position
	Path     string   // dotted path of the value, such as functions.hello.memory; may be empty
	Code     Code     // the kind of problem, such as SP0203; empty for what has no explanation
	Severity Severity // zero value: Error
	Message  string   // what and why, lower case, without a full stop
	Hint     string   // what to do next; may be empty
	Source   string   // the text of the line at Position; empty if not known
	Width    int      // code points to underline from Column; 0 means one
}

// String returns the problem, its code at the end of the first line:
// sparta.yaml:12:5: functions.hello.memory: 64 is below 128 MB [SP0203].
func (p Problem) String() string {
	var b strings.Builder
	if !p.Position.IsZero() {
		b.WriteString(p.Position.String() + ": ")
	}
	if p.Severity == Warning {
		b.WriteString("warning: ")
	}
	if p.Path != "" {
		b.WriteString(p.Path + ": ")
	}
	first, rest, more := strings.Cut(p.Message, "\n")
	b.WriteString(first)
	if p.Code != "" {
		b.WriteString(" [" + string(p.Code) + "]")
	}
	if more {
		b.WriteString("\n" + rest)
	}
	return b.String()
}

// Snippet returns the source line with a caret under the place, as two lines
// without a final newline. It is empty if the line is not known. Tabs are kept
// in the padding so that the caret stands under its column, and a line too long
// to read is cut around the place.
func (p Problem) Snippet() string {
	if p.Source == "" || p.Position.Column == 0 {
		return ""
	}
	const before, width = 40, 72
	line := []rune(p.Source)
	column := min(p.Position.Column-1, len(line))
	start := 0
	if len(line) > width && column > before {
		start = column - before
	}
	end := min(len(line), start+width)
	var pad strings.Builder
	for _, r := range line[start:min(column, end)] {
		if r == '\t' {
			pad.WriteRune('\t')
		} else {
			pad.WriteByte(' ')
		}
	}
	carets := strings.Repeat("^", max(1, min(p.Width, end-column)))
	return string(line[start:end]) + "\n" + pad.String() + carets
}

// List is a set of problems. The zero value is empty and ready to use.
type List []Problem

// Add appends problems to the list.
func (l *List) Add(problems ...Problem) { *l = append(*l, problems...) }

// Sort orders the list by file, line, column and message.
func (l List) Sort() {
	slices.SortStableFunc(l, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.Position.File, b.Position.File),
			cmp.Compare(a.Position.Line, b.Position.Line),
			cmp.Compare(a.Position.Column, b.Position.Column),
			cmp.Compare(a.Message, b.Message),
		)
	})
}

// Errors returns the problems of severity Error.
func (l List) Errors() List {
	if !slices.ContainsFunc(l, Problem.isError) {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(l), func(p Problem) bool { return !p.isError() })
}

func (p Problem) isError() bool { return p.Severity == Error }

// Err returns a *Fault holding the whole list if any of its problems is an
// error, else nil.
func (l List) Err() error {
	if !slices.ContainsFunc(l, Problem.isError) {
		return nil
	}
	l.Sort()
	return &Fault{Problems: l}
}

// Fault is the error that stands for a list of problems. Callers find it with
// errors.As to print each problem with its place.
type Fault struct {
	Problems List
}

// Error returns the first problem and how many more there are.
func (f *Fault) Error() string {
	errs := f.Problems.Errors()
	if len(errs) == 0 {
		return "no problems"
	}
	if len(errs) == 1 {
		return errs[0].String()
	}
	return fmt.Sprintf("%s (and %d more)", errs[0], len(errs)-1)
}
