// SPDX-License-Identifier: MIT

package gobuild_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/gobuild"
)

// buildError builds programs that must not compile.
func buildError(t *testing.T, b *gobuild.Builder, programs []gobuild.Program) *gobuild.BuildError {
	t.Helper()
	_, err := b.Build(t.Context(), host, programs)
	fault, ok := errors.AsType[*gobuild.BuildError](err)
	if !ok {
		t.Fatalf("got %T %v, want a *BuildError", err, err)
	}
	return fault
}

// Faults in the user's source are shown as the go command shows them, with the
// user's own file and line, also where the build compiles a rewritten copy.
func TestBuildShowsTheUsersFileAndLine(t *testing.T) {
	t.Parallel()
	const good = "func Hello() (string, error) { return \"\", nil }\n"
	tests := []struct {
		name, file, source, want string
	}{
		{"type error", "h/h.go", "package h\n\n" + good + "\nvar x int = \"text\"\n", "h/h.go:5:13: cannot use \"text\""},
		{"type error in main", "h/h.go", "package main\n\nfunc main() {}\n\n" + good + "\nvar x int = \"text\"\n", "h/h.go:7:13: cannot use \"text\""},
		{"on the line of package main", "h/h.go", "package main; var x int = \"text\"\n\nfunc main() {}\n\n" + good, "h/h.go:1:"},
		{"undefined in main with a long header", "h/h.go", "//go:build !never\n\n// Package main has a comment.\npackage main\n\nfunc main() {}\n\n" + good + "\nvar _ = undefined\n", "h/h.go:10:9: undefined: undefined"},
		{"missing embedded file in main", "h/h.go", "package main\n\nimport _ \"embed\"\n\n//go:embed gone.txt\nvar x string\n\nfunc main() {}\n\n" + good, "h/h.go:5:12: pattern gone.txt: no matching files found"},
		{"unused import", "h/h.go", "package h\n\nimport \"fmt\"\n\n" + good, "h/h.go:3:8: \"fmt\" imported and not used"},
		{"import of a package that is not there", "h/h.go", "package h\n\nimport _ \"example.com/app/gone\"\n\n" + good, "h/h.go:3:8: "},
		{"missing dependency", "h/h.go", "package h\n\nimport _ \"github.com/nobody/nothing\"\n\n" + good, "go get github.com/nobody/nothing"},
		{"missing dependency of main", "h/h.go", "package main\n\nimport _ \"github.com/nobody/nothing\"\n\nfunc main() {}\n\n" + good, "h/h.go:3:8: no required module provides package github.com/nobody/nothing"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			m := open(t, tree(t, map[string]string{"go.mod": appMod, test.file: test.source}))
			fault := buildError(t, builder(t, m), app(entries(t, m, gobuild.Function, "./h.Hello")))
			if !strings.Contains(filepath.ToSlash(fault.Output), test.want) {
				t.Errorf("got\n%s\nwant %s", fault.Output, test.want)
			}
			if fault.Error() != "go build: exit status 1" {
				t.Errorf("got %q", fault.Error())
			}
		})
	}
}

func TestBuildShowsPathsRelativeToItsDirectory(t *testing.T) {
	t.Parallel()
	m := open(t, tree(t, map[string]string{"go.mod": appMod, "a/h/h.go": "package h\n\nfunc Hello() (string, error) { return 1, nil }\n"}))
	b := builder(t, m)
	b.Dir = filepath.Join(m.Root, "a")
	fault := buildError(t, b, app(entries(t, m, gobuild.Function, "./a/h.Hello")))
	if !strings.Contains(filepath.ToSlash(fault.Output), "\nh/h.go:3:39: ") {
		t.Errorf("got\n%s", fault.Output)
	}
}

func TestNoGo(t *testing.T) {
	t.Parallel()
	dir := tree(t, providerApp)
	m, err := gobuild.OpenModuleIn(dir, []string{"PATH=" + t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	b := builder(t, m)
	_, err = b.Build(t.Context(), host, app(entries(t, m, gobuild.Function, "./h.Hello")))
	if err == nil || !strings.Contains(err.Error(), "go command: not found on PATH") {
		t.Fatalf("got %v", err)
	}
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); !ok || !strings.Contains(h.Hint(), "https://go.dev/dl/") {
		t.Errorf("no hint: %v", err)
	}
}

func TestOpenModuleRefuses(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name    string
		files   map[string]string
		environ []string
		want    string
	}{
		{"no module line", map[string]string{"go.mod": "go 1.24\n"}, nil, "has no module line"},
		{"syntax", map[string]string{"go.mod": "module example.com/app\n\nrequire (\n"}, nil, "go.mod:"},
		{"overlay in GOFLAGS", map[string]string{"go.mod": appMod}, []string{"GOFLAGS=-overlay=x.json"}, "GOFLAGS: -overlay can't be combined"},
		{"race in GOFLAGS", map[string]string{"go.mod": appMod}, []string{"GOFLAGS=-v -race"}, "GOFLAGS: -race can't be combined"},
		{"quote in GOFLAGS", map[string]string{"go.mod": appMod}, []string{"GOFLAGS='-tags=a"}, "GOFLAGS: unterminated ' quote"},
		{"workspace that is gone", map[string]string{"go.mod": appMod}, []string{"GOWORK=/nowhere/go.work"}, "read workspace: "},
		{"broken workspace", map[string]string{"go.mod": appMod, "go.work": "use ("}, nil, "read workspace: "},
		{"workspace with a member that is gone", map[string]string{"go.mod": appMod, "go.work": "go 1.24\n\nuse (\n\t.\n\t./gone\n)\n"}, nil, "read workspace "},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, err := gobuild.OpenModuleIn(tree(t, test.files), append(test.environ, "GOENV=off"))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func TestOpenModuleWithoutGoMod(t *testing.T) {
	t.Parallel()
	_, err := gobuild.OpenModule(t.TempDir())
	if err == nil || !strings.HasPrefix(err.Error(), "go.mod: not found in ") {
		t.Fatalf("got %v", err)
	}
	if h, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); !ok || !strings.Contains(h.Hint(), "go mod init") {
		t.Errorf("no hint: %v", err)
	}
}

// slowGo is a go command that takes longer than anybody waits, and has a child
// that outlives it unless the group is ended.
const slowGo = "#!/bin/sh\nsleep 60 &\necho $! >\"$CHILD\"\nwait\n"

func TestBuildIsCancelled(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("the slow go command is a shell script")
	}
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "go"), []byte(slowGo), 0o755); err != nil {
		t.Fatal(err)
	}
	child := filepath.Join(t.TempDir(), "pid")
	m := open(t, tree(t, providerApp))
	b := builder(t, m)
	b.Environ = []string{"PATH=" + bin + string(filepath.ListSeparator) + os.Getenv("PATH"), "CHILD=" + child}
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	go func() {
		for {
			if text, err := os.ReadFile(child); err == nil && strings.HasSuffix(string(text), "\n") {
				cancel(cause)
				return
			}
			time.Sleep(time.Millisecond)
		}
	}()
	start := time.Now()
	_, err := b.Build(ctx, host, app(entries(t, m, gobuild.Function, "./h.Hello")))
	if !errors.Is(err, cause) {
		t.Errorf("got %v", err)
	}
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("took %v", took)
	}
	checkEnded(t, child)
}
