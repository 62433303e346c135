// SPDX-License-Identifier: MIT

package expression

// condition reads a whole condition.
func (p *parser) condition() node {
	p.logical = true
	n := p.or()
	if !isCondition(n) {
		p.fail()
	}
	return n
}

func (p *parser) or() node {
	left := p.and()
	for p.joins(left, "OR") {
		right := p.and()
		p.mustBeCondition(right)
		left = &logicNode{"OR", left, right}
	}
	return left
}

func (p *parser) and() node {
	left := p.not()
	for p.joins(left, "AND") {
		right := p.not()
		p.mustBeCondition(right)
		left = &logicNode{"AND", left, right}
	}
	return left
}

// joins takes an operator of logic if what stands before it is a condition.
func (p *parser) joins(left node, operator string) bool {
	return isCondition(left) && p.keyword(operator)
}

func (p *parser) mustBeCondition(n node) {
	if !isCondition(n) {
		p.fail()
	}
}

func (p *parser) not() node {
	if !p.keyword("NOT") {
		return p.comparison()
	}
	n := p.not()
	p.mustBeCondition(n)
	return &notNode{n}
}

// comparison reads a comparison, a condition in parentheses, a function or, for
// what is in parentheses itself, an operand.
func (p *parser) comparison() node {
	left := p.primary()
	if !isOperand(left) {
		return left
	}
	for _, operator := range []string{"=", "<>", "<=", ">=", "<", ">"} {
		if p.accept(operator) {
			return &compareNode{operator, left, p.operand()}
		}
	}
	switch {
	case p.keyword("BETWEEN"):
		n := &betweenNode{operand: left, low: p.operand()}
		if !p.keyword("AND") {
			p.fail()
		}
		n.high = p.operand()
		return n
	case p.keyword("IN"):
		p.expect("(")
		n := &inNode{left, list(p, p.operand)}
		p.expect(")")
		return n
	}
	return left
}

// operand reads what has a value.
func (p *parser) operand() node {
	start := p.at
	n := p.primary()
	if !isOperand(n) {
		p.at = start
		p.fail()
	}
	return n
}

func (p *parser) primary() node {
	if !p.accept("(") {
		return p.simple(p.operand)
	}
	twice := p.peek().text == "("
	first := p.at
	n := p.or()
	if twice && p.closes(first) == p.at-1 {
		p.redundant = true
	}
	p.expect(")")
	return n
}

// closes returns where the parenthesis is closed that opens at a token, or -1.
func (p *parser) closes(open int) int {
	depth := 0
	for i := open; i < len(p.tokens); i++ {
		switch t := p.tokens[i]; {
		case t.kind == symbol && t.text == "(":
			depth++
		case t.kind == symbol && t.text == ")":
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}
