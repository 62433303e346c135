// SPDX-License-Identifier: MIT

// Package bench measures what users wait for: whole processes, each beside what
// it is compared with, in one run.
//
//	go test ./bench -bench . -benchtime 5x | tee bench/results.txt
//
// Linux counts into the peak of a process what its parent had resident when it
// started it: for peaks run one benchmark alone, as in -bench 'Validate200$'.
//
// A figure is a median of the iterations, in milliseconds if it does not say
// otherwise. Nothing here passes or fails by time.
package bench

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// sparta is the program under measurement, built once.
var sparta = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "sparta-bench")
	if err != nil {
		return "", err
	}
	program := filepath.Join(dir, "sparta")
	if runtime.GOOS == "windows" {
		program += ".exe"
	}
	out, err := exec.Command("go", "build", "-o", program, "..").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build sparta: %w\n%s", err, out)
	}
	return program, nil
})

// process is one finished run of a program.
type process struct {
	wall     time.Duration
	cpu      time.Duration // of all its threads, in the system too
	peakMB   float64
	out, err string
}

// run runs a program in dir and fails the benchmark if the program fails.
func run(b *testing.B, dir string, env []string, argv ...string) process {
	b.Helper()
	p, err := attempt(b, dir, env, argv...)
	if err != nil {
		b.Fatalf("%s: %v\n%s%s", strings.Join(argv, " "), err, p.out, p.err)
	}
	return p
}

// attempt runs a program that may fail. It fails the benchmark if there is no
// such program.
func attempt(b *testing.B, dir string, env []string, argv ...string) (process, error) {
	b.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	wall := time.Since(start)
	if cmd.ProcessState == nil {
		b.Fatalf("%s: %v", strings.Join(argv, " "), err)
	}
	cpu := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	return process{wall, cpu, peakMB(cmd.ProcessState), stdout.String(), stderr.String()}, err
}

func mustSparta(b *testing.B) string {
	b.Helper()
	program, err := sparta()
	if err != nil {
		b.Fatal(err)
	}
	return program
}

// series is the measurements of one figure.
type series []float64

func (s *series) add(d time.Duration) { *s = append(*s, float64(d.Microseconds())/1000) }

func (s series) median() float64 {
	sorted := slices.Sorted(slices.Values(s))
	return sorted[len(sorted)/2]
}

// differences returns a - b, pair by pair, so that a change of the machine's
// speed between pairs does not count.
func differences(a, b series) series {
	var d series
	for i := range a {
		d = append(d, a[i]-b[i])
	}
	return d
}

// module writes files into a new directory that is a Go module.
func module(b *testing.B, files map[string]string) string {
	b.Helper()
	dir := b.TempDir()
	files["go.mod"] = "module example.com/bench\n\ngo 1.26\n"
	for name, text := range files {
		write(b, filepath.Join(dir, name), text)
	}
	return dir
}

func write(b *testing.B, file, text string) {
	b.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		b.Fatal(err)
	}
}
