// SPDX-License-Identifier: MIT

package lambda

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Code and layers together may have 250 MB, unpacked.
func TestCodeAndLayersAreMeasured(t *testing.T) {
	t.Parallel()
	s := withFakes(t, &fakes{})
	t.Cleanup(func() { closeService(t, s) })
	sized := func(hash string, size int64) string {
		t.Helper()
		dir := s.code.task(hash)
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, "file")
		if err := os.WriteFile(file, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Truncate(file, size); err != nil { // has no blocks on the disk
			t.Fatal(err)
		}
		return hash
	}
	half, rest, more := sized("aGFs", maxUnzipped/2), sized("cmVz", maxUnzipped/2), sized("bW9y", maxUnzipped/2+1)
	v := &settings{CodeSHA256: half, Layers: []layerUse{{CodeSHA256: rest}}}
	if err := s.checkUnzipped(v); err != nil {
		t.Errorf("what is allowed: %v", err)
	}
	v.Layers[0].CodeSHA256 = more
	if err := s.checkUnzipped(v); err == nil || !strings.Contains(err.Error(), "Function code combined with layers exceeds the maximum allowed size of 262144000 bytes. The actual size is 262144001 bytes.") {
		t.Errorf("one byte more: %v", err)
	}
}
