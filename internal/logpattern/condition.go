// SPDX-License-Identifier: MIT

package logpattern

import (
	"math"
	"regexp"
	"strconv"
	"strings"
)

// condition is a node of the tree that JSON and space-delimited patterns have in
// common. What in is depends on the kind of pattern.
type condition interface{ holds(in any) bool }

type both struct{ a, b condition }

type either struct{ a, b condition }

func (c both) holds(in any) bool   { return c.a.holds(in) && c.b.holds(in) }
func (c either) holds(in any) bool { return c.a.holds(in) || c.b.holds(in) }

// parser reads a pattern of conditions.
type parser struct {
	rest    string
	regexes int
	leaf    func() (condition, error) // reads one comparison
}

// maxRegexes is how many regular expressions a pattern may have.
const maxRegexes = 2

func (p *parser) space() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// take takes a token off the rest if it is there.
func (p *parser) take(token string) bool {
	p.space()
	rest, ok := strings.CutPrefix(p.rest, token)
	if ok {
		p.rest = rest
	}
	return ok
}

// or reads comparisons that are combined by ||, && and parentheses; && binds
// closer.
func (p *parser) or() (condition, error) {
	left, err := p.and()
	for err == nil && p.take("||") {
		var right condition
		if right, err = p.and(); err == nil {
			left = either{left, right}
		}
	}
	return left, err
}

func (p *parser) and() (condition, error) {
	left, err := p.primary()
	for err == nil && p.take("&&") {
		var right condition
		if right, err = p.primary(); err == nil {
			left = both{left, right}
		}
	}
	return left, err
}

func (p *parser) primary() (condition, error) {
	if !p.take("(") {
		return p.leaf()
	}
	inner, err := p.or()
	if err == nil && !p.take(")") {
		err = advised("close it with )", "a parenthesis is not closed at %s", place(p.rest))
	}
	return inner, err
}

// comparison is an operator with a value.
type comparison struct {
	operator string // =, !=, <, >, <=, >=
	text     string // may have stars that stand for any characters
	number   float64
	numeric  bool
	regex    *regexp.Regexp // instead of text
}

// operators, those first that begin with others. =! is another way to write !=.
func operators() []string { return []string{"!=", "=!", "<=", ">=", "<", ">", "="} }

// comparison reads an operator and a value. A value without quotes ends before
// one of the stops.
func (p *parser) comparison(stops string) (comparison, error) {
	var c comparison
	for _, operator := range operators() {
		if p.take(operator) {
			c.operator = operator
			break
		}
	}
	if c.operator == "=!" {
		c.operator = "!="
	}
	if c.operator == "=" && strings.HasPrefix(p.rest, "=") {
		return c, advised("write = once", "there is no operator ==")
	}
	if c.operator == "" {
		return c, advised("operators are =, !=, <, <=, > and >=; of JSON also NOT EXISTS, IS NULL, IS TRUE and IS FALSE", "there is no operator at %s", place(p.rest))
	}
	var err error
	p.space()
	switch {
	case strings.HasPrefix(p.rest, `"`):
		c.text, p.rest, err = cutQuoted(p.rest[1:])
	case strings.HasPrefix(p.rest, "%"):
		if p.regexes++; p.regexes > maxRegexes {
			return c, advised("compare with text, in which * stands for any characters", "it has more than %d regular expressions", maxRegexes)
		}
		c.regex, p.rest, err = cutRegex(p.rest)
	default:
		end := strings.IndexAny(p.rest, stops+"&|()\" \t\r\n")
		if end < 0 {
			end = len(p.rest)
		}
		c.text, p.rest = p.rest[:end], p.rest[end:]
		if c.text == "" {
			err = advised("write a number, a word or \"text in quotes\"", "there is no value at %s", place(p.rest))
		}
	}
	if err != nil {
		return c, err
	}
	c.number, c.numeric = parseNumber(c.text)
	return c, c.check()
}

func (c comparison) check() error {
	equality := c.operator == "=" || c.operator == "!="
	if !equality && (c.regex != nil || !c.numeric) {
		return advised("write a number, or compare by = or !=", "%s compares numbers only", c.operator)
	}
	return nil
}

var numberText = regexp.MustCompile(`^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?$`)

func parseNumber(text string) (float64, bool) {
	if !numberText.MatchString(text) {
		return 0, false
	}
	n, err := strconv.ParseFloat(text, 64)
	return n, err == nil && !math.IsInf(n, 0)
}

// accepts compares the text of a value, which may be a number's.
func (c comparison) accepts(text string) bool {
	switch c.operator {
	case "=":
		return c.equals(text)
	case "!=":
		return !c.equals(text)
	}
	n, ok := parseNumber(text)
	if !ok {
		return false
	}
	switch c.operator {
	case "<":
		return n < c.number
	case "<=":
		return n <= c.number
	case ">":
		return n > c.number
	}
	return n >= c.number
}

func (c comparison) equals(text string) bool {
	if c.regex != nil {
		return c.regex.MatchString(text)
	}
	if n, ok := parseNumber(text); ok && c.numeric && n == c.number {
		return true
	}
	return matchStars(c.text, text)
}

// matchStars reports whether text fits a pattern in which stars stand for any
// characters.
func matchStars(pattern, text string) bool {
	first, rest, stars := strings.Cut(pattern, "*")
	if !stars {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return false
	}
	parts := strings.Split(rest, "*")
	last := parts[len(parts)-1]
	for _, part := range parts[:len(parts)-1] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return strings.HasSuffix(text, last)
}
