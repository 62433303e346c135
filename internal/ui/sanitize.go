// SPDX-License-Identifier: MIT

package ui

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// Sanitize returns text with all characters that could control a terminal or
// reorder what is read written as escapes, such as \x1b: C0 controls but for
// newline and tab, DEL, C1 controls (ECMA-48), Unicode's bidirectional controls
// and line separators, and bytes that are no UTF-8. A carriage return before a
// newline is dropped.
func Sanitize(text string) string {
	if !strings.ContainsFunc(text, unsafe) {
		return text
	}
	var b strings.Builder
	text = strings.ReplaceAll(text, "\r\n", "\n")
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRuneInString(text[i:])
		switch {
		case r == utf8.RuneError && size == 1:
			fmt.Fprintf(&b, `\x%02x`, text[i])
		case !unsafe(r):
			b.WriteRune(r)
		case r < 0x100:
			fmt.Fprintf(&b, `\x%02x`, r)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += size
	}
	return b.String()
}

// unsafe reports whether r must not reach a terminal. The replacement character
// counts, because it may stand for bytes that are no UTF-8.
func unsafe(r rune) bool {
	switch {
	case r == '\n' || r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == utf8.RuneError:
		return true
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x2028 && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}
