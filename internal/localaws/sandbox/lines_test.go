// SPDX-License-Identifier: MIT

package sandbox

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestSplitter(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", lineLimit)
	tests := []struct {
		name   string
		writes []string
		want   []string
	}{
		{"nothing", nil, nil},
		{"one line", []string{"a\n"}, []string{"a"}},
		{"cut line", []string{"on", "e li", "ne\nt", "wo\n"}, []string{"one line", "two"}},
		{"empty lines", []string{"\n\na\n"}, []string{"", "", "a"}},
		{"no end", []string{"a\nb"}, []string{"a", "b"}},
		{"longest line", []string{long + "\nb\n"}, []string{long, "b"}},
		{"too long", []string{long + "yz", strings.Repeat("w", 20) + "\n"}, []string{long, "yz" + strings.Repeat("w", 20)}},
		{"mark between lines", []string{"a\n<mark>b\n"}, []string{"a", "b"}},
		{"mark in a line", []string{"a<mark>b\n"}, []string{"a", "b"}},
		{"cut mark", []string{"a\n<ma", "rk>b\n"}, []string{"a", "b"}},
		{"two marks", []string{"<mark><mark>"}, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, marks := split(tt.writes)
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("lines differ (-want +got):\n%.500s", diff)
			}
			if want := strings.Count(strings.Join(tt.writes, ""), "<mark>"); marks != want {
				t.Errorf("%d marks, want %d", marks, want)
			}
		})
	}
}

func split(writes []string) (lines []string, marks int) {
	s := splitter{emit: func(line []byte) { lines = append(lines, string(line)) }, mark: []byte("<mark>")}
	for _, w := range writes {
		marks += s.write([]byte(w))
	}
	s.end()
	return lines, marks
}

// However the text is cut into writes, the lines are the same.
func FuzzSplitter(f *testing.F) {
	f.Add([]byte("one\ntwo\n<mark>three"), uint8(3))
	f.Add([]byte("\n\n<mar<mark>k>"), uint8(1))
	f.Fuzz(func(t *testing.T, text []byte, size uint8) {
		whole, marks := split([]string{string(text)})
		var writes []string
		for chunk := range slices.Chunk(text, max(1, int(size))) {
			writes = append(writes, string(chunk))
		}
		lines, cutMarks := split(writes)
		if !slices.Equal(whole, lines) || marks != cutMarks {
			t.Errorf("whole: %q, %d marks; cut: %q, %d marks", whole, marks, lines, cutMarks)
		}
		if marks == 0 && !bytes.Equal(bytes.TrimSuffix(text, []byte("\n")), []byte(strings.Join(lines, "\n"))) {
			t.Errorf("%q became %q", text, lines)
		}
	})
}

// A process that escaped and holds the pipe does not hold up the end.
func TestStreamEndsWithoutEOF(t *testing.T) {
	t.Parallel()
	s, err := newLines(nil).stream()
	if err != nil {
		t.Fatal(err)
	}
	s.flush()
	s.close()
	s.flush() // after the end it returns at once
}
