// SPDX-License-Identifier: MIT

package gobuild_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// providerApp has custom resources and decorators in all their forms.
var providerApp = map[string]string{
	"go.mod": appMod,
	"h/h.go": "package h\n\nfunc Hello() (string, error) { return \"hello\", nil }\n",
	"setup/setup.go": `package setup

import (
	"context"

	"github.com/sparta-up/sparta/customresource"
	"github.com/sparta-up/sparta/decorator"
)

type res struct{}

func (*res) Create(context.Context, customresource.Request) (customresource.Response, error) {
	return customresource.Response{ID: "resource"}, nil
}

func (*res) Update(context.Context, customresource.Request) (r customresource.Response, err error) {
	return
}

func (*res) Delete(context.Context, customresource.Request) error { return nil }

type function func(context.Context, customresource.Request) (customresource.Response, error)

func Seed(context.Context, customresource.Request) (customresource.Response, error) {
	return customresource.Response{ID: "seed"}, nil
}

var (
	Named function = Seed
	Value          = &res{}
)

func Make() *res { return &res{} }

func MakeAny() customresource.Resource { return &res{} }

func AddTables(ctx context.Context, t *decorator.Template) error {
	t.Text = "tables"
	return nil
}
`,
}

func TestBuildProgramsOfAllUses(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, providerApp))
	want := map[string]string{"Seed": "seed", "Named": "seed", "Value": "resource", "Make": "resource", "MakeAny": "resource", "site": "site"}
	binaries := build(t, builder(t, m), host, []gobuild.Program{
		{Name: "app", Entries: entries(t, m, gobuild.Function, "./h.Hello")},
		{Name: "provider", Use: gobuild.CustomResource, Builtins: []gobuild.Builtin{{ID: "site", Package: "customresource/site"}},
			Entries: entries(t, m, gobuild.CustomResource, "./setup.Seed", "./setup.Named", "./setup.Value", "./setup.Make", "./setup.MakeAny")},
		{Name: "decorators", Use: gobuild.Decorator, Entries: entries(t, m, gobuild.Decorator, "./setup.AddTables")},
	})
	if got := invoke(t, binaries[0], "Hello"); got != "hello" {
		t.Errorf("app: got %q", got)
	}
	for id, text := range want {
		if got := invoke(t, binaries[1], id); got != text {
			t.Errorf("provider %s: got %q, want %q", id, got, text)
		}
	}
	if got := invoke(t, binaries[2], "AddTables"); got != "tables" {
		t.Errorf("decorators: got %q", got)
	}
}

func TestBuildRefusesPrograms(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, providerApp))
	hello := entries(t, m, gobuild.Function, "./h.Hello")
	unexported := gobuild.Symbol{Dir: m.Root + "/h", ImportPath: "example.com/app/h", Package: "h", Name: "hello"}
	tests := []struct {
		want     string
		programs []gobuild.Program
	}{
		{"build: no programs", nil},
		{`build: program name "": must be`, []gobuild.Program{{}}},
		{`build: program name "../x": must be`, []gobuild.Program{{Name: "../x"}}},
		{"build: program App: named twice", []gobuild.Program{{Name: "app"}, {Name: "App"}}},
		{`build: program app: id "x" is empty or given twice`, []gobuild.Program{{Name: "app", Entries: []gobuild.Entry{{ID: "x", Symbol: hello[0].Symbol}, {ID: "x", Symbol: hello[0].Symbol}}}}},
		{"build: program app: only a custom resource program has built-ins", []gobuild.Program{{Name: "app", Builtins: []gobuild.Builtin{{ID: "site", Package: "customresource/site"}}}}},
		{"build: hello is not exported by package example.com/app/h", []gobuild.Program{{Name: "app", Entries: []gobuild.Entry{{ID: "x", Symbol: unexported}}}}},
	}
	for _, test := range tests {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			_, err := builder(t, m).Build(t.Context(), host, test.programs)
			if err == nil || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

// The user may have a directory of the name that the generated programs use.
func TestBuildAvoidsDirectoriesOfTheUser(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, with(providerApp, map[string]string{"_sparta/app/main.go": "package broken ("})))
	binary := build(t, builder(t, m), host, app(entries(t, m, gobuild.Function, "./h.Hello")))[0]
	if got := invoke(t, binary, "Hello"); got != "hello" {
		t.Errorf("got %q", got)
	}
}

// realToolkit is what this repository's main package embeds.
func realToolkit(t *testing.T) fs.FS {
	t.Helper()
	root := os.DirFS(filepath.Join("..", ".."))
	files := make(fstest.MapFS)
	source, err := fs.ReadFile(root, "main.go")
	if err != nil {
		t.Fatal(err)
	}
	_, line, _ := strings.Cut(string(source), "//go:embed ")
	line, _, _ = strings.Cut(line, "\n")
	for pattern := range strings.FieldsSeq(line) {
		names, err := fs.Glob(root, pattern)
		if err != nil || len(names) == 0 {
			t.Fatalf("toolkit: nothing matches %s: %v", pattern, err)
		}
		for _, name := range names {
			data, err := fs.ReadFile(root, name)
			if err != nil {
				t.Fatal(err)
			}
			files[name] = &fstest.MapFile{Data: data}
		}
	}
	return files
}

// The packages of this repository fit the programs that are generated for them.
func TestBuildWithTheRealToolkit(t *testing.T) {
	t.Parallel()
	files := with(providerApp, map[string]string{
		"forms/forms.go": strings.Replace(formsApp["handlers/handlers.go"], "package handlers", "package forms", 1),
	})
	delete(files, "setup/setup.go")
	files["setup/setup.go"] = strings.NewReplacer(`customresource.Response{ID: "resource"}`, "customresource.Response{}",
		`customresource.Response{ID: "seed"}`, "customresource.Response{}", `	t.Text = "tables"`+"\n", "").Replace(providerApp["setup/setup.go"])
	m := open(t, tree(t, files))
	b := builder(t, m)
	b.Toolkit = realToolkit(t)
	build(t, b, gobuild.Target{GOOS: "linux", GOARCH: host.GOARCH}, []gobuild.Program{
		{Name: "app", Entries: entries(t, m, gobuild.Function, "./h.Hello", "./forms.Responder", "./forms.NamedResponder", "./forms.NamedWeb", "./forms.MakeConcrete", "./forms.MakeConcreteErr", "./forms.Value")},
		{Name: "provider", Use: gobuild.CustomResource, Builtins: []gobuild.Builtin{
			{ID: "site", Package: "customresource/distribution"}, {ID: "plainSite", Package: "customresource/site"},
			{ID: "bucketNotifications", Package: "customresource/notification"}, {ID: "activeReceiptRuleSet", Package: "customresource/receipt"},
		},
			Entries: entries(t, m, gobuild.CustomResource, "./setup.Seed", "./setup.Named", "./setup.Value", "./setup.Make", "./setup.MakeAny")},
		{Name: "decorators", Use: gobuild.Decorator, Entries: entries(t, m, gobuild.Decorator, "./setup.AddTables")},
	})
}
