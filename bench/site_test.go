// SPDX-License-Identifier: MIT

package bench

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"
)

const siteOnly = "serviceName: BenchSite\nsite: {dir: ./web}\n"

// site writes n files of size bytes that don't compress, and an index.
func site(b *testing.B, n, size int) string {
	b.Helper()
	dir := b.TempDir()
	write(b, filepath.Join(dir, "sparta.yaml"), siteOnly)
	write(b, filepath.Join(dir, "web", "index.html"), "<!doctype html><title>bench</title>")
	for i := range n {
		file := filepath.Join(dir, "web", fmt.Sprint(i%100), fmt.Sprintf("%d.bin", i))
		write(b, file, string(noise(uint64(i), size)))
	}
	return dir
}

// noise returns bytes that depend on nothing but seed.
func noise(seed uint64, size int) []byte {
	data := make([]byte, 0, size+sha256.Size)
	var block [16]byte
	for n := uint64(0); len(data) < size; n++ {
		binary.LittleEndian.PutUint64(block[:8], seed)
		binary.LittleEndian.PutUint64(block[8:], n)
		sum := sha256.Sum256(block[:])
		data = append(data, sum[:]...)
	}
	return data[:size]
}

// BenchmarkSiteOneChanged changes one of 2,000 files, 100 MB in all, and brings
// the site up again on the embedded AWS. To reach: 2 s.
func BenchmarkSiteOneChanged(b *testing.B) {
	dir := site(b, 2000, 50_000)
	run(b, dir, nil, mustSparta(b), "up", "--local", "--no-serve")
	var wall, critical series
	for b.Loop() {
		write(b, filepath.Join(dir, "web", "7", "7.bin"), string(noise(uint64(time.Now().UnixNano()), 50_000)))
		p := run(b, dir, nil, mustSparta(b), "up", "--local", "--no-serve", "--output", "json")
		wall.add(p.wall)
		critical = append(critical, overCriticalPath(b, p.out))
	}
	b.ReportMetric(wall.median(), "ms/up")
	b.ReportMetric(critical.median(), "of-critical-path")
}

// BenchmarkSite1GB brings a site of 1 GB up. To reach: 150 MB at the peak.
func BenchmarkSite1GB(b *testing.B) {
	dir := site(b, 100, 10_000_000)
	var peak float64
	for b.Loop() {
		if err := os.RemoveAll(filepath.Join(dir, ".sparta")); err != nil {
			b.Fatal(err)
		}
		peak = max(peak, run(b, dir, nil, mustSparta(b), "up", "--local", "--no-serve").peakMB)
	}
	b.ReportMetric(peak, "MB-peak")
}

// edges are the arrows of the chart of up. A stage waits for those that it
// gets results from; arrows that a longer way implies are left out.
var edges = map[string][]string{
	"connect": {"read"}, "survey": {"connect"}, "ensureBucket": {"survey"}, "verifyRoles": {"connect"},
	"compile": {"verifyRoles"}, "package": {"compile"}, "upload": {"package", "ensureBucket"},
	"packageAssets": {"verifyRoles"}, "uploadAssets": {"packageAssets", "ensureBucket"},
	"generate": {"upload", "uploadAssets"}, "decorate": {"generate"}, "uploadTemplate": {"decorate"},
	"converge": {"uploadTemplate"}, "wait": {"converge"},
}

// overCriticalPath returns how long the stages of an up took as a whole, over
// the time of the longest chain of stages that wait for each other. To reach:
// 1.05.
func overCriticalPath(b *testing.B, report string) float64 {
	b.Helper()
	var told struct {
		Stages []struct {
			Name       string
			Start      time.Time
			DurationMs float64
		}
	}
	if err := json.Unmarshal([]byte(report), &told); err != nil {
		b.Fatal(err)
	}
	path := map[string]float64{}
	var first, last time.Time
	longest := 0.0
	for _, s := range told.Stages { // in an order in which inputs come first
		before := 0.0
		for _, input := range edges[s.Name] {
			before = max(before, path[input])
		}
		path[s.Name] = before + s.DurationMs
		longest = max(longest, path[s.Name])
		end := s.Start.Add(time.Duration(s.DurationMs * float64(time.Millisecond)))
		if first.IsZero() || s.Start.Before(first) {
			first = s.Start
		}
		if end.After(last) {
			last = end
		}
	}
	return float64(last.Sub(first).Microseconds()) / 1000 / longest
}
