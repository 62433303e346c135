// SPDX-License-Identifier: MIT

// Package archive writes zip files whose bytes depend on nothing but the names,
// the executable bits and the content of their files, and reads zip files
// without trusting them. Names are sorted bytewise, times are 1980-01-01, modes
// are 0755 or 0644, the compressor and its level are pinned, and neither the
// number of processors nor the order of events leaves a trace. Content is
// streamed: memory use does not grow with the size of the files.
package archive

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"sync"
)

// File is one file to be archived.
type File struct {
	Name string                        // slash-separated path in the archive; see CheckName
	Mode fs.FileMode                   // only the executable bits count: any makes it 0755, else 0644
	Size int64                         // bytes; Write checks it
	Open func() (io.ReadCloser, error) // opens the content; may be called several times, also at once
}

// Executable reports whether any executable bit is set.
func (f File) Executable() bool { return f.Mode&0o111 != 0 }

// Bytes returns a file of the given content, which must not be changed after.
func Bytes(name string, mode fs.FileMode, content []byte) File {
	return File{Name: name, Mode: mode, Size: int64(len(content)), Open: func() (io.ReadCloser, error) {
		return io.NopCloser(bytes.NewReader(content)), nil
	}}
}

// OnDisk returns a file of the content at path, with the mode it has there.
func OnDisk(name, path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, fmt.Errorf("archive %q: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("archive %q: %s is not a regular file", name, path)
	}
	return File{Name: name, Mode: info.Mode(), Size: info.Size(), Open: func() (io.ReadCloser, error) {
		return os.Open(path)
	}}, nil
}

// sorted returns the files by name and refuses names that are not safe or given
// twice.
func sorted(files []File) ([]File, error) {
	files = slices.Clone(files)
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Name, b.Name) })
	for i, file := range files {
		if err := CheckName(file.Name); err != nil {
			return nil, fmt.Errorf("archive %q: %w", file.Name, err)
		}
		if i > 0 && files[i-1].Name == file.Name {
			return nil, fmt.Errorf("archive %q: name is given twice", file.Name)
		}
	}
	return files, nil
}

// Digest returns the hex SHA-256 of what an archive of the files holds: their
// sorted names, executable bits and contents. It does not depend on the
// compressor, so it stays the same when that is replaced. It names the archive
// wherever content is addressed.
func Digest(ctx context.Context, files []File) (string, error) {
	files, err := sorted(files)
	if err != nil {
		return "", err
	}
	sums := make([][sha256.Size]byte, len(files))
	errs := make([]error, len(files))
	var group sync.WaitGroup
	next := make(chan int)
	for range min(runtime.GOMAXPROCS(0), maxWorkers, len(files)) {
		group.Go(func() {
			buffer := make([]byte, 64<<10)
			for i := range next {
				sums[i], errs[i] = files[i].sum(ctx, buffer)
			}
		})
	}
	for i := range files {
		next <- i
	}
	close(next)
	group.Wait()
	h := sha256.New()
	for i, file := range files {
		if errs[i] != nil {
			return "", fmt.Errorf("archive %q: %w", file.Name, errs[i])
		}
		fmt.Fprintf(h, "%d:%s %t %x\n", len(file.Name), file.Name, file.Executable(), sums[i])
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// sum returns the SHA-256 of the content.
func (f File) sum(ctx context.Context, buffer []byte) (sum [sha256.Size]byte, err error) {
	if ctx.Err() != nil {
		return sum, context.Cause(ctx)
	}
	r, err := f.Open()
	if err != nil {
		return sum, err
	}
	defer r.Close()
	h := sha256.New()
	// The struct hides io.WriterTo, which would bypass the buffer and the context.
	n, err := io.CopyBuffer(h, struct{ io.Reader }{contextReader{ctx, r}}, buffer)
	if err == nil && n != f.Size {
		err = errChanged
	}
	h.Sum(sum[:0])
	return sum, err
}
