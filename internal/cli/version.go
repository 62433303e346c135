// SPDX-License-Identifier: MIT

package cli

import "runtime/debug"

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
