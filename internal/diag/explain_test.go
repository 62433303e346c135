// SPDX-License-Identifier: MIT

package diag_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/diag"
)

// codes are the codes of code.go by the names of their constants.
func codes(t *testing.T) map[string]diag.Code {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "code.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]diag.Code{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			all[spec.Names[0].Name] = diag.Code(value)
		}
		return true
	})
	return all
}

// TestEveryCodeIsExplained: once, under its own heading, in order; and a code is
// never that of two kinds.
func TestEveryCodeIsExplained(t *testing.T) {
	t.Parallel()
	form := regexp.MustCompile(`^SP0[0-9]{3}$`)
	var explained []diag.Code
	for _, x := range diag.Explanations() {
		explained = append(explained, x.Code)
		if !form.MatchString(string(x.Code)) || x.Title == "" || len(x.Text) < 40 || strings.Contains(x.Text, "```") {
			t.Errorf("%s: code %q, title %q, text %q", x.Code, x.Code, x.Title, x.Text)
		}
		if (x.Before == "") != (x.After == "") || x.Before != "" && x.Before == x.After {
			t.Errorf("%s: before %q, after %q", x.Code, x.Before, x.After)
		}
		if found, ok := diag.Explain(x.Code); !ok || found.Title != x.Title {
			t.Errorf("Explain(%s) is %v, %v", x.Code, found, ok)
		}
	}
	if diff := cmp.Diff(slices.Sorted(maps.Values(codes(t))), explained); diff != "" {
		t.Errorf("codes of code.go and of codes.md (-declared +explained):\n%s", diff)
	}
	if _, ok := diag.Explain("SP9999"); ok {
		t.Error("SP9999 is explained")
	}
}

// TestEveryCodeIsUsed looks for each constant in the sources of the module.
func TestEveryCodeIsUsed(t *testing.T) {
	t.Parallel()
	use := regexp.MustCompile(`\bdiag\.([A-Z][A-Za-z0-9]*)\b`)
	used := map[string]bool{}
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != root && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		for _, m := range use.FindAllStringSubmatch(readFile(t, path), -1) {
			used[m[1]] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, code := range codes(t) {
		if !used[name] {
			t.Errorf("%s (%s) is explained and nothing reports it", code, name)
		}
	}
}

func TestExplanationString(t *testing.T) {
	t.Parallel()
	x := diag.Explanation{Code: "SP0001", Title: "a title", Text: "Some text.", Before: "a: 1\nb: 2", After: "a: 2"}
	want := "SP0001: a title\n\nSome text.\n\nBefore:\n\n    a: 1\n    b: 2\n\nAfter:\n\n    a: 2\n"
	if got := x.String(); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for _, x := range diag.Explanations() {
		for line := range strings.Lines(x.String()) {
			if len(line) > 125 {
				t.Errorf("%s: a line of %d characters: %s", x.Code, len(line), line)
			}
		}
	}
}
