// SPDX-License-Identifier: MIT

package policy

import (
	"strings"
)

// pattern is a text in which some places stand for others. A byte of the text
// is its value; the two wildcards lie above.
type pattern []uint16

const (
	anyRun uint16 = 256 + iota // *: any run of characters
	anyOne                     // ?: exactly one byte
)

// compile reads a pattern with * and ?.
func compile(text string) pattern {
	p := make(pattern, 0, len(text))
	for i := range len(text) {
		switch text[i] {
		case '*':
			p = append(p, anyRun)
		case '?':
			p = append(p, anyOne)
		default:
			p = append(p, uint16(text[i]))
		}
	}
	return p
}

// literal returns the pattern that only text fits.
func literal(text string) pattern {
	p := make(pattern, len(text))
	for i := range len(text) {
		p[i] = uint16(text[i])
	}
	return p
}

// match reports whether text fits.
func (p pattern) match(text string) bool {
	at, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case at < len(p) && p[at] == anyRun:
			star, mark = at, t
			at++
		case at < len(p) && (p[at] == anyOne || p[at] == uint16(text[t])):
			at++
			t++
		case star >= 0: // let the last star take one more byte
			mark++
			at, t = star+1, mark
		default:
			return false
		}
	}
	for at < len(p) && p[at] == anyRun {
		at++
	}
	return at == len(p)
}

// Match reports whether text fits pattern, in which * stands for any run of
// characters and ? for exactly one byte.
func Match(pattern, text string) bool { return compile(pattern).match(text) }

// template is a text of a policy that may contain variables such as
// ${aws:PrincipalTag/team}. It does not change.
type template struct {
	parts []part
	whole pattern // of a template without variables
	text  string  // as it was written
}

// part is a piece of a template: a text, or a variable.
type part struct {
	text      string
	exact     bool // the text has no wildcards: it was ${*}, ${?} or ${$}
	key       string
	otherwise string // what stands for a variable without a value
	optional  bool   // otherwise was given
}

// parseTemplate reads a text of a policy. Only the version 2012-10-17 has
// variables ("IAM policy elements: Variables and tags").
func parseTemplate(text string, variables bool) template {
	t := template{text: text}
	rest := text
	for variables {
		before, after, found := strings.Cut(rest, "${")
		name, behind, closed := strings.Cut(after, "}")
		if !found || !closed {
			break
		}
		t.parts = append(t.parts, part{text: before}, parseVariable(name))
		rest = behind
	}
	if t.parts == nil {
		t.whole = compile(text)
		return t
	}
	t.parts = append(t.parts, part{text: rest})
	return t
}

func parseVariable(name string) part {
	switch name {
	case "*", "?", "$":
		return part{text: name, exact: true}
	}
	key, otherwise, optional := strings.Cut(name, ",")
	otherwise = strings.Trim(strings.TrimSpace(otherwise), "'")
	return part{key: strings.ToLower(strings.TrimSpace(key)), otherwise: otherwise, optional: optional}
}

// pattern puts the values of a request in. Wildcards in them stand for
// themselves. It reports false if a variable has no value.
func (t template) pattern(q *Request) (pattern, bool) {
	if t.parts == nil {
		return t.whole, true
	}
	var p pattern
	for _, piece := range t.parts {
		switch {
		case piece.exact:
			p = append(p, literal(piece.text)...)
		case piece.key == "":
			p = append(p, compile(piece.text)...)
		default:
			value, ok := piece.value(q)
			if !ok {
				return nil, false
			}
			p = append(p, literal(value)...)
		}
	}
	return p, true
}

// expand puts the values of a request in, where wildcards mean nothing. It
// reports false if a variable has no value.
func (t template) expand(q *Request) (string, bool) {
	if t.parts == nil {
		return t.text, true
	}
	var b strings.Builder
	for _, piece := range t.parts {
		if piece.key == "" {
			b.WriteString(piece.text)
			continue
		}
		value, ok := piece.value(q)
		if !ok {
			return "", false
		}
		b.WriteString(value)
	}
	return b.String(), true
}

// value returns the value of a variable. A key with several values has none
// here.
func (p part) value(q *Request) (string, bool) {
	if value, ok := q.Context[p.key]; ok {
		return value, true
	}
	return p.otherwise, p.optional
}
