// SPDX-License-Identifier: MIT

package gobuild

import (
	"fmt"
	"go/token"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/module"

	"github.com/sparta-up/sparta/internal/diag"
)

// location is where a package's source is.
type location struct {
	dir        string // absolute
	importPath string
	shown      string // as the user wrote it, for messages
	dependency bool   // in the module cache or a replaced directory, not in a member
}

// splitHandler separates the place of the package from the symbol.
func splitHandler(handler string) (place, name string, err error) {
	i := strings.LastIndexByte(handler, '.')
	if i < 0 {
		return "", "", &SymbolError{
			Message: fmt.Sprintf("handler %q has no dot between package and Go symbol", handler),
			Advice:  "write <directory or import path>.<Go symbol>, such as ./handlers.Hello",
		}
	}
	place, name = handler[:i], handler[i+1:]
	if !token.IsIdentifier(name) || name == "_" {
		return "", "", &SymbolError{
			Message: fmt.Sprintf("handler %q: %q is no Go identifier", handler, name),
			Advice:  "write <directory or import path>.<Go symbol>, such as ./handlers.Hello",
		}
	}
	if place == "" {
		place = "."
	}
	return place, name, nil
}

// isDirectory reports whether place is a directory rather than an import path.
func isDirectory(place string) bool {
	return place[0] == '.' || place[0] == '/' || filepath.IsAbs(place)
}

// locate finds the package's directory.
func (m *Module) locate(place string) (location, error) {
	if isDirectory(place) {
		return m.locateDirectory(place)
	}
	if found, ok := m.locateMember(place); ok {
		return found, nil
	}
	found, err := m.locateDependency(place)
	if err != nil {
		return found, err
	}
	if strings.Contains("/"+found.importPath+"/", "/internal/") {
		return found, &SymbolError{Message: fmt.Sprintf("package %s is internal to another module", place)}
	}
	return found, nil
}

func (m *Module) locateDirectory(place string) (location, error) {
	dir := absolute(m.Dir, place)
	if !exists(dir) {
		return location{}, m.noDirectory(place, dir)
	}
	member, err := m.memberAt(dir)
	if err != nil {
		return location{}, &SymbolError{Message: "package " + err.Error()}
	}
	importPath, err := member.importPath(dir)
	if err != nil {
		return location{}, &SymbolError{Message: fmt.Sprintf("package directory %s: %v", place, err)}
	}
	return location{dir: dir, importPath: importPath, shown: place}, nil
}

// noDirectory makes the error for a directory that isn't there, with the
// nearest name among its siblings.
func (m *Module) noDirectory(place, dir string) error {
	missing := dir
	for parent := filepath.Dir(missing); !exists(parent) && parent != missing; parent = filepath.Dir(missing) {
		missing = parent
	}
	fault := &SymbolError{Message: fmt.Sprintf("package directory %s does not exist", place)}
	entries, err := os.ReadDir(filepath.Dir(missing))
	if err != nil {
		return fault
	}
	var names []string
	for _, entry := range entries {
		if entry.IsDir() && !strings.HasPrefix(entry.Name(), ".") {
			names = append(names, entry.Name())
		}
	}
	if near := diag.Nearest(filepath.Base(missing), names); near != "" {
		rest := strings.TrimPrefix(dir, missing)
		if rel, err := filepath.Rel(m.Dir, filepath.Join(filepath.Dir(missing), near)+rest); err == nil {
			if filepath.IsLocal(rel) {
				rel = "./" + rel
			}
			fault.Advice = fmt.Sprintf("did you mean %s?", filepath.ToSlash(rel))
		}
	}
	return fault
}

// locateMember finds an import path in the user's own modules.
func (m *Module) locateMember(importPath string) (location, bool) {
	for _, member := range m.members {
		rest, ok := cutPath(importPath, member.path())
		if !ok {
			continue
		}
		dir := filepath.Join(member.dir, filepath.FromSlash(rest))
		if owner, err := m.memberAt(dir); exists(dir) && err == nil && owner.dir == member.dir {
			return location{dir: dir, importPath: importPath, shown: importPath}, true
		}
	}
	return location{}, false
}

// cutPath returns what follows prefix in a slash-separated path.
func cutPath(path, prefix string) (rest string, ok bool) {
	if path == prefix {
		return "", true
	}
	return strings.CutPrefix(path, prefix+"/")
}

// locateDependency finds an import path in a module that go.mod requires.
func (m *Module) locateDependency(importPath string) (location, error) {
	var best module.Version
	for _, member := range m.members {
		for _, require := range member.file.Require {
			if _, ok := cutPath(importPath, require.Mod.Path); ok && len(require.Mod.Path) > len(best.Path) {
				best = require.Mod
			}
		}
	}
	if best.Path == "" {
		return location{}, m.noPackage(importPath)
	}
	root, err := m.moduleDir(best)
	if err != nil {
		return location{}, err
	}
	rest, _ := cutPath(importPath, best.Path)
	dir := filepath.Join(root, filepath.FromSlash(rest))
	switch {
	case exists(dir):
		return location{dir: dir, importPath: importPath, shown: importPath, dependency: true}, nil
	case !exists(root):
		return location{}, &SymbolError{
			Message: fmt.Sprintf("package %s: module %s is not downloaded", importPath, best),
			Advice:  "run `go mod download " + best.Path + "`",
		}
	}
	return location{}, &SymbolError{Message: fmt.Sprintf("module %s has no package %s", best, importPath)}
}

// moduleDir returns where the source of a required module lies.
func (m *Module) moduleDir(required module.Version) (string, error) {
	dir, version := "", required
	replace := func(base, path, oldVersion string, to module.Version) {
		if path != required.Path || oldVersion != "" && oldVersion != required.Version {
			return
		}
		if version = to; to.Version == "" {
			dir = absolute(base, to.Path)
		}
	}
	for _, member := range m.members {
		for _, r := range member.file.Replace {
			replace(member.dir, r.Old.Path, r.Old.Version, r.New)
		}
	}
	if m.work != nil {
		for _, r := range m.work.Replace {
			replace(m.workDir, r.Old.Path, r.Old.Version, r.New)
		}
	}
	if dir != "" && version.Version == "" {
		return dir, nil
	}
	escapedPath, err := module.EscapePath(version.Path)
	if err != nil {
		return "", &SymbolError{Message: err.Error()}
	}
	escapedVersion, err := module.EscapeVersion(version.Version)
	if err != nil {
		return "", &SymbolError{Message: err.Error()}
	}
	return filepath.Join(m.env.moduleCache(), filepath.FromSlash(escapedPath)+"@"+escapedVersion), nil
}

// noPackage makes the error for an import path that no known module has.
func (m *Module) noPackage(importPath string) error {
	fault := &SymbolError{Message: fmt.Sprintf("package %s is neither in module %s nor in a module that it requires", importPath, m.Path)}
	rest, ok := cutPath(importPath, m.Path)
	switch {
	case exists(filepath.Join(m.Dir, filepath.FromSlash(importPath))):
		fault.Advice = fmt.Sprintf("a directory starts with ./: did you mean ./%s?", importPath)
	case ok:
		fault.Message = fmt.Sprintf("module %s has no package %s", m.Path, importPath)
		if near, isFault := m.noDirectory("", filepath.Join(m.Root, rest)).(*SymbolError); isFault {
			fault.Advice = near.Advice
		}
	case strings.Contains(importPath, "."):
		fault.Advice = "run `go get " + importPath + "`"
	}
	return fault
}
