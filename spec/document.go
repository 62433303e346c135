// SPDX-License-Identifier: MIT

package spec

import (
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// document is the parsed text of a sparta.yaml with the position of each value.
type document struct {
	*source
	root *node
}

// find returns the node at a path, or the nearest one around where it would be.
func (d *document) find(path []string) *node {
	n := d.root
	for _, key := range path {
		container := n
		if n.short() != "" {
			container = n.only() // the long form is not part of a path
		}
		next := container.child(key)
		if next == nil {
			break
		}
		n = next
	}
	return n
}

// Position returns the place of a value by its path in the file: its keys from
// the top, with the index from 0 for an item of a list, as in
// Position("functions", "hello", "memory"). The place of a value that has a key
// is its key. A value that is not in the file has the place of the nearest one
// around it; a Service that was not read from a file has no places, only File.
func (s *Service) Position(path ...string) diag.Position {
	if s.positions == nil || s.positions.root == nil {
		return diag.Position{File: s.File}
	}
	return s.positions.position(s.positions.find(path).at)
}

// Problem returns an error of a kind at the value with the given path, for
// faults that are found after the file was read. Hint may be empty.
func (s *Service) Problem(code diag.Code, message, hint string, path ...string) diag.Problem {
	dotted := strings.Join(path, ".")
	if s.positions == nil || s.positions.root == nil {
		return diag.Problem{Position: diag.Position{File: s.File}, Path: dotted, Code: code, Message: message, Hint: hint}
	}
	return s.positions.problem(s.positions.find(path).at, dotted, code, message, hint)
}
