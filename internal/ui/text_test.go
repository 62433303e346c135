// SPDX-License-Identifier: MIT

package ui

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"
	"unicode/utf8"
)

func TestSanitize(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"plain, ünïcode 日本 🚀":      "plain, ünïcode 日本 🚀",
		"tab\tand\nnewline":        "tab\tand\nnewline",
		"dos\r\nlines\r\n":         "dos\nlines\n",
		"back\rto the left":        `back\x0dto the left`,
		"\x1b[2J\x1b]0;title\x07":  `\x1b[2J\x1b]0;title\x07`,
		"nul\x00del\x7f":           `nul\x00del\x7f`,
		"c1\u009b31m":              `c1\x9b31m`,
		"no utf-8 \xff\x9b[1m":     `no utf-8 \xff\x9b[1m`,
		"\u202ereversed\u2066":     `\u202ereversed\u2066`,
		"line\u2028separator":      `line\u2028separator`,
		"replacement \ufffd stays": `replacement \ufffd stays`,
	}
	for in, want := range tests {
		if got := Sanitize(in); got != want {
			t.Errorf("Sanitize(%q):\n got %q\nwant %q", in, got, want)
		}
	}
}

func FuzzSanitize(f *testing.F) {
	for _, seed := range []string{"", "a\x1b[2J", "\r\n\r", "\xff\xfe", "\u202e", "日本\u009b"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := Sanitize(text)
		if strings.ContainsFunc(got, unsafe) || !utf8.ValidString(got) {
			t.Errorf("Sanitize(%q) = %q, which is not safe", text, got)
		}
		if again := Sanitize(got); again != got {
			t.Errorf("Sanitize changes its own %q to %q", got, again)
		}
	})
}

func TestFold(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		first, text, next string
		width             int
		want              string
	}{
		"short":          {"note: ", "all is well", "      ", 80, "note: all is well"},
		"between words":  {"", "one two three four", "  ", 9, "one two\n  three\n  four"},
		"exact":          {"", "one two", "", 7, "one two"},
		"long word":      {"", "see https://example.com/a/b/c now", "  ", 10, "see\n  https://example.com/a/b/c\n  now"},
		"long first":     {"", "https://example.com/", "  ", 10, "https://example.com/"},
		"lines are kept": {"- ", "a\nb b b", "  ", 5, "- a\n  b b\n  b"},
		"indented":       {"", "list\n  one two three", "- ", 11, "list\n-   one two\n-     three"},
		"wide letters":   {"", "日本 日本 日本", "", 10, "日本 日本\n日本"},
		"empty":          {"x", "", "y", 10, "x"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := fold(test.first, test.text, test.next, test.width); got != test.want {
				t.Errorf("got\n%q, want\n%q", got, test.want)
			}
		})
	}
}

func FuzzFold(f *testing.F) {
	f.Add("one two  three", 10)
	f.Add("日本 a\nb ", 3)
	f.Fuzz(func(t *testing.T, text string, width int) {
		got := fold("", text, "", width)
		squeeze := strings.NewReplacer(" ", "", "\n", "")
		if squeeze.Replace(got) != squeeze.Replace(text) {
			t.Errorf("fold(%q, %d) lost words: %q", text, width, got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if cells(line) > width && strings.Contains(strings.Trim(line, " "), " ") {
				t.Errorf("fold(%q, %d): line %q could be shorter", text, width, line)
			}
		}
	})
}

func TestClip(t *testing.T) {
	t.Parallel()
	tests := []struct {
		text  string
		width int
		want  string
	}{
		{"hello", 5, "hello"}, {"hello!", 5, "he..."}, {"hello", 3, "..."}, {"hello", 1, "."}, {"hello", 0, ""},
		{"日本語日本語", 9, "日本語..."}, {"日本語日本語", 8, "日本..."}, {"a   b", 4, "a..."}, {"e\u0301e\u0301e\u0301", 3, "e\u0301e\u0301e\u0301"},
	}
	for _, test := range tests {
		got := clip(test.text, test.width)
		if got != test.want || cells(got) > test.width {
			t.Errorf("clip(%q, %d): got %q, want %q", test.text, test.width, got, test.want)
		}
	}
	if got := cut(" two\n\twords ", 20); got != "two words" {
		t.Errorf("cut: got %q", got)
	}
}

func TestSpan(t *testing.T) {
	t.Parallel()
	tests := map[time.Duration]string{
		0:                                  "0 ms",
		400 * time.Microsecond:             "0 ms",
		85 * time.Millisecond:              "85 ms",
		99600 * time.Microsecond:           "0.1 s",
		1249 * time.Millisecond:            "1.2 s",
		59940 * time.Millisecond:           "59.9 s",
		59960 * time.Millisecond:           "1 min 0 s",
		3*time.Minute + 5*time.Second:      "3 min 5 s",
		time.Hour + 59600*time.Millisecond: "61 min 0 s",
	}
	for d, want := range tests {
		if got := span(d); got != want {
			t.Errorf("span(%s): got %q, want %q", d, got, want)
		}
	}
}

func TestLogLine(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		`{"level":"info","stage":"upload","key":"a/b","bytes":12,"message":"uploaded object"}`: `upload: uploaded object key=a/b bytes=12`,
		`{"message":"done"}`: `done`,
		`{"level":"debug","error":"not found","o":{"a":[1]}}`:                  `error="not found" o={"a":[1]}`,
		`{"empty":"","quote":"a\"b","big":12345678901234567890,"message":"m"}`: `m empty="" quote="a\"b" big=12345678901234567890`,
		"no json\n":     "no json",
		`{"cut":"of`:    `{"cut":"of`,
		`[1]`:           `[1]`,
		`{"a":1 "b":2}`: `{"a":1 "b":2}`,
	}
	for event, want := range tests {
		if got := logLine([]byte(event)); got != want {
			t.Errorf("logLine(%s): got %s, want %s", event, got, want)
		}
	}
}

func FuzzLogLine(f *testing.F) {
	f.Add([]byte(`{"level":"info","stage":"upload","message":"uploaded object","bytes":1}`))
	f.Add([]byte(`{"a":`))
	f.Add([]byte("\x00"))
	f.Add([]byte(" {"))
	f.Add([]byte(`{"a":1}{"b":2}`))
	f.Fuzz(func(t *testing.T, event []byte) {
		line := logLine(event)
		event = bytes.TrimSpace(event)
		var object map[string]any
		if json.Unmarshal(event, &object) != nil || object == nil {
			if line != string(event) {
				t.Errorf("logLine(%q): got %q, want it unchanged", event, line)
			}
			return
		}
		for key := range object {
			if key != "level" && key != "stage" && key != "message" && !strings.Contains(line, strings.TrimSpace(key)) {
				t.Errorf("logLine(%q) leaves out %q: %q", event, key, line)
			}
		}
	})
}
