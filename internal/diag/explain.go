// SPDX-License-Identifier: MIT

package diag

import (
	_ "embed"
	"strings"
	"sync"
)

// catalogue explains every code: a heading of code and title, text, and the
// lines of sparta.yaml before and after the repair.
//
//go:embed codes.md
var catalogue string

// Explanation tells what a code stands for.
type Explanation struct {
	Code   Code
	Title  string // a few words, lower case
	Text   string // why it is a problem and what to do
	Before string // lines of sparta.yaml that have it; empty where lines can't show it
	After  string // the same lines repaired; empty without Before
}

// String returns the explanation as a page of text that ends in a newline.
func (x Explanation) String() string {
	var b strings.Builder
	b.WriteString(string(x.Code) + ": " + x.Title + "\n\n" + x.Text + "\n")
	for _, part := range []struct{ name, lines string }{{"Before", x.Before}, {"After", x.After}} {
		if part.lines != "" {
			b.WriteString("\n" + part.name + ":\n\n    " + strings.ReplaceAll(part.lines, "\n", "\n    ") + "\n")
		}
	}
	return b.String()
}

// Explanations returns all explanations, sorted by code. Callers must not change
// the list.
func Explanations() []Explanation { return explanations() }

// Explain returns the explanation of a code.
func Explain(code Code) (Explanation, bool) {
	for _, x := range explanations() {
		if x.Code == code {
			return x, true
		}
	}
	return Explanation{}, false
}

var explanations = sync.OnceValue(func() []Explanation {
	var all []Explanation
	_, sections, _ := strings.Cut(catalogue, "\n## ")
	for section := range strings.SplitSeq(sections, "\n## ") {
		heading, body, _ := strings.Cut(section, "\n")
		code, title, _ := strings.Cut(heading, " ")
		x := Explanation{Code: Code(code), Title: title}
		body, x.Before, x.After = examples(body)
		x.Text = strings.TrimSpace(body)
		all = append(all, x)
	}
	return all
})

// examples takes the fenced lines out of the body of a section: those before
// and those after the repair.
func examples(body string) (text, before, after string) {
	parts := strings.Split(body, "```")
	if len(parts) < 5 {
		return body, "", ""
	}
	lines := func(fenced string) string { return strings.TrimRight(strings.TrimPrefix(fenced, "yaml\n"), "\n") }
	return parts[0], lines(parts[1]), lines(parts[3])
}
