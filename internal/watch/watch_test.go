// SPDX-License-Identifier: MIT

package watch_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/sparta-up/sparta/internal/watch"
)

// quiet is how long nothing must be told for a change that does not count.
const quiet = 300 * time.Millisecond

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		change func(t *testing.T, dir string)
		counts bool
	}{
		{"written", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.go"), "b") }, true},
		{"written below", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "pkg", "b.go"), "b") }, true},
		{"new", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "new.go"), "b") }, true},
		{"in a new directory", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "new", "deep", "a.go"), "b") }, true},
		{"removed", func(t *testing.T, dir string) { must(t, os.Remove(filepath.Join(dir, "a.go"))) }, true},
		{"renamed over", func(t *testing.T, dir string) { // as many editors save
			write(t, filepath.Join(dir, ".a.go.new"), "b")
			must(t, os.Rename(filepath.Join(dir, ".a.go.new"), filepath.Join(dir, "a.go")))
		}, true},
		{"hidden", func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".env"), "b") }, false},
		{"below what is hidden", func(t *testing.T, dir string) { write(t, filepath.Join(dir, ".git", "refs", "x"), "b") }, false},
		{"packages of NodeJS", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "node_modules", "x", "a.js"), "b") }, false},
		{"an editor's", func(t *testing.T, dir string) { write(t, filepath.Join(dir, "a.go~"), "b") }, false},
		{"permissions", func(t *testing.T, dir string) { must(t, os.Chmod(filepath.Join(dir, "a.go"), 0o600)) }, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := filepath.Join(t.TempDir(), ".hidden above", "module")
			write(t, filepath.Join(dir, "a.go"), "a")
			write(t, filepath.Join(dir, "pkg", "b.go"), "a")
			write(t, filepath.Join(dir, ".git", "HEAD"), "a")
			w, err := watch.New([]string{dir})
			must(t, err)
			defer w.Close()
			test.change(t, dir)
			limit := time.Minute
			if !test.counts {
				limit = quiet
			}
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			if err := w.Wait(ctx); (err == nil) != test.counts {
				t.Errorf("got %v, want a change: %v", err, test.counts)
			}
		})
	}
}

// TestWatchLater: a directory that was made is watched, and one change is told
// once.
func TestWatchLater(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	w, err := watch.New([]string{dir})
	must(t, err)
	defer w.Close()
	for _, path := range []string{"new/a.go", "new/a.go", "new/deep/b.go", "new/deep/b.go"} {
		write(t, filepath.Join(dir, filepath.FromSlash(path)), "x")
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		if err := w.Wait(ctx); err != nil {
			t.Errorf("%s: %v", path, err)
		}
		cancel()
	}
	ctx, cancel := context.WithTimeout(t.Context(), quiet)
	defer cancel()
	if err := w.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing changed, got %v", err)
	}
}

// TestWatchOwn: what whoever watches writes, such as a redirected standard
// error, makes no circle.
func TestWatchOwn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	own, err := os.Create(filepath.Join(dir, "out.txt"))
	must(t, err)
	defer own.Close()
	w, err := watch.New([]string{dir}, own)
	must(t, err)
	defer w.Close()
	_, err = own.WriteString("told")
	must(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), quiet)
	defer cancel()
	if err := w.Wait(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("nothing changed, got %v", err)
	}
}

func TestWatchFaults(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if _, err := watch.New([]string{filepath.Join(dir, "missing")}); err == nil {
		t.Error("a directory that is not there is watched")
	}
	w, err := watch.New([]string{dir})
	must(t, err)
	must(t, w.Close())
	if err := w.Wait(t.Context()); err == nil {
		t.Error("a closed watcher told a change")
	}
}
