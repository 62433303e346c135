// SPDX-License-Identifier: MIT

package site

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/sparta-up/sparta/customresource/internal/client"
)

// maxKey is the length of an object key in bytes that S3 takes.
const maxKey = 1024

// directory is the list of an archive's files.
type directory struct {
	files []*zip.File // in the archive's order
	named map[string]*zip.File
}

// openDirectory reads the directory of the archive; nothing else of it is
// fetched.
func openDirectory(ctx context.Context, b bucket, key string, size int64) (*directory, error) {
	r, err := openRanges(ctx, b, key, size)
	if err != nil {
		return nil, err
	}
	z, err := zip.NewReader(r, r.size)
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) {
		return nil, fmt.Errorf("read archive %q: %w", key, err)
	}
	d := &directory{named: make(map[string]*zip.File, len(z.File))}
	for _, f := range z.File {
		if f.FileInfo().IsDir() {
			continue
		}
		if err := checkName(f); err != nil {
			return nil, fmt.Errorf("archive %q: entry %q: %w", key, f.Name, err)
		}
		if _, twice := d.named[f.Name]; twice {
			return nil, fmt.Errorf("archive %q: entry %q: stands twice", key, f.Name)
		}
		d.files, d.named[f.Name] = append(d.files, f), f
	}
	return d, nil
}

// isGone reports whether an archive could not be read because it is not there.
// Who may not list a bucket gets 403 for a missing object.
func isGone(err error) bool {
	return client.HasCode(err, "NoSuchKey", "NoSuchBucket", "NotFound", "AccessDenied") ||
		client.HasStatus(err, http.StatusNotFound, http.StatusForbidden)
}

// checkName refuses entries that are no plain file below the archive's root.
func checkName(f *zip.File) error {
	switch {
	case !f.Mode().IsRegular():
		return errors.New("no regular file")
	case !utf8.ValidString(f.Name):
		return errors.New("name is not UTF-8")
	case len(f.Name) > maxKey:
		return fmt.Errorf("name has %d bytes, S3 takes %d", len(f.Name), maxKey)
	case !fs.ValidPath(f.Name) || f.Name == ".":
		return errors.New("name leads out of the site or is not in its shortest form")
	case strings.ContainsAny(f.Name, "\\\x00"):
		return errors.New("name has a backslash or NUL")
	}
	return nil
}

// sameContent reports whether two entries hold the same bytes, as far as the
// directories of their archives tell.
func sameContent(a, b *zip.File) bool {
	return a.CRC32 == b.CRC32 && a.Method == b.Method &&
		a.UncompressedSize64 == b.UncompressedSize64 && a.CompressedSize64 == b.CompressedSize64
}
