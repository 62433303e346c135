// SPDX-License-Identifier: MIT

package gobuild

// Program is one executable to generate and compile.
type Program struct {
	Name     string    // file name of the executable without suffix, such as app; letters, digits, - and _
	Use      Use       // which package serves it: shim, customresource or decorator
	Entries  []Entry   // what it dispatches to
	Builtins []Builtin // CustomResource only: resources of Sparta's own
}

// Builtin is a custom resource of Sparta's own in a program.
type Builtin struct {
	ID      string // as an entry's
	Package string // of the toolkit, such as customresource/site; its function New makes the resource
}

// Entry is one symbol of a program.
type Entry struct {
	ID     string // the name dispatched on: what follows the last dot of $_HANDLER
	Symbol Symbol
}

// Target is a platform to compile for, in the Go tool's names.
type Target struct {
	GOOS, GOARCH string
}

// String returns goos/goarch.
func (t Target) String() string { return t.GOOS + "/" + t.GOARCH }

// Binary is a compiled program.
type Binary struct {
	Program string
	Target  Target
	Path    string // absolute; valid until the next Build of the same programs
}
