// SPDX-License-Identifier: MIT

package logs

import (
	"strings"
	"testing"
)

// The cases follow "Filter pattern syntax for unstructured log events" of the
// CloudWatch Logs User Guide.
func TestPattern(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		pattern string
		yes, no []string
	}{
		{"", []string{"anything", ""}, nil},
		{"ERROR", []string{"[ERROR 400] BAD REQUEST"}, []string{"error", "WARN"}},
		{"ERROR ARGUMENTS", []string{"[ERROR 419] MISSING ARGUMENTS", "ARGUMENTS ERROR"}, []string{"[ERROR 401] UNAUTHORIZED REQUEST"}},
		{"?ERROR ?ARGUMENTS", []string{"ERROR", "ARGUMENTS"}, []string{"WARN"}},
		{`"INTERNAL SERVER ERROR"`, []string{"[ERROR 500] INTERNAL SERVER ERROR"}, []string{"INTERNAL ERROR"}},
		{`"a \"b\""`, []string{`say a "b" now`}, []string{"a b"}},
		{"ERROR -ARGUMENTS", []string{"[ERROR 400] BAD REQUEST"}, []string{"[ERROR 419] MISSING ARGUMENTS"}},
		{`-"a b" -c`, []string{"a", "b"}, []string{"a b", "abc"}},
		{"?ERROR WARN", []string{"WARN"}, []string{"ERROR"}}, // ? beside other terms is ignored
		{"a_1  b", []string{"b a_1"}, []string{"a_1"}},
	} {
		p, err := parsePattern(test.pattern)
		if err != nil {
			t.Errorf("%q: %v", test.pattern, err)
			continue
		}
		for _, message := range test.yes {
			if !p.match(message) {
				t.Errorf("%q does not match %q", test.pattern, message)
			}
		}
		for _, message := range test.no {
			if p.match(message) {
				t.Errorf("%q matches %q", test.pattern, message)
			}
		}
	}
}

func TestPatternRefused(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]string{
		`{ $.level = "x" }`: "JSON patterns", "[ip, user]": "space-delimited", "%ERR.*%": "regular expressions",
		"a.b": "double quotes", `"open`: "not closed", `""`: "empty", "-": "double quotes", "a -%x%": "regular expressions",
	} {
		if _, err := parsePattern(pattern); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want ...%s...", pattern, err, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("ERROR -x ?y", "an ERROR")
	f.Add(`"a \" b" -"c"`, `a " b`)
	f.Add("?", "")
	f.Fuzz(func(t *testing.T, text, message string) {
		p, err := parsePattern(text)
		if err != nil {
			return
		}
		for _, term := range p.all {
			if p.match(message) && !strings.Contains(message, term) {
				t.Errorf("%q matches %q without %q", text, message, term)
			}
		}
		for _, term := range p.none {
			if p.match(message) && strings.Contains(message, term) {
				t.Errorf("%q matches %q with %q", text, message, term)
			}
		}
	})
}

func FuzzParseLine(f *testing.F) {
	f.Add([]byte(`1 2 "m"`))
	f.Add([]byte(`x`))
	f.Fuzz(func(t *testing.T, line []byte) {
		if r, ok := parseLine(line); !ok && r != (record{}) {
			t.Errorf("%q is refused but gave %+v", line, r)
		}
	})
}
