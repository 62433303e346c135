// SPDX-License-Identifier: MIT

package logpattern

import (
	"regexp"
	"strings"
)

// regexPattern is a pattern %...% for unstructured log events.
type regexPattern struct{ expression *regexp.Regexp }

func (p regexPattern) Match(message string) bool { return p.expression.MatchString(message) }

// regexText is what a regular expression may consist of: letters and digits,
// some symbols, and operators; of those no parentheses.
var regexText = regexp.MustCompile(`^[A-Za-z0-9 _#=@/;,:\-^$?\[\]{}|\\*+.]+$`)

// parseRegexPattern reads a pattern that is one regular expression.
func parseRegexPattern(text string) (Pattern, error) {
	expression, rest, err := cutRegex(text)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(rest) != "" {
		return nil, advised("end the pattern with %", "nothing can stand beside a regular expression")
	}
	return regexPattern{expression}, nil
}

// cutRegex takes the regular expression off text that begins with a percent
// sign, up to the next one.
func cutRegex(text string) (expression *regexp.Regexp, rest string, err error) {
	inner, rest, closed := strings.Cut(text[1:], "%")
	if !closed {
		return nil, "", advised("close it, or put a term with % in double quotes", "a regular expression is not closed by %%")
	}
	if !regexText.MatchString(inner) {
		return nil, "", advised("they are letters, digits, spaces, _ # = @ / ; , : - and the operators ^ $ ? [ ] { } | \\ * + . without parentheses", "the regular expression %q has characters that are not supported", inner)
	}
	expression, err = regexp.Compile(inner)
	if err != nil {
		return nil, "", malformed("%v", err)
	}
	return expression, rest, nil
}
