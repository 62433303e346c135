// SPDX-License-Identifier: MIT

package main_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestSource holds every Go file to what a reader relies on: a licence line, a
// comment on each exported identifier and package, and errors that say what
// instead of that.
func TestSource(t *testing.T) {
	t.Parallel()
	packages := map[string]bool{} // by directory: has a package comment
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "testdata" || strings.HasPrefix(entry.Name(), ".") && path != ".") {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") {
			return nil
		}
		files := token.NewFileSet()
		file, err := parser.ParseFile(files, path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		checkLicence(t, path, file)
		if strings.HasSuffix(path, "_test.go") {
			return nil
		}
		packages[filepath.Dir(path)] = packages[filepath.Dir(path)] || file.Doc != nil
		checkComments(t, files, file)
		checkMessages(t, files, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for dir, documented := range packages {
		if !documented {
			t.Errorf("%s: no package comment", dir)
		}
	}
}

func checkLicence(t *testing.T, path string, file *ast.File) {
	t.Helper()
	if len(file.Comments) == 0 || file.Comments[0].List[0].Text != "// SPDX-License-Identifier: MIT" {
		t.Errorf("%s: does not begin with the SPDX line", path)
	}
}

// checkMessages looks at the texts of errors.
func checkMessages(t *testing.T, files *token.FileSet, file *ast.File) {
	t.Helper()
	ast.Inspect(file, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		selector, ok := call.Fun.(*ast.SelectorExpr)
		if !ok || selector.Sel.Name != "Errorf" && selector.Sel.Name != "New" {
			return true
		}
		pkg, ok := selector.X.(*ast.Ident)
		if !ok || pkg.Name != "fmt" && pkg.Name != "errors" {
			return true
		}
		literal, ok := call.Args[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		text, _ := strconv.Unquote(literal.Value)
		for _, prefix := range []string{"failed", "error", "unable", "could not", "cannot "} {
			if strings.HasPrefix(strings.ToLower(text), prefix) {
				t.Errorf("%s: the message %q says that something is wrong instead of what", files.Position(literal.Pos()), text)
			}
		}
		return true
	})
}

func checkComments(t *testing.T, files *token.FileSet, file *ast.File) {
	t.Helper()
	missing := func(name *ast.Ident) {
		t.Errorf("%s: %s has no comment", files.Position(name.Pos()), name.Name)
	}
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Name.IsExported() && decl.Doc == nil && receiverExported(decl) {
				missing(decl.Name)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					if spec.Name.IsExported() && decl.Doc == nil && spec.Doc == nil {
						missing(spec.Name)
					}
				case *ast.ValueSpec:
					for _, name := range spec.Names {
						if name.IsExported() && decl.Doc == nil && spec.Doc == nil && spec.Comment == nil {
							missing(name)
						}
					}
				}
			}
		}
	}
}

// receiverExported reports whether a function is none of an unexported type.
// Methods that every Go programmer knows need no comment.
func receiverExported(f *ast.FuncDecl) bool {
	if f.Recv == nil {
		return true
	}
	switch f.Name.Name {
	case "Error", "Unwrap", "String", "Read", "Write", "Close", "Len", "Less", "Swap":
		return false
	}
	receiver := f.Recv.List[0].Type
	for {
		switch r := receiver.(type) {
		case *ast.StarExpr:
			receiver = r.X
		case *ast.IndexExpr:
			receiver = r.X
		case *ast.IndexListExpr:
			receiver = r.X
		case *ast.Ident:
			return r.IsExported()
		default:
			return false
		}
	}
}
