// SPDX-License-Identifier: MIT

//go:build unix

package archive_test

import (
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sparta-up/sparta/internal/archive"
)

func TestWalkRefusesPipes(t *testing.T) {
	t.Parallel()
	dir := site(t)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Skipf("no named pipes here: %v", err)
	}
	if _, err := archive.Walk(t.Context(), dir); err == nil || !strings.HasPrefix(err.Error(), `"pipe": neither a regular file nor a directory`) {
		t.Errorf("got %v", err)
	}
}
