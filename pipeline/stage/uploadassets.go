// SPDX-License-Identifier: MIT

package stage

import (
	"context"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/pipeline"
)

// UploadAssets brings the site's zip into the artifact bucket, from where the
// site's custom resource takes it. It skips a service without a site.
type UploadAssets struct {
	Project pipeline.Result[Project]
	Assets  pipeline.Result[Archive]
	Bucket  pipeline.Result[Bucket]
	Stack   pipeline.Result[Stack]
}

// Title returns the words of the box.
func (*UploadAssets) Title() string { return "Upload S3 Assets" }

// Skip leaves the stage out for a service without a site.
func (u *UploadAssets) Skip() string { return skipWithoutSite(u.Project.Get()) }

// Run uploads the zip unless the stack has it already.
func (u *UploadAssets) Run(ctx context.Context) (Object, error) {
	assets, bucket := u.Assets.Get(), u.Bucket.Get()
	key := artifactKey(u.Project.Get().Service.Name, assets.Digest, "site.zip")
	if u.Stack.Get().Live.has(bucket.Name, key) {
		zerolog.Ctx(ctx).Debug().Str("key", key).Msg("object is live already")
		return Object{Bucket: bucket.Name, Key: key}, nil
	}
	return bucket.putFile(ctx, key, "application/zip", assets.Path)
}

// Undo deletes the object if this run created it.
func (u *UploadAssets) Undo(ctx context.Context, object Object) error {
	return u.Bucket.Get().remove(ctx, object)
}
