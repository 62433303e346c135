// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/diag"
)

// problemWithin is a problem at a byte offset of a text, such as a statement in a
// language of its own. Where the file has the text in another form, with escapes
// for instance, the problem is at the whole value and says where in it. The text
// is the file's own.
func (d *decoder) problemWithin(n *node, offset int, code diag.Code, message, hint string) diag.Problem {
	if at, ok := d.within(n, offset); ok {
		return d.problem(at, n.place(), code, message, hint)
	}
	characters := utf8.RuneCountInString(n.written[:min(offset, len(n.written))])
	return d.problem(n.at, n.place(), code, fmt.Sprintf("%s, at character %d", message, characters+1), hint)
}

// within finds the place in the file of a byte offset of a text. The text may go
// over several lines, where YAML has its own white space. What is at the end of
// the text is found behind its last character.
func (s *source) within(n *node, offset int) (mark, bool) {
	want := solid(n.written)
	if len(want) == 0 || n.keyAt.line < 1 {
		return mark{}, false
	}
	index := len(solid(n.written[:min(offset, len(n.written))]))
	var places []mark // of the characters of the file that are no white space
	var got []rune
	skip := n.key // the value stands behind its key
	for line := int(n.keyAt.line); line <= len(s.lines) && len(got) < 4*len(want)+maxMarked; line++ {
		column := 0
		for _, r := range s.line(line) {
			column++
			if unicode.IsSpace(r) || line == int(n.keyAt.line) && column < int(n.keyAt.column)+utf8.RuneCountInString(skip) && n.keyAt != n.at {
				continue
			}
			got, places = append(got, r), append(places, marked(line, column, 1))
		}
		if start := strings.Index(string(got), string(want)); start >= 0 {
			first := utf8.RuneCountInString(string(got)[:start])
			if index < len(want) {
				return places[first+index], true
			}
			last := places[first+len(want)-1]
			return marked(int(last.line), int(last.column)+1, 1), true
		}
	}
	return mark{}, false
}

// solid is a text without white space.
func solid(text string) []rune {
	var out []rune
	for _, r := range text {
		if !unicode.IsSpace(r) {
			out = append(out, r)
		}
	}
	return out
}
