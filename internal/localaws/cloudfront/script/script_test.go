// SPDX-License-Identifier: MIT

package script_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/cloudfront/script"
)

func TestRun(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, code, want string
		lines            []string
	}{
		{"a function", `function handler(event) { event.n += 1; return event; }`, `{"n":2,"s":"ä"}`, nil},
		{"a constant", `const handler = ({n, ...rest}) => ({...rest, twice: n * 2});`, `{"s":"ä","twice":2}`, nil},
		{"async", `async function one() { return 1 } async function handler(event) { return { sum: event.n + await one() }; }`, `{"sum":2}`, nil},
		{"text", `function handler(event) { return event.s }`, `"ä"`, nil},
		{"logs", `function handler(event) { console.log("n is", event.n, [1, 2]); return null }`, `null`, []string{"n is 1 1,2"}},
		{"newer language", "class A { #p = 1; get p() { return this.#p } }\nfunction handler(e) { let m = 'ab'.match(/(?<x>b)/); return `${new A().p}${m.groups.x}${e.no?.no ?? '!'}` }", `"1b!"`, nil},
		{"global state does not stay", `var count = 0; function handler() { return ++count }`, `1`, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := script.Compile("function.js", test.code)
			if err != nil {
				t.Fatal(err)
			}
			for range 2 {
				got, err := p.Run(t.Context(), map[string]any{"n": 1, "s": "ä"})
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(script.Result{Value: []byte(test.want), Lines: test.lines}, got); diff != "" {
					t.Errorf("result (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestRunFails(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, code, want string }{
		{"no handler", `function other() {}`, "the code has no function handler"},
		{"throws", "function handler(event) {\n  return event.no.no;\n}", "function.js:2"},
		{"throws outside", `throw new Error("at once")`, "at once"},
		{"returns nothing", `function handler() {}`, "the function returned nothing"},
		{"rejects", `async function handler() { throw new Error("later") }`, "rejected: Error: later"},
		{"never settles", `function handler() { return new Promise(function () {}) }`, "nothing settles"},
		{"recursion", `function handler(e) { return handler(e) }`, "stack"},
		{"a module", `var crypto = require("crypto"); function handler(e) { return e }`, "the embedded AWS does not model require in CloudFront Functions"},
		{"Buffer", `function handler(e) { return Buffer.from("a").toString("base64") }`, "the embedded AWS does not model Buffer in CloudFront Functions"},
		{"eval", `function handler(e) { return eval("1") }`, "eval is not defined"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p, err := script.Compile("function.js", test.code)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := p.Run(t.Context(), map[string]any{}); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestCompileFails(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]string{
		"function handler( {": "SyntaxError",
		"import cf from 'cloudfront';\nfunction handler() {}": "does not model import in CloudFront Functions",
		"// " + strings.Repeat("x", script.MaxCode):           "more than 10240",
	} {
		if _, err := script.Compile("function.js", code); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20s: got %v, want %q", code, err, want)
		}
	}
}

// What never ends is interrupted.
func TestRunEnds(t *testing.T) {
	t.Parallel()
	p, err := script.Compile("function.js", `function handler() { for (;;) {} }`)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(errors.New("the viewer has gone"))
	if _, err := p.Run(ctx, nil); err == nil || err.Error() != "the viewer has gone" {
		t.Errorf("got %v", err)
	}
	if _, err := p.Run(t.Context(), nil); err == nil || err.Error() != "the function ran longer than 2s" {
		t.Errorf("got %v", err)
	}
}

func FuzzCompile(f *testing.F) {
	f.Add("function handler(event) { return event.request }")
	f.Add("import x from 'y'")
	f.Fuzz(func(t *testing.T, code string) {
		p, err := script.Compile("function.js", code)
		if (p == nil) == (err == nil) {
			t.Errorf("got %v and %v", p, err)
		}
	})
}
