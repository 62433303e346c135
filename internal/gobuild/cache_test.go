// SPDX-License-Identifier: MIT

package gobuild_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/archive"
	"github.com/sparta-up/sparta/internal/gobuild"
)

func TestBuildTwiceWritesNothing(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, formsApp))
	b := builder(t, m)
	programs := app(entries(t, m, gobuild.Function, "./handlers.Event", ".hello", "./a/internal/b.Deep"))
	first := build(t, b, host, programs)
	bin := filepath.Dir(first[0].Path) // the go command itself marks what is up to date
	before := snapshot(t, b.Cache, bin)
	second := build(t, b, host, programs)
	if after := snapshot(t, b.Cache, bin); after != before {
		t.Errorf("the cache was written to:\n%s\nwas\n%s", after, before)
	}
	if first[0] != second[0] {
		t.Errorf("got %+v, then %+v", first, second)
	}
}

func TestBuildSeesEdits(t *testing.T) {
	t.Parallel()
	for _, clause := range []string{"package h\n", "package main\n\nfunc main() {}\n"} {
		dir := tree(t, map[string]string{"go.mod": appMod})
		cache := t.TempDir()
		for _, text := range []string{"one", "two", "one"} {
			write(t, dir, map[string]string{"h/h.go": clause + "\nfunc Hello() (string, error) { return \"" + text + "\", nil }\n"})
			m := open(t, dir)
			b := builder(t, m)
			b.Cache = cache
			if got := invoke(t, build(t, b, host, app(entries(t, m, gobuild.Function, "./h.Hello")))[0], "Hello"); got != text {
				t.Errorf("got %q, want %q", got, text)
			}
		}
	}
}

// Two services of one module, with programs of the same name, don't get in each
// other's way.
func TestBuildsOfDifferentProgramsAreApart(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, formsApp))
	b := builder(t, m)
	one := build(t, b, host, app(entries(t, m, gobuild.Function, "./handlers.Event")))[0]
	two := build(t, b, host, app(entries(t, m, gobuild.Function, "./handlers.EventVar")))[0]
	if got := invoke(t, one, "Event"); got != "event" {
		t.Errorf("got %q", got)
	}
	if got := invoke(t, two, "EventVar"); got != "event var" {
		t.Errorf("got %q", got)
	}
}

func TestOldBuildsAreRemoved(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, formsApp))
	b := builder(t, m)
	old := filepath.Dir(filepath.Dir(build(t, b, host, app(entries(t, m, gobuild.Function, "./handlers.Event")))[0].Path))
	past := time.Now().Add(-30 * 24 * time.Hour)
	if err := os.Chtimes(old, past, past); err != nil {
		t.Fatal(err)
	}
	build(t, b, host, app(entries(t, m, gobuild.Function, "./handlers.EventVar")))
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", old, err)
	}
}

// Two clones in different directories, built with different caches, give the
// same bytes once sealed, and no path of the machine is in them.
func TestBuildIsReproducible(t *testing.T) {
	t.Parallel()
	target := gobuild.Target{GOOS: "linux", GOARCH: "arm64"}
	handlers := []string{"./handlers.Responder", ".hello", "./cmd/other.other", "./a/internal/b/internal/c.Deeper"}
	var sealed [2]bytes.Buffer
	var digests [2]string
	for i := range sealed {
		dir := tree(t, map[string]string{"deeper/and/deeper/go.sum": ""})
		if i == 1 {
			dir = filepath.Join(dir, "deeper", "and", "deeper")
		}
		write(t, dir, formsApp)
		m := open(t, dir)
		b := builder(t, m)
		binary := build(t, b, target, app(entries(t, m, gobuild.Function, handlers...)))[0]
		if err := archive.Seal(binary.Path, &sealed[i]); err != nil {
			t.Fatal(err)
		}
		for _, path := range []string{dir, b.Cache} {
			if bytes.Contains(sealed[i].Bytes(), []byte(path)) {
				t.Errorf("the program contains %s", path)
			}
		}
		file, err := archive.Program("bootstrap", binary.Path)
		if err != nil {
			t.Fatal(err)
		}
		if digests[i], err = archive.Digest(t.Context(), []archive.File{file}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(sealed[0].Bytes(), sealed[1].Bytes()) || digests[0] != digests[1] {
		t.Error("programs differ")
	}
}

// benchApp is a program of the size that services have.
func benchApp(b *testing.B) (*gobuild.Module, *gobuild.Builder, []gobuild.Program) {
	m := open(b, tree(b, formsApp))
	return m, builder(b, m), app(entries(b, m, gobuild.Function, "./handlers.Responder", ".hello"))
}

// plain writes a main package that does what the generated one does, for the
// comparison with go build alone, and returns the command that builds it.
func plain(b *testing.B) (dir string, run func()) {
	b.Helper()
	dir = tree(b, with(formsApp, map[string]string{
		"plain/main.go":  "package main\n\nimport (\n\t\"example.com/app/handlers\"\n\t\"github.com/sparta-up/sparta/shim\"\n)\n\nfunc main() { shim.Main(shim.Functions{\"Responder\": handlers.Responder}) }\n",
		"sparta/go.mod":  "module github.com/sparta-up/sparta\n\ngo 1.26\n\nrequire github.com/rs/zerolog v1.35.1\n\nrequire (\n\tgithub.com/mattn/go-colorable v0.1.14\n\tgithub.com/mattn/go-isatty v0.0.20\n\tgolang.org/x/sys v0.49.0\n)\n",
		"sparta/shim.go": "package sparta\n", "sparta/shim/shim.go": fakeShim, "sparta/go.sum": repositorySum(b),
		"go.work": "go 1.26\n\nuse (\n\t.\n\t./sparta\n)\n",
	}))
	return dir, func() {
		cmd := exec.CommandContext(b.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-tags=lambda.norpc", "-ldflags=-s -w", "-o", filepath.Join(dir, "out")+"/", "./plain")
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=")
		if out, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
	}
}

func BenchmarkBuildUnchanged(b *testing.B) {
	_, builder, programs := benchApp(b)
	build(b, builder, host, programs)
	for b.Loop() {
		build(b, builder, host, programs)
	}
}

func BenchmarkGoBuildUnchanged(b *testing.B) {
	_, run := plain(b)
	run()
	for b.Loop() {
		run()
	}
}

func BenchmarkBuildEdited(b *testing.B) {
	m, builder, programs := benchApp(b)
	build(b, builder, host, programs)
	for i := 0; b.Loop(); i++ {
		edit(b, m.Root, i)
		build(b, builder, host, programs)
	}
}

func BenchmarkGoBuildEdited(b *testing.B) {
	dir, run := plain(b)
	run()
	for i := 0; b.Loop(); i++ {
		edit(b, dir, i)
		run()
	}
}

// edit changes one handler so that the package must be compiled again.
func edit(b *testing.B, dir string, i int) {
	text := strings.Replace(formsApp["handlers/handlers.go"], `fmt.Fprint(w, "responder")`, fmt.Sprintf("fmt.Fprint(w, \"responder %d %d\")", i, time.Now().UnixNano()), 1)
	write(b, dir, map[string]string{"handlers/handlers.go": text})
}
