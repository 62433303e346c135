// SPDX-License-Identifier: MIT

package lambda

import (
	"archive/zip"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

func badZip() error {
	return invalidValue("Could not unzip uploaded file. Please check your file, then try to upload again.")
}

// maxLink bounds the target of a symbolic link, in bytes.
const maxLink = 4096

// unpack writes the files of a zip into dir, an empty directory, read-only and
// executable where the zip says so. Nothing is written outside dir: names that
// are absolute or climb, and links that lead outside, make the zip a bad one.
// It stops with an error after limit bytes of content.
func unpack(r io.ReaderAt, size int64, dir string, limit int64) error {
	archive, err := zip.NewReader(r, size)
	if err != nil {
		return badZip()
	}
	if len(archive.File) == 0 {
		return invalidValue("Uploaded file must be a non-empty zip")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for _, f := range archive.File {
		n, err := unpackFile(root, f, limit)
		if err != nil {
			return err
		}
		limit -= n
	}
	return nil
}

// unpackFile writes one file, of at most limit bytes, and returns its size.
func unpackFile(root *os.Root, f *zip.File, limit int64) (int64, error) {
	name := path.Clean(f.Name)
	if !fs.ValidPath(name) || strings.ContainsAny(f.Name, "\\\x00") || strings.HasPrefix(f.Name, "/") {
		return 0, badZip()
	}
	if f.Mode().IsDir() || name == "." {
		return 0, fit(root.MkdirAll(name, 0o755))
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return 0, fit(err)
	}
	content, err := f.Open()
	if err != nil {
		return 0, badZip()
	}
	defer func() { _ = content.Close() }()
	switch {
	case f.Mode()&fs.ModeSymlink != 0:
		return unpackLink(root, name, content)
	case !f.Mode().IsRegular():
		return 0, badZip()
	}
	return unpackRegular(root, name, f.Mode(), content, limit)
}

func unpackRegular(root *os.Root, name string, mode fs.FileMode, content io.Reader, limit int64) (int64, error) {
	permissions := fs.FileMode(0o444)
	if mode&0o111 != 0 {
		permissions = 0o555
	}
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return 0, fit(err)
	}
	n, err := io.Copy(out, io.LimitReader(content, limit+1))
	var written *fs.PathError
	if err != nil && !errors.As(err, &written) {
		err = badZip() // reading failed: bad data or checksum
	}
	if err = errors.Join(err, out.Chmod(permissions), out.Close()); err != nil {
		return n, err
	}
	if n > limit {
		return n, invalidValue("Unzipped size must be smaller than %d bytes", maxUnzipped)
	}
	return n, nil
}

// unpackLink makes a symbolic link, which must not leave the directory.
func unpackLink(root *os.Root, name string, content io.Reader) (int64, error) {
	target, err := io.ReadAll(io.LimitReader(content, maxLink+1))
	if err != nil || len(target) == 0 || len(target) > maxLink || path.IsAbs(string(target)) {
		return 0, badZip()
	}
	if !fs.ValidPath(path.Join(path.Dir(name), string(target))) || strings.ContainsAny(string(target), "\\\x00") {
		return 0, badZip()
	}
	return int64(len(target)), fit(root.Symlink(path.Clean(string(target)), name))
}

// fit turns a name that does not fit among the others, such as a file where
// another entry needs a directory, into a fault of the zip.
func fit(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fs.PathError](err); ok && !errors.Is(err, fs.ErrPermission) {
		return badZip()
	}
	if _, ok := errors.AsType[*os.LinkError](err); ok {
		return badZip()
	}
	return err
}
