// SPDX-License-Identifier: MIT

package spec_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

var update = flag.Bool("update", false, "rewrite the expected diagnostics in testdata")

// TestDiagnostics reads the sparta.yaml of each archive in testdata, beside the
// other files of the archive, and compares what is said with its file "want".
// Its file "options" has a line NAME=VALUE for each environment variable, and
// -e NAME for the environment that is chosen.
func TestDiagnostics(t *testing.T) {
	t.Parallel()
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("archives in testdata: %v, %v", archives, err)
	}
	for _, path := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			var want string
			var options spec.Options
			for _, f := range archive.Files {
				switch f.Name {
				case "want":
					want = string(f.Data)
					continue
				case "options":
					options = parseOptions(string(f.Data))
					continue
				}
				write(t, filepath.Join(dir, f.Name), f.Data)
			}
			_, problems := spec.Read(filepath.Join(dir, "sparta.yaml"), options)
			got := strings.ReplaceAll(render(problems), dir+string(filepath.Separator), "")
			if *update {
				save(t, path, archive, got)
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("diagnostics (-want +got):\n%s", diff)
			}
		})
	}
}

func parseOptions(lines string) spec.Options {
	variables := map[string]string{}
	o := spec.Options{Getenv: func(name string) (string, bool) {
		value, ok := variables[name]
		return value, ok
	}}
	for line := range strings.Lines(lines) {
		line = strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(line, "-e "); ok {
			o.Environment = name
		} else if name, value, ok := strings.Cut(line, "="); ok {
			variables[name] = value
		}
	}
	return o
}

// render writes problems as a terminal shows them.
func render(problems diag.List) string {
	var b strings.Builder
	for _, p := range problems {
		b.WriteString(p.String() + "\n")
		if s := p.Snippet(); s != "" {
			b.WriteString("    " + strings.ReplaceAll(s, "\n", "\n    ") + "\n")
		}
		if p.Hint != "" {
			b.WriteString("    hint: " + p.Hint + "\n")
		}
	}
	return b.String()
}

func write(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// save writes an archive back with another "want", which stands last.
func save(t *testing.T, path string, archive *txtar.Archive, want string) {
	t.Helper()
	kept := archive.Files[:0]
	for _, f := range archive.Files {
		if f.Name != "want" {
			kept = append(kept, f)
		}
	}
	archive.Files = append(kept, txtar.File{Name: "want", Data: []byte(want)})
	if err := os.WriteFile(path, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}
