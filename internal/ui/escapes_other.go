// SPDX-License-Identifier: MIT

//go:build !windows

package ui

import "os"

// understandsEscapes reports whether the terminal takes escape sequences.
func understandsEscapes(*os.File) bool { return true }
