// SPDX-License-Identifier: MIT

package spec

import (
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxMarked is how long a line may be, in bytes, for the widths of what stands
// in it to be worked out.
const maxMarked = 4096

// markOf is the place of a YAML node, with the width of a scalar or alias.
func (c *converter) markOf(y *yaml.Node) mark {
	return marked(y.Line, y.Column, max(0, c.end(y)-y.Column))
}

// span widens the mark of a key to the end of its value, if that is on the
// same line.
func (c *converter) span(key mark, value *yaml.Node) mark {
	if value.Line == int(key.line) {
		if width := c.end(value) - int(key.column); width > 0 {
			key.width = int32(width)
		}
	}
	return key
}

// end is the column after a scalar or alias, 0 if it is not on one line.
func (c *converter) end(y *yaml.Node) int {
	line := c.line(y.Line)
	if len(line) > maxMarked || y.Column < 1 {
		return 0
	}
	rest := line[byteOffset(line, y.Column):]
	if rest == "" {
		return 0
	}
	switch {
	case y.Kind == yaml.AliasNode:
		return y.Column + 1 + utf8.RuneCountInString(y.Value)
	case y.Kind != yaml.ScalarNode:
		return 0
	}
	body := rest
	for strings.HasPrefix(body, "!") || strings.HasPrefix(body, "&") { // tag and anchor
		_, after, ok := strings.Cut(body, " ")
		if !ok {
			return 0
		}
		body = strings.TrimLeft(after, " ")
	}
	start := y.Column + utf8.RuneCountInString(rest) - utf8.RuneCountInString(body)
	switch {
	case y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		if n := quotedLength(body); n > 0 {
			return start + utf8.RuneCountInString(body[:n])
		}
	case y.Style&(yaml.LiteralStyle|yaml.FoldedStyle) == 0 && strings.HasPrefix(body, y.Value):
		return start + utf8.RuneCountInString(y.Value)
	}
	return 0
}

// written is the value of a scalar, as a part of its line where it stands there.
func (c *converter) written(y *yaml.Node) string {
	line := c.line(y.Line)
	if len(line) > maxMarked || y.Column < 1 {
		return y.Value
	}
	rest := line[byteOffset(line, y.Column):]
	if y.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0 && rest != "" {
		rest = rest[1:]
	}
	if strings.HasPrefix(rest, y.Value) {
		return rest[:len(y.Value)]
	}
	return y.Value
}

// byteOffset is where a column of a line begins, at most the line's length.
func byteOffset(line string, column int) int {
	offset := 0
	for range column - 1 {
		if offset >= len(line) {
			return len(line)
		}
		_, size := utf8.DecodeRuneInString(line[offset:])
		offset += size
	}
	return offset
}

// quotedLength is the length in bytes of the quoted text that s begins with, or
// 0 if it does not end in s.
func quotedLength(s string) int {
	if s == "" {
		return 0
	}
	for i := 1; i < len(s); i++ {
		switch {
		case s[0] == '"' && s[i] == '\\':
			i++
		case s[0] == '\'' && s[i] == '\'' && i+1 < len(s) && s[i+1] == '\'':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return 0
}
