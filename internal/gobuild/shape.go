// SPDX-License-Identifier: MIT

package gobuild

// answer is what is known of a question about a type.
type answer int

const (
	maybe answer = iota // not to be told from the source alone
	no
	yes
)

// and returns yes if all answers are, no if one is, else maybe.
func and(answers ...answer) answer {
	all := yes
	for _, a := range answers {
		switch a {
		case no:
			return no
		case maybe:
			all = maybe
		}
	}
	return all
}

// kind is the sort of a type, as far as handlers are told apart by it.
type kind int

const (
	unknownKind kind = iota
	functionKind
	channelKind
	pointerKind
	anyKind       // an interface without methods
	interfaceKind // any other interface
	otherKind
)

// shape is what the classification needs to know of a type. It is made of
// source or, for the precise check, of a go/types type.
type shape struct {
	pkg, name string // qualified name; pkg is "" for predeclared types, both are for unnamed ones
	kind      kind
	elem      *shape     // pointerKind
	fn        *signature // functionKind

	// method returns the method in the type's method set, or no or maybe. Nil:
	// there are no methods.
	method func(name string) (*signature, answer)
}

// signature is a function type.
type signature struct {
	params, results []*shape
	variadic        bool
}

// is answers whether s is the named type.
func (s *shape) is(pkg, name string) answer {
	if s.kind == unknownKind && s.name == "" {
		return maybe
	}
	if s.pkg == pkg && s.name == name {
		return yes
	}
	if s.kind == unknownKind {
		return maybe // a name in a package that was not read may be an alias
	}
	return no
}

// points answers whether s is a pointer to the named type.
func (s *shape) points(pkg, name string) answer {
	switch s.kind {
	case unknownKind:
		return maybe
	case pointerKind:
		return s.elem.is(pkg, name)
	}
	return no
}

// isError answers whether s implements error.
func (s *shape) isError() answer {
	if s.pkg == "" && s.name == "error" {
		return yes
	}
	return s.hasMethod("Error", func(f *signature) answer {
		if len(f.params) != 0 || len(f.results) != 1 {
			return no
		}
		return f.results[0].is("", "string")
	})
}

// isHTTPHandler answers whether s implements http.Handler.
func (s *shape) isHTTPHandler() answer {
	return s.hasMethod("ServeHTTP", (*signature).isHTTPFunc)
}

// isResource answers whether s implements customresource.Resource.
func (s *shape) isResource() answer {
	return and(
		s.hasMethod("Create", (*signature).isResourceFunc),
		s.hasMethod("Update", (*signature).isResourceFunc),
		s.hasMethod("Delete", func(f *signature) answer {
			if len(f.params) != 2 || len(f.results) != 1 {
				return no
			}
			return and(f.params[0].is("context", "Context"), f.params[1].is(toolkit+"/customresource", "Request"), f.results[0].is("", "error"))
		}),
	)
}

func (s *shape) hasMethod(name string, fits func(*signature) answer) answer {
	if s.kind == unknownKind && s.method == nil {
		return maybe
	}
	if s.method == nil {
		return no
	}
	f, known := s.method(name)
	if known != yes {
		return known
	}
	return fits(f)
}

// isResponder answers for the overview's four-argument form.
func (f *signature) isResponder() answer {
	if f.variadic || len(f.params) != 4 || len(f.results) != 0 {
		return no
	}
	return and(
		f.params[0].points("encoding/json", "RawMessage"),
		f.params[1].points(toolkit+"/shim", "LambdaContext"),
		f.params[2].is("net/http", "ResponseWriter"),
		f.params[3].points("github.com/rs/zerolog", "Logger"),
	)
}

// isHTTPFunc answers for func(http.ResponseWriter, *http.Request).
func (f *signature) isHTTPFunc() answer {
	if f.variadic || len(f.params) != 2 || len(f.results) != 0 {
		return no
	}
	return and(f.params[0].is("net/http", "ResponseWriter"), f.params[1].points("net/http", "Request"))
}

// makes answers whether f is a function without parameters that returns what
// fits, and also for one that returns an error beside it.
func (f *signature) makes(fits func(*shape) answer) (plain, withError answer) {
	switch {
	case len(f.params) != 0 || len(f.results) == 0 || len(f.results) > 2:
		return no, no
	case len(f.results) == 1:
		return fits(f.results[0]), no
	}
	return no, and(fits(f.results[0]), f.results[1].is("", "error"))
}

// isEvent answers for the signatures that aws-lambda-go takes; the rules are
// those of handlerTakesContext and validateReturns in lambda/handler.go, v1.55.
// A variadic function passes them and then panics when it is called.
func (f *signature) isEvent() answer {
	if f.variadic || len(f.params) > 2 || len(f.results) > 2 {
		return no
	}
	result := yes
	switch len(f.params) {
	case 1:
		result = f.params[0].isPayload()
	case 2:
		result = and(f.params[0].is("context", "Context"), f.params[1].decodes())
	}
	if n := len(f.results); n > 0 {
		result = and(result, f.results[n-1].isError())
	}
	return result
}

// isPayload answers whether a lone parameter is a context or can take an event.
func (s *shape) isPayload() answer {
	switch s.kind {
	case unknownKind:
		return maybe
	case interfaceKind:
		return s.is("context", "Context")
	}
	return s.decodes()
}

// decodes answers whether an event, which is JSON, can become such a value.
// Channels and functions pass the checks of aws-lambda-go and then fail each
// event, unless they decode themselves.
func (s *shape) decodes() answer {
	switch {
	case s.kind == unknownKind:
		return maybe
	case s.kind != functionKind && s.kind != channelKind || s.name != "" && s.method != nil:
		return yes
	}
	return no
}

// event returns the qualified type of the event argument, or "".
func (f *signature) event() string {
	if len(f.params) == 0 {
		return ""
	}
	s := f.params[len(f.params)-1]
	if s.kind == pointerKind && s.elem != nil && s.name == "" {
		s = s.elem
	}
	if s.pkg == "" || s.is("context", "Context") == yes {
		return ""
	}
	return s.pkg + "." + s.name
}

// isResourceFunc answers for func(context.Context, customresource.Request)
// (customresource.Response, error).
func (f *signature) isResourceFunc() answer {
	if f.variadic || len(f.params) != 2 || len(f.results) != 2 {
		return no
	}
	return and(
		f.params[0].is("context", "Context"),
		f.params[1].is(toolkit+"/customresource", "Request"),
		f.results[0].is(toolkit+"/customresource", "Response"),
		f.results[1].is("", "error"),
	)
}

// isDecorator answers for func(context.Context, *decorator.Template) error.
func (f *signature) isDecorator() answer {
	if f.variadic || len(f.params) != 2 || len(f.results) != 1 {
		return no
	}
	return and(
		f.params[0].is("context", "Context"),
		f.params[1].points(toolkit+"/decorator", "Template"),
		f.results[0].is("", "error"),
	)
}
