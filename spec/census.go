// SPDX-License-Identifier: MIT

package spec

import "strings"

// census counts the values of a text before it is parsed, which takes thirty
// times the memory of the text. It counts what it is sure of: entries of block
// lists and maps, and what follows a bracket or comma in brackets.
type census struct {
	values int
	open   int  // brackets
	entry  bool // in brackets: the next entry has not begun
	quote  byte // that is open
	block  int  // column of what a text of several lines belongs to, noBlock outside of one
	fresh  bool // a text in quotes may begin, outside of brackets any value
	column int  // of the key or hyphen before it
}

const noBlock = -2 // a text at the top of the file belongs to column -1

// crowded returns the place at which the text has more values than most, if it
// has.
func (s *source) crowded(most int) (mark, bool) {
	c := census{block: noBlock}
	for i, line := range s.lines {
		if c.line(line); c.values > most {
			return marked(i+1, 1, 0), true
		}
	}
	return mark{}, false
}

// line counts the values that begin in a line.
func (c *census) line(line string) {
	if c.quote == 0 && c.open == 0 {
		indent := indentation(line)
		if c.block != noBlock && (indent > c.block || indent == len(line)) {
			return
		}
		c.block, c.fresh, c.column = noBlock, true, indent-1
	}
	for i := 0; i < len(line) && i >= 0; {
		switch {
		case c.quote != 0:
			i = c.quoted(line, i)
		case line[i] == ' ' || line[i] == '\t':
			i++
		case line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t'):
			return
		case c.open > 0:
			i = c.flow(line, i)
		default:
			i = c.value(line, i)
		}
	}
}

// quoted goes to the end of the text in quotes, or of the line.
func (c *census) quoted(line string, i int) int {
	for ; i < len(line); i++ {
		switch {
		case c.quote == '"' && line[i] == '\\':
			i++
		case c.quote == '\'' && strings.HasPrefix(line[i:], "''"):
			i++
		case line[i] == c.quote:
			c.quote = 0
			return i + 1
		}
	}
	return len(line)
}

// flow takes a character in brackets.
func (c *census) flow(line string, i int) int {
	ch := line[i]
	if c.entry && strings.IndexByte(",]}", ch) < 0 {
		c.values++
		c.entry = false
	}
	fresh := c.fresh
	c.fresh = strings.IndexByte("[{,:", ch) >= 0
	switch {
	case ch == '[' || ch == '{':
		c.open++
		c.entry = true
	case ch == ']' || ch == '}':
		c.open--
		c.entry = false
	case ch == ',':
		c.entry = true
	case fresh && (ch == '"' || ch == '\''):
		c.quote = ch
	case fresh && (ch == '!' || ch == '&'): // before a value
		c.fresh = true
		if end := strings.IndexAny(line[i:], " \t,]}"); end > 0 {
			return i + end
		}
		return len(line)
	}
	return i + 1
}

// value takes what begins outside of brackets.
func (c *census) value(line string, i int) int {
	rest := line[i:]
	alone := len(rest) == 1 || rest[1] == ' ' || rest[1] == '\t'
	switch {
	case rest[0] == ':' && alone:
		c.values++
		c.fresh = true
		return i + 1
	case !c.fresh:
		return c.plain(line, i)
	case (rest[0] == '-' || rest[0] == '?') && alone:
		c.column = i
		if rest[0] == '-' {
			c.values++
		}
		return i + 1
	case rest[0] == '[' || rest[0] == '{':
		c.open, c.entry, c.fresh = 1, true, true
		return i + 1
	case rest[0] == '"' || rest[0] == '\'':
		c.quote, c.fresh = rest[0], false
		return i + 1
	case rest[0] == '&' || rest[0] == '!':
		if end := strings.IndexByte(rest, ' '); end > 0 {
			return i + end
		}
		return len(line)
	case rest[0] == '|' || rest[0] == '>':
		c.block = c.column
		return len(line)
	}
	owner := c.column
	end := c.plain(line, i)
	if c.column = i; end == len(line) {
		c.block = owner // it may go on in the next line
	}
	return end
}

// plain goes to the colon behind a key, or to a comment or the end of the line.
func (c *census) plain(line string, i int) int {
	c.fresh = false
	for ; i < len(line); i++ {
		next := byte(' ')
		if i+1 < len(line) {
			next = line[i+1]
		}
		if line[i] == ':' && (next == ' ' || next == '\t') || line[i] == ' ' && next == '#' {
			return i
		}
	}
	return len(line)
}
