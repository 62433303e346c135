// SPDX-License-Identifier: MIT

package spec_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/spec"
)

// TestExplanationsHold reads the examples of every explanation: the lines before
// the repair have the problem, and those after it have none.
func TestExplanationsHold(t *testing.T) {
	t.Parallel()
	dir := newSite(t)
	for _, x := range diag.Explanations() {
		if x.Before == "" {
			continue
		}
		t.Run(string(x.Code), func(t *testing.T) {
			t.Parallel()
			if before := read(dir, x.Before); !slices.ContainsFunc(before, func(p diag.Problem) bool { return p.Code == x.Code }) {
				t.Errorf("the lines before have no %s:\n%s\n%s", x.Code, x.Before, render(before))
			}
			if after := read(dir, x.After); len(after) > 0 {
				t.Errorf("the lines after:\n%s\n%s", x.After, render(after))
			}
		})
	}
}

// read reads lines of a sparta.yaml whose name may be left out.
func read(dir, lines string) diag.List {
	if !strings.Contains(lines, "serviceName:") && !strings.HasPrefix(lines, "#") {
		lines = "serviceName: orders\n" + lines
	}
	_, problems := spec.Parse(filepath.Join(dir, "sparta.yaml"), []byte(lines), spec.Options{})
	return problems
}
