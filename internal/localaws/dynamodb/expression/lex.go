// SPDX-License-Identifier: MIT

// Package expression parses and evaluates the expressions of DynamoDB:
// conditions and filters, conditions on keys, projections and updates, in the
// grammar of the pages "Expressions" of the DynamoDB Developer Guide and with
// the messages of the service.
package expression

import (
	"fmt"
	"strings"
)

// kind is the kind of a token.
type kind int

const (
	end    kind = iota
	word        // an attribute's name, a function or a keyword
	alias       // #name
	value       // :value
	index       // digits
	symbol      // an operator, a bracket, a comma or a point
	stray       // what begins no token
)

// token is a part of the text, which stands at offset.
type token struct {
	kind   kind
	text   string
	offset int
}

// SyntaxError says where an expression cannot be read.
type SyntaxError struct {
	Offset int    // of the token, in bytes
	Token  string // "<EOF>" at the end
	Near   string // the token with its neighbours, as they are written
}

// Error returns the message of DynamoDB.
func (e *SyntaxError) Error() string {
	return fmt.Sprintf("Syntax error; token: %q, near: %q", e.Token, e.Near)
}

// lex splits a text into tokens; the last one is the end.
func lex(text string) []token {
	var tokens []token
	for at := 0; ; {
		at += len(text[at:]) - len(strings.TrimLeft(text[at:], " \t\r\n"))
		if at == len(text) {
			return append(tokens, token{end, "<EOF>", at})
		}
		t := next(text[at:])
		t.offset = at
		tokens = append(tokens, t)
		at += len(t.text)
	}
}

// next returns the token that a text begins with.
func next(text string) token {
	c := text[0]
	switch {
	case isLetter(c):
		return token{kind: word, text: text[:span(text, 0, isPart)]}
	case (c == '#' || c == ':') && len(text) > 1 && isPart(text[1]):
		k := alias
		if c == ':' {
			k = value
		}
		return token{kind: k, text: text[:span(text, 1, isPart)]}
	case isDigit(c):
		return token{kind: index, text: text[:span(text, 0, isDigit)]}
	}
	for _, s := range []string{"<>", "<=", ">=", "<", ">", "=", "(", ")", "[", "]", ",", ".", "+", "-"} {
		if strings.HasPrefix(text, s) {
			return token{kind: symbol, text: s}
		}
	}
	for i := range text { // a whole rune, so that messages stay text
		if i > 0 {
			return token{kind: stray, text: text[:i]}
		}
	}
	return token{kind: stray, text: text}
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == '_' }
func isPart(c byte) bool   { return isLetter(c) || isDigit(c) }

// span returns where the bytes end that match, from a start on.
func span(text string, start int, match func(byte) bool) int {
	for start < len(text) && match(text[start]) {
		start++
	}
	return start
}
