// SPDX-License-Identifier: MIT

package logs

import (
	"regexp"
	"strings"
)

// pattern is a parsed filter pattern for unstructured log events ("Filter
// pattern syntax", CloudWatch Logs User Guide).
type pattern struct {
	all  []string // each must occur
	any  []string // one of them must occur, if there are any
	none []string // none may occur
}

var bareTerm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// parsePattern reads terms, "quoted terms", -excluded and ?alternative ones.
// Next to other terms the alternative ones are ignored, as CloudWatch does. JSON,
// space-delimited and regular-expression patterns are refused.
func parsePattern(text string) (pattern, error) {
	var p pattern
	rest := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(rest, "{"):
		return p, invalid("Invalid filter pattern: the embedded AWS does not model JSON patterns")
	case strings.HasPrefix(rest, "["):
		return p, invalid("Invalid filter pattern: the embedded AWS does not model space-delimited patterns")
	}
	for rest != "" {
		kind := byte(0)
		if rest[0] == '-' || rest[0] == '?' {
			kind, rest = rest[0], rest[1:]
		}
		var term string
		var err error
		if term, rest, err = cutTerm(rest); err != nil {
			return pattern{}, err
		}
		switch kind {
		case '-':
			p.none = append(p.none, term)
		case '?':
			p.any = append(p.any, term)
		default:
			p.all = append(p.all, term)
		}
		rest = strings.TrimLeft(rest, " \t")
	}
	if len(p.all)+len(p.none) > 0 {
		p.any = nil
	}
	return p, nil
}

// cutTerm takes the first term off text.
func cutTerm(text string) (term, rest string, err error) {
	switch {
	case strings.HasPrefix(text, "%"):
		return "", "", invalid("Invalid filter pattern: the embedded AWS does not model regular expressions")
	case strings.HasPrefix(text, `"`):
		return cutQuoted(text[1:])
	}
	end := strings.IndexAny(text, " \t")
	if end < 0 {
		end = len(text)
	}
	if term = text[:end]; !bareTerm.MatchString(term) {
		return "", "", invalid("Invalid filter pattern: the term %q has to be enclosed in double quotes", term)
	}
	return term, text[end:], nil
}

// cutQuoted takes a term off text, up to the closing quote. A backslash makes
// the next character an ordinary one.
func cutQuoted(text string) (term, rest string, err error) {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case c == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case c == '"' && b.Len() == 0:
			return "", "", invalid("Invalid filter pattern: a term is empty")
		case c == '"':
			return b.String(), text[i+1:], nil
		default:
			b.WriteByte(c)
		}
	}
	return "", "", invalid("Invalid filter pattern: a quote is not closed")
}

// match reports whether message has what p asks for. Case matters.
func (p pattern) match(message string) bool {
	for _, term := range p.all {
		if !strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range p.none {
		if strings.Contains(message, term) {
			return false
		}
	}
	for _, term := range p.any {
		if strings.Contains(message, term) {
			return true
		}
	}
	return len(p.any) == 0
}
