// SPDX-License-Identifier: MIT

package iotsql

import "strings"

// Template is a text with ${expressions} in it, as actions of rules have them
// ("Substitution templates"). It may be used concurrently.
type Template struct {
	statement *Statement
	parts     []templatePart
	calls     []Call
}

// templatePart is a text or a value.
type templatePart struct {
	text  string
	value expression // nil: the text
}

// Template reads a template of an action of the rule that has the statement,
// whose variables it may use. The error is a *SyntaxError.
func (s *Statement) Template(text string) (*Template, error) {
	t := &Template{statement: s}
	for at := 0; at < len(text); {
		open := strings.Index(text[at:], "${")
		if open < 0 {
			t.parts = append(t.parts, templatePart{text: text[at:]})
			break
		}
		t.parts = append(t.parts, templatePart{text: text[at : at+open]})
		p := &parser{lexer: lexer{text: text, at: at + open + 2}, version: s.version}
		for _, v := range s.sets {
			p.known = append(p.known, v.name)
		}
		value, err := p.templateValue()
		if err != nil {
			return nil, err
		}
		t.parts, t.calls = append(t.parts, templatePart{value: value}), append(t.calls, p.calls...)
		at = p.at
	}
	return t, nil
}

// templateValue reads an expression and stands behind the bracket that closes it.
func (p *parser) templateValue() (expression, error) {
	err := p.advance()
	if err != nil {
		return nil, err
	}
	value, err := p.expression()
	if err == nil && !p.tok.isSign("}") {
		err = p.fail("", "expects } after the value, not %s", p.tok.shown())
	}
	return value, err
}

// Calls returns the functions of the template.
func (t *Template) Calls() []Call { return t.calls }

// Expand returns the text for a message. What is undefined becomes nothing.
func (t *Template) Expand(m Message) string {
	var b strings.Builder
	s := t.statement.scope(&m)
	for _, part := range t.parts {
		if part.value == nil {
			b.WriteString(part.text)
			continue
		}
		text, _ := toText(part.value.value(s))
		b.WriteString(text)
	}
	return b.String()
}
