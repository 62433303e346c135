// SPDX-License-Identifier: MIT

// Package gobuild turns Go handlers named in sparta.yaml into executables. It
// finds the symbol that a handler names and classifies how it is called, from
// the source alone; it generates the programs that dispatch to the symbols; and
// it compiles all programs of one target by a single go build. Nothing is
// written into the user's tree and the user's go.mod needs no line: the
// generated files exist through -overlay, and the packages that the generated
// programs import are a member of a workspace file (GOWORK) kept in the cache.
//
// A workspace is used rather than -modfile because it leaves the user's go.mod,
// its language version and its relative replace directives as they are, because
// a workspace of the user's own maps onto it one to one, and because the
// cache's path then appears nowhere in the executable, so two machines make the
// same bytes.
package gobuild

import "github.com/sparta-up/sparta/internal/diag"

// Use is what a Go symbol does in a service.
type Use int

// The uses. Functions and custom resources run in Lambda on Linux, decorators
// on the machine that deploys.
const (
	Function Use = iota
	CustomResource
	Decorator
)

// String returns the use in a user's words, such as "handler".
func (u Use) String() string {
	return [...]string{"handler", "custom resource", "decorator"}[u]
}

// Form is how a symbol is called.
type Form int

// The forms. The first three are a function's, the others belong to their use.
const (
	// FormResponder is func(*json.RawMessage, *shim.LambdaContext,
	// http.ResponseWriter, *zerolog.Logger).
	FormResponder Form = iota
	// FormEvent is any function that lambda.NewHandler of aws-lambda-go takes:
	// at most a context and an event in, at most a value and an error out.
	FormEvent
	// FormHTTP is an http.Handler value, a function without parameters that
	// returns one (also with an error), or func(http.ResponseWriter,
	// *http.Request).
	FormHTTP
	// FormCustomResource is func(context.Context, customresource.Request)
	// (customresource.Response, error), a value with Create, Update and Delete,
	// or a function without parameters that returns one.
	FormCustomResource
	// FormDecorator is func(context.Context, *decorator.Template) error.
	FormDecorator
)

// String returns the form's name, such as "event".
func (f Form) String() string {
	return [...]string{"responder", "event", "http", "custom resource", "decorator"}[f]
}

// Symbol is a Go symbol that a handler names, found in source and classified.
type Symbol struct {
	Handler    string        // as written in sparta.yaml
	Dir        string        // absolute directory of the package
	ImportPath string        // of the package
	Package    string        // name in the package clause; "main" is allowed
	Name       string        // identifier; exported unless Package is main
	Form       Form          // how it is called
	Signature  string        // its type as the source spells it
	Position   diag.Position // where it is declared
	Event      string        // for FormEvent: qualified type of the event, such as github.com/aws/aws-lambda-go/events.SQSEvent; "" if there is none or it has no name
	Adapt      Adapt         // how a generated program passes it on
}

// Adapt says how a generated program hands a symbol to the package that serves
// it, which tells forms apart by their exact Go type.
type Adapt int

// The adaptations. The zero value passes the symbol as it is.
const (
	AsIs            Adapt = iota
	AsResponder           // a named function type: converted to the plain one
	AsHTTPFunc            // likewise func(ResponseWriter, *Request): to http.HandlerFunc
	AsHTTPMaker           // func() of a concrete handler: wrapped in func() http.Handler
	AsHTTPMakerErr        // likewise with an error
	AsResource            // a value: converted to customresource.Resource
	AsResourceFunc        // a named function type: converted to the plain one
	AsResourceMaker       // func() of a concrete resource: wrapped in func() customresource.Resource
)

// SymbolError says why a handler's symbol can't be used.
type SymbolError struct {
	Message  string        // what and why, in lower case
	Advice   string        // what to do next; may be empty, may have several lines
	Position diag.Position // place in the Go source, if the fault is there
}

// Error returns the message, after the place in the Go source if it has one.
func (e *SymbolError) Error() string {
	if e.Position.IsZero() {
		return e.Message
	}
	return e.Position.String() + ": " + e.Message
}

// Hint returns what to do next, or "".
func (e *SymbolError) Hint() string { return e.Advice }

// advised is an error with advice on what to do next.
type advised struct {
	error
	hint string
}

// Hint returns what to do next.
func (e advised) Hint() string { return e.hint }

// Unwrap returns the error without the advice.
func (e advised) Unwrap() error { return e.error }
