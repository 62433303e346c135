// SPDX-License-Identifier: MIT

package gobuild

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"go/ast"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Candidate is a Go symbol that could be the handler of a function. Its Handler
// is what sparta.yaml would say, relative to the module's Dir.
type Candidate struct {
	Symbol
	Params  int  // how many parameters it has; 0 for a value that is no function
	Results int  // how many it returns
	Started bool // the package's own main hands it to lambda.Start of aws-lambda-go
	Maker   bool // for FormHTTP: a value or a function that returns one, no single func(w, r)
}

// lambdaPackage is the package whose Start functions serve a handler.
const lambdaPackage = "github.com/aws/aws-lambda-go/lambda"

// Candidates returns the symbols in the packages at and below Dir whose type a
// handler may have, by import path and place in the source. It leaves out tests,
// generated files, testdata, vendored code, hidden directories and other
// modules. A type of another module is looked into only where the name speaks of
// a handler. Packages that can't be read are left out and make the error, which
// goes with whatever was found in the others.
func (m *Module) Candidates(ctx context.Context) ([]Candidate, error) {
	var found []Candidate
	var faults []error
	err := m.walkPackages(func(at location) error {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		pkg, err := m.load(at, m.targetOf(Function))
		if err != nil {
			if fault, ok := errors.AsType[*SymbolError](err); !ok || !fault.Position.IsZero() {
				faults = append(faults, err) // not merely excluded by build constraints
			}
			return nil
		}
		as := *pkg // in the words of this search, whoever read the package first
		as.location = at
		found = append(found, m.candidatesOf(ctx, &as)...)
		return nil
	})
	return found, errors.Join(append(faults, err)...)
}

// walkPackages visits the directories with Go files in lexical order.
func (m *Module) walkPackages(visit func(location) error) error {
	return filepath.WalkDir(m.Dir, func(dir string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.IsDir() {
			return err
		}
		if dir != m.Dir && (skippedDirectory(entry.Name()) || isModule(dir)) {
			return fs.SkipDir
		}
		names, err := goFileNames(dir)
		if err != nil || len(names) == 0 {
			return err
		}
		rel, err := filepath.Rel(m.Dir, dir)
		if err != nil {
			return err
		}
		place := "."
		if rel != "." {
			place = "./" + filepath.ToSlash(rel)
		}
		at, err := m.locateDirectory(place)
		if err != nil {
			return err
		}
		return visit(at)
	})
}

// skippedDirectory reports whether the go command's ./... leaves a directory
// out, or whether what it holds is never a service's own code.
func skippedDirectory(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") ||
		name == "testdata" || name == "vendor" || name == "node_modules"
}

func isModule(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "go.mod"))
	return err == nil
}

func (m *Module) candidatesOf(ctx context.Context, pkg *goPackage) []Candidate {
	started := pkg.started()
	var found []Candidate
	for _, name := range pkg.callables() {
		d := pkg.decls[name]
		if pkg.unusable(name, d, Function) != nil || d.file.generated() {
			continue
		}
		s := reader{module: m, pkg: pkg, file: d.file}.valueOf(d)
		v := judge(s, Function)
		if v.fits == no || v.fits == maybe && !started[name] && !promising(name, s) {
			continue
		}
		symbol, err := m.classify(ctx, pkg, name, Function)
		if err != nil {
			continue
		}
		symbol.Handler = handlerName(pkg.shown, name)
		c := Candidate{Symbol: symbol, Started: started[name]}
		if s.fn != nil {
			c.Params, c.Results = len(s.fn.params), len(s.fn.results)
		}
		c.Maker = c.Form == FormHTTP && c.Params == 0
		found = append(found, c)
	}
	slices.SortStableFunc(found, func(a, b Candidate) int {
		return cmp.Or(cmp.Compare(a.Position.File, b.Position.File), cmp.Compare(a.Position.Line, b.Position.Line))
	})
	return found
}

// promising reports whether a symbol of a type that its source does not tell is
// worth asking the type checker, which has to compile what the package imports:
// a value or maker of another module's type that is called like an http.Handler.
func promising(name string, s *shape) bool {
	if s.fn != nil && len(s.fn.params) > 0 {
		return false
	}
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"handler", "router", "routes", "mux", "engine", "proxy"}, func(word string) bool {
		return strings.Contains(name, word)
	})
}

// generated reports whether the file says so before its package clause, in the
// words of https://go.dev/s/generatedcode.
func (f *goFile) generated() bool {
	for line := range bytes.Lines(f.text[:max(0, int(f.syntax.Package-f.syntax.FileStart))]) {
		line = bytes.TrimRight(line, "\r\n")
		if bytes.HasPrefix(line, []byte("// Code generated ")) && bytes.HasSuffix(line, []byte(" DO NOT EDIT.")) {
			return true
		}
	}
	return false
}

// handlerName spells a handler as a person would.
func handlerName(place, symbol string) string {
	if place == "." {
		return "." + symbol
	}
	return place + "." + symbol
}

// started returns the names that the package hands to lambda.Start or one of
// its variants.
func (pkg *goPackage) started() map[string]bool {
	names := make(map[string]bool)
	if pkg.name != "main" {
		return names
	}
	for _, file := range pkg.files {
		ast.Inspect(file.syntax, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			start, ok := call.Fun.(*ast.SelectorExpr)
			if !ok || !strings.HasPrefix(start.Sel.Name, "Start") {
				return true
			}
			qualifier, ok := start.X.(*ast.Ident)
			if !ok || file.imports[qualifier.Name] != lambdaPackage {
				return true
			}
			for _, arg := range call.Args {
				if handler, ok := arg.(*ast.Ident); ok {
					names[handler.Name] = true
				}
			}
			return true
		})
	}
	return names
}
