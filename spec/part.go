// SPDX-License-Identifier: MIT

package spec

import (
	"regexp"
	"strings"
)

const (
	// largeBytes is from which length on a file is parsed part by part: the
	// parser takes thirty times the memory of what it parses at once.
	largeBytes = 64 << 10
	// partBytes is about how long a part is.
	partBytes = 16 << 10
)

// part is a run of lines that is YAML by itself: some keys of a map with their
// values, or one key alone, whose value is the parts in it.
type part struct {
	line, end int    // first line, and the one after the last
	indent    int    // of its keys, in bytes
	inner     []part // of a key alone
}

var (
	// entryLine matches the first line of a key and its value in a block.
	entryLine = regexp.MustCompile(`^ *(?:[A-Za-z0-9_./*-]+|"[^"\\]*"|'[^']*'):(?: |$)`)
	// keyAlone matches such a line if the value begins in a later one.
	keyAlone = regexp.MustCompile(`^ *(?:[A-Za-z0-9_./*-]+|"[^"\\]*"|'[^']*'):(?: *| +#.*)$`)
)

// parts cuts the file where keys of block maps begin, or returns nil if it is
// not long or of a form that is better parsed as a whole. A cut may be wrong,
// inside of a text in quotes for example. Then the part before it is no YAML:
// a part that is ends in no text and no bracket, and what begins in the column
// of its keys after it is a further key, as it is in the whole.
func (s *source) parts(size int) []part {
	for _, line := range s.lines {
		if strings.HasPrefix(line, "---") || strings.HasPrefix(line, "...") || strings.HasPrefix(line, "%") ||
			strings.ContainsAny(line, "\u2028\u2029") {
			return nil
		}
	}
	return s.partsOf(1, len(s.lines)+1, 0, size)
}

// partsOf cuts lines into parts whose keys have an indentation. Comments before
// the first key belong to it.
func (s *source) partsOf(line, end, indent, size int) []part {
	var parts []part
	room := 0 // in the last of them
	for next := line; line < end; line = next {
		next = s.entryAfter(line, end, indent)
		long := s.bytes(line, next)
		if long <= room {
			parts[len(parts)-1].end = next
			room -= long
			continue
		}
		room = max(0, size-long)
		p := part{line: line, end: next, indent: indent}
		if long > size {
			p = s.opened(p, size)
		}
		parts = append(parts, p)
	}
	return parts
}

// entryAfter is the line of the first entry after the one that begins in a line.
func (s *source) entryAfter(line, end, indent int) int {
	begun := false
	for ; line < end; line++ {
		text := s.line(line)
		if len(text) <= indent || indentation(text) != indent || !entryLine.MatchString(text) {
			continue
		}
		if begun {
			return line
		}
		begun = true
	}
	return end
}

// opened is a long entry, cut if its value is a block map.
func (s *source) opened(p part, size int) part {
	key := s.content(p.line, p.end)
	if key == p.end || indentation(s.line(key)) != p.indent || !keyAlone.MatchString(s.line(key)) {
		return p
	}
	first := s.content(key+1, p.end)
	if first == p.end {
		return p
	}
	if indent := indentation(s.line(first)); indent > p.indent && entryLine.MatchString(s.line(first)) {
		p.inner = s.partsOf(key+1, p.end, indent, size)
	}
	return p
}

// content is the first line from one on that is neither empty nor a comment.
func (s *source) content(line, end int) int {
	for ; line < end; line++ {
		if text := strings.TrimLeft(s.line(line), " "); text != "" && text[0] != '#' {
			break
		}
	}
	return line
}

// bytes is about how long the text of lines is.
func (s *source) bytes(line, end int) int {
	total := 0
	for ; line < end; line++ {
		total += len(s.line(line)) + 1
	}
	return total
}

func indentation(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }
