// SPDX-License-Identifier: MIT

package localaws_test

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// programs are the zips of the functions in testdata, each compiled once.
var programs sync.Map

// zipOf compiles a program of testdata and zips it as Lambda wants it.
func zipOf(t *testing.T, program string) []byte {
	t.Helper()
	made, _ := programs.LoadOrStore(program, sync.OnceValues(func() ([]byte, error) { return compile(program) }))
	archive, err := made.(func() ([]byte, error))()
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

// compile makes the zip of a program. All are compiled alike, so that they share
// what they consist of.
func compile(program string) ([]byte, error) {
	dir, err := os.MkdirTemp("", program+"-*")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", file, "./testdata/"+program)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("compile %s: %w\n%s", program, err, out)
	}
	code, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	header := &zip.FileHeader{Name: "bootstrap", Method: zip.Store}
	header.SetMode(0o755)
	f, err := w.CreateHeader(header)
	if err == nil {
		_, err = f.Write(code)
	}
	err = errors.Join(err, w.Close())
	return archive.Bytes(), err
}
