// SPDX-License-Identifier: MIT

package ui

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// Problems shows each problem with its place, the line of the file, a caret and
// the hint, and then how many there are. They also become part of the JSON
// object. An empty list shows nothing.
func (u *UI) Problems(problems diag.List) {
	u.mu.Lock()
	u.problems = merge(u.problems, problems)
	u.mu.Unlock()
	if !u.quiet() {
		u.showProblems(problems)
	}
}

func (u *UI) showProblems(problems diag.List) {
	if len(problems) == 0 {
		return
	}
	var b strings.Builder
	for i, p := range problems {
		if i%100 == 99 { // not all of them at once: there may be thousands
			u.screen.print(strings.TrimSuffix(b.String(), "\n"))
			b.Reset()
		}
		u.writeProblem(&b, p)
	}
	b.WriteString(u.screen.bold(tally(problems)))
	u.screen.print(b.String())
}

func (u *UI) writeProblem(b *strings.Builder, p diag.Problem) {
	paint := u.screen.red
	if p.Severity == diag.Warning {
		paint = u.screen.yellow
	}
	b.WriteString(paint(Sanitize(p.String())) + "\n")
	if line, caret, ok := strings.Cut(safeSource(p).Snippet(), "\n"); ok {
		b.WriteString("  " + line + "\n  " + paint(caret) + "\n")
	}
	if p.Hint != "" {
		b.WriteString(u.hint("  ", p.Hint) + "\n")
	}
	b.WriteByte('\n')
}

// safeSource returns p with a source line that can be shown. Each character
// that can't be is replaced by one question mark, so that the caret stays under
// its column.
func safeSource(p diag.Problem) diag.Problem {
	p.Source = strings.Map(func(r rune) rune {
		if unsafe(r) || r == '\n' {
			return '?'
		}
		return r
	}, strings.TrimRight(p.Source, "\r\n"))
	return p
}

// hint returns an advice, folded.
func (u *UI) hint(first, text string) string {
	first += "hint: "
	folded := u.screen.wrap(first, text, strings.Repeat(" ", len(first)))
	return strings.Replace(folded, "hint:", u.screen.green("hint:"), 1)
}

// tally returns how many problems there are in which file:
// "3 problems in sparta.yaml, 1 of them a warning".
func tally(problems diag.List) string {
	var files []string
	for _, p := range problems {
		if file := p.Position.File; file != "" && !slices.Contains(files, file) {
			files = append(files, file)
		}
	}
	where := ""
	switch len(files) {
	case 0:
	case 1:
		where = " in " + Sanitize(files[0])
	default:
		where = " in " + plural(len(files), "file")
	}
	warnings := 0
	for _, p := range problems {
		if p.Severity == diag.Warning {
			warnings++
		}
	}
	switch warnings {
	case 0:
		return plural(len(problems), "problem") + where
	case len(problems):
		return plural(warnings, "warning") + where
	default:
		return plural(len(problems), "problem") + where + ", of which " + plural(warnings, "warning")
	}
}

// merge appends the problems that are not in the list yet.
func merge(list, more diag.List) diag.List {
	for _, p := range more {
		if !slices.Contains(list, p) {
			list = append(list, p)
		}
	}
	return list
}
