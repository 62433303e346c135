// SPDX-License-Identifier: MIT

package s3

import (
	"crypto/rand"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// blobs is a directory of files with random names that hold the bytes of
// objects and parts. A file is written once and belongs to one version or part;
// it counts only once the state refers to it.
type blobs struct{ dir string }

// newBlob returns an unused name.
func newBlob() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand.Read aborts the program instead
	return hex.EncodeToString(b[:])
}

func (d blobs) path(blob string) string { return filepath.Join(d.dir, blob[:2], blob) }

// create opens a new file for writing.
func (d blobs) create() (blob string, f *os.File, err error) {
	blob = newBlob()
	f, err = os.OpenFile(d.path(blob), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if errors.Is(err, fs.ErrNotExist) {
		if err = os.Mkdir(filepath.Dir(d.path(blob)), 0o700); err == nil || errors.Is(err, fs.ErrExist) {
			f, err = os.OpenFile(d.path(blob), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		}
	}
	return blob, f, err
}

func (d blobs) open(blob string) (*os.File, error) { return os.Open(d.path(blob)) }

// remove deletes a file. One that cannot be deleted, as while it is read on
// Windows, is deleted when the service is opened the next time.
func (d blobs) remove(blob string) {
	if blob != "" {
		_ = os.Remove(d.path(blob))
	}
}

// clone makes a second name for the bytes of a file, sharing them where the
// file system can.
func (d blobs) clone(blob string) (string, error) {
	copied, f, err := d.create()
	if err != nil {
		return "", err
	}
	// The file only reserved the name and its directory.
	if err := errors.Join(f.Close(), os.Remove(d.path(copied))); err != nil {
		return "", err
	}
	if err := os.Link(d.path(blob), d.path(copied)); err == nil {
		return copied, nil
	}
	return copied, d.duplicate(blob, copied)
}

func (d blobs) duplicate(blob, copied string) error {
	in, err := d.open(blob)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(d.path(copied), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err = errors.Join(err, out.Close()); err != nil {
		d.remove(copied)
	}
	return err
}

// list returns the names of all files.
func (d blobs) list() (map[string]bool, error) {
	found := map[string]bool{}
	err := filepath.WalkDir(d.dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			found[entry.Name()] = true
		}
		return err
	})
	return found, err
}
