// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/diag"
)

// repeated is a text with an entry many times.
func repeated(head, entry string, times int, tail string) string {
	var b strings.Builder
	b.WriteString(head)
	for i := range times {
		b.WriteString(strings.ReplaceAll(entry, "%d", fmt.Sprint(i)))
	}
	return b.String() + tail
}

// TestTooMany: files beyond all that AWS takes get one problem with its place.
func TestTooMany(t *testing.T) {
	t.Parallel()
	const head = "serviceName: orders\n"
	const raw = head + "resources:\n  R:\n    Type: A::B\n    Metadata:\n"
	for _, test := range []struct {
		name, text string
		code       diag.Code
		line       int
		says       string
	}{
		{"scalars in a line", repeated(head+"resources: {R: {Type: A::B, Metadata: {x: [", "1,", 200_000, "]}}}\n"), diag.ManyValues, 2, "more than 20000 values"},
		{"lists in lists", repeated(head+"resources: {R: {Type: A::B, Metadata: {x: [", "[[[[1]]]],", 5_000, "]}}}\n"), diag.ManyValues, 2, "more than 20000 values"},
		{"keys alone", repeated(head+"resources: {R: {Type: A::B, Metadata: {", "k%d,", 100_000, "}}}\n"), diag.ManyValues, 2, "more than 20000 values"},
		{"scalars", repeated(raw+"      x:\n", "      - 1\n", maxValues, ""), diag.ManyValues, 20_001, "more than 20000 values"},
		{"keys", repeated(raw, "      k%d: 1\n", maxValues, ""), diag.ManyValues, 20_001, "more than 20000 values"},
		{"aliases", repeated("x: &x 1\nresources:\n", "  a%d: *x\n", maxValues, ""), diag.ManyValues, 20_001, "more than 20000 values"},
		{"values by aliases", repeated("x: &x [1, 2, 3, 4]\ny:\n", "  a%d: *x\n", 17_000, ""), diag.TooManyAliases, 4_001, "aliases and merge keys"},
		{"functions", repeated(head+"functions:\n", "  f%d: {handler: ./h.F}\n", 2_001, ""), diag.ManyResources, 2, "2001 functions, sources of events and resources"},
		{"functions with sources", repeated(head+"resources: {}\nfunctions:\n", "  f%d: {handler: ./h.F, events: [{sqs: Q}, {sns: T}]}\n", 700, ""), diag.ManyResources, 3, "2100 functions"},
		{"in an environment", repeated(head+"functions: {f: {handler: ./h.F}}\nenvironments:\n  prod:\n    resources:\n", "      R%d: {Type: A::B}\n", 2_001, ""), diag.ManyResources, 5, "2001 functions"},
		{"a function", repeated(head+"functions:\n  f:\n    handler: ./h.F\n    environment:\n", "      V%d: a\n", 5_000, ""), diag.ManyValues, 3, "5003 values, 3 more than Sparta takes"},
		{"outputs", repeated(head+"functions: {f: {handler: ./h.F}}\noutputs:\n", "  O%d: a\n", 801, ""), diag.ManyOutputs, 3, "801 outputs"},
		{"lines", repeated(head, "#\n", maxLines, ""), diag.TooLarge, maxLines + 1, "more than 100000 lines"},
		{"variables", head + `functions: {f: {handler: ./h.F, description: "` + strings.Repeat("${env:X}", 5_001) + "\"}}\n", diag.ManyValues, 2, "more than 5000 variables"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			_, problems := Parse("sparta.yaml", []byte(test.text), Options{})
			if len(problems) != 1 {
				t.Fatalf("%d problems, first %v", len(problems), problems[:min(len(problems), 3)])
			}
			if p := problems[0]; p.Code != test.code || p.Position.Line != test.line || !strings.Contains(p.Message, test.says) || p.Hint == "" {
				t.Errorf("got %v, hint %q, want %s in line %d: %s", p, p.Hint, test.code, test.line, test.says)
			}
		})
	}
}

// TestNotTooMany: as much as a stack has, and texts that look like many values.
func TestNotTooMany(t *testing.T) {
	t.Parallel()
	const head = "serviceName: orders\nfunctions: {f: {handler: ./h.F}}\n"
	const text = head + "resources:\n  R:\n    Type: A::B\n    Metadata:\n"
	for name, file := range map[string]string{
		"values":        repeated(text, "      k%d: {a: 1, b: [2, {c: 3}]}\n", 3_300, ""),
		"block text":    text + "      x: |\n" + strings.Repeat("        - a: [b, c, {d: e}]\n\n", 25_000),
		"folded":        text + "      x:\n      - >-\n" + strings.Repeat("        a: b, c\n", 40_000),
		"quotes":        text + "      x: \"" + strings.Repeat("[a, b], ", 40_000) + "\"\n",
		"lines quoted":  text + "      x: '" + strings.Repeat("- a: [b''s, c],\n        ", 20_000) + "'\n",
		"plain":         text + "      x: a" + strings.Repeat(", [b, c]", 40_000) + "\n",
		"comments":      text + "      x: 1 # " + strings.Repeat("[a, b], ", 40_000) + "\n" + strings.Repeat("# - a: b\n", 40_000),
		"text in flow":  text + "      x: {a: \"" + strings.Repeat("[a, b], ", 40_000) + "\", b: it's, c: 'd'}\n",
		"tagged":        text + "      x: !Sub |\n" + strings.Repeat("        a: b, c\n", 40_000),
		"key in quotes": text + "      \"x\": |\n" + strings.Repeat("        a: b, c\n", 40_000),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, problems := Parse("sparta.yaml", []byte(file), Options{}); len(problems.Errors()) > 0 {
				t.Errorf("%d bytes: %v", len(file), problems[0])
			}
		})
	}
}

// FuzzCensus: what is counted before parsing is never more than there is.
func FuzzCensus(f *testing.F) {
	for _, text := range files(f) {
		f.Add(text)
	}
	f.Add([]byte("a: [b, {c: d}, 'e, f', \"g, \\\", h\"] # i, j\nk: |\n  l, m\n- n\n"))
	f.Add([]byte("? a\n: - b\n  - [c,\n   d]\n\"e: f\": >\n g: h\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, data, problem := newSource("sparta.yaml", text)
		if problem != nil || len(text) > 1<<12 {
			return
		}
		top, problem := s.parse(data)
		if problem != nil {
			return
		}
		c := newConverter(s)
		c.convert(&node{}, top, 0)
		counted := census{block: noBlock}
		for _, line := range s.lines {
			counted.line(line)
		}
		if len(c.problems) == 0 && counted.values > c.values {
			t.Errorf("%d values are counted in %q, and there are %d", counted.values, text, c.values)
		}
	})
}
