// SPDX-License-Identifier: MIT

package spec_test

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

// FuzzParse: no text is a panic, every problem has a message and a place in the
// text, and a text without errors makes a complete service.
func FuzzParse(f *testing.F) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, path := range archives {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range archive.Files {
			if file.Name == "sparta.yaml" && len(file.Data) < 4096 {
				f.Add(file.Data)
			}
		}
	}
	f.Add([]byte(whole))
	f.Add([]byte("\uFEFFserviceName: x\r\n---\r\n..."))
	f.Add([]byte("? &a [*a]\n: !Ref {<<: *a}"))
	f.Add([]byte("%YAML 1.2\n---\n!<tag:yaml.org,2002:map> {a: !!int x, b: !!float 0x1p-2, c: !!bool z, d: !!null q}"))
	f.Add([]byte("serviceName: a-${environment}\nfunctions: {f: {handler: ./h.F, environment: {AA: \"${env:X, y}${region}$${z}\", BB: !Sub \"${account}${AWS::Region}${!x}\"}}}\nenvironments: {prod: {functions: {f: {memory: 256}, g: null}}, dev: }\naccounts: {prod: [\"123456789012\"]}\n"))
	dir := f.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "index.html"), nil, 0o644); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		options := spec.Options{Environment: environmentIn(data), Getenv: func(name string) (string, bool) {
			return "value of " + name, name != "MISSING"
		}}
		s, problems := spec.Parse(filepath.Join(dir, "sparta.yaml"), data, options)
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") +
			strings.Count(string(data), "\u0085") + strings.Count(string(data), "\u2028") + strings.Count(string(data), "\u2029") + 1
		for _, p := range problems {
			if p.Message == "" || strings.Contains(p.Message, "Must validate") {
				t.Errorf("message %q", p.Message)
			}
			if _, ok := diag.Explain(p.Code); !ok {
				t.Errorf("%s: code %q is not explained", p, p.Code)
			}
			if p.Position.Line > lines || p.Position.Line > 0 && p.Position.Column > utf8.RuneCountInString(p.Source)+1 {
				t.Errorf("%s is outside of the text (%d lines, source %q)", p, lines, p.Source)
			}
			_ = p.Snippet()
		}
		if len(problems.Errors()) > 0 {
			return
		}
		if s == nil || s.Name == "" {
			t.Fatalf("no errors and service %+v", s)
		}
		for _, f := range s.Functions {
			if f.Handler == "" || f.MemoryMB < 128 || f.MemoryMB > 10240 || f.Timeout < 1 || f.Runtime == "" {
				t.Errorf("no errors and function %+v", f)
			}
		}
		if err := s.WriteResolved(io.Discard); err != nil {
			t.Errorf("print: %v", err)
		}
	})
}

// environmentIn is prod where the text speaks of it, else the default.
func environmentIn(data []byte) string {
	if bytes.Contains(data, []byte("prod")) {
		return "prod"
	}
	return ""
}
