// SPDX-License-Identifier: MIT

// Package iotsql reads the SQL of AWS IoT rules and applies it to messages, as
// the "AWS IoT SQL reference" of the AWS IoT Core Developer Guide says: SET,
// SELECT, FROM and WHERE with the data types, operators, literals, CASE, nested
// queries and substitution templates there. It knows the names of all functions;
// those that call other services, and a few more, it does not evaluate
// (Statement.Calls tells which a statement has).
package iotsql

import (
	"fmt"
	"unicode/utf8"
)

// Version is a version of the language.
type Version string

// The versions. V2015 has neither literals of objects and arrays nor nested
// queries, and leaves numbers such as 10.0 the decimals that they are.
const (
	V2015 Version = "2015-10-08"
	V2016 Version = "2016-03-23"
)

// Valid reports whether there is such a version.
func (v Version) Valid() bool { return v == V2015 || v == V2016 }

// Statement is a statement that was read. Its methods may be called
// concurrently.
type Statement struct {
	version Version
	filter  string // topic filter
	from    bool   // there is one
	sets    []variable
	query   query
	calls   []Call
	unnamed []int
}

// variable is a variable of SET.
type variable struct {
	name  string
	value expression
}

// Call is a function in a statement.
type Call struct {
	Name      string // in lower case
	Offset    int    // of the name in the statement, in bytes
	Arguments int    // how many there are
}

// SyntaxError says why a text is no statement.
type SyntaxError struct {
	Offset int    // where it was found out, in bytes
	Why    string // such as: expects FROM, not "x"
	Hint   string // what to write; may be empty
}

// Error returns the reason.
func (e *SyntaxError) Error() string { return e.Why }

// maxStatement bounds a statement, in bytes; AWS's documentation names no limit
// for the statement alone.
const maxStatement = 256 << 10

// Parse reads a statement. The error is a *SyntaxError.
func Parse(sql string, v Version) (*Statement, error) {
	switch {
	case !v.Valid():
		return nil, &SyntaxError{Why: fmt.Sprintf("is of version %q, which AWS IoT SQL does not have", v)}
	case len(sql) > maxStatement:
		return nil, &SyntaxError{Why: fmt.Sprintf("has more than %d bytes", maxStatement)}
	case !utf8.ValidString(sql):
		return nil, &SyntaxError{Why: "is not UTF-8"}
	}
	p := &parser{lexer: lexer{text: sql}, version: v}
	return p.statement()
}

// Filter returns the topic filter. It reports false if there is none: then the
// rule gets messages by Basic Ingest only.
func (s *Statement) Filter() (filter string, ok bool) { return s.filter, s.from }

// Version returns the version that the statement was read with.
func (s *Statement) Version() Version { return s.version }

// Calls returns the functions of the statement, in its order.
func (s *Statement) Calls() []Call { return s.calls }

// Unnamed returns where the first selected value begins, in bytes, that is no
// property and has no AS. It reports false if there is none. AWS's documentation
// does not say how such a value is called: Evaluate leaves it out.
func (s *Statement) Unnamed() (offset int, ok bool) {
	if len(s.unnamed) == 0 {
		return 0, false
	}
	return s.unnamed[0], true
}
