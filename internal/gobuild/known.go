// SPDX-License-Identifier: MIT

package gobuild

import "strings"

// named returns the shape of a named type without an unread part.
func named(pkg, name string, k kind) *shape { return &shape{pkg: pkg, name: name, kind: k} }

func pointerTo(elem *shape) *shape { return &shape{kind: pointerKind, elem: elem} }

// knownType returns the shape of a type that handlers often mention, so that
// its package need not be read. Nil: not known.
func knownType(pkg, name string) *shape {
	if strings.HasPrefix(pkg, "github.com/aws/aws-lambda-go/events") {
		return named(pkg, name, otherKind) // structs, maps and strings only
	}
	switch pkg + "." + name {
	case "context.Context", "net/http.ResponseWriter", "io.Reader", "io.Writer", "io.ReadCloser":
		return named(pkg, name, interfaceKind)
	case "net/http.Handler":
		s := named(pkg, name, interfaceKind)
		s.method = serveHTTP
		return s
	case "net/http.HandlerFunc":
		f, _ := serveHTTP("ServeHTTP")
		return &shape{pkg: pkg, name: name, kind: functionKind, fn: f, method: serveHTTP}
	case toolkit + "/customresource.Resource":
		return &shape{pkg: pkg, name: name, kind: interfaceKind, method: resourceMethod}
	case "net/http.ServeMux", "net/http.Request", "encoding/json.RawMessage", "encoding/json.Number",
		"time.Time", "time.Duration", "github.com/rs/zerolog.Logger",
		toolkit + "/shim.LambdaContext", toolkit + "/decorator.Template",
		toolkit + "/customresource.Request", toolkit + "/customresource.Response":
		return named(pkg, name, otherKind)
	}
	return nil
}

// knownMethods returns the methods of a pointer to a known type.
func knownMethods(elem *shape) func(string) (*signature, answer) {
	if elem.pkg == "net/http" && elem.name == "ServeMux" {
		return serveHTTP
	}
	return nil
}

// knownResult returns what a well-known function returns, or nil.
func knownResult(pkg, name string) *shape {
	if pkg != "net/http" {
		return nil
	}
	switch name {
	case "NewServeMux":
		mux := pointerTo(knownType(pkg, "ServeMux"))
		mux.method = serveHTTP
		return mux
	case "FileServer", "FileServerFS", "NotFoundHandler", "RedirectHandler", "StripPrefix",
		"TimeoutHandler", "AllowQuerySemicolons", "MaxBytesHandler":
		return knownType(pkg, "Handler")
	}
	return nil
}

// serveHTTP is the method set of http.Handler.
func serveHTTP(name string) (*signature, answer) {
	if name != "ServeHTTP" {
		return nil, no
	}
	return &signature{params: []*shape{
		named("net/http", "ResponseWriter", interfaceKind),
		pointerTo(named("net/http", "Request", otherKind)),
	}}, yes
}

// resourceMethod is the method set of customresource.Resource.
func resourceMethod(name string) (*signature, answer) {
	pkg := toolkit + "/customresource"
	f := &signature{params: []*shape{named("context", "Context", interfaceKind), named(pkg, "Request", otherKind)}}
	switch name {
	case "Create", "Update":
		f.results = []*shape{named(pkg, "Response", otherKind), predeclared("error")}
	case "Delete":
		f.results = []*shape{predeclared("error")}
	default:
		return nil, no
	}
	return f, yes
}

// predeclared returns the shape of a type of the universe, or nil.
func predeclared(name string) *shape {
	switch name {
	case "any":
		return &shape{kind: anyKind}
	case "error":
		return named("", name, interfaceKind)
	case "bool", "byte", "complex64", "complex128", "float32", "float64", "int", "int8", "int16", "int32", "int64",
		"rune", "string", "uint", "uint8", "uint16", "uint32", "uint64", "uintptr":
		return named("", name, otherKind)
	}
	return nil
}
