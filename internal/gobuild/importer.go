// SPDX-License-Identifier: MIT

package gobuild

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// sourceImporter imports the user's own packages from source, the toolkit's as
// stand-ins, and the rest from export data.
type sourceImporter struct {
	own      map[string]*goPackage
	done     map[string]*types.Package
	compiled types.Importer
	fset     *token.FileSet
}

// Import implements types.Importer.
func (s *sourceImporter) Import(path string) (*types.Package, error) {
	if path == "unsafe" {
		return types.Unsafe, nil
	}
	if pkg, ok := s.done[path]; ok {
		if pkg == nil {
			return nil, fmt.Errorf("import cycle through %s", path)
		}
		return pkg, nil
	}
	if pkg, ok := s.own[path]; ok {
		s.done[path] = nil
		s.done[path], _ = s.check(pkg)
		return s.done[path], nil
	}
	if _, ours := cutPath(path, toolkit); ours {
		s.done[path] = s.standIn(path)
		return s.done[path], nil
	}
	return s.compiled.Import(path)
}

// check type checks a package of the user's from source.
func (s *sourceImporter) check(pkg *goPackage) (*types.Package, []error) {
	var errs []error
	config := types.Config{
		Importer:         s,
		IgnoreFuncBodies: true,
		Sizes:            types.SizesFor("gc", pkg.target.GOARCH),
		Error:            func(err error) { errs = append(errs, err) },
	}
	files := make([]*ast.File, len(pkg.files))
	for i, file := range pkg.files {
		files[i] = file.syntax
	}
	// The first error is also in errs; what could be checked is returned.
	result, _ := config.Check(pkg.importPath, pkg.fset, files, nil)
	return result, errs
}

// standIn makes a package that declares, as an empty struct, every type that
// the user's packages mention of it.
func (s *sourceImporter) standIn(path string) *types.Package {
	result := types.NewPackage(path, path[strings.LastIndexByte(path, '/')+1:])
	for _, pkg := range s.own {
		for _, file := range pkg.files {
			ast.Inspect(file.syntax, func(n ast.Node) bool {
				sel, ok := n.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				x, ok := sel.X.(*ast.Ident)
				if ok && file.imports[x.Name] == path && result.Scope().Lookup(sel.Sel.Name) == nil {
					name := types.NewTypeName(token.NoPos, result, sel.Sel.Name, nil)
					types.NewNamed(name, types.NewStruct(nil, nil), nil)
					result.Scope().Insert(name)
				}
				return true
			})
		}
	}
	result.MarkComplete()
	return result
}
