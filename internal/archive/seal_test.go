// SPDX-License-Identifier: MIT

package archive_test

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sparta-up/sparta/internal/archive"
)

// program compiles a small program for Linux in a directory of its own.
func program(t *testing.T, flags ...string) string {
	t.Helper()
	dir := t.TempDir()
	source := filepath.Join(dir, "main.go")
	if err := os.WriteFile(source, []byte("package main\n\nfunc main() { println(\"sealed\") }\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(dir, "program")
	cmd := exec.CommandContext(t.Context(), "go", append(append([]string{"build", "-buildvcs=false", "-o", out}, flags...), source)...)
	cmd.Env = append(os.Environ(), "GOOS=linux", "GOARCH=amd64", "CGO_ENABLED=0", "GOFLAGS=")
	if text, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

func seal(t *testing.T, path string) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := archive.Seal(path, &b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestSealClearsTheBuildIDs(t *testing.T) {
	t.Parallel()
	// -B adds the GNU note, whose id differs here although the code does not.
	first, second := program(t, "-trimpath", "-ldflags=-s -w -B 0x1111"), program(t, "-trimpath", "-ldflags=-s -w -B 0x2222")
	a, b := seal(t, first), seal(t, second)
	if !bytes.Equal(a, b) {
		t.Error("sealed programs differ")
	}
	original, err := os.ReadFile(first)
	if err != nil {
		t.Fatal(err)
	}
	if len(a) != len(original) || bytes.Equal(a, original) {
		t.Errorf("sealed program has %d bytes, original %d", len(a), len(original))
	}
	file, err := elf.NewFile(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	for name, owner := range map[string]string{".note.go.buildid": "Go\x00\x00", ".note.gnu.build-id": "GNU\x00"} {
		note, err := file.Section(name).Data()
		if err != nil {
			t.Fatal(err)
		}
		if string(note[12:16]) != owner || len(bytes.Trim(note[16:], "\x00")) != 0 {
			t.Errorf("%s holds %q", name, note)
		}
	}
}

func TestSealedProgramRuns(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "sealed")
	if err := os.WriteFile(file, seal(t, program(t)), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), file).CombinedOutput()
	if err != nil {
		t.Skipf("programs for linux/amd64 don't run here: %v", err)
	}
	if string(out) != "sealed\n" {
		t.Errorf("got %q", out)
	}
}

func TestSealLeavesOtherFilesAlone(t *testing.T) {
	t.Parallel()
	for _, content := range []string{"", "\x7f", "\x7fEL", "#!/bin/sh\necho hello\n", "\xcf\xfa\xed\xfe Mach-O"} {
		file := filepath.Join(t.TempDir(), "file")
		if err := os.WriteFile(file, []byte(content), 0o755); err != nil {
			t.Fatal(err)
		}
		if got := seal(t, file); string(got) != content {
			t.Errorf("%q became %q", content, got)
		}
	}
}

func TestSealRefusesBrokenPrograms(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, []byte("\x7fELF and nothing more"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := archive.Seal(file, io.Discard); err == nil {
		t.Error("no error")
	}
	if err := archive.Seal(filepath.Join(t.TempDir(), "gone"), io.Discard); err == nil {
		t.Error("missing file: no error")
	}
}

func TestProgramAndOnDisk(t *testing.T) {
	t.Parallel()
	path := program(t)
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	sealed, err := archive.Program("bootstrap", path)
	if err != nil {
		t.Fatal(err)
	}
	if !sealed.Executable() {
		t.Error("a program is not executable")
	}
	if got := unpacked(t, packed(t, []archive.File{sealed})); !bytes.Equal(got["bootstrap"], seal(t, path)) {
		t.Error("archive does not hold the sealed program")
	}
	plain, err := archive.OnDisk("x", path)
	if err != nil {
		t.Fatal(err)
	}
	if plain.Executable() || plain.Size != sealed.Size {
		t.Errorf("got %+v", plain)
	}
	for _, bad := range []string{t.TempDir(), filepath.Join(t.TempDir(), "gone")} {
		if _, err := archive.Program("x", bad); err == nil {
			t.Errorf("Program(%s): no error", bad)
		}
		if _, err := archive.OnDisk("x", bad); err == nil {
			t.Errorf("OnDisk(%s): no error", bad)
		}
	}
}
