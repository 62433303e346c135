// SPDX-License-Identifier: MIT

package cli

import (
	"cmp"
	"fmt"
)

// usage is an error of the command line.
type usage struct {
	text string
	hint string // empty: read the help
}

func (u *usage) Error() string { return u.text }

// Hint says what to write instead, or where to read on.
func (u *usage) Hint() string { return cmp.Or(u.hint, "sparta --help") }

func usageError(format string, args ...any) error {
	return &usage{text: fmt.Sprintf(format, args...)}
}
