// SPDX-License-Identifier: MIT

// Package logpattern reads the filter patterns of CloudWatch Logs and says which
// log events meet them. It follows "Filter pattern syntax" of the CloudWatch Logs
// User Guide.
package logpattern

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// Pattern is a parsed filter pattern. It may be used concurrently.
type Pattern interface {
	// Match reports whether a log event has what the pattern asks for. Case
	// matters.
	Match(message string) bool
}

// MaxLength is the longest filter pattern in characters (PutSubscriptionFilter).
const MaxLength = 1024

// Parse reads a filter pattern of any kind: terms, a regular expression, a JSON
// pattern { } or a space-delimited one [ ]. Of what is none, the error is a
// *Fault; callers give it the words of their service.
func Parse(text string) (Pattern, error) {
	if utf8.RuneCountInString(text) > MaxLength {
		return nil, malformed("it has more than %d characters", MaxLength)
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(trimmed, "{"):
		return parseJSONPattern(trimmed)
	case strings.HasPrefix(trimmed, "["):
		return parseFieldsPattern(trimmed)
	case strings.HasPrefix(trimmed, "%"):
		return parseRegexPattern(trimmed)
	}
	return parseTerms(trimmed)
}

// terms is a pattern for unstructured log events.
type terms struct {
	all  []string // each must occur
	any  []string // one of them must occur, if there are any
	none []string // none may occur
}

var bareTerm = regexp.MustCompile(`^[A-Za-z0-9_]+$`)

// parseTerms reads terms, "quoted terms", -excluded and ?alternative ones. Next
// to other terms the alternative ones are ignored, as CloudWatch does.
func parseTerms(rest string) (Pattern, error) {
	var p terms
	for rest != "" {
		kind := byte(0)
		if rest[0] == '-' || rest[0] == '?' {
			kind, rest = rest[0], rest[1:]
		}
		var term string
		var err error
		if term, rest, err = cutTerm(rest); err != nil {
			return nil, err
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
		return "", "", advised("put it in double quotes to look for the text itself", "a regular expression cannot stand beside terms")
	case strings.HasPrefix(text, `"`):
		return cutQuoted(text[1:])
	}
	end := strings.IndexAny(text, " \t")
	if end < 0 {
		end = len(text)
	}
	if term = text[:end]; !bareTerm.MatchString(term) {
		return "", "", unquoted(term)
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
			return "", "", advised("leave it out: a pattern without terms is that of every log event", "a term is empty")
		case c == '"':
			return b.String(), text[i+1:], nil
		default:
			b.WriteByte(c)
		}
	}
	return "", "", advised("close it, or put a backslash before a quote that belongs to the term", "a quote is not closed")
}

func (p terms) Match(message string) bool {
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
