// SPDX-License-Identifier: MIT

package spec_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/sparta-up/sparta/spec"
)

// TestHostileFiles: what is long or deep on purpose is answered, in seconds. A
// busy machine takes longer, so that the limit is what the whole test may take.
func TestHostileFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds")
	}
	t.Parallel()
	limit := time.Hour
	if end, limited := t.Deadline(); limited {
		limit = time.Until(end) - 20*time.Second
	}
	const head = "serviceName: orders\n"
	many := func(n int, format string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"unknown keys":        head + many(4_000, "key%d: 1\n"),
		"functions":           head + "functions:\n" + many(4_000, "  f%d: {handler: ./h.F, memory: 1}\n"),
		"maps for variables":  head + "functions: {f: {handler: ./h.F, environment: {" + many(4_000, "V%d: {a: b}, ") + "}}}\n",
		"one long line":       head + "resources: {R: {Type: A::B, Metadata: {" + many(20_000, "k%d: 1, ") + "}}}\n",
		"one long key":        head + strings.Repeat("k", 1<<19) + ": 1\n",
		"one long number":     head + "outputs: {A: " + strings.Repeat("1", 1<<18) + "}\n",
		"open brackets":       head + "resources: " + strings.Repeat("[", 1<<18),
		"open braces":         head + "resources: " + strings.Repeat("{a: ", 1<<17),
		"block sequences":     head + "resources: " + strings.Repeat("- ", 1<<18),
		"question marks":      strings.Repeat("? ", 1<<18),
		"tags":                head + "resources: " + strings.Repeat("!Ref ", 1<<17),
		"anchors":             head + "resources: [" + many(10_000, "&a%d x, ") + "]\n",
		"comments":            head + strings.Repeat("# \n", 1<<18),
		"quotes":              head + "description: \"" + strings.Repeat("\\\\", 1<<18) + "\"\n",
		"environments":        head + "functions: {f: {handler: ./h.F}}\nenvironments:\n" + many(10_000, "  e%d: {functions: {f: {memory: 1}}}\n"),
		"large environments":  head + "resources: {R: {Type: A::B, Metadata: {" + many(18_000, "k%d: {a: 1}, ") + "}}}\nenvironments:\n" + many(20, "  e%d: {}\n"),
		"larger environments": head + "resources: {R: {Type: A::B, Metadata: {" + many(18_000, "k%d: {a: 1}, ") + "}}}\nenvironments:\n" + many(40, "  e%d: {}\n"),
		"variables":           head + "functions: {f: {handler: ./h.F, environment: {" + many(8_000, "V%d: \"${env:X} ${region} ${nope}\", ") + "}}}\n",
		"one long variable":   head + "description: \"${env:" + strings.Repeat("X", 1<<19) + "}\"\n",
		"open variables":      head + "description: \"" + strings.Repeat("${", 1<<18) + "\"\n",
		"references":          head + "resources: {R: {Type: A::B, Properties: {A: !Sub \"" + strings.Repeat("${A}", 1<<14) + "\"}}}\n",
		"billion laughs list": head + "resources:\n  R:\n    Type: A::B\n    Metadata:\n      a0: &a0 [x]\n" + laughs(60),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			done := make(chan int, 1)
			go func() {
				_, problems := spec.Parse("sparta.yaml", []byte(text), spec.Options{})
				done <- len(problems)
			}()
			select {
			case n := <-done:
				t.Logf("%d problems in %d bytes", n, len(text))
			case <-time.After(limit):
				t.Errorf("no answer in %v for %d bytes", limit, len(text))
			}
		})
	}
}

func laughs(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "      a%d: &a%d [*a%d, *a%d]\n", i+1, i+1, i, i)
	}
	return b.String()
}
