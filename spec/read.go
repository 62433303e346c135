// SPDX-License-Identifier: MIT

package spec

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// Read reads and checks the sparta.yaml at path. See Parse for what it returns.
func Read(path string, options Options) (*Service, diag.List) {
	data, problem := load(path)
	if problem != nil {
		return nil, diag.List{*problem}
	}
	return Parse(path, data, options)
}

// Parse reads and checks the text of a sparta.yaml. Path is where it came from:
// it stands in the positions, and relative paths in the file start in its
// directory.
//
// The Service is that of the environment which the options choose. The other
// environments are checked as well, but for what lies outside of the file:
// environment variables and the files of ${file:...}.
//
// The list holds every fault and warning, sorted by position. Without errors in
// it the Service is complete. With errors the Service may be nil, when the text
// is no YAML map or beyond all limits, or partial: then what is faulty has its default or
// zero value, and all else is as the file says. So a Function or CustomResource
// whose Handler is not empty has a well-formed one, which is worth looking up;
// lists and maps hold the entries that are well formed.
func Parse(path string, data []byte, options Options) (*Service, diag.List) {
	src, text, problem := newSource(path, data)
	if problem != nil {
		return nil, diag.List{*problem}
	}
	c, root, problem := src.convert(text)
	if problem != nil {
		return nil, diag.List{*problem}
	}
	if c.beyond {
		return nil, tidy(c.problems)
	}
	r := &reader{source: src, root: root, options: options, path: path, problems: c.problems}
	service, problems := r.read()
	src.veilAll(problems)
	return service, tidy(problems)
}

// convert parses the text and converts what it says.
func (s *source) convert(text []byte) (*converter, *node, *diag.Problem) {
	if len(text) > largeBytes {
		if at, many := s.crowded(maxValues); many {
			return nil, nil, new(s.manyValues(at))
		}
		if c, root, ok := s.tree(s.parts(partBytes)); ok {
			return c, root, nil
		}
	}
	top, problem := s.parse(text)
	if problem != nil {
		return nil, nil, problem
	}
	c := newConverter(s)
	at := c.markOf(top)
	root := &node{at: at, keyAt: at}
	c.convert(root, top, 0)
	return c, root, nil
}

// tidy sorts problems. One that an anchor brings to many places is kept once.
func tidy(problems diag.List) diag.List {
	slices.SortStableFunc(problems, func(a, b diag.Problem) int { return strings.Compare(a.Path, b.Path) })
	problems.Sort()
	return slices.CompactFunc(problems, func(a, b diag.Problem) bool {
		return a.Position == b.Position && a.Message == b.Message && a.Severity == b.Severity
	})
}

// load reads a file that may be a sparta.yaml, and no more of it than that.
func load(path string) ([]byte, *diag.Problem) {
	fault := func(message, hint string) *diag.Problem {
		return &diag.Problem{Position: diag.Position{File: path}, Code: diag.Unreadable, Message: message, Hint: hint}
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fault("there is no such file", "run this beside a sparta.yaml, or name one with --file")
	case err != nil:
		return nil, fault(reason(err), "")
	case info.IsDir():
		hint := "name the file, not its directory"
		if inner := filepath.Join(path, "sparta.yaml"); isFile(inner) {
			hint = didYouMean(inner)
		}
		return nil, fault("is a directory", hint)
	case info.Size() > maxBytes:
		return nil, tooLarge(path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fault(reason(err), "")
	}
	defer file.Close()
	var data bytes.Buffer
	data.Grow(int(info.Size()) + bytes.MinRead) // its end is found with room left
	if _, err := data.ReadFrom(io.LimitReader(file, maxBytes+1)); err != nil {
		return nil, fault(reason(err), "")
	}
	return data.Bytes(), nil
}

// reason is the cause of a file system error, without operation and path.
func reason(err error) string {
	if pathErr, ok := errors.AsType[*fs.PathError](err); ok {
		err = pathErr.Err
	}
	return strings.ToLower(err.Error())
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
