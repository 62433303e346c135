// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"path/filepath"

	"github.com/sparta-up/sparta/internal/archive"
	"github.com/sparta-up/sparta/internal/diag"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
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

// Run walks the directory and writes the zip. What the directory may not hold,
// such as a link that leads out of it, is a *diag.Fault.
func (p *PackageAssets) Run(ctx context.Context) (Archive, error) {
	service := p.Project.Get().Service
	files, err := walkSite(ctx, service)
	if err != nil {
		return Archive{}, err
	}
	return cachedZip(ctx, filepath.Join(p.Cache, "sites"), files)
}

// walkSite walks the site's directory. What it may not hold is a *diag.Fault.
func walkSite(ctx context.Context, service *spec.Service) ([]archive.File, error) {
	files, err := archive.Walk(ctx, service.Site.Dir)
	if refused, ok := errors.AsType[*archive.WalkError](err); ok {
		return nil, diag.List{service.Problem(diag.SiteContent, "zip site "+service.Site.Dir+": "+refused.Error(), refused.Hint(), "site", "dir")}.Err()
	}
	return files, err
}

func skipWithoutSite(p Project) string {
	if p.Service.Site == nil {
		return "no site"
	}
	return ""
}
