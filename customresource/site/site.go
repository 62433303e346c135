// SPDX-License-Identifier: MIT

// Package site is the custom resource that brings the files of an uploaded
// archive into a bucket; services with a site have it. It reads the archive by
// ranges and writes only what differs.
//
// To know what differs it compares the directory of the new archive (name,
// CRC-32, sizes) with that of the archive of the resource's old properties, and
// with one listing of the bucket: an object that is missing or of another size
// was changed by hand and is written again. This costs a few requests however
// many files there are; looking at each object would cost a request a file, and
// a state file in the bucket would be public. If the old archive is gone, the
// MD5 of each new file is compared with the ETag in the listing, which means
// reading the whole archive. The same is done after an update that failed, when
// the bucket may hold files of two archives: such an update removes the
// manifest, and a missing manifest tells the next one. What this cannot see is
// an object that something else has replaced by another of equal size.
//
// Only files that the resource has written are removed, so that what an
// application has put into the bucket itself stays there until the site is
// deleted.
package site

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/customresource"
	"github.com/sparta-up/sparta/customresource/internal/client"
)

// Invalidator has a distribution fetch anew what a site has changed.
type Invalidator interface {
	// Invalidate need not wait until it has come about. The reference makes a
	// second call for the same change none; keys are those of the objects, at
	// least one.
	Invalidate(ctx context.Context, distribution, reference string, keys []string) error
}

// New returns the resource of a site that no distribution serves; its properties
// are [Properties], and it refuses Distribution. The physical id is the bucket's
// name, so that another bucket replaces the resource and the old one is emptied.
// The client is made from the SDK's default configuration; where an endpoint is
// set by AWS_ENDPOINT_URL or AWS_ENDPOINT_URL_S3, buckets are named in the path.
//
// Create writes everything. Update writes what differs, gives what is only
// served differently its new headers, and removes what is gone from the site.
// Both write assets before pages, then the manifest. Delete empties the bucket,
// with all versions and unfinished uploads.
func New() (customresource.Resource, error) { return NewBehind(nil) }

// NewBehind is [New] for a site that may be served by a distribution, which is
// told at the end of Create and Update what has changed. Invalidator makes who
// tells it of the SDK's configuration.
func NewBehind(invalidator func(aws.Config) Invalidator) (customresource.Resource, error) {
	cfg, err := client.Load(budget)
	if err != nil {
		return nil, err
	}
	s := site{api: s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = client.PathStyle()
		o.DisableLogOutputChecksumValidationSkipped = true
	})}
	if invalidator != nil {
		s.cdn = invalidator(cfg)
	}
	return s, nil
}

type site struct {
	api storage
	cdn Invalidator // nil: the site has no distribution
}

// PhysicalID returns the name of the bucket.
func (s site) PhysicalID(r customresource.Request) string {
	name, _ := r.Properties["Bucket"].(string)
	return name
}

// Create fills a bucket of which nothing is known.
func (s site) Create(ctx context.Context, r customresource.Request) (customresource.Response, error) {
	p, err := properties(r.Decode)
	if err != nil {
		return customresource.Response{PhysicalID: s.PhysicalID(r)}, err
	}
	return s.fill(ctx, r, p, nil)
}

// Update brings a bucket from the old to the new archive; a new bucket is
// filled as by Create.
func (s site) Update(ctx context.Context, r customresource.Request) (customresource.Response, error) {
	p, err := properties(r.Decode)
	if err != nil {
		return customresource.Response{PhysicalID: r.PhysicalID}, err
	}
	old, err := properties(r.DecodeOld)
	if err != nil || p.Bucket != r.PhysicalID || old.Bucket != p.Bucket {
		return s.fill(ctx, r, p, nil)
	}
	return s.fill(ctx, r, p, &old)
}

// Delete empties the bucket.
func (s site) Delete(ctx context.Context, r customresource.Request) error {
	owner, _ := r.Properties["Owner"].(string)
	return bucket{s.api, r.PhysicalID, owner}.empty(ctx)
}

func properties(decode func(any) error) (Properties, error) {
	var p Properties
	if err := decode(&p); err != nil {
		return p, err
	}
	return p, p.check()
}

// fill brings the archive of p into its bucket. old are the live properties of
// the same bucket, nil if nothing is known of it.
func (s site) fill(ctx context.Context, r customresource.Request, p Properties, old *Properties) (customresource.Response, error) {
	response := customresource.Response{PhysicalID: p.Bucket, Data: map[string]any{"Bucket": p.Bucket, "ManifestKey": p.ManifestKey}}
	if p.Distribution != "" && s.cdn == nil {
		return response, fmt.Errorf("properties: Distribution: %q: this provider was made without CloudFront", p.Distribution)
	}
	files, err := openDirectory(ctx, bucket{s.api, p.ArchiveBucket, p.Owner}, p.ArchiveKey, p.ArchiveSize)
	if err != nil {
		return response, err
	}
	if err := p.checkFiles(files); err != nil {
		return response, err
	}
	target := bucket{s.api, p.Bucket, p.Owner}
	var l *live
	if old != nil {
		if l, err = s.look(ctx, target, files, p, *old); err != nil {
			return response, err
		}
	}
	changed, err := s.bring(ctx, target, files, p, l)
	if err != nil {
		return response, errors.Join(err, target.distrust(ctx, manifestKeys(p, old)...))
	}
	if p.Distribution == "" || len(changed) == 0 {
		return response, nil
	}
	return response, s.cdn.Invalidate(ctx, p.Distribution, r.RequestID, changed)
}

func manifestKeys(p Properties, old *Properties) []string {
	if old == nil || old.ManifestKey == p.ManifestKey {
		return []string{p.ManifestKey}
	}
	return []string{p.ManifestKey, old.ManifestKey}
}

// look finds out what is live in the bucket.
func (s site) look(ctx context.Context, target bucket, files *directory, p, old Properties) (*live, error) {
	objects, err := target.list(ctx)
	if err != nil {
		return nil, err
	}
	l := &live{objects: objects, rules: old.CacheRules, old: files, manifestKey: old.ManifestKey}
	_, l.trusted = objects[old.ManifestKey]
	if old.ArchiveBucket == p.ArchiveBucket && old.ArchiveKey == p.ArchiveKey {
		return l, nil
	}
	l.old, err = openDirectory(ctx, bucket{s.api, old.ArchiveBucket, old.Owner}, old.ArchiveKey, old.ArchiveSize)
	if isGone(err) {
		zerolog.Ctx(ctx).Info().Str("key", old.ArchiveKey).Msg("old archive is gone, compare every file")
		err = nil
	}
	return l, err
}

// bring writes assets, pages and the manifest in this order, then removes what
// is gone. It returns the keys of what it touched.
func (s site) bring(ctx context.Context, target bucket, files *directory, p Properties, l *live) ([]string, error) {
	work := &publisher{bucket: target}
	assets, pages := plan(files, p.CacheRules, l)
	if err := work.run(ctx, assets); err != nil {
		return nil, err
	}
	if err := work.run(ctx, pages); err != nil {
		return nil, err
	}
	if err := work.manifest(ctx, p, l); err != nil {
		return nil, err
	}
	gone, err := target.gone(ctx, files, p, l)
	if err != nil {
		return nil, err
	}
	if err := target.remove(ctx, gone); err != nil {
		return nil, err
	}
	zerolog.Ctx(ctx).Info().Str("bucket", target.name).Int("files", len(files.files)).
		Int64("written", work.written.Load()).Int64("restamped", work.stamped.Load()).
		Int64("verified", work.verified.Load()).Int("removed", len(gone)).Msg("published site")
	for _, object := range gone {
		work.touch(*object.Key)
	}
	slices.Sort(work.touched)
	return work.touched, nil
}
