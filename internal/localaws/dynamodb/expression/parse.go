// SPDX-License-Identifier: MIT

package expression

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// maxLength is how long an expression may be ("Quotas in Amazon DynamoDB").
const maxLength = 4096

// parser reads an expression by recursive descent. A syntax error ends it by a
// panic, which parse catches.
type parser struct {
	text      string
	tokens    []token
	at        int
	logical   bool // AND, OR, NOT, BETWEEN and IN are no names
	redundant bool // a condition or operand stands in two pairs of parentheses
}

// parse has read take a whole text.
func parse(text string, read func(p *parser)) (p *parser, err error) {
	if strings.TrimSpace(text) == "" {
		return nil, errors.New("The expression can not be empty;") //nolint:staticcheck // the words of DynamoDB
	}
	if len(text) > maxLength {
		return nil, attribute.Invalid("Expression size has exceeded the maximum allowed size; expression size: %d", len(text))
	}
	p = &parser{text: text, tokens: lex(text)}
	defer func() {
		switch cause := recover().(type) {
		case nil:
		case *SyntaxError:
			err = cause
		default:
			panic(cause)
		}
	}()
	read(p)
	if p.peek().kind != end {
		p.fail()
	}
	return p, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != end {
		p.at++
	}
	return t
}

// fail gives up at the next token.
func (p *parser) fail() {
	t := p.peek()
	from, to := t.offset, t.offset
	if p.at > 0 {
		from = p.tokens[p.at-1].offset
	}
	if t.kind != end {
		to += len(t.text)
		if after := p.tokens[p.at+1]; after.kind != end {
			to = after.offset + len(after.text)
		}
	}
	panic(&SyntaxError{Offset: t.offset, Token: t.text, Near: strings.TrimRight(p.text[from:to], " \t\r\n")})
}

// accept takes a symbol if it is next.
func (p *parser) accept(text string) bool {
	if t := p.peek(); t.kind == symbol && t.text == text {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) {
	if !p.accept(text) {
		p.fail()
	}
}

// keyword takes a keyword, in whatever case it is written, if it is next.
func (p *parser) keyword(text string) bool {
	if t := p.peek(); t.kind == word && strings.EqualFold(t.text, text) {
		p.at++
		return true
	}
	return false
}

// isKeyword reports whether a token is an operator of conditions.
func (p *parser) isKeyword(t token) bool {
	return p.logical && t.kind == word && slices.Contains([]string{"AND", "OR", "NOT", "BETWEEN", "IN"}, strings.ToUpper(t.text))
}

// path reads a document path.
func (p *parser) path() *pathNode {
	path := Path{p.name()}
	for {
		switch {
		case p.accept("."):
			path = append(path, p.name())
		case p.accept("["):
			t := p.peek()
			i, err := strconv.Atoi(t.text)
			if t.kind != index || err != nil {
				p.fail()
			}
			p.take()
			p.expect("]")
			path = append(path, Step{Index: i, IsItem: true})
		default:
			return &pathNode{path}
		}
	}
}

func (p *parser) name() Step {
	if t := p.peek(); t.kind != alias && (t.kind != word || p.isKeyword(t)) {
		p.fail()
	}
	return Step{Name: p.take().text}
}

// list reads parts that commas separate.
func list[N any](p *parser, read func() N) []N {
	parts := []N{read()}
	for p.accept(",") {
		parts = append(parts, read())
	}
	return parts
}

// simple reads a path, a value or a function whose arguments argument reads.
func (p *parser) simple(argument func() node) node {
	switch t := p.peek(); {
	case t.kind == value:
		p.take()
		return &valueNode{name: t.text}
	case t.kind == word && !p.isKeyword(t) && p.tokens[p.at+1].text == "(":
		p.take()
		p.take()
		call := &callNode{name: t.text, args: list(p, argument)}
		p.expect(")")
		return call
	}
	return p.path()
}
