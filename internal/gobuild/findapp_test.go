// SPDX-License-Identifier: MIT

package gobuild_test

import (
	"runtime"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// findApp has symbols of all sorts; each is looked for by its name.
var findApp = map[string]string{
	"go.mod": appMod,
	"h/h.go": `package h

import (
	"context"
	stdctx "context"
	"encoding/json"
	"net/http"

	"github.com/aws/aws-lambda-go/events"
	log "github.com/rs/zerolog"
	"github.com/sparta-up/sparta/customresource"
	"github.com/sparta-up/sparta/decorator"
	"github.com/sparta-up/sparta/shim"

	"example.com/app/other"
)

type (
	In    struct{ Name string }
	Ctx   = context.Context
	Event = events.SQSEvent
	Fault struct{}
	Plain interface{ Do() }
	Fn    func(*json.RawMessage, *shim.LambdaContext, http.ResponseWriter, *log.Logger)
	Web   func(http.ResponseWriter, *http.Request)
)

func (Fault) Error() string { return "" }

const Constant = 1

func Renamed(e *json.RawMessage, c *shim.LambdaContext, w http.ResponseWriter, l *log.Logger) {}
func Grouped(ctx stdctx.Context, in In) (out In, err error)                                   { return }
func Alias(ctx Ctx, e Event) error                                                            { return nil }
func Pointer(ctx context.Context, e *events.S3Event) error                                    { return nil }
func Only(ctx context.Context)                                                                {}
func Lone(in map[string]int) error                                                            { return nil }
func Any(in any) (any, error)                                                                 { return nil, nil }
func OwnError(ctx context.Context) (int, Fault)                                               { return 0, Fault{} }
func Nothing()                                                                                {}
func Strings(s []string) error                                                                { return nil }
func OtherEvent(ctx context.Context, e other.Event) error                                     { return nil }

func TwoInts(a, b int) error                     { return nil }
func LoneInterface(p Plain) error                { return nil }
func NoError(ctx context.Context) string         { return "" }
func ThreeResults() (int, int, error)            { return 0, 0, nil }
func Variadic(s ...string) error                 { return nil }
func Channel(c context.Context, in chan int) error { return nil }
func Called(in func()) error                     { return nil }

type decoded func()

func (*decoded) UnmarshalJSON([]byte) error { return nil }

func Decoded(in decoded) error { return nil }

func Generic[T any](ctx context.Context, t T) error { return nil }
func unexported()                                {}
func init()                                      {}

type server struct{}

func (server) ServeHTTP(http.ResponseWriter, *http.Request) {}

type pointed struct{}

func (*pointed) ServeHTTP(http.ResponseWriter, *http.Request) {}

type embeds struct{ *pointed }
type wrong struct{}

func (wrong) ServeHTTP(http.ResponseWriter) {}

func make1() http.Handler { return nil }

var (
	Value                = server{}
	Pointed              = &pointed{}
	NotPointed           = pointed{}
	New                  = new(pointed)
	Embeds               = embeds{}
	Wrong                = wrong{}
	Mux                  = http.NewServeMux()
	Typed   http.Handler = server{}
	Func                 = http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	Made                 = make1()
	Elsewhere            = other.New()
	Strip                = http.StripPrefix("/x", nil)
	Literal              = func(ctx context.Context) error { return nil }
	Same                 = Grouped
	Instance             = Generic[int]
	NamedFn Fn           = Renamed
	NamedWeb Web         = nil
	Number               = 42
	First, Second        = other.Two()
)

func Maker() http.Handler                { return nil }
func MakerErr() (http.Handler, error)    { return nil, nil }
func MakerOwn() *pointed                 { return nil }
func MakerOwnErr() (*pointed, error)     { return nil, nil }

type res struct{}

func (res) Create(context.Context, customresource.Request) (r customresource.Response, err error) { return }
func (res) Update(context.Context, customresource.Request) (r customresource.Response, err error) { return }
func (res) Delete(context.Context, customresource.Request) error                                  { return nil }

type half struct{}

func (half) Create(context.Context, customresource.Request) (r customresource.Response, err error) { return }

var (
	Resource = res{}
	Half     = half{}
)

func Seed(context.Context, customresource.Request) (r customresource.Response, err error) { return }
func MakeResource() res                                                                  { return res{} }
func MakeInterface() customresource.Resource                                             { return res{} }
func AddTables(ctx context.Context, t *decorator.Template) error                          { return nil }
func NotPointer(ctx context.Context, t decorator.Template) error                          { return nil }
`,
	"other/other.go": `package other

import (
	"net/http"

	"github.com/aws/aws-lambda-go/events"
)

type Event = events.SNSEvent

type App struct{ http.Handler }

func New() *App { return nil }

func Two() (http.Handler, int) { return nil, 0 }
`,
	"dots/dots.go": `package dots

import (
	. "context"
	. "net/http"
)

func Dot(w ResponseWriter, r *Request) {}

func DotContext(ctx Context) error { return nil }
`,
	"versions/v2/v.go":     "package versions\n\nfunc V() {}\n",
	"cmd/main.go":          "package main\n\nfunc main() {}\n\nfunc small() {}\n",
	"empty/readme.txt":     "no Go here",
	"windows/x_windows.go": "package windows\n\nfunc X() {}\n",
	"tests/x_test.go":      "package tests\n\nfunc X() {}\n",
	"broken/b.go":          "package broken\n\nfunc Hello( {\n",
	"mixed/a.go":           "package a\n",
	"mixed/b.go":           "package b\n",
	"nested/go.mod":        "module example.com/nested\n",
	"nested/n.go":          "package nested\n\nfunc N() {}\n",
	"service/sparta.yaml":  "",
	"go.sum":               "",
}

// needs is a go.mod that requires what findApp imports from other modules. The
// toolkit is not among them.
const needs = appMod + "\nrequire (\n\tgithub.com/aws/aws-lambda-go v1.55.1\n\tgithub.com/rs/zerolog v1.35.1\n" +
	"\tgithub.com/mattn/go-colorable v0.1.14 // indirect\n\tgithub.com/mattn/go-isatty v0.0.20 // indirect\n\tgolang.org/x/sys v0.49.0 // indirect\n)\n"

func findModule(t *testing.T) *gobuild.Module {
	t.Helper()
	m := open(t, tree(t, with(findApp, map[string]string{"go.mod": strings.Replace(needs, "go 1.24", "go 1.26", 1), "go.sum": repositorySum(t)})))
	m.Lambda = gobuild.Target{GOOS: "linux", GOARCH: runtime.GOARCH} // whose standard library is compiled most likely
	return m
}
