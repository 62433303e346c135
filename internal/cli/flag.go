// SPDX-License-Identifier: MIT

package cli

import (
	"slices"

	"github.com/alecthomas/kong"
)

// flagsOf returns the common flags that mean something to a command. Debug and
// output do to each.
func flagsOf(command string) []string {
	switch command {
	case "up", "down":
		return []string{"file", "local", "yes", "region", "profile", "bucket", "environment"}
	case "diff":
		return []string{"file", "local", "region", "profile", "bucket", "environment"}
	case "invoke", "logs", "status":
		return []string{"file", "local", "region", "profile", "environment"}
	case "validate":
		return []string{"file", "local", "environment"}
	case "permissions":
		return []string{"file", "bucket", "environment"}
	case "init":
		return []string{"file"} // which it refuses with a reason of its own
	}
	return nil
}

// needless refuses a common flag on the command line that the command would
// ignore. Variables of the environment that stand for flags are for all
// commands, so that they are let pass.
func needless(c *kong.Context) error {
	command := c.Selected()
	if command == nil {
		return nil
	}
	for _, path := range c.Path {
		if path.Flag == nil || path.Resolved || !common(c, path.Flag) {
			continue
		}
		name := path.Flag.Name
		if name != "debug" && name != "output" && !slices.Contains(flagsOf(command.Name), name) {
			return usageError("--%s means nothing to %s", name, command.Name)
		}
	}
	return nil
}

// common reports whether a flag is one of all commands.
func common(c *kong.Context, flag *kong.Flag) bool {
	return slices.ContainsFunc(c.Model.Flags, func(f *kong.Flag) bool { return f.Name == flag.Name && f.Name != "help" })
}
