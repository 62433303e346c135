// SPDX-License-Identifier: MIT

package archive

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"strings"
)

// ErrTooLarge is what Extract's error wraps when an archive exceeds its limits.
var ErrTooLarge = errors.New("archive is too large")

// Limits bounds what Extract writes.
type Limits struct {
	Bytes int64 // of all files together; Lambda allows 262144000
	Files int   // number of entries
}

// Extract writes the files of the zip in r, of the given size in bytes, below
// dir, which must exist. Files get mode 0755 if an executable bit is set, else
// 0644. No archive can make it write outside of dir: names are checked as by
// CheckName and the operating system is told to stay in dir. Links, devices,
// encrypted entries and names given twice are refused. What was written before
// an error stays.
func Extract(ctx context.Context, r io.ReaderAt, size int64, dir string, limits Limits) error {
	z, err := zip.NewReader(r, size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return fmt.Errorf("extract archive: %w", err)
	}
	if len(z.File) > limits.Files {
		return fmt.Errorf("extract archive: %w: %d entries, %d are allowed", ErrTooLarge, len(z.File), limits.Files)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return fmt.Errorf("extract archive: %w", err)
	}
	defer root.Close()
	left := limits.Bytes
	for _, entry := range z.File {
		n, err := extractEntry(ctx, root, entry, left)
		if err != nil {
			return fmt.Errorf("extract %q: %w", entry.Name, err)
		}
		left -= n
	}
	return nil
}

// extractEntry writes one entry and returns its size.
func extractEntry(ctx context.Context, root *os.Root, entry *zip.File, left int64) (int64, error) {
	name, isDir := strings.CutSuffix(entry.Name, "/")
	if err := CheckName(name); err != nil {
		return 0, err
	}
	mode := entry.Mode()
	switch {
	case isDir:
		return 0, root.MkdirAll(name, 0o755)
	case mode.Type() != 0:
		return 0, fmt.Errorf("neither a regular file nor a directory (%s)", mode.Type())
	case entry.Flags&1 != 0:
		return 0, errors.New("entry is encrypted")
	case entry.UncompressedSize64 > uint64(max(left, 0)):
		return 0, ErrTooLarge
	}
	if err := root.MkdirAll(path.Dir(name), 0o755); err != nil {
		return 0, err
	}
	perm := fs.FileMode(0o644)
	if mode&0o111 != 0 {
		perm = 0o755
	}
	return writeEntry(ctx, root, entry, name, perm, left)
}

func writeEntry(ctx context.Context, root *os.Root, entry *zip.File, name string, perm fs.FileMode, left int64) (n int64, err error) {
	content, err := entry.Open()
	if err != nil {
		return 0, err
	}
	defer content.Close()
	file, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	// The directory may lie about the size: what counts is what comes out.
	n, err = io.Copy(file, io.LimitReader(contextReader{ctx, content}, left+1))
	if err == nil && n > left {
		err = ErrTooLarge
	}
	return n, err
}
