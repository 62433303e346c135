// SPDX-License-Identifier: MIT

package site

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/customresource/internal/client"
)

// gone returns the objects to remove: files of the old site that the new one
// has no more. If the bucket may hold more than that, each object that is not
// the new site's is asked whether the site resource has written it.
func (b bucket) gone(ctx context.Context, files *directory, p Properties, l *live) ([]types.ObjectIdentifier, error) {
	if l == nil {
		return nil, nil
	}
	var candidates []string
	for key := range l.objects {
		_, keep := files.named[key]
		if keep || key == p.ManifestKey {
			continue
		}
		if l.trusted && l.old != nil && l.old.named[key] == nil && key != l.manifestKey {
			continue
		}
		candidates = append(candidates, key)
	}
	slices.Sort(candidates)
	if !l.trusted || l.old == nil {
		return b.own(ctx, candidates)
	}
	return identifiers(candidates), nil
}

// own returns those of the keys that the site resource has written.
func (b bucket) own(ctx context.Context, keys []string) ([]types.ObjectIdentifier, error) {
	mine := make([]bool, len(keys))
	indexes := make([]int, len(keys))
	for i := range indexes {
		indexes[i] = i
	}
	err := each(ctx, indexes, func(int) int { return 1 }, func(ctx context.Context, i int) error {
		out, err := b.api.HeadObject(ctx, &s3.HeadObjectInput{
			Bucket: &b.name, Key: &keys[i], ExpectedBucketOwner: b.expectedOwner(),
		})
		if client.HasStatus(err, http.StatusNotFound) || client.HasCode(err, "NotFound", "NoSuchKey") {
			return nil
		}
		if err != nil {
			return fmt.Errorf("look at object %q: %w", keys[i], err)
		}
		mine[i] = out.Metadata[ownMark] != ""
		return nil
	})
	var found []string
	for i, key := range keys {
		if mine[i] {
			found = append(found, key)
		}
	}
	return identifiers(found), err
}

func identifiers(keys []string) []types.ObjectIdentifier {
	ids := make([]types.ObjectIdentifier, len(keys))
	for i := range keys {
		ids[i] = types.ObjectIdentifier{Key: aws.String(keys[i])}
	}
	return ids
}

// distrust removes the manifests after a failure, by which the next update knows
// that the bucket may hold files of two archives.
func (b bucket) distrust(ctx context.Context, manifestKeys ...string) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	return b.remove(ctx, identifiers(manifestKeys))
}
