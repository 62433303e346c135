// SPDX-License-Identifier: MIT

package site

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestSiteLargeFile(t *testing.T) {
	t.Parallel()
	random := rand.NewChaCha8([32]byte{1})
	data := make([]byte, 20*mebibyte)
	_, _ = random.Read(data)
	content := files{"film.mp4": string(data), "index.html": "x"}
	s := newSiteStack(t)
	s.must(s.create(s.properties("one.zip", content)))
	if !bytes.Equal(s.s3.object("www", "film.mp4").data, data) {
		t.Error("content differs")
	}
	if got := len(s.s3.take("UploadPart")); got != 3 {
		t.Errorf("parts: got %d, want 3", got)
	}
	s.must(s.update(s.properties("two.zip", content.with("index.html", "y"))))
	if got := s.s3.take("PutObject", "UploadPart"); !slices.Equal(got, []string{"PutObject index.html"}) {
		t.Errorf("writes: %q", got)
	}

	data[0]++
	s.s3.fault = func(operation, _ string) error {
		if operation == "UploadPart" {
			return errors.New("line is cut")
		}
		return nil
	}
	err := s.update(s.properties("three.zip", content.with("film.mp4", string(data))))
	if err == nil || !strings.Contains(err.Error(), `put object "film.mp4" in parts: part 1: line is cut`) {
		t.Errorf("got %v", err)
	}
	if n := len(s.s3.buckets["www"].uploads); n > 0 {
		t.Errorf("%d unfinished uploads left", n)
	}
}

// A site of 2,000 files and 100 MB of which one file changes costs one PUT, and
// few bytes are read.
func TestSiteOneOfManyFiles(t *testing.T) {
	t.Parallel()
	s := newSiteStack(t)
	content := bigSite(2000, 50<<10)
	s.must(s.create(s.properties("one.zip", content)))
	name := slices.Sorted(maps.Keys(content))[1234]
	p := s.properties("two.zip", content.with(name, "changed"))
	s.s3.take()
	s.s3.bytes = 0
	start := time.Now()
	s.must(s.update(p))
	elapsed := time.Since(start)
	calls := s.s3.take("PutObject", "CopyObject", "DeleteObjects", "HeadObject", "ListObjectsV2", "GetObject")
	if n := len(slices.DeleteFunc(slices.Clone(calls), func(c string) bool { return !strings.HasPrefix(c, "PutObject") })); n != 1 {
		t.Errorf("puts: got %d, want 1", n)
	}
	if len(calls) > 15 || s.s3.bytes > 10*mebibyte {
		t.Errorf("%d requests, %d bytes read: %q", len(calls), s.s3.bytes, calls)
	}
	t.Logf("%d requests, %d bytes read, %v", len(calls), s.s3.bytes, elapsed)
}

func bigSite(n, size int) files {
	random := rand.NewChaCha8([32]byte{7})
	content := files{}
	for i := range n {
		data := make([]byte, size)
		_, _ = random.Read(data)
		content[fmt.Sprintf("dir%d/file%04d.bin", i%20, i)] = string(data)
	}
	return content
}

// TestSiteMemory brings 150 MB into a bucket and looks at the heap meanwhile.
func TestSiteMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("needs 150 MB of memory")
	}
	s := newSiteStack(t)
	p := s.properties("one.zip", bigSite(150, 1<<20))
	archive := int64(len(s.s3.object("artifacts", "one.zip").data))
	var puts, peak int64
	s.s3.fault = func(operation, _ string) error {
		if operation != "PutObject" {
			return nil
		}
		s.s3.mu.Lock()
		defer s.s3.mu.Unlock()
		for _, v := range s.s3.buckets["www"].versions {
			v.data = nil // what has been put does not count
		}
		if puts++; puts%20 == 0 {
			var now runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&now)
			peak = max(peak, int64(now.HeapAlloc)-archive)
		}
		return nil
	}
	s.must(s.create(p))
	t.Logf("peak of live heap: %d MiB", peak/mebibyte)
	// Cached blocks 34, blocks still read 16, the budget 32, and as much for the
	// fake's own copies of what is being put.
	if most := int64(120 * mebibyte); peak < mebibyte || peak > most {
		t.Errorf("peak of live heap: got %d bytes, want at most %d", peak, most)
	}
}
