// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"path/filepath"

	"github.com/sparta-up/sparta/internal/archive"
	"github.com/sparta-up/sparta/pipeline"
)

// PackageAssets zips the site's directory while the code is being compiled. It
// skips a service without a site.
type PackageAssets struct {
	Project pipeline.Result[Project]
	Roles   pipeline.Result[Roles] // nothing is made before the roles are verified
	Cache   string                 // directory
}

// Title returns the words of the box.
func (*PackageAssets) Title() string { return "Conditionally ZIP S3 Site Assets" }

// Skip leaves the stage out for a service without a site.
func (p *PackageAssets) Skip() string { return skipWithoutSite(p.Project.Get()) }

// Run walks the directory and writes the zip.
func (p *PackageAssets) Run(ctx context.Context) (Archive, error) {
	files, err := archive.Walk(ctx, p.Project.Get().Service.Site.Dir)
	if err != nil {
		return Archive{}, err
	}
	return cachedZip(ctx, filepath.Join(p.Cache, "sites"), files)
}

func skipWithoutSite(p Project) string {
	if p.Service.Site == nil {
		return "no site"
	}
	return ""
}
