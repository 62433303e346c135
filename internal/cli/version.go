// SPDX-License-Identifier: MIT

package cli

import (
	"fmt"
	"runtime/debug"

	"github.com/alecthomas/kong"
)

// versionFlag is --version, which does what the command does.
type versionFlag bool

// BeforeReset prints the version in place of running a command.
func (versionFlag) BeforeReset(app *kong.Kong) error {
	fmt.Fprintln(app.Stdout, version())
	app.Exit(exitDone)
	return nil
}

// versionCommand is `sparta version`.
type versionCommand struct{}

// Run prints the version that the Go tool recorded.
func (*versionCommand) Run(s *session) error {
	if s.flags.Output == "json" {
		s.result.Extra = map[string]any{"version": version()}
	} else {
		s.result.Status = version()
	}
	return s.done()
}

func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}
