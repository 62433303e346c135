// SPDX-License-Identifier: MIT

package ui

import (
	"os"

	"golang.org/x/sys/windows"
)

// understandsEscapes makes the console take escape sequences and reports whether
// it does ("Console Virtual Terminal Sequences", Microsoft Learn).
func understandsEscapes(file *os.File) bool {
	console := windows.Handle(file.Fd())
	var mode uint32
	if err := windows.GetConsoleMode(console, &mode); err != nil {
		return false
	}
	return windows.SetConsoleMode(console, mode|windows.ENABLE_VIRTUAL_TERMINAL_PROCESSING) == nil
}
