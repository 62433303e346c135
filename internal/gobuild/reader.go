// SPDX-License-Identifier: MIT

package gobuild

import (
	"go/ast"
	"go/token"
)

// maxDepth bounds how far aliases, named types and values are followed.
const maxDepth = 16

// reader makes shapes of syntax. What it can't tell without reading packages
// outside of the user's modules stays unknown.
type reader struct {
	module *Module
	pkg    *goPackage
	file   *goFile
	depth  int
}

// in returns a reader for a declaration's file.
func (r reader) in(pkg *goPackage, file *goFile) reader {
	return reader{module: r.module, pkg: pkg, file: file, depth: r.depth + 1}
}

func unknown() *shape { return &shape{} }

// typeOf returns the shape of a type expression.
func (r reader) typeOf(e ast.Expr) *shape {
	if r.depth > maxDepth {
		return unknown()
	}
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.typeOf(e.X)
	case *ast.Ident:
		return r.identType(e.Name)
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			if importPath, ok := r.file.imports[x.Name]; ok {
				return r.qualifiedType(importPath, e.Sel.Name)
			}
		}
	case *ast.StarExpr:
		return r.pointer(r.typeOf(e.X))
	case *ast.FuncType:
		return &shape{kind: functionKind, fn: r.signature(e)}
	case *ast.InterfaceType:
		if e.Methods.NumFields() == 0 {
			return &shape{kind: anyKind}
		}
		return &shape{kind: interfaceKind, method: r.interfaceMethods(e)}
	case *ast.StructType:
		return &shape{kind: otherKind, method: structMethods(e)}
	case *ast.ChanType:
		return &shape{kind: channelKind}
	case *ast.ArrayType, *ast.MapType:
		return &shape{kind: otherKind}
	}
	return unknown()
}

// pointer returns the shape of a pointer: its method set has the element's
// methods of both kinds.
func (r reader) pointer(elem *shape) *shape {
	s := pointerTo(elem)
	s.method = knownMethods(elem)
	if elem.kind == unknownKind {
		s.method = func(string) (*signature, answer) { return nil, maybe }
	}
	if pkg := r.packageOf(elem.pkg); pkg != nil && elem.name != "" && elem.kind != interfaceKind && elem.kind != anyKind {
		s.method = r.declaredMethods(pkg, elem.name, true, elem)
	}
	return s
}

// packageOf returns the parsed package of the user's own modules with that
// path, or nil.
func (r reader) packageOf(importPath string) *goPackage {
	if importPath == "" {
		return nil
	}
	if importPath == r.pkg.importPath {
		return r.pkg
	}
	at, ok := r.module.locateMember(importPath)
	if !ok {
		return nil
	}
	pkg, err := r.module.load(at, r.pkg.target)
	if err != nil {
		return nil
	}
	return pkg
}

func (r reader) identType(name string) *shape {
	if d, ok := r.pkg.decls[name]; ok {
		return r.declaredType(r.pkg, name, d)
	}
	for _, importPath := range r.file.dots {
		if s := r.dotType(importPath, name); s != nil {
			return s
		}
	}
	if s := predeclared(name); s != nil {
		return s
	}
	return unknown() // a dot import's or a type parameter
}

// dotType returns the type if the dot-imported package is known to have it.
func (r reader) dotType(importPath, name string) *shape {
	if s := knownType(importPath, name); s != nil && predeclared(name) == nil {
		return s
	}
	if pkg := r.packageOf(importPath); pkg != nil {
		if d, ok := pkg.decls[name]; ok {
			return r.declaredType(pkg, name, d)
		}
	}
	return nil
}

func (r reader) qualifiedType(importPath, name string) *shape {
	if pkg := r.packageOf(importPath); pkg != nil {
		d, ok := pkg.decls[name]
		if !ok {
			return unknown()
		}
		return r.declaredType(pkg, name, d)
	}
	if s := knownType(importPath, name); s != nil {
		return s
	}
	return &shape{pkg: importPath, name: name}
}

// declaredType returns the shape of a type declared in a package that was read.
func (r reader) declaredType(pkg *goPackage, name string, d decl) *shape {
	if d.spec == nil || d.spec.TypeParams != nil {
		return unknown()
	}
	inner := r.in(pkg, d.file)
	if d.spec.Assign.IsValid() {
		return inner.typeOf(d.spec.Type)
	}
	under := inner.typeOf(d.spec.Type)
	s := &shape{pkg: pkg.importPath, name: name, kind: under.kind, elem: under.elem, fn: under.fn, method: under.method}
	if s.kind != interfaceKind && s.kind != anyKind {
		s.method = r.declaredMethods(pkg, name, false, under)
	}
	return s
}

// declaredMethods returns the lookup in the method set of a type declared in
// pkg, or of a pointer to it. Promoted methods are left to the precise check.
func (r reader) declaredMethods(pkg *goPackage, base string, pointer bool, under *shape) func(string) (*signature, answer) {
	return func(name string) (*signature, answer) {
		if f, ok := pkg.methods[base][name]; ok {
			if _, byPointer := receiver(f); byPointer && !pointer {
				return nil, no
			}
			return r.in(pkg, pkg.fileOf(f)).signature(f.Type), yes
		}
		d := pkg.decls[base]
		if d.spec == nil {
			return nil, maybe
		}
		if s, ok := d.spec.Type.(*ast.StructType); ok && structMethods(s) == nil {
			return nil, no
		}
		if under.kind == functionKind || under.kind == pointerKind {
			return nil, no
		}
		return nil, maybe
	}
}

// structMethods returns the method lookup of an unnamed struct: nil unless
// something is embedded.
func structMethods(s *ast.StructType) func(string) (*signature, answer) {
	for _, field := range s.Fields.List {
		if len(field.Names) == 0 {
			return func(string) (*signature, answer) { return nil, maybe }
		}
	}
	return nil
}

func (r reader) interfaceMethods(e *ast.InterfaceType) func(string) (*signature, answer) {
	return func(name string) (*signature, answer) {
		missing := no
		for _, field := range e.Methods.List {
			if len(field.Names) == 0 {
				missing = maybe // embedded
				continue
			}
			if f, ok := field.Type.(*ast.FuncType); ok && field.Names[0].Name == name {
				return r.signature(f), yes
			}
		}
		return nil, missing
	}
}

// signature returns the shape of a function type.
func (r reader) signature(t *ast.FuncType) *signature {
	f := &signature{}
	f.params, f.variadic = r.fields(t.Params)
	f.results, _ = r.fields(t.Results)
	return f
}

func (r reader) fields(list *ast.FieldList) (shapes []*shape, variadic bool) {
	if list == nil {
		return nil, false
	}
	for _, field := range list.List {
		t := field.Type
		if dots, ok := t.(*ast.Ellipsis); ok {
			t, variadic = dots.Elt, true
		}
		s := r.typeOf(t)
		for range max(1, len(field.Names)) {
			shapes = append(shapes, s)
		}
	}
	return shapes, variadic
}

// fileOf returns the file that a method is declared in.
func (pkg *goPackage) fileOf(f *ast.FuncDecl) *goFile {
	for _, file := range pkg.files {
		if file.syntax.FileStart <= f.Pos() && f.Pos() < file.syntax.FileEnd {
			return file
		}
	}
	return pkg.files[0]
}

// valueOf returns the shape of a declaration's value.
func (r reader) valueOf(d decl) *shape {
	r = r.in(r.pkg, d.file)
	switch {
	case r.depth > maxDepth:
		return unknown()
	case d.fn != nil && d.fn.Type.TypeParams == nil:
		return &shape{kind: functionKind, fn: r.signature(d.fn.Type)}
	case d.typ != nil:
		return r.typeOf(d.typ)
	case d.isVar && d.value != nil:
		return r.exprOf(d.value, d.index)
	}
	return unknown()
}

// exprOf returns the type of an initial value. Index selects one of a call's
// several results; -1 means that there is one.
func (r reader) exprOf(e ast.Expr, index int) *shape {
	switch e := e.(type) {
	case *ast.ParenExpr:
		return r.exprOf(e.X, index)
	case *ast.FuncLit:
		return r.typeOf(e.Type)
	case *ast.CompositeLit:
		return r.typeOf(e.Type)
	case *ast.UnaryExpr:
		if lit, ok := e.X.(*ast.CompositeLit); ok && e.Op == token.AND {
			return r.pointer(r.typeOf(lit.Type))
		}
	case *ast.Ident:
		if d, ok := r.pkg.decls[e.Name]; ok && d.spec == nil {
			return r.valueOf(d)
		}
	case *ast.CallExpr:
		return r.callResult(e, index)
	}
	return unknown()
}

// callResult returns the type of a call or a conversion.
func (r reader) callResult(e *ast.CallExpr, index int) *shape {
	pkg, name := r.pkg, ""
	switch fun := ast.Unparen(e.Fun).(type) {
	case *ast.Ident:
		name = fun.Name
		if name == "new" && len(e.Args) == 1 && pkg.decls[name].ident == nil {
			return r.newResult(e.Args[0])
		}
	case *ast.SelectorExpr:
		x, ok := fun.X.(*ast.Ident)
		if !ok {
			return unknown()
		}
		importPath := r.file.imports[x.Name]
		if s := knownResult(importPath, fun.Sel.Name); s != nil {
			return s
		}
		if importPath == "net/http" && fun.Sel.Name == "HandlerFunc" {
			return knownType(importPath, fun.Sel.Name)
		}
		if pkg, name = r.packageOf(importPath), fun.Sel.Name; pkg == nil {
			return unknown()
		}
	}
	d, ok := pkg.decls[name]
	switch {
	case !ok:
		return unknown()
	case d.spec != nil:
		return r.declaredType(pkg, name, d)
	case d.fn == nil || d.fn.Type.TypeParams != nil:
		return unknown()
	}
	results := r.in(pkg, d.file).signature(d.fn.Type).results
	if i := max(index, 0); i < len(results) {
		return results[i]
	}
	return unknown()
}

// newResult returns the type of new(T). With an argument that is no type, new
// makes a pointer to a copy of the value, which is left to the precise check.
func (r reader) newResult(argument ast.Expr) *shape {
	if id, ok := argument.(*ast.Ident); ok {
		if d, declared := r.pkg.decls[id.Name]; declared && d.spec != nil {
			return r.pointer(r.typeOf(id))
		}
	}
	return unknown()
}
