// SPDX-License-Identifier: MIT

package expression

import (
	"slices"
	"strings"
)

// action is one change of an update.
type action struct {
	section string // SET, REMOVE, ADD or DELETE
	target  *pathNode
	value   node // nil for REMOVE
}

// sections are the clauses of an update.
func sections() []string { return []string{"SET", "REMOVE", "ADD", "DELETE"} }

// updates reads a whole update and returns its actions and, in order, the
// sections.
func (p *parser) updates() (actions []action, used []string) {
	for {
		section := strings.ToUpper(p.peek().text)
		if p.peek().kind != word || !slices.Contains(sections(), section) {
			p.fail()
		}
		p.take()
		used = append(used, section)
		actions = append(actions, list(p, func() action { return p.action(section) })...)
		if p.peek().kind == end {
			return actions, used
		}
	}
}

func (p *parser) action(section string) action {
	a := action{section: section, target: p.path()}
	switch section {
	case "SET":
		p.expect("=")
		a.value = p.sum()
	case "ADD", "DELETE":
		t := p.peek()
		if t.kind != value {
			p.fail()
		}
		p.take()
		a.value = &valueNode{name: t.text}
	}
	return a
}

// sum reads an operand, or two with an operator between them.
func (p *parser) sum() node {
	left := p.term()
	for _, operator := range []string{"+", "-"} {
		if p.accept(operator) {
			return &sumNode{operator, left, p.term()}
		}
	}
	return left
}

func (p *parser) term() node {
	if !p.accept("(") {
		return p.simple(p.term)
	}
	n := p.sum()
	p.expect(")")
	return n
}
