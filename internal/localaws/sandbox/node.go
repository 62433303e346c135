// SPDX-License-Identifier: MIT

package sandbox

import _ "embed"

// runtimeModule is the emulation of the managed NodeJS runtime, an ES module
// that node reads from its stdin.
//
//go:embed node/runtime.mjs
var runtimeModule string

// nodeArguments make node read an ES module from stdin.
func nodeArguments() []string {
	return []string{"--input-type=module", "-"}
}
