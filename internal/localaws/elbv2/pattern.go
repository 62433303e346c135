// SPDX-License-Identifier: MIT

package elbv2

// wildcard is a part of a pattern: a character, ? for any one, or * for any
// number of any.
type wildcard struct {
	char     rune
	one, any bool
}

// parsePattern splits a pattern. escapes says that a backslash makes a * or ?
// behind it mean itself, as in query strings.
func parsePattern(pattern string, escapes bool) []wildcard {
	var parts []wildcard
	escaped := false
	for _, char := range pattern {
		switch {
		case escapes && char == '\\' && !escaped:
			escaped = true
			continue
		case !escaped && char == '*':
			parts = append(parts, wildcard{any: true})
		case !escaped && char == '?':
			parts = append(parts, wildcard{one: true})
		case escaped && char != '*' && char != '?' && char != '\\':
			parts = append(parts, wildcard{char: '\\'}, wildcard{char: char})
		default:
			parts = append(parts, wildcard{char: char})
		}
		escaped = false
	}
	if escaped {
		parts = append(parts, wildcard{char: '\\'})
	}
	return parts
}

// matches reports whether a pattern matches the whole of a text. It takes time
// in proportion to the product of their lengths at most.
func matches(pattern, text string, escapes bool) bool {
	parts, chars := parsePattern(pattern, escapes), []rune(text)
	p, c := 0, 0
	star, from := -1, 0 // where to go on when the text behind the last * does not fit
	for c < len(chars) {
		switch {
		case p < len(parts) && parts[p].any:
			star, from = p, c
			p++
		case p < len(parts) && (parts[p].one || parts[p].char == chars[c] && !parts[p].any):
			p++
			c++
		case star >= 0:
			from++
			p, c = star+1, from
		default:
			return false
		}
	}
	for p < len(parts) && parts[p].any {
		p++
	}
	return p == len(parts)
}

// wildcards counts the * and ? of a pattern that stand for others.
func wildcards(pattern string, escapes bool) int {
	n := 0
	for _, part := range parsePattern(pattern, escapes) {
		if part.one || part.any {
			n++
		}
	}
	return n
}
