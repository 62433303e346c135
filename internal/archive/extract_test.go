// SPDX-License-Identifier: MIT

package archive_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"github.com/sparta-up/sparta/internal/archive"
)

var ample = archive.Limits{Bytes: 1 << 30, Files: 1000}

func extract(t *testing.T, data []byte, dir string, limits archive.Limits) error {
	t.Helper()
	return archive.Extract(t.Context(), bytes.NewReader(data), int64(len(data)), dir, limits)
}

func TestExtractRoundTrip(t *testing.T) {
	t.Parallel()
	files := mixture()
	data := packed(t, files)
	dir := t.TempDir()
	if err := extract(t, data, dir, ample); err != nil {
		t.Fatal(err)
	}
	for name, want := range unpacked(t, data) {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: content differs, %v", name, err)
		}
	}
	info, err := os.Stat(filepath.Join(dir, "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	if runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0 {
		t.Errorf("bootstrap has mode %v", info.Mode())
	}
}

// foreign makes an archive with another writer.
func foreign(t *testing.T, entries ...zip.FileHeader) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for _, header := range entries {
		w, err := z.CreateHeader(&header)
		if err != nil {
			t.Fatal(err)
		}
		if header.Comment == "content" {
			if _, err := w.Write(make([]byte, 1000)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func withMode(name string, mode fs.FileMode) zip.FileHeader {
	h := zip.FileHeader{Name: name}
	h.SetMode(mode)
	return h
}

func TestExtractRefusals(t *testing.T) {
	t.Parallel()
	big := zip.FileHeader{Name: "big", Comment: "content", Method: zip.Deflate}
	tests := []struct {
		name   string
		data   []byte
		limits archive.Limits
		want   string
	}{
		{"no zip", []byte("no zip at all"), ample, "extract archive: zip: not a valid zip file"},
		{"parent", foreign(t, zip.FileHeader{Name: "../x"}), ample, `extract "../x": name has an empty, . or .. element`},
		{"absolute", foreign(t, zip.FileHeader{Name: "/x"}), ample, `extract "/x": name is an absolute path`},
		{"backslash", foreign(t, zip.FileHeader{Name: `..\x`}), ample, `extract "..\\x": name has a backslash`},
		{"directory named ..", foreign(t, zip.FileHeader{Name: "../"}), ample, `extract "../": name has an empty, . or .. element`},
		{"link", foreign(t, withMode("x", fs.ModeSymlink|0o777)), ample, `extract "x": neither a regular file nor a directory (L---------)`},
		{"twice", foreign(t, zip.FileHeader{Name: "x"}, zip.FileHeader{Name: "x"}), ample, ""},
		{"file as directory", foreign(t, zip.FileHeader{Name: "x"}, zip.FileHeader{Name: "x/y"}), ample, ""},
		{"too large", foreign(t, big), archive.Limits{Bytes: 999, Files: 1}, `extract "big": archive is too large`},
		{"too many", foreign(t, zip.FileHeader{Name: "x"}, zip.FileHeader{Name: "y"}), archive.Limits{Bytes: 999, Files: 1}, "extract archive: archive is too large: 2 entries, 1 are allowed"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			parent := t.TempDir()
			dir := filepath.Join(parent, "to")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			err := extract(t, test.data, dir, test.limits)
			if err == nil || test.want != "" && err.Error() != test.want {
				t.Errorf("got %v, want %s", err, test.want)
			}
			if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
				t.Errorf("something was written outside: %v, %v", entries, err)
			}
		})
	}
}

// A directory that says less than comes out must not exceed the limit.
func TestExtractDoesNotTrustSizes(t *testing.T) {
	t.Parallel()
	data := foreign(t, zip.FileHeader{Name: "big", Comment: "content", Method: zip.Deflate})
	at := bytes.Index(data, []byte("PK\x01\x02"))
	copy(data[at+24:], []byte{1, 0, 0, 0}) // uncompressed size in the central directory
	dir := t.TempDir()
	if err := extract(t, data, dir, archive.Limits{Bytes: 10, Files: 1}); err == nil {
		t.Error("no error")
	}
	if info, err := os.Stat(filepath.Join(dir, "big")); err == nil && info.Size() > 11 {
		t.Errorf("wrote %d bytes", info.Size())
	}
}

func TestExtractDoesNotFollowLinks(t *testing.T) {
	t.Parallel()
	outside, dir := t.TempDir(), t.TempDir()
	link(t, outside, filepath.Join(dir, "x"))
	if err := extract(t, foreign(t, zip.FileHeader{Name: "x/y"}), dir, ample); err == nil {
		t.Error("no error")
	}
	if _, err := os.Stat(filepath.Join(outside, "y")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("written through the link: %v", err)
	}
}

func FuzzExtract(f *testing.F) {
	var b bytes.Buffer
	if err := archive.Write(f.Context(), &b, []archive.File{archive.Bytes("a/b", 0o755, []byte("content"))}); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add(bytes.Replace(b.Bytes(), []byte("a/b"), []byte("../"), -1))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		parent := t.TempDir()
		dir := filepath.Join(parent, "to")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		limits := archive.Limits{Bytes: 1 << 20, Files: 100}
		_ = archive.Extract(t.Context(), bytes.NewReader(data), int64(len(data)), dir, limits) // any error will do
		if entries, err := os.ReadDir(parent); err != nil || len(entries) != 1 {
			t.Errorf("something was written outside: %v, %v", entries, err)
		}
		var total int64
		err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			info, err := entry.Info()
			if err == nil && !info.Mode().IsRegular() {
				t.Errorf("%s has mode %v", entry.Name(), info.Mode())
			}
			total += info.Size()
			return err
		})
		if err != nil || total > limits.Bytes+1 {
			t.Errorf("wrote %d bytes, %v", total, err)
		}
	})
}
