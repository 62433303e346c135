// SPDX-License-Identifier: MIT

package iotsql

import (
	"slices"
	"strings"
)

// expression reads a value.
func (p *parser) expression() (expression, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("", "has more than %d values in one another", maxDepth)
	}
	defer func() { p.depth-- }()
	return p.binary(0)
}

// levels are the binary operators, those that bind least first.
func levels() [][]string {
	return [][]string{{"OR"}, {"AND"}, {"=", "<>", "!=", "<", "<=", ">", ">=", "IN"}, {"+", "-"}, {"*", "/", "%"}}
}

// notLevel is the level below which NOT stands.
const notLevel = 2

// binary reads values that operators of a level and above join.
func (p *parser) binary(level int) (expression, error) {
	all := levels()
	if level == notLevel && p.tok.is("NOT") {
		return p.negation()
	}
	if level == len(all) {
		return p.unary()
	}
	left, err := p.binary(level + 1)
	for err == nil {
		op := p.operator(all[level])
		if op == "" {
			return left, nil
		}
		if err = p.advance(); err != nil {
			break
		}
		var right expression
		if right, err = p.binary(level + 1); err == nil {
			left = operation{op, left, right}
		}
	}
	return nil, err
}

// operator returns which of the operators is next, "" for none.
func (p *parser) operator(of []string) string {
	for _, op := range of {
		if p.tok.isSign(op) || p.tok.is(op) {
			return strings.Replace(op, "!=", "<>", 1)
		}
	}
	return ""
}

func (p *parser) negation() (expression, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("", "has more than %d values in one another", maxDepth)
	}
	defer func() { p.depth-- }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	operand, err := p.binary(notLevel)
	return not{operand}, err
}

func (p *parser) unary() (expression, error) {
	if !p.tok.isSign("-") {
		return p.postfix()
	}
	if p.depth++; p.depth > maxDepth {
		return nil, p.fail("", "has more than %d values in one another", maxDepth)
	}
	defer func() { p.depth-- }()
	if err := p.advance(); err != nil {
		return nil, err
	}
	operand, err := p.unary()
	return operation{"-", literal{whole(0)}, operand}, err
}

// postfix reads a value and the properties behind dots.
func (p *parser) postfix() (expression, error) {
	value, err := p.primary()
	for err == nil {
		var dot bool
		if dot, err = p.takeSign("."); err != nil || !dot {
			break
		}
		if p.tok.isSign("*") {
			return everything{value}, p.advance()
		}
		if p.tok.kind != word {
			return nil, p.fail("write get(object, 'name') for names that are no words, and get(list, 0) for lists", "expects the name of a property after the dot, not %s", p.tok.shown())
		}
		value = property{value, p.tok.text}
		err = p.advance()
	}
	if err == nil && p.tok.isSign("[") {
		err = p.fail("write get(list, 0)", "has a bracket [ behind a value")
	}
	return value, err
}

func (p *parser) primary() (expression, error) {
	t := p.tok
	switch {
	case t.kind == quoted:
		return literal{t.text}, p.advance()
	case t.kind == numeral:
		n, ok := parseNumber(t.text)
		if !ok {
			return nil, p.fail("", "has a number that is too large or too small: %s", t.text)
		}
		return literal{n}, p.advance()
	case t.kind == variableName:
		if !slices.Contains(p.known, t.text) {
			return nil, p.fail("", "has %s, which no SET in front of it sets", t.text)
		}
		return reference{t.text}, p.advance()
	case t.isSign("("):
		return p.group()
	case t.isSign("["), t.isSign("{"):
		if p.version == V2015 {
			return nil, p.fail("", "has an object or array, which version %s does not know", V2015)
		}
		if t.text == "[" {
			return p.array()
		}
		return p.object()
	case t.is("CASE"):
		return p.caseOf()
	case t.kind == word && !reserved(t):
		return p.named()
	}
	return nil, p.fail("", "expects a value, not %s", t.shown())
}

// named reads what begins with a word: a constant, a call or a property.
func (p *parser) named() (expression, error) {
	t := p.tok
	if err := p.advance(); err != nil {
		return nil, err
	}
	switch {
	case p.tok.isSign("("):
		return p.call(t)
	case t.is("TRUE"), t.is("FALSE"):
		return literal{t.is("TRUE")}, nil
	case t.is("NULL"):
		return literal{nil}, nil
	}
	return property{nil, t.text}, nil
}

// call reads the arguments of a function.
func (p *parser) call(name token) (expression, error) {
	c := call{name: strings.ToLower(name.text)}
	c.function = functionNamed(c.name)
	at := len(p.calls)
	p.calls = append(p.calls, Call{Name: c.name, Offset: name.offset})
	err := p.advance() // the bracket
	if closed := false; err == nil {
		if closed, err = p.takeSign(")"); closed || err != nil {
			return c, err
		}
	}
	for err == nil {
		var argument expression
		if argument, err = p.argument(c.name); err != nil {
			break
		}
		c.arguments = append(c.arguments, argument)
		p.calls[at].Arguments++
		var more bool
		if more, err = p.takeSign(","); err != nil || !more {
			break
		}
	}
	if err == nil {
		err = p.need(")", "after the arguments of "+name.text)
	}
	return c, err
}

// argument reads an argument; * is the whole payload, and cast has AS and a type.
func (p *parser) argument(function string) (expression, error) {
	if took, err := p.takeSign("*"); took || err != nil {
		return payload{}, err
	}
	value, err := p.expression()
	if err != nil || function != "cast" {
		return value, err
	}
	took, err := p.takeWord("AS")
	switch {
	case err != nil:
		return nil, err
	case !took:
		return nil, p.fail("write cast(value AS Int)", "expects AS and a type in cast")
	case p.tok.kind != word:
		return nil, p.fail("write cast(value AS Int)", "expects a type after AS, not %s", p.tok.shown())
	}
	to := strings.ToLower(p.tok.text)
	if !isType(to, p.version) {
		return nil, p.fail("", "casts to %s, which is no type", p.tok.text)
	}
	return conversion{value, to}, p.advance()
}

// group reads a value or a nested query in brackets.
func (p *parser) group() (expression, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	var value expression
	var err error
	if p.tok.is("SELECT") {
		value, err = p.nestedQuery()
	} else {
		value, err = p.expression()
	}
	if err == nil {
		err = p.need(")", "after the value in brackets")
	}
	return value, err
}

// nestedQuery reads a query of an array or object.
func (p *parser) nestedQuery() (expression, error) {
	if p.version == V2015 {
		return nil, p.fail("", "has a nested query, which version %s does not know", V2015)
	}
	if err := p.advance(); err != nil {
		return nil, err
	}
	q, err := p.items()
	if err != nil {
		return nil, err
	}
	took, err := p.takeWord("FROM")
	switch {
	case err != nil:
		return nil, err
	case !took:
		return nil, p.fail("", "expects FROM in the nested query, not %s", p.tok.shown())
	}
	source, err := p.postfix()
	if err != nil {
		return nil, err
	}
	q.where, err = p.whereClause()
	return nested{q, source}, err
}

func (p *parser) array() (expression, error) {
	var a array
	err := p.list("]", func() error {
		value, err := p.expression()
		a.items = append(a.items, value)
		return err
	})
	return a, err
}

func (p *parser) object() (expression, error) {
	var o object
	err := p.list("}", func() error {
		if p.tok.kind != quoted {
			return p.fail("write {'name': value}", "expects a name in quotes, not %s", p.tok.shown())
		}
		name := p.tok.text
		if err := p.advance(); err != nil {
			return err
		}
		if err := p.need(":", "after the name"); err != nil {
			return err
		}
		value, err := p.expression()
		o.names, o.values = append(o.names, name), append(o.values, value)
		return err
	})
	return o, err
}

// list reads items up to a bracket; the opening one is next.
func (p *parser) list(closing string, item func() error) error {
	if err := p.advance(); err != nil {
		return err
	}
	if closed, err := p.takeSign(closing); closed || err != nil {
		return err
	}
	for {
		if err := item(); err != nil {
			return err
		}
		if more, err := p.takeSign(","); err != nil {
			return err
		} else if !more {
			return p.need(closing, "at the end of the list")
		}
	}
}

func (p *parser) caseOf() (expression, error) {
	if err := p.advance(); err != nil {
		return nil, err
	}
	var c choice
	var err error
	if c.of, err = p.expression(); err != nil {
		return nil, err
	}
	for err == nil {
		var took bool
		if took, err = p.takeWord("WHEN"); err != nil || !took {
			break
		}
		var b branch
		if b.when, err = p.expression(); err != nil {
			break
		}
		if took, err = p.takeWord("THEN"); err == nil && !took {
			err = p.fail("", "expects THEN, not %s", p.tok.shown())
		}
		if err == nil {
			b.then, err = p.expression()
		}
		c.branches = append(c.branches, b)
	}
	if err == nil && len(c.branches) == 0 {
		err = p.fail("", "expects WHEN, not %s", p.tok.shown())
	}
	if err != nil {
		return nil, err
	}
	return p.caseEnd(c)
}

func (p *parser) caseEnd(c choice) (expression, error) {
	took, err := p.takeWord("ELSE")
	if err == nil && took {
		c.otherwise, err = p.expression()
	}
	if err != nil {
		return nil, err
	}
	took, err = p.takeWord("END")
	if err == nil && !took {
		err = p.fail("", "expects END of CASE, not %s", p.tok.shown())
	}
	return c, err
}
