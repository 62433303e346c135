// SPDX-License-Identifier: MIT

package stage

import (
	"archive/zip"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/pipeline"
)

func TestPackage(t *testing.T) {
	t.Parallel()
	program := file(t, "#!/bin/sh\n")
	both := service(t, "serviceName: orders\nfunctions:\n  a: {handler: ./h.A}\n  b: {handler: ./h.B, runtime: provided.al2023}\n")
	bare := service(t, "serviceName: orders\nfunctions:\n  b: {handler: ./h.B, runtime: provided.al2023}\n")
	cache := t.TempDir()
	p := &Package{
		Project: projectOf(both), Cache: cache,
		Binaries: pipeline.Known(Binaries{App: map[string]string{"arm64": program, "x86_64": program}, Provider: program}),
	}
	archives, err := p.Run(t.Context())
	must(t, err)
	if diff := cmp.Diff(map[string]string{"bootstrap": "-rwxr-xr-x", "index.mjs": "-rw-r--r--"}, modes(t, archives.App["arm64"].Path)); diff != "" {
		t.Errorf("functions (-want +got):\n%s", diff)
	}
	if archives.App["arm64"] != archives.App["x86_64"] {
		t.Error("the same content makes two archives")
	}
	if diff := cmp.Diff(map[string]string{"bootstrap": "-rwxr-xr-x"}, modes(t, archives.Provider.Path)); diff != "" {
		t.Errorf("custom resources (-want +got):\n%s", diff)
	}
	p.Project = projectOf(bare)
	alone, err := p.Run(t.Context())
	must(t, err)
	if diff := cmp.Diff(map[string]string{"bootstrap": "-rwxr-xr-x"}, modes(t, alone.App["arm64"].Path)); diff != "" {
		t.Errorf("without the shim (-want +got):\n%s", diff)
	}
	if left, _ := filepath.Glob(filepath.Join(cache, "archives", "*.partial")); len(left) != 0 {
		t.Errorf("left in the cache: %v", left)
	}
	p.Binaries = pipeline.Known(Binaries{})
	if p.Skip() != "no Go code" {
		t.Error("a service without Go code is not skipped")
	}
	p.Binaries = pipeline.Known(Binaries{App: map[string]string{"arm64": filepath.Join(cache, "none")}})
	if _, err := p.Run(t.Context()); err == nil {
		t.Error("no error for a binary that is not there")
	}
}

// modes returns the modes of the files in a zip.
func modes(t *testing.T, path string) map[string]string {
	t.Helper()
	r, err := zip.OpenReader(path)
	must(t, err)
	defer r.Close()
	found := map[string]string{}
	for _, f := range r.File {
		found[f.Name] = f.Mode().String()
	}
	return found
}
