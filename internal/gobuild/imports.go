// SPDX-License-Identifier: MIT

package gobuild

import (
	"path"
	"strconv"
	"strings"
)

// toolkit is the module whose public packages user code and generated programs
// import.
const toolkit = "github.com/sparta-up/sparta"

// readImports maps local names to import paths. The name of a package that is
// imported without one is in its own source; most often it can be told from the
// path. A wrong guess costs time, not truth: what the reading of the source
// can't accept is left to the precise check.
func (f *goFile) readImports() {
	f.imports = make(map[string]string)
	for _, spec := range f.syntax.Imports {
		importPath, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue
		}
		switch {
		case spec.Name == nil:
			f.addGuess(guessName(importPath), importPath)
		case spec.Name.Name == ".":
			f.dots = append(f.dots, importPath)
		case spec.Name.Name != "_":
			f.imports[spec.Name.Name] = importPath
		}
	}
}

// addGuess records an import without a name. Where two have the same guess, the
// standard library's is certain and any other is not.
func (f *goFile) addGuess(name, importPath string) {
	other, taken := f.imports[name]
	switch {
	case !taken || isStandard(importPath):
		f.imports[name] = importPath
	case !isStandard(other):
		delete(f.imports, name)
	}
}

// isStandard reports whether a path belongs to the standard library: its first
// element has no dot. Modules without a dot exist; they are only a guess more.
func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// guessName returns the name that a package most likely has.
func guessName(importPath string) string {
	base := path.Base(importPath)
	if isMajor(base) && strings.Contains(importPath, "/") {
		base = path.Base(path.Dir(importPath))
	}
	if i := strings.LastIndex(base, ".v"); i > 0 && isMajor(base[i+1:]) {
		base = base[:i]
	}
	base = strings.TrimPrefix(base, "go-")
	base = strings.TrimSuffix(base, "-go")
	return strings.NewReplacer("-", "", ".", "").Replace(base)
}

// isMajor reports whether s is a major version element such as v2.
func isMajor(s string) bool {
	if len(s) < 2 || s[0] != 'v' {
		return false
	}
	_, err := strconv.Atoi(s[1:])
	return err == nil
}

// identifierOf makes s fit for use in a Go identifier.
func identifierOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, s)
}
