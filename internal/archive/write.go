// SPDX-License-Identifier: MIT

package archive

import (
	"archive/zip"
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math"
	"path"
	"strings"
)

const (
	deflateLevel = 5 // of klauspost/compress: within 1 % of level 9 at a quarter of its time

	// Fields of the zip format; see section 4.4 of
	// https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT.
	dosDate1980   = 1<<5 | 1 // January 1 of year 0
	creatorUnix   = 3 << 8
	version20     = 20
	version45     = 45 // zip64
	flagUTF8      = 1 << 11
	flagSizeAfter = 1 << 3 // sizes follow the data
)

var errChanged = errors.New("file changed while it was packed")

// Write writes a zip file of the files to w. The same files make the same bytes,
// whatever their order and the machine. It holds a few MB at a time, however
// large the files are; files over 4 GB and more than 65535 files are fine. It
// returns the cause of ctx when that is done.
func Write(ctx context.Context, w io.Writer, files []File) error {
	files, err := sorted(files)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	p := startPipeline(ctx, files)
	z := zip.NewWriter(w)
	err = writeFiles(ctx, z, files, p)
	cancel()
	p.wait()
	if err != nil {
		return err
	}
	return z.Close()
}

// writeFiles takes the chunks in order.
func writeFiles(ctx context.Context, z *zip.Writer, files []File, p *pipeline) error {
	for _, file := range files {
		if err := writeFile(ctx, z, file, p); err != nil {
			return fmt.Errorf("archive %q: %w", file.Name, err)
		}
	}
	return nil
}

func writeFile(ctx context.Context, z *zip.Writer, file File, p *pipeline) error {
	header := newHeader(file)
	var w io.Writer
	var crc uint32
	var raw, packed uint64
	for {
		c, err := p.next(ctx)
		if err != nil {
			return err
		}
		crc = crc32.Update(crc, crc32.IEEETable, c.raw)
		raw += uint64(len(c.raw))
		packed += uint64(len(c.packed))
		if w == nil {
			if c.last {
				header.CRC32, header.CompressedSize64, header.UncompressedSize64 = crc, packed, raw
				header.Flags &^= flagSizeAfter
			}
			header.Method = c.method
			if w, err = z.CreateRaw(header); err != nil {
				return err
			}
		}
		_, err = w.Write(c.packed)
		last := c.last
		p.release(c)
		switch {
		case err != nil:
			return err
		case !last:
			continue
		case raw != uint64(file.Size):
			return errChanged
		}
		// The writer puts these after the data and into the directory.
		header.CRC32, header.CompressedSize64, header.UncompressedSize64 = crc, packed, raw
		//lint:ignore SA1019 the writer of a raw entry takes the 32 bit sizes as they are
		header.CompressedSize = uint32(min(packed, math.MaxUint32))
		//lint:ignore SA1019 as above
		header.UncompressedSize = uint32(min(raw, math.MaxUint32))
		if packed >= math.MaxUint32 || raw >= math.MaxUint32 {
			header.ReaderVersion = version45
		}
		return nil
	}
}

// newHeader returns a header with all that does not depend on the content.
func newHeader(file File) *zip.FileHeader {
	h := &zip.FileHeader{
		Name:           file.Name,
		CreatorVersion: creatorUnix | version20,
		ReaderVersion:  version20,
		Flags:          flagUTF8 | flagSizeAfter,
		//lint:ignore SA1019 Modified would add an extra field with the time zone
		ModifiedDate: dosDate1980,
	}
	mode := uint32(0o100644)
	if file.Executable() {
		mode = 0o100755
	}
	h.ExternalAttrs = mode << 16
	return h
}

// compressed reports whether a file's type is compressed already, so that
// deflating it again costs time and gains nothing.
func compressed(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".7z", ".aac", ".apk", ".avif", ".br", ".bz2", ".docx", ".epub", ".flac", ".gif", ".gz", ".heic", ".jar",
		".jpeg", ".jpg", ".m4a", ".m4v", ".mkv", ".mov", ".mp3", ".mp4", ".mpeg", ".ogg", ".opus", ".pdf", ".png",
		".pptx", ".rar", ".tgz", ".webm", ".webp", ".woff", ".woff2", ".xlsx", ".xz", ".zip", ".zst":
		return true
	}
	return false
}
