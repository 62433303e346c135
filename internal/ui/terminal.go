// SPDX-License-Identifier: MIT

package ui

import (
	"io"
	"os"
	"strconv"

	"golang.org/x/term"
)

// widest is how wide a line of ours may be, in columns.
const widest = 80

// TerminalWidth returns a function that tells how many columns the terminal has
// that w writes to, or nil if w is no terminal or one that can't be moved about.
func TerminalWidth(w io.Writer) func() int {
	file, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) || !understandsEscapes(file) {
		return nil
	}
	return func() int {
		width, _, err := term.GetSize(int(file.Fd()))
		if err != nil {
			return widest
		}
		return width
	}
}

// isLive reports whether the running stages are shown in a block that moves:
// on a terminal that can, where a person watches.
func isLive(o Options) bool {
	return o.Format == Text && o.Width != nil && o.Env("TERM") != "dumb" && o.Env("CI") == ""
}

// hasColour decides on colour, after https://no-color.org,
// https://force-color.org and https://bixense.com/clicolors: NO_COLOR wins.
func hasColour(o Options) bool {
	forced := func(name string) bool {
		value := o.Env(name)
		return value != "" && value != "0" && value != "false"
	}
	switch {
	case o.Env("NO_COLOR") != "":
		return false
	case forced("FORCE_COLOR"), forced("CLICOLOR_FORCE"):
		return true
	case o.Env("FORCE_COLOR") != "", o.Env("CLICOLOR") == "0":
		return false
	}
	return o.Width != nil && o.Env("TERM") != "dumb"
}

// columns returns how wide lines may be now: COLUMNS if it is set, else the
// terminal's width, at most 80.
func columns(o Options) int {
	width := widest
	if n, err := strconv.Atoi(o.Env("COLUMNS")); err == nil && n > 0 {
		width = n
	} else if o.Width != nil {
		if n := o.Width(); n > 0 {
			width = n
		}
	}
	return max(20, min(width, widest))
}
