// SPDX-License-Identifier: MIT

// Package node holds the NodeJS shim: an ES module that lets the managed NodeJS
// runtimes of Lambda (20 and newer) host a Go program. Deployed beside the Go
// program, which must be called bootstrap and be executable, it starts the
// program in the init phase and hands it every event over the Lambda Runtime
// API, so the program needs only aws-lambda-go.
//
// What the managed runtime does to events is not undone: it parses and writes
// them as JavaScript values, so integers beyond 2^53 lose their last digits. A
// function that needs every byte uses an OS-only runtime such as
// provided.al2023, without the shim.
package node

import (
	_ "embed"
	"slices"
	"strconv"
	"strings"
)

//go:embed index.mjs
var module string

// Module returns index.mjs, the module to put beside bootstrap, with a handler
// exported under each of names: the Handler of function f is index.f. The same
// names in any order give the same bytes. Names may hold letters, digits, - and
// _, as Lambda's own do, and "handler" is always among them.
func Module(names []string) []byte {
	sorted := slices.Compact(slices.Sorted(slices.Values(names)))
	var b strings.Builder
	b.WriteString(module)
	for _, name := range sorted {
		if name == "handler" {
			continue
		}
		b.WriteString("export { handler as " + strconv.Quote(name) + " }\n")
	}
	return []byte(b.String())
}
