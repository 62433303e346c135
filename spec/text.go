// SPDX-License-Identifier: MIT

package spec

import (
	"bytes"
	"cmp"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/diag"
)

// maxBytes is how long a sparta.yaml may be: CloudFormation takes a template of
// 1 MB, and the file is about as long as its template.
const maxBytes = 1 << 20

// maxLines is how many lines it may have: five for each of maxValues.
const maxLines = 5 * maxValues

// source is the text of the file: valid UTF-8 without a byte order mark.
type source struct {
	file  string
	lines []string

	hidden []string // texts that lines are shown without
}

// mark is a place in a source.
type mark struct {
	line, column int32 // from 1, column in code points; line 0: not known
	width        int32 // code points; 0: not known
}

// compare orders places as they come in the file.
func (m mark) compare(other mark) int {
	return cmp.Or(cmp.Compare(m.line, other.line), cmp.Compare(m.column, other.column))
}

func marked(line, column, width int) mark {
	return mark{line: int32(line), column: int32(column), width: int32(width)}
}

// newSource checks that data is text and splits it into lines, as YAML counts
// them: at \n, \r, \r\n, U+0085, U+2028 and U+2029. The text it returns is what
// is to be parsed.
func newSource(file string, data []byte) (*source, []byte, *diag.Problem) {
	s := &source{file: file}
	if len(data) > maxBytes {
		return s, nil, tooLarge(file)
	}
	if encoding := wideEncoding(data); encoding != "" {
		return s, nil, &diag.Problem{
			Position: diag.Position{File: file, Line: 1, Column: 1},
			Code:     diag.NotUTF8,
			Message:  "is " + encoding + " text, not UTF-8",
			Hint:     "save the file as UTF-8",
		}
	}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	s.lines = splitLines(data)
	if len(s.lines) > maxLines {
		return s, nil, new(s.problem(marked(maxLines+1, 1, 0), "", diag.TooLarge, fmt.Sprintf("has more than %d lines", maxLines), "sparta.yaml is settings, not data: put large files into the site or into S3"))
	}
	if bad := invalidByte(data); bad >= 0 {
		at := s.locate(data, bad)
		return s, nil, new(s.problem(at, "", diag.NotUTF8, fmt.Sprintf("byte 0x%02x is not UTF-8 text", data[bad]), "save the file as UTF-8"))
	}
	if at, r := s.control(); at.line != 0 {
		return s, nil, new(s.problem(at, "", diag.ControlCharacter, fmt.Sprintf("control character U+%04X", r), `write it as an escape in a quoted text, such as "\x07"`))
	}
	return s, data, nil
}

func tooLarge(file string) *diag.Problem {
	return &diag.Problem{
		Position: diag.Position{File: file},
		Code:     diag.TooLarge,
		Message:  fmt.Sprintf("is longer than %d MB", maxBytes>>20),
		Hint:     "sparta.yaml is settings, not data: put large files into the site or into S3",
	}
}

// wideEncoding names the encoding that the data's first bytes give away.
func wideEncoding(data []byte) string {
	switch {
	case bytes.HasPrefix(data, []byte{0xFF, 0xFE}), bytes.HasPrefix(data, []byte{0xFE, 0xFF}):
		return "UTF-16"
	case len(data) >= 4 && (data[0] == 0) != (data[1] == 0) && (data[2] == 0) != (data[3] == 0):
		return "UTF-16"
	}
	return ""
}

// invalidByte is the offset of the first byte that is not UTF-8, or -1.
func invalidByte(data []byte) int {
	if utf8.Valid(data) {
		return -1
	}
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}

// splitLines cuts text at YAML's line breaks, as long as there are not too many.
// Bytes that are not UTF-8 stay.
func splitLines(data []byte) []string {
	text := string(data)
	lines := make([]string, 0, min(maxLines, max(strings.Count(text, "\n"), strings.Count(text, "\r")))+1)
	start := 0
	for i := 0; i < len(text) && len(lines) <= maxLines; {
		size := breakAt(text[i:])
		if size == 0 {
			i++
			continue
		}
		lines = append(lines, text[start:i])
		i += size
		start = i
	}
	return append(lines, text[start:])
}

// breakAt is the length of the line break that text begins with, or 0.
func breakAt(text string) int {
	switch text[0] {
	case '\n':
		return 1
	case '\r':
		if len(text) > 1 && text[1] == '\n' {
			return 2
		}
		return 1
	case 0xC2:
		if strings.HasPrefix(text, "\u0085") {
			return 2
		}
	case 0xE2:
		if strings.HasPrefix(text, "\u2028") || strings.HasPrefix(text, "\u2029") {
			return 3
		}
	}
	return 0
}

// locate is the place of a byte offset.
func (s *source) locate(data []byte, offset int) mark {
	before := splitLines(data[:offset])
	return marked(len(before), utf8.RuneCountInString(before[len(before)-1])+1, 1)
}

// control finds the first character that YAML does not allow as it is.
func (s *source) control() (mark, rune) {
	for i, line := range s.lines {
		column := 1
		for _, r := range line {
			if r < ' ' && r != '\t' || r == 0x7F || r > 0x7F && r < 0xA0 || r == 0xFFFE || r == 0xFFFF || r == 0xFEFF {
				return marked(i+1, column, 1), r
			}
			column++
		}
	}
	return mark{}, 0
}

// line returns the text of a line, without its break; empty if there is none.
func (s *source) line(n int) string {
	if n < 1 || n > len(s.lines) {
		return ""
	}
	return s.lines[n-1]
}

// position turns a mark into a position in the file.
func (s *source) position(at mark) diag.Position {
	return diag.Position{File: s.file, Line: int(at.line), Column: int(at.column)}
}

// problem is an error at a place of the file.
func (s *source) problem(at mark, path string, code diag.Code, message, hint string) diag.Problem {
	return diag.Problem{
		Position: s.position(at), Path: path, Code: code, Message: message, Hint: hint,
		Source: s.veil(s.line(int(at.line))), Width: int(at.width),
	}
}
