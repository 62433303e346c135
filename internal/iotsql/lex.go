// SPDX-License-Identifier: MIT

package iotsql

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is.
type kind int

const (
	end kind = iota
	word
	variableName // with its @
	quoted       // text is what stands in the quotes
	numeral
	sign
)

// token is a part of a statement.
type token struct {
	kind   kind
	text   string
	offset int
}

// is reports whether a token is a key word, in any case.
func (t token) is(keyword string) bool { return t.kind == word && strings.EqualFold(t.text, keyword) }

// isSign reports whether a token is an operator or a bracket.
func (t token) isSign(text string) bool { return t.kind == sign && t.text == text }

// shown is a token as errors have it.
func (t token) shown() string {
	switch {
	case t.kind == end:
		return "the end"
	case t.kind == quoted:
		return "a text"
	}
	return t.text
}

// lexer cuts a text into tokens.
type lexer struct {
	text string
	at   int
}

// signs are the operators and brackets, longer ones first.
func signs() []string {
	return []string{"<>", "!=", "<=", ">=", "<", ">", "=", "+", "-", "*", "/", "%", "(", ")", "[", "]", "{", "}", ",", ":", "."}
}

// next returns the token that follows.
func (l *lexer) next() (token, error) {
	l.at += len(l.text[l.at:]) - len(strings.TrimLeft(l.text[l.at:], " \t\r\n"))
	start := l.at
	if start == len(l.text) {
		return token{kind: end, offset: start}, nil
	}
	switch c := l.text[start]; {
	case c == '\'' || c == '"':
		return l.quotation(c)
	case c == '@':
		l.at++
		if l.name() == "" {
			return token{}, &SyntaxError{Offset: start, Why: "has @ without the name of a variable"}
		}
		return token{variableName, l.text[start:l.at], start}, nil
	case isDigit(c):
		return l.numeral()
	}
	if name := l.name(); name != "" {
		return token{word, name, start}, nil
	}
	for _, s := range signs() {
		if strings.HasPrefix(l.text[start:], s) {
			l.at += len(s)
			return token{sign, s, start}, nil
		}
	}
	r, _ := utf8.DecodeRuneInString(l.text[start:])
	return token{}, &SyntaxError{Offset: start, Why: "has " + string(r) + " where nothing of the kind can stand"}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// name takes letters, digits and _, "" if none are there.
func (l *lexer) name() string {
	start := l.at
	for l.at < len(l.text) {
		r, size := utf8.DecodeRuneInString(l.text[l.at:])
		if r != '_' && !unicode.IsLetter(r) && (l.at == start || !unicode.IsDigit(r)) {
			break
		}
		l.at += size
	}
	return l.text[start:l.at]
}

// quotation takes a text in quotes, in which a quote is written twice.
func (l *lexer) quotation(quote byte) (token, error) {
	start := l.at
	var b strings.Builder
	for i := start + 1; i < len(l.text); i++ {
		switch {
		case l.text[i] != quote:
			b.WriteByte(l.text[i])
		case i+1 < len(l.text) && l.text[i+1] == quote:
			b.WriteByte(quote)
			i++
		default:
			l.at = i + 1
			return token{quoted, b.String(), start}, nil
		}
	}
	return token{}, &SyntaxError{Offset: start, Why: "has a quote " + string(quote) + " that is not closed"}
}

// numeral takes a number.
func (l *lexer) numeral() (token, error) {
	start := l.at
	digits := func() bool {
		from := l.at
		for l.at < len(l.text) && isDigit(l.text[l.at]) {
			l.at++
		}
		return l.at > from
	}
	digits()
	if l.at+1 < len(l.text) && l.text[l.at] == '.' && isDigit(l.text[l.at+1]) {
		l.at++
		digits()
	}
	if l.at < len(l.text) && (l.text[l.at] == 'e' || l.text[l.at] == 'E') {
		before := l.at
		l.at++
		if l.at < len(l.text) && (l.text[l.at] == '+' || l.text[l.at] == '-') {
			l.at++
		}
		if !digits() {
			l.at = before
		}
	}
	if r, _ := utf8.DecodeRuneInString(l.text[l.at:]); l.at < len(l.text) && (r == '_' || unicode.IsLetter(r)) {
		return token{}, &SyntaxError{Offset: start, Why: "has a name that begins with a digit", Hint: "write get(object, 'name') for such a property"}
	}
	return token{numeral, l.text[start:l.at], start}, nil
}
