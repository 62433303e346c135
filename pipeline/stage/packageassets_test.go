// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
)

var siteFiles = map[string]string{
	"sparta.yaml":    "serviceName: orders\nsite: {dir: web}\n",
	"web/index.html": "<p>hi", "web/css/a.css": "p {}",
}

func assetsOf(t *testing.T) *PackageAssets {
	return &PackageAssets{Project: projectOf(serviceIn(t, siteFiles)), Roles: pipeline.Known(Roles{}), Cache: t.TempDir()}
}

func TestPackageAssets(t *testing.T) {
	t.Parallel()
	p := assetsOf(t)
	one, err := p.Run(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	two, err := assetsOf(t).Run(t.Context()) // in another directory
	if err != nil || one.Digest != two.Digest {
		t.Errorf("the same files make %s and %s, %v", one.Digest, two.Digest, err)
	}
	first, err1 := os.ReadFile(one.Path)
	second, err2 := os.ReadFile(two.Path)
	if err1 != nil || err2 != nil || string(first) != string(second) {
		t.Errorf("the zips differ: %v, %v", err1, err2)
	}
	dir := p.Project.Get().Service.Site.Dir
	if err := os.WriteFile(filepath.Join(dir, "css", "a.css"), []byte("p {color: red}"), 0o644); err != nil {
		t.Fatal(err)
	}
	if changed, err := p.Run(t.Context()); err != nil || changed.Digest == one.Digest {
		t.Errorf("a changed file: got %s, %v", changed.Digest, err)
	}
}

func TestPackageAssetsFaults(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		edit func(t *testing.T, dir string)
		says []string
		hint string
	}{
		{"missing directory", func(t *testing.T, dir string) { must(t, os.RemoveAll(dir)) }, []string{"zip site", "web", "no such file or directory"}, ""},
		{
			"symlink out", func(t *testing.T, dir string) { must(t, os.Symlink("/etc/passwd", filepath.Join(dir, "css", "p"))) },
			[]string{"zip site", `"css/p": symbolic link to "/etc/passwd", which is outside of the directory`}, "remove the link",
		},
		{
			"symlink to the directory above", func(t *testing.T, dir string) { must(t, os.Symlink("..", filepath.Join(dir, "up"))) },
			[]string{`"up": symbolic link to "..", which is outside of the directory`}, "remove the link",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			p := assetsOf(t)
			test.edit(t, p.Project.Get().Service.Site.Dir)
			_, err := p.Run(t.Context())
			wantError(t, err, test.says...)
			found, ok := errors.AsType[*diag.Fault](err)
			if !ok || found.Problems[0].Position.Line != 2 || !strings.Contains(found.Problems[0].Hint, test.hint) {
				t.Errorf("got %#v, want a fault of line 2 with the hint %q", err, test.hint)
			}
			if left, _ := filepath.Glob(filepath.Join(p.Cache, "sites", "*")); len(left) != 0 {
				t.Errorf("left in the cache: %v", left)
			}
		})
	}
	t.Run("interrupted", func(t *testing.T) {
		t.Parallel()
		interrupted := errors.New("interrupted")
		ctx, cancel := context.WithCancelCause(t.Context())
		cancel(interrupted)
		if _, err := assetsOf(t).Run(ctx); !errors.Is(err, interrupted) {
			t.Errorf("got %v", err)
		}
	})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
