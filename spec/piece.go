// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"
)

// piece is a part of a text: a variable, or text around it.
type piece struct {
	text     string // of a variable: what stands between ${ and }
	variable bool
	pseudo   bool // text is the name of a pseudo parameter
	kept     bool // a variable of somebody else's, which stays one
	asIs     bool // text was written for Fn::Sub
}

// pieces cuts a text at its variables. With escapes, $${ is the text ${. What
// is after a ${ that no } follows is open and part of the last piece.
func pieces(s string, escapes bool) (parts []piece, open string) {
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			parts = append(parts, piece{text: literal.String()})
			literal.Reset()
		}
	}
	for {
		before, after, ok := strings.Cut(s, "${")
		if !ok {
			literal.WriteString(s)
			break
		}
		if escapes && strings.HasSuffix(before, "$") {
			literal.WriteString(before[:len(before)-1] + "${")
			s = after
			continue
		}
		name, rest, ok := strings.Cut(after, "}")
		if !ok {
			literal.WriteString(s)
			open = "${" + after
			break
		}
		literal.WriteString(before)
		flush()
		parts = append(parts, piece{text: name, variable: true})
		s = rest
	}
	flush()
	return parts, open
}

// join is a text that CloudFormation takes as it is.
func join(parts []piece) string {
	var b strings.Builder
	for _, p := range parts {
		if p.kept {
			b.WriteString("${" + p.text + "}")
		} else {
			b.WriteString(p.text)
		}
	}
	return b.String()
}

// joinSub is a text for Fn::Sub. In that, ${! is the text ${.
func joinSub(parts []piece) string {
	var b strings.Builder
	for _, p := range parts {
		switch {
		case p.pseudo:
			b.WriteString("${" + p.text + "}")
		case p.kept:
			b.WriteString("${!" + p.text + "}")
		case p.asIs:
			b.WriteString(p.text)
		default:
			b.WriteString(strings.ReplaceAll(p.text, "${", "${!"))
		}
	}
	return b.String()
}

// quoteShort is a text in quotes, cut to what can be read.
func quoteShort(s string) string { return (&node{written: s}).quote() }

// variableWords are the variables without an argument, namespaces those with
// one.
func variableWords() []string { return []string{"account", "environment", "region"} }

func namespaces() []string { return []string{"env", "file", "secret", "ssm"} }

// ours reports whether a variable is one of Sparta's.
func ours(name string) bool {
	space, _, argument := strings.Cut(name, ":")
	if argument {
		return slices.Contains(namespaces(), space)
	}
	return slices.Contains(variableWords(), name)
}
