// SPDX-License-Identifier: MIT

package lambda

import (
	"archive/zip"
	"bytes"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// entry is a file of a zip.
type entry struct {
	name, content string
	mode          fs.FileMode
}

func pack(t testing.TB, entries ...entry) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, e := range entries {
		h := &zip.FileHeader{Name: e.name, Method: zip.Deflate}
		h.SetMode(e.mode)
		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = io.WriteString(f, e.content)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tree describes the files below dir: mode and content, or the link's target.
func tree(t testing.TB, dir string) map[string]string {
	t.Helper()
	got := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err != nil {
			return err
		}
		if d.Type()&fs.ModeSymlink != 0 {
			target, err := os.Readlink(path)
			got[filepath.ToSlash(name)] = "-> " + target
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		content, err := os.ReadFile(path)
		got[filepath.ToSlash(name)] = info.Mode().String() + " " + string(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func TestUnpack(t *testing.T) {
	t.Parallel()
	const bad = "Could not unzip uploaded file"
	for _, test := range []struct {
		name    string
		entries []entry
		want    map[string]string
		fault   string
	}{
		{"modes", []entry{{"bootstrap", "elf", 0o755}, {"lib/a/b.txt", "b", 0o600}, {"lib/", "", fs.ModeDir | 0o755}},
			map[string]string{"bootstrap": "-r-xr-xr-x elf", "lib/a/b.txt": "-r--r--r-- b"}, ""},
		{"links inside", []entry{{"a/b", "x", 0o644}, {"c/d", "../a/b", fs.ModeSymlink | 0o777}, {"e", "./a", fs.ModeSymlink | 0o777}},
			map[string]string{"a/b": "-r--r--r-- x", "c/d": "-> ../a/b", "e": "-> a"}, ""},
		{"climbs", []entry{{"../x", "", 0o644}}, nil, bad},
		{"climbs within", []entry{{"a/../../x", "", 0o644}}, nil, bad},
		{"absolute", []entry{{"/etc/x", "", 0o644}}, nil, bad},
		{"backslash", []entry{{`..\x`, "", 0o644}}, nil, bad},
		{"link outside", []entry{{"l", "../x", fs.ModeSymlink | 0o777}}, nil, bad},
		{"absolute link", []entry{{"l", "/etc/passwd", fs.ModeSymlink | 0o777}}, nil, bad},
		{"through a link", []entry{{"a/b/l", "../..", fs.ModeSymlink | 0o777}, {"a/b/l/f", "x", 0o644}},
			map[string]string{"a/b/l": "-> ../..", "f": "-r--r--r-- x"}, ""},
		{"link of links", []entry{{"a/l", "..", fs.ModeSymlink | 0o777}, {"m", "a/l/..", fs.ModeSymlink | 0o777}},
			map[string]string{"a/l": "-> ..", "m": "-> a"}, ""},
		{"twice", []entry{{"a", "1", 0o644}, {"a", "2", 0o644}}, nil, bad},
		{"file as directory", []entry{{"a", "1", 0o644}, {"a/b", "2", 0o644}}, nil, bad},
		{"device", []entry{{"dev", "", fs.ModeDevice | 0o644}}, nil, bad},
		{"too large", []entry{{"a", strings.Repeat("x", 600), 0o644}, {"b", strings.Repeat("x", 600), 0o644}}, nil, "Unzipped size must be smaller than"},
		{"nothing", nil, nil, "non-empty zip"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			outer := t.TempDir()
			dir := filepath.Join(outer, "task")
			if err := os.Mkdir(dir, 0o755); err != nil {
				t.Fatal(err)
			}
			data := pack(t, test.entries...)
			err := unpack(bytes.NewReader(data), int64(len(data)), dir, 1000)
			if test.fault != "" {
				if err == nil || !strings.Contains(err.Error(), test.fault) {
					t.Errorf("got %v, want ...%s...", err, test.fault)
				}
			} else if err != nil {
				t.Fatal(err)
			} else if diff := cmp.Diff(test.want, tree(t, dir)); diff != "" {
				t.Errorf("unpacked (-want +got):\n%s", diff)
			}
			if entries, err := os.ReadDir(outer); err != nil || len(entries) != 1 {
				t.Errorf("beside the directory: %v, %v", entries, err)
			}
		})
	}
}

func FuzzUnpack(f *testing.F) {
	f.Add(pack(f, entry{"a/b", "content", 0o755}, entry{"l", "a/b", fs.ModeSymlink | 0o777}))
	f.Add(pack(f, entry{"../x", "", 0o644}))
	f.Add([]byte("PK"))
	f.Fuzz(func(t *testing.T, data []byte) {
		outer := t.TempDir()
		dir := filepath.Join(outer, "task")
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		_ = unpack(bytes.NewReader(data), int64(len(data)), dir, 1<<16) // a bad zip is an error
		if entries, err := os.ReadDir(outer); err != nil || len(entries) != 1 {
			t.Errorf("beside the directory: %v, %v", entries, err)
		}
	})
}
