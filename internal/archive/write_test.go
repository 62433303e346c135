// SPDX-License-Identifier: MIT

package archive_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/archive"
)

// mixture has files of all sorts of sizes: empty, one chunk, exactly several
// chunks, several and a bit, compressible and not, compressed by type.
func mixture() []archive.File {
	const chunk = 512 << 10
	var files []archive.File
	for i, size := range []int{0, 1, 100, chunk - 1, chunk, chunk + 1, 2 * chunk, 5*chunk + 77} {
		files = append(files,
			archive.Bytes(fmt.Sprintf("text/%d.txt", i), 0o644, text(uint64(i), size)),
			archive.Bytes(fmt.Sprintf("noise/%d.bin", i), 0o700, noise(uint64(i), size)),
			archive.Bytes(fmt.Sprintf("image/%d.PNG", i), 0o600, noise(uint64(i), size)),
		)
	}
	return append(files, archive.Bytes("ä/ü.txt", 0o644, []byte("ö")), archive.Bytes("bootstrap", 0o755, text(99, 300_000)))
}

func TestWriteRoundTrip(t *testing.T) {
	t.Parallel()
	files := mixture()
	want := make(map[string][]byte)
	for _, file := range files {
		r, err := file.Open()
		if err != nil {
			t.Fatal(err)
		}
		if want[file.Name], err = io.ReadAll(r); err != nil {
			t.Fatal(err)
		}
	}
	got := unpacked(t, packed(t, files))
	if len(got) != len(want) {
		t.Errorf("%d entries, want %d", len(got), len(want))
	}
	for name, content := range want {
		if !bytes.Equal(got[name], content) {
			t.Errorf("%s: content differs", name)
		}
	}
}

func TestWriteHeaders(t *testing.T) {
	t.Parallel()
	data := packed(t, mixture())
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range z.File {
		names = append(names, entry.Name)
		if entry.ModifiedDate != 0x21 || entry.ModifiedTime != 0 || len(entry.Extra) != 0 || entry.CreatorVersion>>8 != 3 || entry.Flags&0x800 == 0 {
			t.Errorf("%s: header %+v", entry.Name, entry.FileHeader)
		}
		want := os.FileMode(0o644)
		if entry.Name == "bootstrap" || strings.HasPrefix(entry.Name, "noise/") {
			want = 0o755
		}
		if entry.Mode() != want {
			t.Errorf("%s: mode %v, want %v", entry.Name, entry.Mode(), want)
		}
		if entry.Method == zip.Store && entry.Flags&8 != 0 {
			t.Errorf("%s: stored with its sizes after the data, which some readers refuse", entry.Name)
		}
	}
	if !slices.IsSorted(names) {
		t.Errorf("names are not sorted: %q", names)
	}
}

// The digest of the bytes is pinned: a new version of the compressor that packs
// differently must be noticed, since it changes no content and yet all archives.
func TestWriteBytesArePinned(t *testing.T) {
	t.Parallel()
	sum := sha256.Sum256(packed(t, mixture()))
	const want = "2e8cff750ca2c8ce05d1f9db24c07b254d674bb4e770db5fc9d8aa36955be73d"
	if got := hex.EncodeToString(sum[:]); got != want {
		t.Errorf("archive has digest %s, want %s", got, want)
	}
}

// Not parallel: it changes the number of processors.
func TestWriteBytesDependOnContentOnly(t *testing.T) {
	files := mixture()
	want := packed(t, files)
	reversed := slices.Clone(files)
	slices.Reverse(reversed)
	for _, procs := range []int{1, 2, 3, 16} {
		t.Run(fmt.Sprintf("%d processors", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			if !bytes.Equal(packed(t, reversed), want) {
				t.Error("bytes differ")
			}
		})
	}
}

// A deflater that was used before must pack as a new one does.
func TestWriteBytesDontDependOnNeighbours(t *testing.T) {
	t.Parallel()
	entry := func(files ...archive.File) []byte {
		data := packed(t, files)
		z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			t.Fatal(err)
		}
		i := slices.IndexFunc(z.File, func(f *zip.File) bool { return f.Name == "x" })
		r, err := z.File[i].OpenRaw()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		return raw
	}
	for seed := range uint64(8) {
		x := archive.Bytes("x", 0o644, text(seed, 700_000+int(seed)*10_007))
		files := []archive.File{x}
		for i := range 9 {
			files = append(files, archive.Bytes(fmt.Sprintf("a%d", i), 0o644, text(seed*100+uint64(i), 50_000*(i+1))))
		}
		if !bytes.Equal(entry(x), entry(files...)) {
			t.Errorf("seed %d: bytes of a file differ with its neighbours", seed)
		}
	}
}

func TestWriteRefusals(t *testing.T) {
	t.Parallel()
	good := archive.Bytes("a", 0o644, []byte("a"))
	broken := errors.New("disk on fire")
	tests := []struct {
		name  string
		files []archive.File
		want  string
	}{
		{"twice", []archive.File{good, good}, `archive "a": name is given twice`},
		{"out of the directory", []archive.File{archive.Bytes("../a", 0, nil)}, `archive "../a": name has an empty, . or .. element`},
		{"can't be opened", []archive.File{good, {Name: "b", Open: func() (io.ReadCloser, error) { return nil, broken }}}, `archive "b": disk on fire`},
		{"shrank", []archive.File{{Name: "b", Size: 9, Open: good.Open}}, `archive "b": file changed while it was packed`},
		{"grew", []archive.File{{Name: "b", Size: 0, Open: good.Open}}, `archive "b": file changed while it was packed`},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			err := archive.Write(t.Context(), io.Discard, test.files)
			if err == nil || err.Error() != test.want {
				t.Errorf("Write: got %v, want %s", err, test.want)
			}
			if _, err := archive.Digest(t.Context(), test.files); err == nil || err.Error() != test.want {
				t.Errorf("Digest: got %v, want %s", err, test.want)
			}
		})
	}
}

type failingWriter struct{ left int }

var errFull = errors.New("disk is full")

func (w *failingWriter) Write(p []byte) (int, error) {
	if w.left -= len(p); w.left < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteEndsWhenItsWriterFails(t *testing.T) {
	t.Parallel()
	for _, left := range []int{0, 10, 1 << 20} {
		if err := archive.Write(t.Context(), &failingWriter{left}, mixture()); !errors.Is(err, errFull) {
			t.Errorf("after %d bytes: got %v", left, err)
		}
	}
}

func TestWriteAndDigestAreCancelled(t *testing.T) {
	t.Parallel()
	cause := errors.New("interrupted")
	ctx, cancel := context.WithCancelCause(t.Context())
	endless := archive.File{Name: "endless", Size: 1 << 40, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(cancelling{cancel: func() { cancel(cause) }}), nil
	}}
	if err := archive.Write(ctx, io.Discard, []archive.File{endless}); !errors.Is(err, cause) {
		t.Errorf("Write: got %v", err)
	}
	if _, err := archive.Digest(ctx, []archive.File{endless}); !errors.Is(err, cause) {
		t.Errorf("Digest: got %v", err)
	}
}

// cancelling is an endless file that cancels when it is read.
type cancelling struct{ cancel func() }

func (c cancelling) Read(p []byte) (int, error) {
	c.cancel()
	return len(p), nil
}

func TestDigest(t *testing.T) {
	t.Parallel()
	digest := func(files ...archive.File) string {
		d, err := archive.Digest(t.Context(), files)
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	a, b := archive.Bytes("a", 0o644, []byte("1")), archive.Bytes("b", 0o644, []byte("2"))
	base := digest(a, b)
	if digest(b, a) != base {
		t.Error("the order counts")
	}
	if digest(archive.Bytes("a", 0o600, []byte("1")), b) != base {
		t.Error("a mode bit other than the executable ones counts")
	}
	for name, other := range map[string]string{
		"mode":    digest(archive.Bytes("a", 0o755, []byte("1")), b),
		"content": digest(archive.Bytes("a", 0o644, []byte("3")), b),
		"name":    digest(archive.Bytes("c", 0o644, []byte("1")), b),
		"fewer":   digest(a),
		"none":    digest(),
	} {
		if other == base {
			t.Errorf("%s does not count", name)
		}
	}
	if diff := cmp.Diff(64, len(base)); diff != "" {
		t.Error(diff)
	}
}

// zeros is a file of many zeros.
func zeros(name string, size int64) archive.File {
	return archive.File{Name: name, Size: size, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(zeroReader{}, size)), nil
	}}
}

type zeroReader struct{}

func (zeroReader) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}

// Not parallel: it measures memory.
func TestWriteUsesLittleMemory(t *testing.T) {
	var files []archive.File
	for i := range 4 {
		files = append(files, zeros(fmt.Sprintf("large%d.bin", i), 64<<20), zeros(fmt.Sprintf("large%d.mp4", i), 64<<20))
	}
	var before, now runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	peak := uint64(0)
	w := writerFunc(func(p []byte) (int, error) {
		runtime.ReadMemStats(&now)
		peak = max(peak, now.HeapAlloc)
		return len(p), nil
	})
	if err := archive.Write(t.Context(), w, files); err != nil {
		t.Fatal(err)
	}
	if used := int64(peak) - int64(before.HeapAlloc); used > 50<<20 {
		t.Errorf("used %d MB for 512 MB of content, want at most 50", used>>20)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

func TestWriteZip64(t *testing.T) {
	t.Parallel()
	if testing.Short() || raced {
		t.Skip("packs 4.1 GB: .ci/run does it without the race detector")
	}
	size := int64(4<<30 + 12345)
	file, err := os.Create(filepath.Join(t.TempDir(), "large.zip"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := archive.Write(t.Context(), file, []archive.File{zeros("a.bin", size), archive.Bytes("b", 0o644, []byte("after"))}); err != nil {
		t.Fatal(err)
	}
	info, err := file.Stat()
	if err != nil {
		t.Fatal(err)
	}
	z, err := zip.NewReader(file, info.Size())
	if err != nil {
		t.Fatal(err)
	}
	if got := z.File[0].UncompressedSize64; got != uint64(size) {
		t.Errorf("size %d, want %d", got, size)
	}
	r, err := z.File[1].Open()
	if err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(r); err != nil || string(got) != "after" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestWriteManyFiles(t *testing.T) {
	t.Parallel()
	var files []archive.File
	for i := range 70_000 {
		files = append(files, archive.Bytes(fmt.Sprintf("%d", i), 0o644, nil))
	}
	data := packed(t, files)
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		t.Fatal(err)
	}
	if len(z.File) != len(files) {
		t.Errorf("%d entries, want %d", len(z.File), len(files))
	}
}

func TestWriteIsReadByUnzip(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "x.zip")
	if err := os.WriteFile(name, packed(t, mixture()), 0o644); err != nil {
		t.Fatal(err)
	}
	checkWithUnzip(t, name)
}

// checkWithUnzip lets another implementation test the archive, if there is one.
func checkWithUnzip(t *testing.T, name string) {
	t.Helper()
	for _, command := range [][]string{{"unzip", "-tqq", name}, {"python3", "-c", "import sys,zipfile; sys.exit(zipfile.ZipFile(sys.argv[1]).testzip() is not None)", name}} {
		if _, err := exec.LookPath(command[0]); err != nil {
			continue
		}
		if out, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", command[0], err, out)
		}
	}
}

func BenchmarkWriteProgram(b *testing.B) {
	self, err := os.Executable()
	if err != nil {
		b.Fatal(err)
	}
	content, err := os.ReadFile(self)
	if err != nil {
		b.Fatal(err)
	}
	files := []archive.File{archive.Bytes("bootstrap", 0o755, content[:min(6<<20, len(content))])}
	b.SetBytes(files[0].Size)
	var size countingWriter
	for b.Loop() {
		size = 0
		if err := archive.Write(b.Context(), &size, files); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(size), "zip-bytes")
}

type countingWriter int

func (w *countingWriter) Write(p []byte) (int, error) {
	*w += countingWriter(len(p))
	return len(p), nil
}
