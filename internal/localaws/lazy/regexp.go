// SPDX-License-Identifier: MIT

// Package lazy has regular expressions that cost nothing until they are used.
// AWS's limits on lengths make some of them large, and each command would compile
// all of them when it starts.
package lazy

import (
	"regexp"
	"sync"
)

// Regexp is a regular expression that is compiled when it is first used. It is
// safe for concurrent use.
type Regexp struct {
	compiled func() *regexp.Regexp
}

// MustCompile returns an expression. What is none panics at its first use.
func MustCompile(expression string) *Regexp {
	return &Regexp{compiled: sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })}
}

// MatchString is that of regexp.Regexp.
func (r *Regexp) MatchString(s string) bool { return r.compiled().MatchString(s) }

// FindStringSubmatch is that of regexp.Regexp.
func (r *Regexp) FindStringSubmatch(s string) []string { return r.compiled().FindStringSubmatch(s) }

// ReplaceAllStringFunc is that of regexp.Regexp.
func (r *Regexp) ReplaceAllStringFunc(s string, replace func(string) string) string {
	return r.compiled().ReplaceAllStringFunc(s, replace)
}

// String returns the expression.
func (r *Regexp) String() string { return r.compiled().String() }
