// SPDX-License-Identifier: MIT

package scaffold

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writer writes into a directory and keeps account of it.
type writer struct {
	dir       string
	newModule bool // go.mod is ours
	tidy      bool // there was Go code without a module: what it imports is not required yet
	tested    bool // there is a test of ours
	result    Result
}

// file writes a file that is not there. One that is, or a link, is kept.
func (w *writer) file(name, text string) error {
	path := filepath.Join(w.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	err := exclusive(path, text)
	switch {
	case errors.Is(err, fs.ErrExist):
		w.result.Kept = append(w.result.Kept, name)
		return nil
	case err != nil:
		return fmt.Errorf("write %s: %w", name, err)
	}
	w.result.Made = append(w.result.Made, name)
	return nil
}

// exclusive makes a file that must not be there, whole or not at all.
func exclusive(path, text string) error {
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.WriteString(text)
	if err = errors.Join(err, file.Close()); err != nil {
		return errors.Join(err, os.Remove(path))
	}
	return nil
}

func (w *writer) note(text string) { w.result.Notes = append(w.result.Notes, text) }

// suggest fills in the commands to go on with.
func (w *writer) suggest() {
	add := func(command string) { w.result.Next = append(w.result.Next, command) }
	if cwd, err := os.Getwd(); err == nil && cwd != w.dir {
		if rel, err := filepath.Rel(cwd, w.dir); err == nil {
			add("cd " + filepath.ToSlash(rel))
		}
	}
	if w.tidy {
		add("go mod tidy")
	}
	if w.tested {
		add("go test ./...")
	}
	add("sparta validate")
	add("sparta up --local")
}
