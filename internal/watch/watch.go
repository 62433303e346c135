// SPDX-License-Identifier: MIT

// Package watch tells when files below directories have changed, as somebody
// saves them in an editor.
package watch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/fsnotify/fsnotify"
)

// settling is how long files have to be left alone: editors and formatters write
// several times.
const settling = 50 * time.Millisecond

// Watcher watches directories with all that is below them. What is hidden,
// node_modules, and the files that editors write beside a file do not count.
type Watcher struct {
	events *fsnotify.Watcher
	roots  []string
	own    []os.FileInfo // files that whoever watches writes
}

// New begins to watch. Directories that are made later are watched, too. Changes
// of the files in own, which whoever watches writes, do not count. The caller
// closes the watcher.
func New(roots []string, own ...*os.File) (*Watcher, error) {
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return nil, fmt.Errorf("watch files: %w", err)
	}
	w := &Watcher{events: events}
	for _, file := range own {
		if info, err := file.Stat(); err == nil {
			w.own = append(w.own, info)
		}
	}
	for _, root := range roots {
		if err := w.add(root); err != nil {
			return nil, errors.Join(fmt.Errorf("watch %s: %w", root, err), events.Close())
		}
		w.roots = append(w.roots, filepath.Clean(root))
	}
	return w, nil
}

// Close ends watching.
func (w *Watcher) Close() error { return w.events.Close() }

// Wait returns when something has changed since New or the last Wait, and then
// has been left alone for a moment. Its error is the context's cause, or says why
// changes can no longer be told.
func (w *Watcher) Wait(ctx context.Context) error {
	settled := time.NewTimer(time.Hour)
	settled.Stop()
	defer settled.Stop()
	for {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-settled.C:
			return nil
		case e, open := <-w.events.Events:
			if !open {
				return errors.New("watch files: the watcher is closed")
			}
			if w.counts(e) {
				settled.Reset(settling)
			}
		case err, open := <-w.events.Errors:
			switch {
			case !open:
				return errors.New("watch files: the watcher is closed")
			case errors.Is(err, fsnotify.ErrEventOverflow): // so much has changed that some of it was lost
				settled.Reset(settling)
			default:
				return fmt.Errorf("watch files: %w", err)
			}
		}
	}
}

// counts reports whether an event is a change, and watches the directory that it
// may have brought.
func (w *Watcher) counts(e fsnotify.Event) bool {
	if e.Op == fsnotify.Chmod || w.ignored(e.Name) {
		return false
	}
	info, err := os.Stat(e.Name)
	switch {
	case err != nil: // it is gone
		return true
	case info.IsDir():
		return e.Has(fsnotify.Create) && w.add(e.Name) == nil
	}
	return !slices.ContainsFunc(w.own, func(own os.FileInfo) bool { return os.SameFile(own, info) })
}

// add watches a directory with those below.
func (w *Watcher) add(root string) error {
	return filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil && path == root:
			return err
		case err != nil: // it vanished meanwhile, or is closed to us
			return nil
		case !entry.IsDir():
			return nil
		case path != root && ignoredName(entry.Name()):
			return fs.SkipDir
		}
		return w.events.Add(path)
	})
}

// ignored reports whether a path is, or lies in, what does not count.
func (w *Watcher) ignored(path string) bool {
	for _, root := range w.roots {
		rest, err := filepath.Rel(root, path)
		if err != nil || rest == ".." || strings.HasPrefix(rest, ".."+string(filepath.Separator)) {
			continue
		}
		for part := range strings.SplitSeq(rest, string(filepath.Separator)) {
			if part != "." && ignoredName(part) {
				return true
			}
		}
		return false
	}
	return false
}

// ignoredName reports whether what has that name does not count: hidden files,
// packages of NodeJS, logs, and what vim, emacs and other editors write for a
// moment.
func ignoredName(name string) bool {
	return strings.HasPrefix(name, ".") || strings.HasPrefix(name, "#") || name == "node_modules" || name == "4913" ||
		strings.HasSuffix(name, "~") || strings.HasSuffix(name, ".swp") || strings.HasSuffix(name, ".log") || strings.HasSuffix(name, ".tmp")
}
