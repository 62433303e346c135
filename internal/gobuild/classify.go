// SPDX-License-Identifier: MIT

package gobuild

import (
	"context"
	"fmt"
	"go/ast"
	"go/printer"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sparta-up/sparta/internal/diag"
)

// forms is the advice for a signature that fits nothing, by use.
func forms(use Use) string {
	switch use {
	case CustomResource:
		return `a custom resource is one of
  func(context.Context, customresource.Request) (customresource.Response, error)
  a customresource.Resource: a value with Create, Update and Delete
  a func() that returns such a value`
	case Decorator:
		return `a decorator is
  func(context.Context, *decorator.Template) error`
	}
	return `a handler is one of
  func(*json.RawMessage, *shim.LambdaContext, http.ResponseWriter, *zerolog.Logger)
  func([context.Context,] [In]) ([Out,] error), or less of it, as aws-lambda-go takes
  an http.Handler, a func() that returns one, or
  func(http.ResponseWriter, *http.Request)`
}

// classify looks the name up in a package and decides how it is called.
func (m *Module) classify(ctx context.Context, pkg *goPackage, name string, use Use) (Symbol, error) {
	d, ok := pkg.decls[name]
	if !ok {
		return Symbol{}, pkg.noSymbol(name, use)
	}
	symbol := Symbol{
		Dir: pkg.dir, ImportPath: pkg.importPath, Package: pkg.name, Name: name,
		Signature: pkg.signatureText(d), Position: pkg.positionOf(d),
	}
	if fault := pkg.unusable(name, d, use); fault != nil {
		fault.Position = symbol.Position
		return symbol, fault
	}
	v := judge(reader{module: m, pkg: pkg, file: d.file}.valueOf(d), use)
	unchecked := ""
	if v.fits != yes {
		// Only the compiler's own type checker may refuse a signature, if it can
		// be asked.
		precise, text, err := m.judgePrecisely(ctx, pkg, name, use)
		switch {
		case err != nil && (v.fits == maybe || ctx.Err() != nil):
			return symbol, err
		case err != nil:
			unchecked = fmt.Sprintf("\n(read from the source alone: %v)", err)
		default:
			v, symbol.Signature = precise, text
		}
	}
	if v.fits != yes {
		return symbol, &SymbolError{
			Message:  fmt.Sprintf("%s has the type %s, which no %s may have", name, symbol.Signature, use),
			Advice:   forms(use) + unchecked,
			Position: symbol.Position,
		}
	}
	symbol.Form, symbol.Adapt, symbol.Event = v.form, v.adapt, v.event
	return symbol, nil
}

// noSymbol makes the error for a name that the package lacks.
func (pkg *goPackage) noSymbol(name string, use Use) error {
	fault := &SymbolError{Message: fmt.Sprintf("package %s has no symbol %s", pkg.shown, name)}
	candidates := pkg.callables()
	switch near := diag.Nearest(name, candidates); {
	case near != "":
		fault.Advice = fmt.Sprintf("did you mean %s?", near)
	case len(candidates) == 0:
		fault.Advice = "it exports no function; " + forms(use)
	case len(candidates) <= 8:
		fault.Advice = "it has " + strings.Join(candidates, ", ")
	}
	return fault
}

// unusable returns why a declaration can't be a handler whatever its type, or
// nil.
func (pkg *goPackage) unusable(name string, d decl, use Use) *SymbolError {
	switch {
	case d.spec != nil:
		return &SymbolError{Message: fmt.Sprintf("%s is a type, not a function", name), Advice: forms(use)}
	case d.fn == nil && !d.isVar:
		return &SymbolError{Message: fmt.Sprintf("%s is a constant, not a function", name), Advice: forms(use)}
	case name == "init" && d.fn != nil, name == "main" && pkg.name == "main":
		return &SymbolError{Message: fmt.Sprintf("func %s is run by Go itself and can't be a %s", name, use)}
	case d.fn != nil && d.fn.Type.TypeParams != nil:
		return &SymbolError{
			Message: fmt.Sprintf("%s is generic: a %s needs its type arguments", name, use),
			Advice:  fmt.Sprintf("declare a variable: var H = %s[...]", name),
		}
	case pkg.name != "main" && !ast.IsExported(name):
		return &SymbolError{
			Message: fmt.Sprintf("%s is not exported by package %s", name, pkg.shown),
			Advice:  "rename it to " + exported(name),
		}
	}
	return nil
}

// exported returns the name with an upper-case first letter.
func exported(name string) string {
	name = strings.TrimLeft(name, "_")
	first, size := utf8.DecodeRuneInString(name)
	return string(unicode.ToUpper(first)) + name[size:]
}

// signatureText returns the declared type as the source spells it, on one line.
func (pkg *goPackage) signatureText(d decl) string {
	var node ast.Expr
	switch lit, isLit := d.value.(*ast.FuncLit); {
	case d.fn != nil:
		node = d.fn.Type
	case d.typ != nil:
		node = d.typ
	case isLit:
		node = lit.Type
	default:
		return ""
	}
	var b strings.Builder
	if err := (&printer.Config{Mode: printer.RawFormat}).Fprint(&b, pkg.fset, node); err != nil {
		return ""
	}
	return strings.Join(strings.Fields(b.String()), " ")
}
