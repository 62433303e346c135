// SPDX-License-Identifier: MIT

package ui

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// cells returns how many columns of a terminal text takes, nearly: East Asian
// wide characters and emoji take two, combining marks none (Unicode TR 11).
func cells(text string) int {
	n := 0
	for _, r := range text {
		n += cell(r)
	}
	return n
}

func cell(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me, unicode.Cf):
		return 0
	case r >= 0x1100 && r <= 0x115f, r >= 0x2e80 && r <= 0xa4cf, r >= 0xac00 && r <= 0xd7a3,
		r >= 0xf900 && r <= 0xfaff, r >= 0xfe30 && r <= 0xfe6f, r >= 0xff00 && r <= 0xff60,
		r >= 0xffe0 && r <= 0xffe6, r >= 0x1f300 && r <= 0x1faff, r >= 0x20000 && r <= 0x3fffd:
		return 2
	}
	return 1
}

// cut writes text on one line of at most width columns.
func cut(text string, width int) string {
	return clip(strings.Join(strings.Fields(text), " "), width)
}

// clip shortens a line to at most width columns.
func clip(line string, width int) string {
	if cells(line) <= width {
		return line
	}
	used := 0
	for i, r := range line {
		if used += cell(r); used > width-3 {
			return strings.TrimRight(line[:i], " ") + "..."[:max(0, min(3, width))]
		}
	}
	return line
}

// fold writes text after first, broken between words where a line would be wider
// than width; the further lines begin with next. Line breaks in text are kept,
// and what continues an indented line is indented further. A word is never
// broken.
func fold(first, text, next string, width int) string {
	var b strings.Builder
	start := first
	for line := range strings.SplitSeq(text, "\n") {
		b.WriteString(start)
		column, hanging := cells(start), next
		if indented := len(line) - len(strings.TrimLeft(line, " ")); indented > 0 && indented < width/2 {
			hanging += strings.Repeat(" ", indented+2)
		}
		for i, word := range strings.Split(line, " ") {
			switch {
			case i == 0:
			case column+1+cells(word) > width:
				b.WriteString("\n" + hanging)
				column = cells(hanging)
			default:
				b.WriteByte(' ')
				column++
			}
			b.WriteString(word)
			column += cells(word)
		}
		b.WriteByte('\n')
		start = next
	}
	return strings.TrimSuffix(b.String(), "\n")
}

// indent begins every line of text with prefix.
func indent(text, prefix string) string {
	return prefix + strings.ReplaceAll(text, "\n", "\n"+prefix)
}

// plural returns "1 word" or "n words".
func plural(n int, word string) string {
	if n == 1 {
		return "1 " + word
	}
	return fmt.Sprintf("%d %ss", n, word)
}

// span returns d for people: 85 ms, 1.2 s, 3 min 5 s.
func span(d time.Duration) string {
	switch {
	case d < 99500*time.Microsecond:
		return fmt.Sprintf("%d ms", d.Round(time.Millisecond).Milliseconds())
	case d < 59950*time.Millisecond:
		return fmt.Sprintf("%.1f s", d.Seconds())
	}
	seconds := int(d.Round(time.Second).Seconds())
	return fmt.Sprintf("%d min %d s", seconds/60, seconds%60)
}
