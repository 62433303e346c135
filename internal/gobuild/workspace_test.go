// SPDX-License-Identifier: MIT

package gobuild_test

import (
	"debug/buildinfo"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/gobuild"
)

const helloSource = "package h\n\nfunc Hello() (string, error) { return \"hello\", nil }\n"

// hello builds ./h.Hello of the module in dir and returns what it prints.
func hello(t *testing.T, dir string) string {
	t.Helper()
	m := open(t, dir)
	return invoke(t, build(t, builder(t, m), host, app(entries(t, m, gobuild.Function, "./h.Hello")))[0], "Hello")
}

func TestBuildInUnusualModules(t *testing.T) {
	t.Parallel()
	lib := "package lib\n\nvar Text = \"from lib\"\n"
	uses := "package h\n\nimport \"example.com/lib\"\n\nfunc Hello() (string, error) { return lib.Text, nil }\n"
	tests := []struct {
		name  string
		dir   string
		files map[string]string
		want  string
	}{
		{"old language version", "", map[string]string{"go.mod": "module example.com/app\n\ngo 1.20\n", "h/h.go": `package h

import "fmt"

func Hello() (string, error) {
	var funcs []func() int
	for i := 0; i < 2; i++ {
		funcs = append(funcs, func() int { return i })
	}
	return fmt.Sprint(funcs[0](), funcs[1]()), nil
}
`}, "2 2"},
		{"no go line", "", map[string]string{"go.mod": "module example.com/app\n", "h/h.go": helloSource}, "hello"},
		{"relative replacement", "app", map[string]string{
			"app/go.mod": appMod + "\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n", "app/h/h.go": uses,
			"lib/go.mod": "module example.com/lib\n", "lib/lib.go": lib}, "from lib"},
		{"workspace", "app", map[string]string{
			"go.work": "go 1.24\n\nuse (\n\t./app\n\t./lib\n)\n", "app/go.mod": appMod, "app/h/h.go": uses,
			"lib/go.mod": "module example.com/lib\n", "lib/lib.go": lib}, "from lib"},
		{"workspace with a replacement", "app", map[string]string{
			"go.work": "go 1.24\n\nuse ./app\n\nreplace example.com/lib => ./fork\n", "app/go.mod": appMod + "\nrequire example.com/lib v1.0.0\n", "app/h/h.go": uses,
			"fork/go.mod": "module example.com/lib\n", "fork/lib.go": lib}, "from lib"},
		{"workspace that leaves the module out", "app", map[string]string{
			"go.work": "go 1.24\n\nuse ./lib\n", "app/go.mod": appMod, "app/h/h.go": helloSource, "lib/go.mod": "module example.com/lib\n"}, "hello"},
		{"requires the toolkit", "", map[string]string{"go.mod": appMod + "\nrequire github.com/sparta-up/sparta v0.9.0\n", "h/h.go": helloSource}, "hello"},
		{"replaces the toolkit by what is not there", "", map[string]string{
			"go.mod": appMod + "\nrequire github.com/sparta-up/sparta v0.9.0\n\nreplace github.com/sparta-up/sparta => ../nowhere\n", "h/h.go": helloSource}, "hello"},
		{"toolkit in the workspace", "app", map[string]string{
			"go.work": "go 1.24\n\nuse (\n\t./app\n\t./sparta\n)\n", "app/go.mod": appMod, "app/h/h.go": helloSource,
			"sparta/go.mod": "module github.com/sparta-up/sparta\n", "sparta/shim/shim.go": "package shim\n\nthis is not Go\n"}, "hello"},
		{"vendored", "", map[string]string{"go.mod": appMod, "h/h.go": helloSource, "vendor/modules.txt": ""}, "hello"},
		{"names that need care", "", map[string]string{"go.mod": "module example.com/an-app.v2/v3\n\ngo 1.24\n", "h/h.go": helloSource}, "hello"},
		{"path with spaces", "my app (1)", map[string]string{"my app (1)/go.mod": appMod, "my app (1)/h/h.go": strings.Replace(helloSource, "package h", "package main\n\nfunc main() {}", 1)}, "hello"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if got := hello(t, filepath.Join(tree(t, test.files), test.dir)); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestBuildFindsHandlersInOtherMembers(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"go.work": "go 1.24\n\nuse (\n\t./app\n\t./lib\n)\n", "app/go.mod": appMod,
		"lib/go.mod": "module example.com/lib\n", "lib/internal/h/h.go": helloSource, "lib/cmd/main.go": "package main\n\nfunc main() {}\n\nfunc small() (string, error) { return \"small\", nil }\n",
	})
	m := open(t, filepath.Join(dir, "app"))
	binary := build(t, builder(t, m), host, app(entries(t, m, gobuild.Function, "example.com/lib/internal/h.Hello", "../lib/cmd.small")))[0]
	for id, want := range map[string]string{"Hello": "hello", "small": "small"} {
		if got := invoke(t, binary, id); got != want {
			t.Errorf("%s: got %q, want %q", id, got, want)
		}
	}
}

// The module of the toolkit itself, such as the examples in its repository,
// needs no other toolkit.
func TestBuildInTheToolkitsOwnModule(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, map[string]string{
		"go.mod": "module github.com/sparta-up/sparta\n\ngo 1.24\n", "examples/h/h.go": helloSource,
		"shim/shim.go": "package shim\n\nimport \"fmt\"\n\ntype Functions map[string]any\n\nfunc Main(f Functions) { s, _ := f[\"Hello\"].(func() (string, error))(); fmt.Print(\"own \", s) }\n",
	}))
	b := builder(t, m)
	b.Toolkit = nil
	if got := invoke(t, build(t, b, host, app(entries(t, m, gobuild.Function, "./examples/h.Hello")))[0], "Hello"); got != "own hello" {
		t.Errorf("got %q", got)
	}
}

// A module that the build does not need keeps the version that the user's go.mod
// asks for, although the toolkit's go.mod asks for a newer one; and the
// user's go.mod is not in need of what the toolkit alone imports.
func TestBuildKeepsTheUsersVersions(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, map[string]string{
		"go.mod":     appMod + "\nrequire github.com/google/go-cmp v0.6.0\n\nreplace github.com/google/go-cmp v0.6.0 => ./cmp\n",
		"h/h.go":     "package h\n\nimport \"github.com/google/go-cmp/cmp\"\n\nfunc Hello() (string, error) { return cmp.Old, nil }\n",
		"cmp/go.mod": "module github.com/google/go-cmp\n", "cmp/cmp/cmp.go": "package cmp\n\nconst Old = \"v0.6.0\"\n",
	}))
	binary := build(t, builder(t, m), host, app(entries(t, m, gobuild.Function, "./h.Hello")))[0]
	if got := invoke(t, binary, "Hello"); got != "v0.6.0" {
		t.Errorf("got %q", got)
	}
	info, err := buildinfo.ReadFile(binary.Path)
	if err != nil {
		t.Fatal(err)
	}
	for _, dep := range info.Deps {
		if strings.HasPrefix(dep.Path, "github.com/aws/") {
			t.Errorf("the program contains %s", dep.Path)
		}
	}
}

// User code that imports a package of the toolkit by itself gets what that needs.
func TestBuildFollowsTheUsersImportsOfTheToolkit(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, map[string]string{
		"go.mod":       appMod,
		"h/h.go":       "package h\n\nimport \"example.com/app/deep\"\n\nfunc Hello() (string, error) { return deep.Text(), nil }\n",
		"deep/deep.go": "package deep\n\nimport \"github.com/sparta-up/sparta/decorator\"\n\nfunc Text() string { return (decorator.Template{Text: \"deep\"}).Text }\n",
	}))
	if got := hello(t, m.Root); got != "deep" {
		t.Errorf("got %q", got)
	}
}

// A dependency may import what the user's own packages don't.
func TestBuildFollowsDependenciesToTheToolkit(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"app/go.mod": appMod + "\nrequire example.com/lib v0.0.0\n\nreplace example.com/lib => ../lib\n",
		"app/h/h.go": "package h\n\nimport \"example.com/lib\"\n\nfunc Hello() (string, error) { return lib.Text(), nil }\n",
		"lib/go.mod": "module example.com/lib\n",
		"lib/lib.go": "package lib\n\nimport \"github.com/sparta-up/sparta/decorator\"\n\nfunc Text() string { return (decorator.Template{Text: \"lib\"}).Text }\n",
	})
	if got := hello(t, filepath.Join(dir, "app")); got != "lib" {
		t.Errorf("got %q", got)
	}
}

func TestBuildHonoursGOFLAGS(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{
		"go.mod": appMod,
		"h/h.go": "package h\n\nvar Text = \"plain\"\n\nfunc Hello() (string, error) { return Text + tagged, nil }\n",
		"h/a.go": "//go:build !special || !lambda.norpc\n\npackage h\n\nconst tagged = \"\"\n",
		"h/b.go": "//go:build special && lambda.norpc\n\npackage h\n\nconst tagged = \" tagged\"\n\nfunc Only() {}\n",
	})
	m := openWith(t, dir, "GOFLAGS=-mod=mod -tags=special,other '-ldflags=-X example.com/app/h.Text=linked' -trimpath=false")
	find(t, m, "./h.Only", gobuild.Function)
	if got := invoke(t, build(t, builder(t, m), host, app(entries(t, m, gobuild.Function, "./h.Hello")))[0], "Hello"); got != "linked tagged" {
		t.Errorf("got %q", got)
	}
}

func TestSettingsOfGoEnvCount(t *testing.T) {
	t.Parallel()
	dir := tree(t, map[string]string{"go.mod": appMod, "h/h.go": "//go:build special\n\n" + helloSource, "env": "# comment\nGOFLAGS=-tags=special\nGOWORK=off\n", "go.work": "broken"})
	find(t, openWith(t, dir, "GOFLAGS=", "GOWORK=", "GOENV="+filepath.Join(dir, "env")), "./h.Hello", gobuild.Function)
	if _, err := openWith(t, dir, "GOENV=off", "GOWORK=off", "GOFLAGS=").Find(t.Context(), "./h.Hello", gobuild.Function); err == nil {
		t.Error("the file counts although it is off")
	}
}
