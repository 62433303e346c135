// SPDX-License-Identifier: MIT

package archive_test

import (
	"archive/zip"
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/sparta-up/sparta/internal/archive"
)

// packed returns the archive of files.
func packed(tb testing.TB, files []archive.File) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := archive.Write(tb.Context(), &b, files); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// unpacked returns the contents of an archive by name.
func unpacked(tb testing.TB, data []byte) map[string][]byte {
	tb.Helper()
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		tb.Fatal(err)
	}
	contents := make(map[string][]byte)
	for _, entry := range z.File {
		r, err := entry.Open()
		if err != nil {
			tb.Fatal(err)
		}
		content, err := io.ReadAll(r) // checks the CRC
		if err != nil {
			tb.Fatalf("%s: %v", entry.Name, err)
		}
		contents[entry.Name] = content
	}
	return contents
}

// text returns n bytes that compress about as well as a program does.
func text(seed uint64, n int) []byte {
	random := rand.New(rand.NewPCG(seed, 1))
	words := make([][]byte, 4000)
	for i := range words {
		words[i] = make([]byte, 2+random.IntN(10))
		for j := range words[i] {
			words[i][j] = byte(random.Uint32())
		}
	}
	b := make([]byte, 0, n+16)
	for len(b) < n {
		b = append(b, words[random.IntN(len(words))*random.IntN(len(words))/len(words)]...)
	}
	return b[:n]
}

// noise returns n bytes that don't compress.
func noise(seed uint64, n int) []byte {
	random := rand.New(rand.NewPCG(seed, 2))
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32())
	}
	return b
}
