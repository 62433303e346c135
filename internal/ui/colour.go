// SPDX-License-Identifier: MIT

package ui

// The styles of ECMA-48, section 8.3.117 (SGR), that are used.
const (
	sgrReset  = "\x1b[0m"
	sgrBold   = "\x1b[1m"
	sgrDim    = "\x1b[2m"
	sgrRed    = "\x1b[31m"
	sgrGreen  = "\x1b[32m"
	sgrYellow = "\x1b[33m"
)

// paint returns text in a style, if the screen has colour.
func (s *screen) paint(style, text string) string {
	if !s.colour || text == "" {
		return text
	}
	return style + text + sgrReset
}

func (s *screen) bold(text string) string   { return s.paint(sgrBold, text) }
func (s *screen) dim(text string) string    { return s.paint(sgrDim, text) }
func (s *screen) red(text string) string    { return s.paint(sgrRed, text) }
func (s *screen) green(text string) string  { return s.paint(sgrGreen, text) }
func (s *screen) yellow(text string) string { return s.paint(sgrYellow, text) }
