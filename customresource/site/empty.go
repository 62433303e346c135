// SPDX-License-Identifier: MIT

package site

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/customresource/internal/client"
)

// emptyPasses is how often a bucket is emptied before it is given up: something
// else may write into it meanwhile.
const emptyPasses = 3

// empty removes every object with all its versions, every delete marker and
// every unfinished upload. A bucket that is not there is empty.
func (b bucket) empty(ctx context.Context) error {
	err := b.abortUploads(ctx)
	for range emptyPasses {
		if err != nil {
			break
		}
		var n int
		if n, err = b.removeVersions(ctx); err == nil && n == 0 {
			return nil
		}
	}
	if client.HasCode(err, "NoSuchBucket") {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("bucket %q: something goes on writing into it", b.name)
	}
	return fmt.Errorf("empty bucket: %w", err)
}

// removeVersions goes once through the bucket and returns how much it removed.
func (b bucket) removeVersions(ctx context.Context) (int, error) {
	removed := 0
	var key, version *string
	for {
		page, err := b.api.ListObjectVersions(ctx, &s3.ListObjectVersionsInput{
			Bucket: &b.name, ExpectedBucketOwner: b.expectedOwner(), KeyMarker: key, VersionIdMarker: version,
		})
		if err != nil {
			return removed, fmt.Errorf("list versions of bucket %q: %w", b.name, err)
		}
		var ids []types.ObjectIdentifier
		for _, v := range page.Versions {
			ids = append(ids, types.ObjectIdentifier{Key: v.Key, VersionId: v.VersionId})
		}
		for _, m := range page.DeleteMarkers {
			ids = append(ids, types.ObjectIdentifier{Key: m.Key, VersionId: m.VersionId})
		}
		if err := b.remove(ctx, ids); err != nil {
			return removed, err
		}
		removed += len(ids)
		if !aws.ToBool(page.IsTruncated) {
			return removed, nil
		}
		key, version = page.NextKeyMarker, page.NextVersionIdMarker
	}
}

func (b bucket) abortUploads(ctx context.Context) error {
	var key, id *string
	for {
		page, err := b.api.ListMultipartUploads(ctx, &s3.ListMultipartUploadsInput{
			Bucket: &b.name, ExpectedBucketOwner: b.expectedOwner(), KeyMarker: key, UploadIdMarker: id,
		})
		if err != nil {
			return fmt.Errorf("list uploads of bucket %q: %w", b.name, err)
		}
		for _, u := range page.Uploads {
			_, err := b.api.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
				Bucket: &b.name, ExpectedBucketOwner: b.expectedOwner(), Key: u.Key, UploadId: u.UploadId,
			})
			if err != nil && !client.HasCode(err, "NoSuchUpload") {
				return fmt.Errorf("abort upload of %q: %w", aws.ToString(u.Key), err)
			}
		}
		if !aws.ToBool(page.IsTruncated) {
			return nil
		}
		key, id = page.NextKeyMarker, page.NextUploadIdMarker
	}
}
