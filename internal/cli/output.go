// SPDX-License-Identifier: MIT

package cli

import "github.com/alecthomas/kong"

// AfterApply refuses a form of the result that the command does not have. The
// parser of the command line calls it.
func (g *grammar) AfterApply(c *kong.Context) error {
	if command := c.Selected(); g.Output == "sarif" && command != nil && command.Name != "validate" {
		return usageError("--output sarif goes with validate")
	}
	return nil
}
