// SPDX-License-Identifier: MIT

package archive_test

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/archive"
)

func TestCheckName(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"a", "a/b", "index.html", "ä/日本.txt", "a b", "..a", "a..", "...", "ab:c", "1:2", "~", "-x"} {
		if err := archive.CheckName(name); err != nil {
			t.Errorf("%q: %v", name, err)
		}
	}
	for _, name := range []string{
		"", ".", "..", "/", "/a", "a/", "a//b", "./a", "a/.", "a/./b", "../a", "a/..", "a/../b", "a/../../b",
		`\a`, `a\b`, `..\a`, "C:", "C:a", "c:/a", `C:\a`, "a\x00b", "a\nb", "\x7f", "a\xffb", strings.Repeat("x", 65536),
	} {
		if archive.CheckName(name) == nil {
			t.Errorf("%q is let through", name)
		}
	}
}

func FuzzCheckName(f *testing.F) {
	for _, seed := range []string{"a/b", "../a", "C:a", `a\b`, "a/../b", "", "a\x00"} {
		f.Add(seed)
	}
	root := filepath.Join(string(filepath.Separator), "root")
	f.Fuzz(func(t *testing.T, name string) {
		if archive.CheckName(name) != nil {
			return
		}
		if !filepath.IsLocal(filepath.FromSlash(name)) {
			t.Errorf("%q is not local", name)
		}
		if joined := filepath.Join(root, filepath.FromSlash(name)); !strings.HasPrefix(joined, root+string(filepath.Separator)) {
			t.Errorf("%q leads to %s", name, joined)
		}
	})
}
