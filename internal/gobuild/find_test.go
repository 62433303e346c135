// SPDX-License-Identifier: MIT

package gobuild_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/sparta-up/sparta/internal/gobuild"
)

func TestFind(t *testing.T) {
	t.Parallel()
	m := findModule(t)
	tests := []struct {
		handler string
		use     gobuild.Use
		form    gobuild.Form
		adapt   gobuild.Adapt
		event   string
	}{
		{"./h.Renamed", gobuild.Function, gobuild.FormResponder, gobuild.AsIs, ""},
		{"./h.NamedFn", gobuild.Function, gobuild.FormResponder, gobuild.AsResponder, ""},
		{"./h.Grouped", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, "example.com/app/h.In"},
		{"example.com/app/h.Grouped", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, "example.com/app/h.In"},
		{"./h.Alias", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, "github.com/aws/aws-lambda-go/events.SQSEvent"},
		{"./h.Pointer", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, "github.com/aws/aws-lambda-go/events.S3Event"},
		{"./h.OtherEvent", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, "github.com/aws/aws-lambda-go/events.SNSEvent"},
		{"./h.Only", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.Lone", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.Any", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.Strings", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.Nothing", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.OwnError", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.Literal", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.Same", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, "example.com/app/h.In"},
		{"./h.Decoded", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, "example.com/app/h.decoded"},
		{"./h.Instance", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.Value", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.Pointed", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.New", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.Embeds", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.Mux", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.Typed", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.Func", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.Made", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.Elsewhere", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.Strip", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.First", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.NamedWeb", gobuild.Function, gobuild.FormHTTP, gobuild.AsHTTPFunc, ""},
		{"./h.Maker", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.MakerErr", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./h.MakerOwn", gobuild.Function, gobuild.FormHTTP, gobuild.AsHTTPMaker, ""},
		{"./h.MakerOwnErr", gobuild.Function, gobuild.FormHTTP, gobuild.AsHTTPMakerErr, ""},
		{"./dots.Dot", gobuild.Function, gobuild.FormHTTP, gobuild.AsIs, ""},
		{"./dots.DotContext", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./versions/v2.V", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./cmd.small", gobuild.Function, gobuild.FormEvent, gobuild.AsIs, ""},
		{"./h.Resource", gobuild.CustomResource, gobuild.FormCustomResource, gobuild.AsResource, ""},
		{"./h.Seed", gobuild.CustomResource, gobuild.FormCustomResource, gobuild.AsIs, ""},
		{"./h.MakeResource", gobuild.CustomResource, gobuild.FormCustomResource, gobuild.AsResourceMaker, ""},
		{"./h.MakeInterface", gobuild.CustomResource, gobuild.FormCustomResource, gobuild.AsIs, ""},
		{"./h.AddTables", gobuild.Decorator, gobuild.FormDecorator, gobuild.AsIs, ""},
	}
	for _, test := range tests {
		t.Run(test.handler, func(t *testing.T) {
			t.Parallel()
			s, err := m.Find(t.Context(), test.handler, test.use)
			if err != nil {
				t.Fatal(err)
			}
			if s.Form != test.form || s.Adapt != test.adapt || s.Event != test.event {
				t.Errorf("got form %v, adapt %d, event %q; want %v, %d, %q", s.Form, s.Adapt, s.Event, test.form, test.adapt, test.event)
			}
			if s.Handler != test.handler || s.Dir == "" || s.ImportPath == "" || s.Position.Line == 0 || s.Package == "" {
				t.Errorf("incomplete: %+v", s)
			}
		})
	}
}

func TestFindRefuses(t *testing.T) {
	t.Parallel()
	m := findModule(t)
	const threeForms = "http.ResponseWriter, *zerolog.Logger)"
	tests := []struct {
		handler string
		use     gobuild.Use
		want    string
		hint    string
	}{
		{"hello", gobuild.Function, `handler "hello" has no dot between package and Go symbol`, "./handlers.Hello"},
		{"./h.", gobuild.Function, `handler "./h.": "" is no Go identifier`, "./handlers.Hello"},
		{"./h.Hello-World", gobuild.Function, `handler "./h.Hello-World": "Hello-World" is no Go identifier`, ""},
		{"./g.Hello", gobuild.Function, "package directory ./g does not exist", "did you mean ./h?"},
		{"./windws/deep.Hello", gobuild.Function, "package directory ./windws/deep does not exist", "did you mean ./windows/deep?"},
		{"../../x.Hello", gobuild.Function, "package directory ../../x does not exist", ""},
		{"h.Any", gobuild.Function, "package h is neither in module example.com/app nor in a module that it requires", "did you mean ./h?"},
		{"example.com/app/gone.Any", gobuild.Function, "module example.com/app has no package example.com/app/gone", ""},
		{"example.com/elsewhere.Any", gobuild.Function, "package example.com/elsewhere is neither in module example.com/app nor in a module that it requires", "go get example.com/elsewhere"},
		{"github.com/rs/zerolog/gone.X", gobuild.Function, "module github.com/rs/zerolog@v1.35.1 has no package github.com/rs/zerolog/gone", ""},
		{"github.com/rs/zerolog/internal/json.X", gobuild.Function, "package github.com/rs/zerolog/internal/json is internal to another module", ""},
		{"./empty.X", gobuild.Function, "package ./empty has no Go files", ""},
		{"./tests.X", gobuild.Function, "package ./tests has no Go files", ""},
		{"./windows.X", gobuild.Function, "package ./windows has no Go files for linux", "exclude linux"},
		{"./broken.Hello", gobuild.Function, "expected ')', found '{'", ""},
		{"./mixed.X", gobuild.Function, "found packages a and b in one directory", ""},
		{"./nested.N", gobuild.Function, "not to example.com/app", ""},
		{"./h.Groupd", gobuild.Function, "package ./h has no symbol Groupd", "did you mean Grouped?"},
		{"./h.grouped", gobuild.Function, "package ./h has no symbol grouped", "did you mean Grouped?"},
		{"./h.unexported", gobuild.Function, "unexported is not exported by package ./h", "rename it to Unexported"},
		{"./h.In", gobuild.Function, "In is a type, not a function", threeForms},
		{"./h.Constant", gobuild.Function, "Constant is a constant, not a function", threeForms},
		{"./h.init", gobuild.Function, "func init is run by Go itself", ""},
		{"./cmd.main", gobuild.Function, "func main is run by Go itself", ""},
		{"./h.Generic", gobuild.Function, "Generic is generic", "var H = Generic[...]"},
		{"./h.TwoInts", gobuild.Function, "TwoInts has the type func(a int, b int) error, which no handler may have", threeForms},
		{"./h.LoneInterface", gobuild.Function, "which no handler may have", threeForms},
		{"./h.NoError", gobuild.Function, "NoError has the type func(ctx context.Context) string, which no handler may have", threeForms},
		{"./h.ThreeResults", gobuild.Function, "which no handler may have", threeForms},
		{"./h.Variadic", gobuild.Function, "Variadic has the type func(s ...string) error, which", threeForms},
		{"./h.Channel", gobuild.Function, "Channel has the type func(c context.Context, in chan int) error, which", threeForms},
		{"./h.Called", gobuild.Function, "Called has the type func(in func()) error, which", threeForms},
		{"./h.NotPointed", gobuild.Function, "NotPointed has the type h.pointed, which", threeForms},
		{"./h.Wrong", gobuild.Function, "Wrong has the type h.wrong, which", threeForms},
		{"./h.Number", gobuild.Function, "Number has the type int, which", threeForms},
		{"./h.Second", gobuild.Function, "Second has the type int, which", threeForms},
		{"./h.Half", gobuild.CustomResource, "Half has the type h.half, which no custom resource may have", "Create, Update and Delete"},
		{"./h.Grouped", gobuild.CustomResource, "which no custom resource may have", "customresource.Request"},
		{"./h.NotPointer", gobuild.Decorator, "which no decorator may have", "*decorator.Template"},
		{"./h.Resource", gobuild.Decorator, "Resource has the type h.res, which no decorator may have", ""},
	}
	for _, test := range tests {
		t.Run(test.handler, func(t *testing.T) {
			t.Parallel()
			_, err := m.Find(t.Context(), test.handler, test.use)
			fault, ok := errors.AsType[*gobuild.SymbolError](err)
			if !ok {
				t.Fatalf("got %T %v", err, err)
			}
			if !strings.Contains(fault.Message, test.want) || !strings.Contains(fault.Hint(), test.hint) {
				t.Errorf("got %s\nhint %s\nwant %s\nhint %s", fault.Message, fault.Hint(), test.want, test.hint)
			}
		})
	}
}

func TestFindSaysWhere(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, map[string]string{
		"go.mod": appMod,
		"a/a.go": "package a\n\nvar ä, B = 1, 2\n",
		"b/b.go": "package b\n\nfunc Ü() { \"ä\" + }\n",
	}))
	for handler, want := range map[string]string{"./a.B": "a.go:3:8", "./b.Ü": "b.go:3:18"} {
		_, err := m.Find(t.Context(), handler, gobuild.Function)
		fault, ok := errors.AsType[*gobuild.SymbolError](err)
		if !ok || !strings.HasSuffix(fault.Position.String(), want) || !strings.HasPrefix(err.Error(), fault.Position.String()) {
			t.Errorf("%s: got %v, want it at %s", handler, err, want)
		}
	}
}

func TestFindStartsInTheDirectoryOfTheService(t *testing.T) {
	t.Parallel()
	dir := tree(t, with(findApp, map[string]string{"service/s.go": "package service\n\nfunc S() {}\n"}))
	m := open(t, dir+"/service")
	for _, handler := range []string{".S", "./.S", "../service.S", "../other/../dots.DotContext", "example.com/app/service.S", dir + "/service.S"} {
		find(t, m, handler, gobuild.Function)
	}
}

func TestFindInADependency(t *testing.T) {
	t.Parallel()
	m := findModule(t)
	// A Lambda handler must come from somewhere: this one returns a Logger, which
	// no form allows, so the package was found and its type read.
	_, err := m.Find(t.Context(), "github.com/rs/zerolog.Nop", gobuild.Function)
	if err == nil || !strings.Contains(err.Error(), "Nop has the type func() zerolog.Logger, which no handler may have") {
		t.Errorf("got %v", err)
	}
}

// The precise check must not fail for what the user's go.mod says of the toolkit,
// nor for a go.mod that is not tidy.
func TestFindPreciselyInAnyModule(t *testing.T) {
	t.Parallel()
	const source = "package h\n\nimport (\n\t\"net/http/httputil\"\n\n\t\"github.com/sparta-up/sparta/shim\"\n)\n\nvar Proxy = httputil.NewSingleHostReverseProxy(nil)\n\ntype T struct{ shim.LambdaContext }\n"
	for name, mod := range map[string]string{
		"plain":    "",
		"requires": "\nrequire github.com/sparta-up/sparta v0.9.0\n",
		"replaces": "\nrequire github.com/sparta-up/sparta v0.9.0\n\nreplace github.com/sparta-up/sparta => ../nowhere\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := open(t, tree(t, map[string]string{"go.mod": appMod + mod, "h/h.go": source}))
			m.Lambda = host
			if s := find(t, m, "./h.Proxy", gobuild.Function); s.Form != gobuild.FormHTTP {
				t.Errorf("got form %v", s.Form)
			}
		})
	}
}

func TestFindConcurrently(t *testing.T) {
	t.Parallel()
	m := findModule(t)
	var group sync.WaitGroup
	for i := range 40 {
		group.Go(func() {
			if _, err := m.Find(t.Context(), []string{"./h.Grouped", "./h.Elsewhere", "./dots.Dot"}[i%3], gobuild.Function); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
}

func TestFindIsCancelled(t *testing.T) {
	t.Parallel()
	m := findModule(t)
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	if _, err := m.Find(ctx, "./h.Grouped", gobuild.Function); !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
}

func FuzzFind(f *testing.F) {
	f.Add("./h.Hello", "package h\n\nfunc Hello() {}\n")
	f.Add(".Hello", "package h\n\nvar Hello = f()\n\nfunc f() T { return T{} }\n\ntype T struct{ T }\n")
	f.Add("a.b.c", "package h\n\ntype A = A\nvar c A = c\n")
	f.Fuzz(func(t *testing.T, handler, source string) {
		dir := tree(t, map[string]string{"go.mod": appMod, "h/h.go": source})
		m, err := gobuild.OpenModuleIn(dir, nil) // without PATH there is no go command to wait for
		if err != nil {
			t.Fatal(err)
		}
		for _, h := range []string{handler, "./h.Hello", "./h.c"} {
			if _, err := m.Find(t.Context(), h, gobuild.Function); err != nil && err.Error() == "" {
				t.Error("empty error")
			}
		}
	})
}

func BenchmarkFind200(b *testing.B) {
	files := map[string]string{"go.mod": appMod}
	var handlers []string
	for i := range 200 {
		files[fmt.Sprintf("handlers/h%d.go", i)] = fmt.Sprintf("package handlers\n\nimport (\n\t\"context\"\n\n\t\"github.com/aws/aws-lambda-go/events\"\n)\n\nfunc H%d(ctx context.Context, e events.SQSEvent) error {\n%s\treturn nil\n}\n", i, strings.Repeat("\tif len(e.Records) > 3 {\n\t\tprintln(ctx, \"some code\")\n\t}\n", 20))
		handlers = append(handlers, fmt.Sprintf("./handlers.H%d", i))
	}
	dir := tree(b, files)
	for b.Loop() {
		m := open(b, dir)
		for _, handler := range handlers {
			find(b, m, handler, gobuild.Function)
		}
	}
}
