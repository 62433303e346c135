// SPDX-License-Identifier: MIT

package logpattern

import (
	"fmt"
	"strconv"
	"strings"
)

// Fault says why a text is no filter pattern. It quotes the place.
type Fault struct{ reason, hint string }

// Error is the reason, such as: there is no value at "}".
func (f *Fault) Error() string { return f.reason }

// Hint is what to write in its place, "" if nothing comes to mind.
func (f *Fault) Hint() string { return f.hint }

func malformed(format string, args ...any) error { return advised("", format, args...) }

func advised(hint, format string, args ...any) error {
	return &Fault{fmt.Sprintf(format, args...), hint}
}

// unquoted is the fault of a term with other characters than letters and digits.
func unquoted(term string) error {
	switch {
	case term == "":
		return advised("write the term right behind it, such as -timeout or ?WARN", "a - or ? has no term")
	case strings.ContainsAny(term, `"'`):
		return advised("put it in double quotes, those in it behind a backslash", "the term %q has to be enclosed in double quotes", term)
	}
	return advised(fmt.Sprintf(`write '"%s"': YAML takes the outer quotes away`, term), "the term %q has to be enclosed in double quotes", term)
}

// place is where the rest of a text begins, for a message.
func place(rest string) string {
	if rest == "" {
		return "the end"
	}
	return strconv.Quote(rest)
}
