// SPDX-License-Identifier: MIT

package scaffold_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sparta-up/sparta/internal/scaffold"
	"github.com/sparta-up/sparta/schema"
	"github.com/sparta-up/sparta/spec"
)

var update = flag.Bool("update", false, "rewrite what the archives in testdata want")

// TestInit makes a service in the directory orders of each archive and
// compares what it tells and sparta.yaml with the archive's last file.
func TestInit(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			want := &archive.Files[len(archive.Files)-1]
			dir := filepath.Join(t.TempDir(), "orders")
			before := map[string]string{}
			for _, file := range archive.Files[:len(archive.Files)-1] {
				name := filepath.Join(filepath.Dir(dir), filepath.FromSlash(file.Name))
				write(t, name, string(file.Data))
				before[name] = string(file.Data)
			}
			result, err := scaffold.Init(t.Context(), dir, os.Environ())
			if err != nil {
				t.Fatal(err)
			}
			got := report(result, dir) + read(t, filepath.Join(dir, "sparta.yaml"))
			if *update {
				want.Data = []byte(got)
				if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want.Data), got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			for name, text := range before {
				if read(t, name) != text {
					t.Errorf("%s was changed", name)
				}
			}
			checkService(t, dir, result)
		})
	}
}

// checkService wants a sparta.yaml without a fault, and files as they were
// told.
func checkService(t *testing.T, dir string, result scaffold.Result) {
	t.Helper()
	service, problems := spec.Read(filepath.Join(dir, "sparta.yaml"), spec.Options{})
	if err := problems.Err(); err != nil {
		t.Errorf("sparta.yaml: %v", err)
	}
	if service == nil || service.Name != result.Service || len(service.Functions) != len(result.Functions) {
		t.Errorf("sparta.yaml has %+v, want service %s with %d functions", service, result.Service, len(result.Functions))
	}
	for _, name := range result.Made {
		if _, err := os.Stat(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Errorf("%s: told and not made", name)
		}
	}
	if got := read(t, filepath.Join(dir, ".sparta", "service.schema.json")); got != string(schema.Editor()) {
		t.Error("the schema is not that for editors")
	}
	if got := read(t, filepath.Join(dir, ".sparta", ".gitignore")); got != "*\n" {
		t.Errorf(".sparta/.gitignore is %q", got)
	}
}

func report(r scaffold.Result, dir string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "made: %s\nkept: %s\n", strings.Join(r.Made, " "), strings.Join(r.Kept, " "))
	next := slices.DeleteFunc(slices.Clone(r.Next), func(s string) bool { return strings.HasPrefix(s, "cd ") })
	fmt.Fprintf(&b, "next: %s\n", strings.Join(next, "; "))
	for _, note := range r.Notes {
		fmt.Fprintf(&b, "note: %s\n", strings.ReplaceAll(note, dir, "DIR"))
	}
	return b.String()
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestInitKeepsService(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"sparta.yaml", "sparta.yml"} {
		dir := t.TempDir()
		write(t, filepath.Join(dir, name), "serviceName: mine\n")
		_, err := scaffold.Init(t.Context(), dir, os.Environ())
		if err == nil || err.Error() != name+": is there already and is not overwritten" {
			t.Errorf("%s: got %v", name, err)
		}
		if hinted, ok := errors.AsType[interface {
			error
			Hint() string
		}](err); !ok || !strings.Contains(hinted.Hint(), "sparta validate") {
			t.Errorf("%s: no hint: %v", name, err)
		}
		if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
			t.Errorf("%s: made %v, %v", name, entries, err)
		}
	}
}

func TestInitRefuses(t *testing.T) {
	t.Parallel()
	t.Run("a file for a directory", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "file")
		write(t, file, "text")
		if _, err := scaffold.Init(t.Context(), file, os.Environ()); err == nil {
			t.Error("got no error")
		}
	})
	t.Run("a broken go.mod", func(t *testing.T) {
		t.Parallel()
		dir := t.TempDir()
		write(t, filepath.Join(dir, "go.mod"), "modul x\n")
		_, err := scaffold.Init(t.Context(), dir, os.Environ())
		if err == nil || !strings.Contains(err.Error(), "modul") {
			t.Errorf("got %v", err)
		}
		if _, err := os.Stat(filepath.Join(dir, "sparta.yaml")); err == nil {
			t.Error("made sparta.yaml all the same")
		}
	})
}

// TestInitBelowModule: a service may stand in a directory of a module.
func TestInitBelowModule(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module example.com/mono\n\ngo 1.24\n")
	dir := filepath.Join(root, "services", "billing")
	result, err := scaffold.Init(t.Context(), dir, os.Environ())
	if err != nil {
		t.Fatal(err)
	}
	if result.Service != "billing" || slices.Contains(result.Made, "go.mod") {
		t.Errorf("got %+v", result)
	}
	checkService(t, dir, result)
}

func TestRefresh(t *testing.T) {
	t.Parallel()
	const modeline = "# yaml-language-server: $schema=.sparta/service.schema.json\n"
	tests := []struct {
		name, text string
		want       bool
	}{
		{"modeline", modeline + "serviceName: x\n", true},
		{"after comments", "\ufeff# Orders\n\n" + modeline, true},
		{"none", "serviceName: x\n", false},
		{"another schema", "# yaml-language-server: $schema=https://example.com/x.json\n", false},
		{"too late", "serviceName: x\n" + modeline, false},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			file, path := filepath.Join(dir, "sparta.yaml"), filepath.Join(dir, ".sparta", "service.schema.json")
			write(t, file, test.text)
			for _, want := range []bool{test.want, false} { // again: it is there
				if got, err := scaffold.Refresh(file); err != nil || got != want {
					t.Errorf("got %t, %v, want %t", got, err, want)
				}
			}
			if !test.want {
				return
			}
			write(t, path, "{}") // of another version
			if got, err := scaffold.Refresh(file); err != nil || !got || read(t, path) != string(schema.Editor()) {
				t.Errorf("out of date: got %t, %v", got, err)
			}
			if entries, err := os.ReadDir(filepath.Dir(path)); err != nil || len(entries) != 2 {
				t.Errorf("left %v, %v", entries, err)
			}
		})
	}
}
