// SPDX-License-Identifier: MIT

package gobuild

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/parser"
	"go/scanner"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/diag"
)

// packageKey tells parsed packages apart.
type packageKey struct {
	dir    string
	target Target
}

// goPackage is a package's source, parsed but not type checked.
type goPackage struct {
	location
	target  Target
	name    string
	fset    *token.FileSet
	files   []*goFile
	decls   map[string]decl                     // package level
	methods map[string]map[string]*ast.FuncDecl // by receiver's base type, then name
}

// goFile is one parsed file.
type goFile struct {
	path    string
	text    []byte
	syntax  *ast.File
	imports map[string]string // import path by local name; guessed where the import has none
	dots    []string          // dot-imported paths
}

// decl is a package-level declaration.
type decl struct {
	file  *goFile
	ident *ast.Ident
	fn    *ast.FuncDecl
	spec  *ast.TypeSpec
	typ   ast.Expr // of a variable; may be nil
	value ast.Expr // of a variable; may be nil
	index int      // which of value's results, if value is a call that gives several; else -1
	isVar bool
}

// targetOf returns the platform whose build constraints apply to a use.
func (m *Module) targetOf(use Use) Target {
	switch {
	case use == Decorator:
		return Target{runtime.GOOS, runtime.GOARCH}
	case m.Lambda == Target{}:
		return Target{"linux", "arm64"}
	}
	return m.Lambda
}

// load returns the parsed package, reading it once.
func (m *Module) load(at location, target Target) (*goPackage, error) {
	key := packageKey{at.dir, target}
	m.mu.Lock()
	once, ok := m.packages[key]
	if !ok {
		once = sync.OnceValues(func() (*goPackage, error) { return m.parsePackage(at, target) })
		m.packages[key] = once
	}
	m.mu.Unlock()
	return once()
}

// buildContext says which files count for a target.
func (m *Module) buildContext(target Target) build.Context {
	c := build.Default
	c.GOOS, c.GOARCH, c.CgoEnabled, c.BuildTags = target.GOOS, target.GOARCH, false, m.flags.tags
	return c
}

func (m *Module) parsePackage(at location, target Target) (*goPackage, error) {
	names, err := goFileNames(at.dir)
	if err != nil {
		return nil, fmt.Errorf("read package %s: %w", at.shown, err)
	}
	pkg := &goPackage{location: at, target: target, fset: token.NewFileSet()}
	results := make([]struct {
		file *goFile
		err  error
	}, len(names))
	var group sync.WaitGroup
	slots := make(chan struct{}, runtime.GOMAXPROCS(0))
	for i, name := range names {
		slots <- struct{}{}
		group.Go(func() {
			results[i].file, results[i].err = m.parseFile(pkg.fset, filepath.Join(at.dir, name), target)
			<-slots
		})
	}
	group.Wait()
	for _, r := range results {
		if r.err != nil {
			return nil, r.err
		}
		if r.file != nil {
			pkg.files = append(pkg.files, r.file)
		}
	}
	if len(pkg.files) == 0 {
		return nil, noGoFiles(at, target, len(names))
	}
	return pkg, m.index(pkg)
}

// goFileNames returns the names of the directory's Go files that are no tests,
// sorted.
func goFileNames(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, entry := range entries {
		name := entry.Name()
		if strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") && !entry.IsDir() {
			names = append(names, name)
		}
	}
	return names, nil
}

func noGoFiles(at location, target Target, excluded int) error {
	if excluded > 0 {
		return &SymbolError{
			Message: fmt.Sprintf("package %s has no Go files for %s", at.shown, target.GOOS),
			Advice:  "its file names or //go:build lines exclude " + target.GOOS + " (cgo is off)",
		}
	}
	return &SymbolError{Message: fmt.Sprintf("package %s has no Go files", at.shown)}
}

// parseFile returns nil without an error if constraints exclude the file.
func (m *Module) parseFile(fset *token.FileSet, path string, target Target) (*goFile, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read package: %w", err)
	}
	c := m.buildContext(target)
	c.OpenFile = func(string) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil }
	match, err := c.MatchFile(filepath.Dir(path), filepath.Base(path))
	if err == nil && !match {
		return nil, nil
	}
	syntax, err := parser.ParseFile(fset, m.show(path), text, parser.SkipObjectResolution)
	if err != nil {
		return nil, syntaxError(err, text)
	}
	for _, spec := range syntax.Imports {
		if spec.Path.Value == `"C"` {
			return nil, nil // cgo is off
		}
	}
	file := &goFile{path: path, text: text, syntax: syntax}
	file.readImports()
	return file, nil
}

// syntaxError makes a SymbolError of the parser's first complaint.
func syntaxError(err error, text []byte) error {
	var list scanner.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		return err
	}
	return &SymbolError{Message: list[0].Msg, Position: position(list[0].Pos, text)}
}

// position converts from byte columns to code points.
func position(p token.Position, text []byte) diag.Position {
	start := max(0, p.Offset-(p.Column-1))
	column := p.Column
	if p.Offset <= len(text) && start <= p.Offset {
		column = utf8.RuneCount(text[start:p.Offset]) + 1
	}
	return diag.Position{File: p.Filename, Line: p.Line, Column: column}
}

// index collects the declarations of all files.
func (m *Module) index(pkg *goPackage) error {
	pkg.name = pkg.files[0].syntax.Name.Name
	pkg.decls = make(map[string]decl)
	pkg.methods = make(map[string]map[string]*ast.FuncDecl)
	for _, file := range pkg.files {
		if name := file.syntax.Name.Name; name != pkg.name {
			return &SymbolError{
				Message:  fmt.Sprintf("found packages %s and %s in one directory", pkg.name, name),
				Position: position(pkg.fset.Position(file.syntax.Name.Pos()), file.text),
			}
		}
		for _, d := range file.syntax.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				pkg.addFunc(file, d)
			case *ast.GenDecl:
				pkg.addGeneral(file, d)
			}
		}
	}
	return nil
}

func (pkg *goPackage) addFunc(file *goFile, d *ast.FuncDecl) {
	if d.Recv == nil {
		pkg.decls[d.Name.Name] = decl{file: file, ident: d.Name, fn: d}
		return
	}
	base, _ := receiver(d)
	if pkg.methods[base] == nil {
		pkg.methods[base] = make(map[string]*ast.FuncDecl)
	}
	pkg.methods[base][d.Name.Name] = d
}

// receiver returns the name of a method's receiver type and whether it is a
// pointer.
func receiver(d *ast.FuncDecl) (base string, pointer bool) {
	if len(d.Recv.List) == 0 {
		return "", false
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t, pointer = x.X, true
		case *ast.ParenExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.Name, pointer
		default:
			return "", pointer
		}
	}
}

func (pkg *goPackage) addGeneral(file *goFile, d *ast.GenDecl) {
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			pkg.decls[spec.Name.Name] = decl{file: file, ident: spec.Name, spec: spec}
		case *ast.ValueSpec:
			for i, name := range spec.Names {
				v := decl{file: file, ident: name, typ: spec.Type, index: -1, isVar: d.Tok == token.VAR}
				switch {
				case i < len(spec.Values) && len(spec.Values) == len(spec.Names):
					v.value = spec.Values[i]
				case len(spec.Values) == 1:
					v.value, v.index = spec.Values[0], i
				}
				pkg.decls[name.Name] = v
			}
		}
	}
}

// positionOf returns where a declaration stands.
func (pkg *goPackage) positionOf(d decl) diag.Position {
	return position(pkg.fset.Position(d.ident.Pos()), d.file.text)
}

// callables returns the names a handler could be meant to have: functions and
// variables, exported unless the package is main.
func (pkg *goPackage) callables() []string {
	var names []string
	for name, d := range pkg.decls {
		if (d.fn != nil || d.isVar) && (pkg.name == "main" || ast.IsExported(name)) && name != "main" && name != "init" && name != "_" {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, cmp.Compare[string])
	return names
}
