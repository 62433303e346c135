// SPDX-License-Identifier: MIT

package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sparta-up/sparta/internal/diag"
)

// parse returns the one YAML document of the text, or what is wrong with it.
func (s *source) parse(data []byte) (*yaml.Node, *diag.Problem) {
	decoder := yaml.NewDecoder(bytes.NewReader(data))
	document, err := next(decoder)
	switch {
	case errors.Is(err, io.EOF), err == nil && isEmpty(document):
		return nil, &diag.Problem{
			Position: diag.Position{File: s.file}, Code: diag.EmptyFile, Message: "is empty",
			Hint: "begin with serviceName: my-service and functions: {hello: {handler: ./handlers.Hello}}",
		}
	case err != nil:
		return nil, new(s.syntaxProblem(err))
	}
	second, err := next(decoder)
	switch {
	case errors.Is(err, io.EOF):
		return document.Content[0], nil
	case err != nil:
		return nil, new(s.syntaxProblem(err))
	}
	at := marked(second.Line, second.Column, 3)
	return nil, new(s.problem(at, "", diag.ManyDocuments, "a second YAML document begins here", "one file is one service: remove the line --- or what follows it"))
}

// isEmpty reports whether a document holds nothing but comments.
func isEmpty(document *yaml.Node) bool {
	if len(document.Content) == 0 {
		return true
	}
	root := document.Content[0]
	return root.Kind == yaml.ScalarNode && root.Tag == "!!null" && root.Value == ""
}

// next reads a document. What the parser panics with is its error.
func next(decoder *yaml.Decoder) (document *yaml.Node, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("yaml: not YAML: %v", r)
		}
	}()
	document = new(yaml.Node)
	if err := decoder.Decode(document); err != nil {
		return nil, err
	}
	return document, nil
}

var yamlLine = regexp.MustCompile(`^line ([0-9]+): `)

// syntaxProblem words an error of the YAML parser and finds its place: the
// parser tells a line at most, and for some errors the one before.
func (s *source) syntaxProblem(err error) diag.Problem {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	line := 1
	if m := yamlLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	if at, ok := s.tabIndent(line - 1); ok {
		return s.problem(at, "", diag.Tab, "a tab indents this line", "indent with spaces: YAML does not take tabs")
	}
	return s.explain(message, line)
}

// explain finds the column of the parser's commonest errors and says them in
// words that tell what to do.
func (s *source) explain(message string, line int) diag.Problem {
	switch {
	case strings.HasPrefix(message, "mapping values are not allowed"):
		at := s.lastColon(line)
		return s.problem(at, "", diag.TwoColons, "a colon makes this a second key on the line", "put text that holds a colon and a space in quotes, or check the indentation")
	case strings.HasPrefix(message, "unknown anchor '"):
		name, _, _ := strings.Cut(strings.TrimPrefix(message, "unknown anchor '"), "'")
		at := s.search("*"+name, 1)
		return s.problem(at, "", diag.UnknownAlias, "alias *"+name+" has no anchor &"+name+" before it", "put text that begins with * in quotes")
	case strings.Contains(message, "did not find expected key"), strings.Contains(message, "did not find expected '-' indicator"):
		at := s.misplaced(line + 1)
		return s.problem(at, "", diag.Indentation, "the indentation of this line fits nothing before it", "keys of one map begin in the same column")
	case strings.Contains(message, "could not find expected ':'"):
		return s.problem(s.noColon(line), "", diag.NoColon, "a key has no colon", "write key: value, with a space after the colon")
	case strings.Contains(message, "did not find expected ',' or"):
		return s.problem(s.first(line+1), "", diag.OpenBracket, "a list or map in brackets is not closed, or lacks a comma", bracketHint(s.line(line)+s.line(line+1)))
	case strings.Contains(message, "found unexpected end of stream"):
		return s.problem(s.first(line), "", diag.OpenQuote, "a text in quotes that begins here does not end", "")
	case strings.Contains(message, "found character that cannot start any token"):
		return s.problem(s.badStart(line), "", diag.BadStart, "a value cannot begin with this character", "put the text in quotes")
	case strings.Contains(message, "found unknown escape character"), strings.Contains(message, "hexdecimal number"):
		return s.problem(s.escape(line), "", diag.UnknownEscape, "unknown escape in a text in double quotes", `write \\ for a backslash, or use single quotes`)
	case strings.Contains(message, "exceeded max depth"):
		return s.problem(s.first(line), "", diag.TooDeep, fmt.Sprintf("maps and lists are nested more than %d deep", maxDepth), "")
	}
	return s.problem(s.first(line), "", diag.NotYAML, "is not YAML: "+message, bracketHint(s.line(line)))
}

// bracketHint names text that takes quotes inside of brackets only.
func bracketHint(line string) string {
	switch {
	case strings.Contains(line, "${"):
		return "put text that holds ${...} in quotes: inside brackets { and } are YAML's"
	case strings.Contains(line, "cron("):
		return "put cron(...) in quotes: inside brackets ? and * are YAML's"
	}
	return ""
}

// tabIndent finds, from a line on, the first tab before the text of a line that
// is no comment.
func (s *source) tabIndent(from int) (mark, bool) {
	for i, line := range s.lines {
		if i+1 < from {
			continue
		}
		indent := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
		tab := strings.IndexByte(indent, '\t')
		if tab >= 0 && len(indent) < len(line) && line[len(indent)] != '#' {
			return marked(i+1, tab+1, 1), true
		}
	}
	return mark{}, false
}

// first is the first character of a line, or of the last line if there are
// fewer.
func (s *source) first(line int) mark {
	line = max(1, min(line, len(s.lines)))
	for line > 1 && strings.TrimSpace(s.line(line)) == "" {
		line--
	}
	text := s.line(line)
	indent := len(text) - len(strings.TrimLeft(text, " \t"))
	return marked(line, indent+1, utf8.RuneCountInString(strings.TrimSpace(text)))
}

// columnOf is a mark of one character at a byte offset of a line.
func (s *source) columnOf(line, offset int) mark {
	return marked(line, utf8.RuneCountInString(s.line(line)[:offset])+1, 1)
}

// lastColon finds the second colon that ends a key in a line, or its only one.
func (s *source) lastColon(line int) mark {
	text := s.line(line) + " "
	first := strings.Index(text, ": ")
	if first < 0 {
		return s.first(line)
	}
	if second := strings.Index(text[first+2:], ": "); second >= 0 {
		return s.columnOf(line, first+2+second)
	}
	return s.columnOf(line, first)
}

// search finds the first place of a text from a line on.
func (s *source) search(text string, from int) mark {
	for line := from; line <= len(s.lines); line++ {
		if i := strings.Index(s.line(line), text); i >= 0 {
			at := s.columnOf(line, i)
			at.width = int32(utf8.RuneCountInString(text))
			return at
		}
	}
	return s.first(from)
}

// misplaced finds, from the first line of a block on, the line that stands
// between two levels of indentation.
func (s *source) misplaced(from int) mark {
	var levels []int
	for line := from; line <= len(s.lines); line++ {
		text := strings.TrimSpace(s.line(line))
		if text == "" || strings.HasPrefix(text, "#") {
			continue
		}
		column := int(s.first(line).column)
		for len(levels) > 0 && levels[len(levels)-1] > column {
			levels = levels[:len(levels)-1]
			if len(levels) == 0 || levels[len(levels)-1] < column {
				return s.first(line)
			}
		}
		if len(levels) == 0 || levels[len(levels)-1] < column {
			levels = append(levels, column)
		}
		for strings.HasPrefix(text, "- ") {
			item := strings.TrimLeft(text[2:], " ")
			column += len(text) - len(item)
			levels = append(levels, column)
			text = item
		}
	}
	return s.first(from)
}

// noColon finds the first line from one on that is neither a comment nor a key
// nor a list item.
func (s *source) noColon(from int) mark {
	for line := max(1, from-1); line <= len(s.lines); line++ {
		text := strings.TrimSpace(s.line(line))
		if text != "" && !strings.Contains(text+" ", ": ") && !strings.HasPrefix(text, "#") && !strings.HasPrefix(text, "-") {
			return s.first(line)
		}
	}
	return s.first(from)
}

// badStart finds the character that begins no value: one of @ ` % and others.
func (s *source) badStart(line int) mark {
	text := s.line(line)
	for _, before := range []string{": ", "- ", "[", ", ", ""} {
		for _, start := range []string{"@", "`", "%", "\t"} {
			if i := strings.Index(text, before+start); i >= 0 {
				return s.columnOf(line, i+len(before))
			}
		}
	}
	return s.first(line)
}

// knownEscape matches a backslash and what makes an escape of it.
var knownEscape = regexp.MustCompile(`^\\(?:[0abt\tnvfre "/\\N_LP]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})`)

// escape finds the first backslash, from a line on, that begins no escape.
func (s *source) escape(from int) mark {
	for line := max(1, from); line <= len(s.lines); line++ {
		text := s.line(line)
		for i := 0; i < len(text)-1; i++ {
			if text[i] != '\\' {
				continue
			}
			known := knownEscape.FindString(text[i:])
			if known == "" {
				at := s.columnOf(line, i)
				at.width = 2
				return at
			}
			i += len(known) - 1
		}
	}
	return s.first(from)
}
