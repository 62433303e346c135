// SPDX-License-Identifier: MIT

package archive_test

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/archive"
)

// site makes a directory with files, given by name and content.
func site(t *testing.T, files ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "site")
	for _, name := range append(files, "index.html") {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte("content of "+name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func link(t *testing.T, target, name string) {
	t.Helper()
	if err := os.Symlink(target, name); err != nil {
		t.Skipf("no symbolic links here: %v", err)
	}
}

func names(files []archive.File) []string {
	var list []string
	for _, file := range files {
		list = append(list, file.Name)
	}
	return list
}

func TestWalk(t *testing.T) {
	t.Parallel()
	dir := site(t, "b/x.css", "b.html", "a/deep/er/x.js", "ä.txt", ".well-known/x", ".DS_Store", "a/Thumbs.db", ".git/config")
	files, err := archive.Walk(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{".well-known/x", "a/deep/er/x.js", "b.html", "b/x.css", "index.html", "ä.txt"}
	if diff := cmp.Diff(want, names(files)); diff != "" {
		t.Error(diff)
	}
	for _, file := range files {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		content, err := io.ReadAll(r)
		r.Close()
		if err != nil || string(content) != "content of "+file.Name || file.Size != int64(len(content)) || file.Executable() {
			t.Errorf("%+v: content %q, %v", file, content, err)
		}
	}
}

func TestWalkFollowsLinksInside(t *testing.T) {
	t.Parallel()
	dir := site(t, "assets/x.css")
	link(t, "index.html", filepath.Join(dir, "home.html"))
	link(t, filepath.Join(dir, "assets"), filepath.Join(dir, "static"))
	elsewhere := filepath.Join(t.TempDir(), "link to site")
	link(t, dir, elsewhere)
	for _, root := range []string{dir, elsewhere} {
		files, err := archive.Walk(t.Context(), root)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"assets/x.css", "home.html", "index.html", "static/x.css"}, names(files)); diff != "" {
			t.Errorf("%s: %s", root, diff)
		}
	}
}

func TestWalkRefusals(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		make func(t *testing.T, dir string)
		want string
	}{
		{"link to a file outside", func(t *testing.T, dir string) { link(t, "/etc/passwd", filepath.Join(dir, "a", "secret")) },
			`"a/secret": symbolic link to "/etc/passwd", which is outside of the directory`},
		{"link to the parent", func(t *testing.T, dir string) { link(t, "../..", filepath.Join(dir, "a", "up")) },
			`"a/up": symbolic link to "../..", which is outside of the directory`},
		{"dangling link", func(t *testing.T, dir string) { link(t, "gone", filepath.Join(dir, "x")) },
			`"x": symbolic link to "gone", which does not exist`},
		{"link to itself", func(t *testing.T, dir string) { link(t, "loop", filepath.Join(dir, "loop")) },
			`"loop": `},
		{"link to a directory above", func(t *testing.T, dir string) { link(t, "..", filepath.Join(dir, "a", "again")) },
			`"a/again": symbolic link leads back to a directory above it`},
		{"backslash", func(t *testing.T, dir string) { touch(t, filepath.Join(dir, `a\b`)) },
			`"a\\b": name has a backslash`},
		{"not UTF-8", func(t *testing.T, dir string) { touch(t, filepath.Join(dir, "a\xff")) },
			`"a\xff": name is not valid UTF-8`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if runtime.GOOS == "windows" {
				t.Skip("such names and links can't be made on Windows")
			}
			dir := site(t, "a/x")
			test.make(t, dir)
			_, err := archive.Walk(t.Context(), dir)
			if _, ok := errors.AsType[*archive.WalkError](err); !ok || !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("got %v, want %s", err, test.want)
			}
		})
	}
}

func touch(t *testing.T, name string) {
	t.Helper()
	if err := os.WriteFile(name, nil, 0o644); err != nil {
		t.Skipf("this file system refuses the name: %v", err)
	}
}

func TestWalkOfNoDirectory(t *testing.T) {
	t.Parallel()
	dir := site(t)
	for _, root := range []string{filepath.Join(dir, "gone"), filepath.Join(dir, "index.html")} {
		if _, err := archive.Walk(t.Context(), root); err == nil {
			t.Errorf("%s: no error", root)
		} else if _, ok := errors.AsType[*archive.WalkError](err); !ok {
			t.Errorf("%s: got %T %v", root, err, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := archive.Walk(ctx, dir); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}
