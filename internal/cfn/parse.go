// SPDX-License-Identifier: MIT

package cfn

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/diag"
)

// parsedFile is the file name in the positions of Parse, which knows no path.
const parsedFile = "template"

// Parse reads a template in JSON. Numbers are kept as json.Number. The error is
// a *diag.Fault with the line and column of each fault: broken syntax,
// duplicate and unknown keys, wrong shapes, text after the end, nesting deeper
// than 100 and bytes that are not UTF-8. It checks shapes only; see
// [Document.Check]. A UTF-8 byte order mark is skipped.
func Parse(data []byte) (*Template, error) {
	s := &scanner{data: bytes.TrimPrefix(data, []byte("\ufeff"))}
	tree, err := s.document()
	if err != nil {
		return nil, s.fault(err.offset, nil, err.message, "")
	}
	m, ok := tree.(map[string]any)
	if !ok {
		return nil, s.fault(s.start, nil, fmt.Sprintf("%s where an object is needed", describe(tree)), "")
	}
	t, faults := build(m)
	var l diag.List
	for _, f := range faults {
		l.Add(s.problem(s.offsetOf(f.path), f.path, f.message, f.hint))
	}
	if err := l.Err(); err != nil {
		return nil, err
	}
	return t, nil
}

// textError is a fault at a place in the text.
type textError struct {
	offset  int
	message string
}

// scanner builds a tree of JSON values from text and can tell where in the text
// a value's key is.
type scanner struct {
	data    []byte
	decoder *json.Decoder
	start   int      // offset of the document's value
	want    []string // path to look for
	found   int      // offset of the longest part of want that was seen
	depth   int      // length of that part
}

func (s *scanner) document() (any, *textError) {
	if !utf8.Valid(s.data) {
		return nil, &textError{invalidUTF8(s.data), "not UTF-8"}
	}
	if len(bytes.TrimSpace(s.data)) == 0 {
		return nil, &textError{0, "empty: a JSON object is needed"}
	}
	var raw json.RawMessage
	if err := json.Unmarshal(s.data, &raw); err != nil {
		if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
			return nil, &textError{max(0, int(syntax.Offset)-1), syntax.Error()}
		}
		return nil, &textError{0, err.Error()}
	}
	s.decoder = json.NewDecoder(bytes.NewReader(s.data))
	s.decoder.UseNumber()
	s.start = s.next()
	return s.value(nil)
}

// next returns the offset of the next token, which InputOffset does not skip
// white space and separators for.
func (s *scanner) next() int {
	offset := int(s.decoder.InputOffset())
	for offset < len(s.data) && strings.IndexByte(" \t\r\n,:", s.data[offset]) >= 0 {
		offset++
	}
	return offset
}

func (s *scanner) value(path []string) (any, *textError) {
	offset := s.next()
	if len(path) > maxDepth {
		return nil, &textError{offset, fmt.Sprintf("nested deeper than %d", maxDepth)}
	}
	token, err := s.decoder.Token()
	if err != nil {
		return nil, &textError{offset, err.Error()}
	}
	switch token {
	case json.Delim('{'):
		return s.object(path)
	case json.Delim('['):
		return s.list(path)
	}
	return token, nil
}

func (s *scanner) object(path []string) (any, *textError) {
	m := map[string]any{}
	for s.decoder.More() {
		offset := s.next()
		token, err := s.decoder.Token()
		if err != nil {
			return nil, &textError{offset, err.Error()}
		}
		key := token.(string)
		if _, twice := m[key]; twice {
			return nil, &textError{offset, fmt.Sprintf("key %q stands twice in one object", key)}
		}
		below := append(path, key)
		s.note(below, offset)
		v, fault := s.value(below)
		if fault != nil {
			return nil, fault
		}
		m[key] = v
	}
	return m, s.end()
}

func (s *scanner) list(path []string) (any, *textError) {
	items := []any{}
	for s.decoder.More() {
		below := append(path, strconv.Itoa(len(items)))
		s.note(below, s.next())
		v, fault := s.value(below)
		if fault != nil {
			return nil, fault
		}
		items = append(items, v)
	}
	return items, s.end()
}

// end reads the closing bracket.
func (s *scanner) end() *textError {
	offset := s.next()
	if _, err := s.decoder.Token(); err != nil {
		return &textError{offset, err.Error()}
	}
	return nil
}

// note remembers where path is if it leads to the one looked for.
func (s *scanner) note(path []string, offset int) {
	n := len(path)
	if n != s.depth+1 || n > len(s.want) {
		return
	}
	for i, key := range path {
		if s.want[i] != key {
			return
		}
	}
	s.found, s.depth = offset, n
}

// offsetOf returns where the last part of path that is there begins. It reads
// the text again: faults are rare, and positions of everything would cost more
// than the tree.
func (s *scanner) offsetOf(path []string) int {
	again := &scanner{data: s.data, want: path, found: s.start}
	_, _ = again.document()
	return again.found
}

func (s *scanner) fault(offset int, path []string, message, hint string) error {
	return diag.List{s.problem(offset, path, message, hint)}.Err()
}

func (s *scanner) problem(offset int, path []string, message, hint string) diag.Problem {
	offset = min(offset, len(s.data))
	before := s.data[:offset]
	lineStart := bytes.LastIndexByte(before, '\n') + 1
	line := s.data[lineStart:]
	if end := bytes.IndexByte(line, '\n'); end >= 0 {
		line = line[:end]
	}
	return diag.Problem{
		Position: diag.Position{
			File:   parsedFile,
			Line:   1 + bytes.Count(before, []byte("\n")),
			Column: 1 + utf8.RuneCount(before[lineStart:]),
		},
		Path:    strings.Join(path, "."),
		Code:    diag.TemplateForm,
		Message: message,
		Hint:    hint,
		Source:  strings.ToValidUTF8(strings.TrimSuffix(string(line), "\r"), "\ufffd"),
	}
}

func invalidUTF8(data []byte) int {
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && size <= 1 {
			return i
		}
		i += size
	}
	return len(data)
}
