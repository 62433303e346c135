// SPDX-License-Identifier: MIT

package gobuild_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// tree writes files, given by slash-separated path, below a new directory.
func tree(tb testing.TB, files map[string]string) string {
	tb.Helper()
	dir := tb.TempDir()
	write(tb, dir, files)
	return dir
}

func write(tb testing.TB, dir string, files map[string]string) {
	tb.Helper()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
			tb.Fatal(err)
		}
	}
}

// with returns a copy of files with more of them.
func with(files, more map[string]string) map[string]string {
	files = maps.Clone(files)
	maps.Copy(files, more)
	return files
}

const appMod = "module example.com/app\n\ngo 1.24\n"

// The toolkit of the tests: as small as it can be and yet called in all forms.
// Its Main prints what the entry named by $_HANDLER gives.
const (
	fakeShim = `package shim

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"

	"github.com/rs/zerolog"
)

type Functions map[string]any

type LambdaContext struct{ FunctionName string }

func Main(functions Functions) {
	f := functions[os.Getenv("_HANDLER")]
	w := httptest.NewRecorder()
	switch f := f.(type) {
	case nil:
		fmt.Println("no such function")
		os.Exit(1)
	case func(*json.RawMessage, *LambdaContext, http.ResponseWriter, *zerolog.Logger):
		f(new(json.RawMessage), &LambdaContext{}, w, new(zerolog.Nop()))
	case http.Handler:
		f.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	case func(http.ResponseWriter, *http.Request):
		f(w, httptest.NewRequest("GET", "/", nil))
	case func() http.Handler:
		f().ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	case func() (http.Handler, error):
		h, err := f()
		if err != nil {
			panic(err)
		}
		h.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	default:
		fmt.Print(reflect.ValueOf(f).Call(nil)[0])
		return
	}
	fmt.Print(w.Body)
}
`
	fakeResource = `package customresource

import (
	"context"
	"fmt"
	"os"
)

type (
	Request  struct{ ID string }
	Response struct{ ID string }
	Resource interface {
		Create(context.Context, Request) (Response, error)
		Update(context.Context, Request) (Response, error)
		Delete(context.Context, Request) error
	}
	Handlers map[string]any
)

func Main(handlers Handlers) {
	var r Response
	switch h := handlers[os.Getenv("_HANDLER")].(type) {
	case func(context.Context, Request) (Response, error):
		r, _ = h(context.Background(), Request{"x"})
	case Resource:
		r, _ = h.Create(context.Background(), Request{"x"})
	case func() Resource:
		r, _ = h().Create(context.Background(), Request{"x"})
	case func() (Resource, error):
		made, _ := h()
		r, _ = made.Create(context.Background(), Request{"x"})
	default:
		panic(fmt.Sprintf("%T", h))
	}
	fmt.Print(r.ID)
}
`
	fakeSite = `package site

import (
	"context"

	"github.com/sparta-up/sparta/customresource"
)

type site struct{}

func (site) Create(context.Context, customresource.Request) (customresource.Response, error) {
	return customresource.Response{ID: "site"}, nil
}

func (site) Update(context.Context, customresource.Request) (r customresource.Response, err error) {
	return
}

func (site) Delete(context.Context, customresource.Request) error { return nil }

func New() (customresource.Resource, error) { return site{}, nil }
`
	fakeDecorator = `package decorator

import (
	"context"
	"fmt"
	"os"

	_ "github.com/google/go-cmp/cmp"
)

type Template struct{ Text string }

type Functions map[string]func(context.Context, *Template) error

func Main(f Functions) {
	t := &Template{}
	if err := f[os.Args[1]](context.Background(), t); err != nil {
		panic(err)
	}
	fmt.Print(t.Text)
}
`
)

// fakeToolkit requires more than its packages need, as the real one does, at
// the versions of this repository.
func fakeToolkit(tb testing.TB) fs.FS {
	tb.Helper()
	root := filepath.Join("..", "..")
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	if err != nil {
		tb.Fatal(err)
	}
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		tb.Fatal(err)
	}
	return fstest.MapFS{
		"go.mod":                           {Data: mod},
		"go.sum":                           {Data: sum},
		"shim/shim.go":                     {Data: []byte(fakeShim)},
		"shim/shim_test.go":                {Data: []byte("package shim\n\nthis is not Go\n")},
		"customresource/customresource.go": {Data: []byte(fakeResource)},
		"customresource/site/site.go":      {Data: []byte(fakeSite)},
		"decorator/decorator.go":           {Data: []byte(fakeDecorator)},
	}
}

// open returns the module of a directory, in the environment of the test.
func open(tb testing.TB, dir string) *gobuild.Module {
	tb.Helper()
	m, err := gobuild.OpenModule(dir)
	if err != nil {
		tb.Fatal(err)
	}
	return m
}

// find returns the symbol of a handler that must be right.
func find(tb testing.TB, m *gobuild.Module, handler string, use gobuild.Use) gobuild.Symbol {
	tb.Helper()
	s, err := m.Find(tb.Context(), handler, use)
	if err != nil {
		tb.Fatalf("find %s: %v", handler, err)
	}
	return s
}

// entries finds all handlers and returns them under the name of their symbol.
func entries(tb testing.TB, m *gobuild.Module, use gobuild.Use, handlers ...string) []gobuild.Entry {
	tb.Helper()
	var list []gobuild.Entry
	for _, handler := range handlers {
		s := find(tb, m, handler, use)
		list = append(list, gobuild.Entry{ID: s.Name, Symbol: s})
	}
	return list
}

var host = gobuild.Target{GOOS: runtime.GOOS, GOARCH: runtime.GOARCH}

func builder(tb testing.TB, m *gobuild.Module) *gobuild.Builder {
	tb.Helper()
	return &gobuild.Builder{Module: m, Cache: tb.TempDir(), Toolkit: fakeToolkit(tb), Dir: m.Dir}
}

// app returns the program of functions.
func app(list []gobuild.Entry) []gobuild.Program {
	return []gobuild.Program{{Name: "app", Use: gobuild.Function, Entries: list}}
}

// build compiles programs that must compile, and returns their binaries.
func build(tb testing.TB, b *gobuild.Builder, target gobuild.Target, programs []gobuild.Program) []gobuild.Binary {
	tb.Helper()
	binaries, err := b.Build(tb.Context(), target, programs)
	if err != nil {
		tb.Fatal(describe(err))
	}
	return binaries
}

func describe(err error) string {
	if fault, ok := errors.AsType[*gobuild.BuildError](err); ok {
		return err.Error() + "\n" + fault.Output
	}
	return err.Error()
}

// invoke runs a program's entry and returns what it printed.
func invoke(tb testing.TB, binary gobuild.Binary, id string) string {
	tb.Helper()
	cmd := exec.CommandContext(tb.Context(), binary.Path, id)
	cmd.Env = append(os.Environ(), "_HANDLER="+id)
	out, err := cmd.CombinedOutput()
	if err != nil {
		tb.Fatalf("%s %s: %v\n%s", binary.Program, id, err, out)
	}
	return string(out)
}

// snapshot returns the names and times of all files below dir, but for those
// in the directories left out.
func snapshot(tb testing.TB, dir string, but ...string) string {
	tb.Helper()
	var lines []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains(but, filepath.Dir(name)) {
			return err
		}
		info, err := entry.Info()
		if err == nil {
			lines = append(lines, name+" "+info.ModTime().String())
		}
		return err
	})
	if err != nil {
		tb.Fatal(err)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// repositorySum returns the checksums of this repository's own dependencies.
func repositorySum(tb testing.TB) string {
	tb.Helper()
	sum, err := os.ReadFile(filepath.Join("..", "..", "go.sum"))
	if err != nil {
		tb.Fatal(err)
	}
	return string(sum)
}

// openWith returns the module of a directory, with variables set beside those
// of the test.
func openWith(tb testing.TB, dir string, variables ...string) *gobuild.Module {
	tb.Helper()
	m, err := gobuild.OpenModuleIn(dir, append(os.Environ(), variables...))
	if err != nil {
		tb.Fatal(err)
	}
	return m
}
