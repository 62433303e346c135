// SPDX-License-Identifier: MIT

package archive

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// WalkError says which file of a directory can't be archived, and why.
type WalkError struct {
	Name   string // slash-separated, relative to the directory; "" for the directory itself
	Reason string
	Advice string // what to do next; may be empty
	Err    error  // the cause; may be nil
}

// Error returns the name and the reason.
func (e *WalkError) Error() string {
	if e.Name == "" {
		return e.Reason
	}
	return fmt.Sprintf("%q: %s", e.Name, e.Reason)
}

// Unwrap returns the cause.
func (e *WalkError) Unwrap() error { return e.Err }

// Hint returns what to do next, or "".
func (e *WalkError) Hint() string { return e.Advice }

// skipped reports whether a file or directory is there for the sake of an
// operating system or a version control system, and not part of the content.
func skipped(name string) bool {
	switch name {
	case ".DS_Store", "Thumbs.db", "desktop.ini", ".git", ".hg", ".svn":
		return true
	}
	return false
}

// Walk returns all files below the directory root, sorted bytewise by name, as
// plain content: none is executable, whatever its mode on this machine. Left out
// are .DS_Store, Thumbs.db and desktop.ini files and .git, .hg and .svn. A
// symbolic link is followed if it leads to a place below root. Refused with a
// *WalkError are links that lead out of root, dangle or loop, files that are
// neither regular nor directories, and names that CheckName refuses.
func Walk(ctx context.Context, root string) ([]File, error) {
	real, err := filepath.EvalSymlinks(root)
	if err == nil {
		real, err = filepath.Abs(real)
	}
	if err != nil {
		return nil, &WalkError{Reason: reason(err), Err: err}
	}
	w := &walker{root: real}
	if err := w.directory(ctx, real, "", nil); err != nil {
		return nil, err
	}
	slices.SortFunc(w.files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	return w.files, nil
}

// reason returns an error of the file system without the path, which the
// message has already.
func reason(err error) string {
	if p, ok := errors.AsType[*fs.PathError](err); ok {
		return p.Err.Error()
	}
	return err.Error()
}

type walker struct {
	root  string // absolute, without links
	files []File
}

// directory walks a directory. Above are the directories on the way to it, by
// which a loop is noticed.
func (w *walker) directory(ctx context.Context, dir, name string, above []string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if slices.Contains(above, dir) {
		return &WalkError{Name: name, Reason: "symbolic link leads back to a directory above it"}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return &WalkError{Name: name, Reason: reason(err), Err: err}
	}
	above = append(slices.Clip(above), dir)
	for _, entry := range entries {
		if skipped(entry.Name()) {
			continue
		}
		if err := w.entry(ctx, filepath.Join(dir, entry.Name()), path.Join(name, entry.Name()), above); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) entry(ctx context.Context, file, name string, above []string) error {
	if err := CheckName(name); err != nil {
		return &WalkError{Name: name, Reason: err.Error(), Advice: "rename the file"}
	}
	info, err := os.Lstat(file)
	if err == nil && info.Mode()&fs.ModeSymlink != 0 {
		if file, err = w.resolve(file, name); err == nil {
			info, err = os.Lstat(file)
		}
	}
	if refused, ok := errors.AsType[*WalkError](err); ok {
		return refused
	}
	switch {
	case err != nil:
		return &WalkError{Name: name, Reason: reason(err), Err: err}
	case info.IsDir():
		return w.directory(ctx, file, name, above)
	case !info.Mode().IsRegular():
		return &WalkError{Name: name, Reason: "neither a regular file nor a directory (" + info.Mode().Type().String() + ")"}
	}
	w.files = append(w.files, File{Name: name, Mode: 0o644, Size: info.Size(), Open: func() (io.ReadCloser, error) {
		return os.Open(file)
	}})
	return nil
}

// resolve returns where a symbolic link leads, if that is below root.
func (w *walker) resolve(file, name string) (string, error) {
	target, err := os.Readlink(file)
	if err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(file)
	if errors.Is(err, fs.ErrNotExist) {
		return "", &WalkError{Name: name, Reason: fmt.Sprintf("symbolic link to %q, which does not exist", target), Err: err}
	}
	if err != nil {
		return "", err
	}
	if rel, err := filepath.Rel(w.root, real); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", &WalkError{
			Name:   name,
			Reason: fmt.Sprintf("symbolic link to %q, which is outside of the directory", target),
			Advice: "copy the file into the directory, or remove the link",
		}
	}
	return real, nil
}
