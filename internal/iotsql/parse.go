// SPDX-License-Identifier: MIT

package iotsql

import (
	"fmt"
	"slices"
	"strings"
)

// parser reads a statement, one token ahead.
type parser struct {
	lexer
	version Version
	tok     token
	depth   int      // of expressions in one another
	known   []string // variables that may be used
	calls   []Call
	unnamed []int // offsets of selected values that have no name
}

const (
	maxDepth     = 64
	maxVariables = 10
	maxVariable  = 64 // bytes of a name
)

func (p *parser) advance() error {
	t, err := p.next()
	p.tok = t
	return err
}

// fail returns an error at the token that is next.
func (p *parser) fail(hint, format string, args ...any) error {
	return &SyntaxError{Offset: p.tok.offset, Why: fmt.Sprintf(format, args...), Hint: hint}
}

// takeWord takes a key word if it is next.
func (p *parser) takeWord(keyword string) (bool, error) {
	if !p.tok.is(keyword) {
		return false, nil
	}
	return true, p.advance()
}

// takeSign takes an operator or a bracket if it is next.
func (p *parser) takeSign(text string) (bool, error) {
	if !p.tok.isSign(text) {
		return false, nil
	}
	return true, p.advance()
}

// need takes a sign, which has to be next.
func (p *parser) need(text, where string) error {
	took, err := p.takeSign(text)
	if err == nil && !took {
		err = p.fail("", "expects %s %s, not %s", text, where, p.tok.shown())
	}
	return err
}

func (p *parser) statement() (*Statement, error) {
	s := &Statement{version: p.version}
	if err := p.advance(); err != nil {
		return nil, err
	}
	if err := p.setClause(s); err != nil {
		return nil, err
	}
	took, err := p.takeWord("SELECT")
	switch {
	case err != nil:
		return nil, err
	case !took:
		return nil, p.fail("write SELECT * FROM '<topic filter>'", "does not begin with SELECT")
	}
	if s.query, err = p.items(); err != nil {
		return nil, err
	}
	if err := p.fromClause(s); err != nil {
		return nil, err
	}
	if s.query.where, err = p.whereClause(); err != nil {
		return nil, err
	}
	if p.tok.kind != end {
		return nil, p.fail("", "does not end where it should: there is %s", p.tok.shown())
	}
	s.calls, s.unnamed = p.calls, p.unnamed
	return s, nil
}

// setClause reads the variables in front of SELECT.
func (p *parser) setClause(s *Statement) error {
	took, err := p.takeWord("SET")
	for more := took; more && err == nil; {
		name := p.tok
		switch {
		case name.kind != variableName:
			return p.fail("write SET @name = value", "expects @ and the name of a variable after SET, not %s", name.shown())
		case slices.Contains(p.known, name.text):
			return p.fail("", "sets %s twice", name.text)
		case len(p.known) == maxVariables:
			return p.fail("", "sets more than %d variables", maxVariables)
		case len(name.text) > maxVariable+1:
			return p.fail("", "has a variable whose name is longer than %d bytes", maxVariable)
		}
		v := variable{name: name.text}
		if err = p.advance(); err != nil {
			return err
		}
		if err = p.need("=", "after "+name.text); err != nil {
			return err
		}
		if v.value, err = p.expression(); err != nil {
			return err
		}
		s.sets, p.known = append(s.sets, v), append(p.known, v.name)
		more, err = p.takeSign(",")
	}
	return err
}

// fromClause reads the topic filter, if there is one.
func (p *parser) fromClause(s *Statement) error {
	took, err := p.takeWord("FROM")
	if err != nil || !took {
		return err
	}
	if p.tok.kind != quoted {
		return p.fail("write FROM 'things/+'", "has no topic filter in quotes after FROM")
	}
	if why := FilterFault(p.tok.text); why != "" {
		return p.fail("", "%s", why)
	}
	s.filter, s.from = p.tok.text, true
	return p.advance()
}

// whereClause reads the condition; nil if there is none.
func (p *parser) whereClause() (expression, error) {
	took, err := p.takeWord("WHERE")
	if err != nil || !took {
		return nil, err
	}
	return p.expression()
}

// items reads what is selected.
func (p *parser) items() (query, error) {
	var q query
	if p.tok.kind == end || p.tok.is("FROM") {
		return q, p.fail("write SELECT * for the whole message", "selects nothing")
	}
	var err error
	if q.bare, err = p.valueKeyword(); err != nil {
		return q, err
	}
	for {
		it, err := p.item(q.bare)
		if err != nil {
			return q, err
		}
		q.items = append(q.items, it)
		more, err := p.takeSign(",")
		if err != nil || !more {
			return q, err
		}
		if q.bare {
			return q, p.fail("", "selects something beside the one VALUE")
		}
	}
}

// valueKeyword takes VALUE where it is the key word and not a property of that
// name.
func (p *parser) valueKeyword() (bool, error) {
	if !p.tok.is("VALUE") {
		return false, nil
	}
	at, tok := p.at, p.tok
	if err := p.advance(); err != nil {
		return false, err
	}
	property := p.tok.kind == end || p.tok.is("FROM") || p.tok.is("AS") || p.tok.is("WHERE") || p.tok.is("IN") || p.tok.is("AND") || p.tok.is("OR") ||
		p.tok.kind == sign && !slices.Contains([]string{"(", "[", "{", "*"}, p.tok.text)
	if p.tok.isSign("*") { // VALUE * FROM, but value * 2
		if err := p.advance(); err != nil {
			return false, err
		}
		property = p.tok.kind != end && !p.tok.is("FROM") && !p.tok.is("WHERE") && !p.tok.isSign(")")
		p.at, p.tok = at, tok
		if property {
			return false, nil
		}
		return true, p.advance()
	}
	if property {
		p.at, p.tok = at, tok
	}
	return !property, nil
}

// item reads one selected value with its name.
func (p *parser) item(bare bool) (item, error) {
	start := p.tok
	if took, err := p.takeSign("*"); took || err != nil {
		return item{star: true}, err
	}
	value, err := p.expression()
	if err != nil {
		return item{}, err
	}
	if all, ok := value.(everything); ok {
		return item{star: true, value: all.of}, nil
	}
	it := item{value: value}
	took, err := p.takeWord("AS")
	switch {
	case err != nil:
		return it, err
	case took:
		it.name, err = p.alias()
		return it, err
	case bare:
		return it, nil
	}
	if path, ok := value.(property); ok {
		it.name = []string{path.last()}
		return it, nil
	}
	p.unnamed = append(p.unnamed, start.offset)
	return it, nil
}

// alias reads the name of a selected value, whose dots make objects.
func (p *parser) alias() ([]string, error) {
	var names []string
	for {
		if p.tok.kind != word && p.tok.kind != quoted {
			return nil, p.fail("write AS name", "expects a name after AS, not %s", p.tok.shown())
		}
		names = append(names, p.tok.text)
		if err := p.advance(); err != nil {
			return nil, err
		}
		more, err := p.takeSign(".")
		if err != nil || !more {
			return names, err
		}
	}
}

// reserved are the words that begin no property.
func reserved(t token) bool {
	return slices.ContainsFunc(strings.Fields("SELECT FROM WHERE AS AND OR NOT IN CASE WHEN THEN ELSE END SET"), t.is)
}
