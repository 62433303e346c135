// SPDX-License-Identifier: MIT

package customresource

import (
	"context"
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/rs/zerolog"
)

// Site returns the built-in custom resource that brings the files of an
// uploaded archive into a bucket; its properties are [SiteProperties]. The
// physical id is the bucket's name, so that another bucket replaces the
// resource and the old one is emptied. The client is made from the SDK's
// default configuration; where an endpoint is set by AWS_ENDPOINT_URL or
// AWS_ENDPOINT_URL_S3, buckets are named in the path.
//
// Create writes everything. Update writes what differs, gives what is only
// served differently its new headers, and removes what is gone from the site.
// Both write assets before pages, then the manifest, and have the distribution,
// if there is one, fetch anew what changed. Delete empties the bucket,
// with all versions and unfinished uploads.
func Site() (Resource, error) {
	cfg, err := loadConfig()
	if err != nil {
		return nil, err
	}
	return site{newStorage(cfg), cloudfront.NewFromConfig(cfg)}, nil
}

type site struct {
	api storage
	cdn invalidator // used by sites with a distribution only
}

// PhysicalID returns the name of the bucket.
func (s site) PhysicalID(r Request) string {
	name, _ := r.Properties["Bucket"].(string)
	return name
}

// Create fills a bucket of which nothing is known.
func (s site) Create(ctx context.Context, r Request) (Response, error) {
	p, err := siteProperties(r.Decode)
	if err != nil {
		return Response{PhysicalID: s.PhysicalID(r)}, err
	}
	return s.fill(ctx, r, p, nil)
}

// Update brings a bucket from the old to the new archive; a new bucket is
// filled as by Create.
func (s site) Update(ctx context.Context, r Request) (Response, error) {
	p, err := siteProperties(r.Decode)
	if err != nil {
		return Response{PhysicalID: r.PhysicalID}, err
	}
	old, err := siteProperties(r.DecodeOld)
	if err != nil || p.Bucket != r.PhysicalID || old.Bucket != p.Bucket {
		return s.fill(ctx, r, p, nil)
	}
	return s.fill(ctx, r, p, &old)
}

// Delete empties the bucket.
func (s site) Delete(ctx context.Context, r Request) error {
	owner, _ := r.Properties["Owner"].(string)
	return bucket{s.api, r.PhysicalID, owner}.empty(ctx)
}

func siteProperties(decode func(any) error) (SiteProperties, error) {
	var p SiteProperties
	if err := decode(&p); err != nil {
		return p, err
	}
	return p, p.check()
}

// fill brings the archive of p into its bucket. old are the live properties of
// the same bucket, nil if nothing is known of it.
func (s site) fill(ctx context.Context, r Request, p SiteProperties, old *SiteProperties) (Response, error) {
	response := Response{PhysicalID: p.Bucket, Data: map[string]any{"Bucket": p.Bucket, "ManifestKey": p.ManifestKey}}
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
	return response, invalidate(ctx, s.cdn, p.Distribution, r.RequestID, changed)
}

func manifestKeys(p SiteProperties, old *SiteProperties) []string {
	if old == nil || old.ManifestKey == p.ManifestKey {
		return []string{p.ManifestKey}
	}
	return []string{p.ManifestKey, old.ManifestKey}
}

// look finds out what is live in the bucket.
func (s site) look(ctx context.Context, target bucket, files *directory, p, old SiteProperties) (*live, error) {
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
func (s site) bring(ctx context.Context, target bucket, files *directory, p SiteProperties, l *live) ([]string, error) {
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
