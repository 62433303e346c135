// SPDX-License-Identifier: MIT

package gobuild

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// plan is everything that a build adds to the user's source.
type plan struct {
	module  *Module
	hidden  string            // name of the directories that exist in the overlay only
	files   map[string][]byte // by the path that the go command shall see; nil: left out
	mains   []string          // import paths of the programs, in order
	roots   map[string]bool   // import paths of the packages that hold symbols
	reached map[string]string // import path through which a package can be reached
	debug   []string          // the //go:debug lines of the user's programs
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// newPlan generates the programs and what they need to reach their symbols.
func newPlan(m *Module, programs []Program) (*plan, error) {
	if err := checkPrograms(programs); err != nil {
		return nil, err
	}
	p := &plan{
		module: m, hidden: hiddenName(m), files: make(map[string][]byte),
		roots: make(map[string]bool), reached: make(map[string]string),
	}
	uses := symbolsByPackage(programs)
	for i, importPath := range sortedKeys(uses) {
		p.roots[importPath] = true
		if err := p.open(importPath, i, uses[importPath]); err != nil {
			return nil, err
		}
	}
	slices.Sort(p.debug)
	p.debug = slices.Compact(p.debug)
	for _, program := range programs {
		source, err := mainSource(program, p.debug, p.reach)
		if err != nil {
			return nil, err
		}
		p.mains = append(p.mains, path.Join(m.Path, p.hidden, program.Name))
		p.files[filepath.Join(m.Root, p.hidden, program.Name, "main.go")] = source
	}
	return p, nil
}

func checkPrograms(programs []Program) error {
	if len(programs) == 0 {
		return errors.New("build: no programs")
	}
	seen := make(map[string]bool)
	for _, program := range programs {
		if program.Name == "" || identifierOf(strings.ReplaceAll(program.Name, "-", "_")) != strings.ReplaceAll(program.Name, "-", "_") {
			return fmt.Errorf("build: program name %q: must be of letters, digits, - and _", program.Name)
		}
		// File systems that ignore case would write one file for both.
		folded := strings.ToLower(program.Name)
		if seen[folded] {
			return fmt.Errorf("build: program %s: named twice", program.Name)
		}
		seen[folded] = true
		if len(program.Builtins) > 0 && program.Use != CustomResource {
			return fmt.Errorf("build: program %s: only a custom resource program has built-ins", program.Name)
		}
		if err := checkIDs(program); err != nil {
			return err
		}
	}
	return nil
}

func checkIDs(program Program) error {
	var ids []string
	for _, builtin := range program.Builtins {
		ids = append(ids, builtin.ID)
	}
	for _, entry := range program.Entries {
		ids = append(ids, entry.ID)
	}
	slices.Sort(ids)
	for i, id := range ids {
		if id == "" || i > 0 && ids[i-1] == id {
			return fmt.Errorf("build: program %s: id %q is empty or given twice", program.Name, id)
		}
	}
	return nil
}

// hiddenName returns the name for the directories of the overlay: one that the
// user has no directory of.
func hiddenName(m *Module) string {
	for i := 0; ; i++ {
		name := "_sparta"
		if i > 0 {
			name = fmt.Sprintf("_sparta%d", i)
		}
		if _, err := os.Lstat(filepath.Join(m.Root, name)); errors.Is(err, os.ErrNotExist) {
			return name
		}
	}
}

// symbolsByPackage groups all symbols, each once.
func symbolsByPackage(programs []Program) map[string][]Symbol {
	groups := make(map[string][]Symbol)
	for _, program := range programs {
		for _, entry := range program.Entries {
			s := entry.Symbol
			groups[s.ImportPath] = append(groups[s.ImportPath], s)
		}
	}
	for importPath, symbols := range groups {
		slices.SortFunc(symbols, func(a, b Symbol) int { return cmp.Compare(a.Name, b.Name) })
		groups[importPath] = slices.CompactFunc(symbols, func(a, b Symbol) bool { return a.Name == b.Name })
	}
	return groups
}

// open makes the package's symbols importable by the programs.
func (p *plan) open(importPath string, index int, symbols []Symbol) error {
	var names []string
	export := make(map[string]string)
	for _, s := range symbols {
		name := s.Name
		if !ast.IsExported(name) {
			name = exportedName(s.Name)
			export[s.Name] = name
		}
		names = append(names, name)
	}
	if symbols[0].Package == "main" {
		rewritten, err := makeImportable(symbols[0].Dir, importPath, export)
		if err != nil {
			return err
		}
		maps.Copy(p.files, rewritten.files)
		p.debug = append(p.debug, rewritten.debug...)
	} else if len(export) > 0 {
		return fmt.Errorf("build: %s is not exported by package %s", symbols[0].Name, importPath)
	}
	p.reached[importPath] = p.bridge(importPath, index, names)
	return nil
}

// bridge returns the path by which the programs may import the package, adding
// a package at the parent of each internal directory on the way.
func (p *plan) bridge(importPath string, index int, names []string) string {
	from := path.Join(p.module.Path, p.hidden, "program")
	for step := 0; ; step++ {
		parent, ok := mayImport(from, importPath)
		if ok {
			return importPath
		}
		at, found := p.module.directoryOf(parent)
		if !found {
			return importPath // the go command says why it can't be imported
		}
		name := fmt.Sprintf("bridge%d_%d", index, step)
		p.files[filepath.Join(at, p.hidden, name, "bridge.go")] = bridgeSource(importPath, names)
		importPath = path.Join(parent, p.hidden, name)
	}
}

// directoryOf returns the directory that an import path of the user's modules
// stands for, whether it holds a package or not.
func (m *Module) directoryOf(importPath string) (string, bool) {
	for _, member := range m.members {
		if rest, ok := cutPath(importPath, member.path()); ok {
			return filepath.Join(member.dir, filepath.FromSlash(rest)), true
		}
	}
	return "", false
}

// reach returns how the programs name a symbol.
func (p *plan) reach(s Symbol) (importPath, name string) {
	name = s.Name
	if !ast.IsExported(name) {
		name = exportedName(name)
	}
	return p.reached[s.ImportPath], name
}
