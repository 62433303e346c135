// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// files are the sparta.yaml of all archives in testdata.
func files(t testing.TB) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("archives in testdata: %v, %v", paths, err)
	}
	all := map[string][]byte{}
	for _, path := range paths {
		archive, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range archive.Files {
			if f.Name == "sparta.yaml" {
				all[strings.TrimSuffix(filepath.Base(path), ".txtar")] = f.Data
			}
		}
	}
	return all
}

// outcome is what a file is converted to and what is wrong with it, as text.
func outcome(c *converter, root *node) string {
	var b strings.Builder
	root.dump(&b, 0)
	for _, p := range tidy(c.problems) {
		fmt.Fprintf(&b, "%s\n%s\n", p, p.Snippet())
	}
	fmt.Fprintln(&b, c.beyond)
	return b.String()
}

func (n *node) dump(b *strings.Builder, depth int) {
	fmt.Fprintf(b, "%*s%q %v %q %q %v %v %q %v %v\n", 2*depth, "", n.key, n.kind, n.written, n.json(), n.at, n.keyAt, n.short(), n.quoted, n.faulty)
	for _, part := range n.children() {
		if part.parent != n || n.kind == object && n.field(part.key) != part {
			fmt.Fprintf(b, "%q is not in %q\n", part.key, n.key)
		}
		part.dump(b, depth+1)
	}
}

// same parses a text as a whole and in the smallest parts, and reports whether
// it could be cut.
func same(t *testing.T, data []byte) bool {
	t.Helper()
	s, text, problem := newSource("sparta.yaml", data)
	if problem != nil {
		return false
	}
	parts := s.parts(1)
	line := 1
	for _, p := range flat(nil, parts) {
		if p.line != line || p.end <= p.line {
			t.Fatalf("part of lines %d to %d begins after line %d", p.line, p.end, line)
		}
		line = p.end
	}
	c, root, ok := s.tree(parts)
	if !ok {
		return false
	}
	got := outcome(c, root)
	top, problem := s.parse(text)
	if problem != nil {
		t.Fatalf("cut into %d parts it has no error, else: %v", len(parts), problem)
	}
	c = newConverter(s)
	at := c.markOf(top)
	root = &node{at: at, keyAt: at}
	c.convert(root, top, 0)
	if diff := cmp.Diff(outcome(c, root), got); diff != "" {
		t.Errorf("parsed as a whole, and in %d parts (-want +got):\n%s", len(parts), diff)
	}
	return true
}

// TestParts: a file is read the same, as a whole and part by part.
func TestParts(t *testing.T) {
	t.Parallel()
	cut := 0
	for name, data := range files(t) {
		if same(t, data) {
			cut++
		}
		if t.Failed() {
			t.Fatalf("%s", name)
		}
	}
	if cut < 50 {
		t.Errorf("only %d of the files were cut", cut)
	}
	for name, text := range map[string]string{
		"comments":         "# a\n\nserviceName: x # b\n# c\nfunctions: # d\n  # e\n  f:\n    # g\n    handler: ./h.F\n# h\n  g: {handler: ./h.G}\n# i\n",
		"block texts":      "a: |\n  b: c\n\n  d: e\n\nf:\n  g: >-\n    h: i\n  j: |+\n    k: l\n\n\nm: |2-\n    n\no: |+\n  p\n\n",
		"anchors":          "a:\n  b: &b {c: 1}\n  d: *b\n  e: &e\n    f: *b\n    g: {<<: *b, h: 2}\ni: [*b, *e]\n",
		"anchors in it":    "a: &a {b: *a}\n",
		"a key twice":      "a:\n  b: 1\n  c: 2\n  b: 3\nd: 1\na: 2\n",
		"brackets":         "a: {b: 1,\n  c: 2,\n  d: [1,\n2]}\ne: 3\n",
		"quotes":           "a: \"b\n\n  c: d\"\ne: 'f\n  g: h'\ni: j\n  k\nl: m\n",
		"cut in brackets":  "a:\n  b: {c: 1,\n  d: 2}\n  e: 3\n",
		"cut in quotes":    "a:\n  b: \"c\n  d: e\"\n  f: 3\n",
		"lists":            "a:\n- b: 1\n  c: 2\n- d\ne:\n  - f\n  - g: 1\n",
		"merged in one":    "a: &a {b: 1}\nc:\n  d: {<<: *a, e: 2}\n",
		"merge keys":       "a: &a {b: 1}\nc:\n  <<: *a\n  d: 2\ne:\n  f: 1\n  <<: *a\n",
		"line breaks":      "a:\r\n  b: 1\r  c: 2\u0085d: \"e\r\n  f\"\r\n",
		"a complex key":    "? a\n: b\nc:\n  ? d\n  : e\n  f: g\n",
		"an odd indent":    "a:\n    b: 1\n  c: 2\nd: 3\n",
		"tags":             "a: !Ref b\nc: !!map\n  d: 1\ne:\n  !!str f: 1\n  g: !Sub\n    - h\n    - i: 1\n",
		"values in a line": "a:\n  b\nc:\n  d:\ne:\n",
		"no value":         "a:\n",
		"wide characters":  "\"ä ö\": ü\nü: ä\n'a: b': c\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			whole := slices.Contains([]string{"an odd indent", "cut in brackets", "cut in quotes", "merge keys"}, name)
			if cut := same(t, []byte(text)); cut == whole {
				t.Errorf("cut: %v, want %v", cut, !whole)
			}
		})
	}
}

// FuzzParts: no text is read otherwise part by part than as a whole.
func FuzzParts(f *testing.F) {
	for _, data := range files(f) {
		if len(data) < 4096 {
			f.Add(data)
		}
	}
	f.Add([]byte("a:\n  b: |+\n    c\n\n  d: \"e\n  f: g\"\nh: {i: 1,\nj: 2}\n"))
	f.Fuzz(func(t *testing.T, data []byte) { same(t, data) })
}
