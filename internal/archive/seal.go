// SPDX-License-Identifier: MIT

package archive

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io"
	"os"
)

// Program returns an executable file with the content of the program at path,
// sealed as Seal does it.
func Program(name, path string) (File, error) {
	info, err := os.Stat(path)
	if err != nil {
		return File{}, fmt.Errorf("archive %q: %w", name, err)
	}
	if !info.Mode().IsRegular() {
		return File{}, fmt.Errorf("archive %q: %s is not a regular file", name, path)
	}
	return File{Name: name, Mode: 0o755, Size: info.Size(), Open: func() (io.ReadCloser, error) {
		return openSealed(path)
	}}, nil
}

// Seal copies the program at path to w with the build ids in its ELF notes
// (.note.go.buildid and .note.gnu.build-id) set to zero. The ids tell the go
// command whether a binary is up to date and are of no use in an archive, yet
// they differ where the rest is the same byte for byte: between two clones, or
// after the edit of a comment. A program that is not ELF is copied as it is.
func Seal(path string, w io.Writer) error {
	r, err := openSealed(path)
	if err != nil {
		return fmt.Errorf("seal program: %w", err)
	}
	defer r.Close()
	if _, err := io.Copy(w, r); err != nil {
		return fmt.Errorf("seal program: %w", err)
	}
	return nil
}

// span is a part of a file, in bytes from its start.
type span struct{ start, end int64 }

// sealed reads a file with some spans as zeros.
type sealed struct {
	file   *os.File
	offset int64
	blank  []span
}

func openSealed(path string) (*sealed, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	blank, err := buildIDs(file)
	if err != nil {
		file.Close()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return &sealed{file: file, blank: blank}, nil
}

// buildIDs returns where the build ids of an ELF file are.
func buildIDs(r io.ReaderAt) ([]span, error) {
	magic := make([]byte, len(elf.ELFMAG))
	if n, err := r.ReadAt(magic, 0); err != nil && err != io.EOF {
		return nil, err
	} else if !bytes.Equal(magic[:n], []byte(elf.ELFMAG)) {
		return nil, nil
	}
	file, err := elf.NewFile(r)
	if err != nil {
		return nil, err
	}
	var spans []span
	for _, name := range []string{".note.go.buildid", ".note.gnu.build-id"} {
		section := file.Section(name)
		if section == nil || section.Type == elf.SHT_NOBITS {
			continue
		}
		s, err := descriptor(file, section)
		if err != nil {
			return nil, err
		}
		spans = append(spans, s)
	}
	return spans, nil
}

// descriptor returns the span of a note's descriptor, which holds the id; its
// header stays, so that the notes remain well formed.
func descriptor(file *elf.File, section *elf.Section) (span, error) {
	header := make([]byte, 12)
	if _, err := section.ReadAt(header, 0); err != nil {
		return span{}, fmt.Errorf("read note %s: %w", section.Name, err)
	}
	nameSize := int64(file.ByteOrder.Uint32(header))
	size := int64(file.ByteOrder.Uint32(header[4:]))
	start := 12 + (nameSize+3)&^3
	if start+size > int64(section.FileSize) {
		return span{}, fmt.Errorf("read note %s: descriptor ends outside of its section", section.Name)
	}
	start += int64(section.Offset)
	return span{start, start + size}, nil
}

// Read implements io.Reader.
func (s *sealed) Read(p []byte) (int, error) {
	n, err := s.file.Read(p)
	for _, b := range s.blank {
		from, to := max(b.start, s.offset), min(b.end, s.offset+int64(n))
		if from < to {
			clear(p[from-s.offset : to-s.offset])
		}
	}
	s.offset += int64(n)
	return n, err
}

// Close implements io.Closer.
func (s *sealed) Close() error { return s.file.Close() }
