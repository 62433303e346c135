// SPDX-License-Identifier: MIT

package customresource

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
)

// maxInvalidated is how many paths are named; more are all of the site. The
// first 1,000 paths a month are free, and * counts as one ("Pay for file
// invalidation", Amazon CloudFront Developer Guide).
const maxInvalidated = 15

// invalidator is CloudFront as far as the site uses it.
type invalidator interface {
	CreateInvalidation(context.Context, *cloudfront.CreateInvalidationInput, ...func(*cloudfront.Options)) (*cloudfront.CreateInvalidationOutput, error)
}

// invalidate has CloudFront fetch the files anew whose keys are given. It does
// not wait: CloudFront takes minutes, and serves the new files as it goes. The
// reference makes a second call for the same change none.
func invalidate(ctx context.Context, api invalidator, distribution, reference string, keys []string) error {
	if distribution == "" || len(keys) == 0 {
		return nil
	}
	paths := invalidated(keys)
	_, err := api.CreateInvalidation(ctx, &cloudfront.CreateInvalidationInput{
		DistributionId: &distribution,
		InvalidationBatch: &types.InvalidationBatch{
			CallerReference: &reference, Paths: &types.Paths{Items: paths, Quantity: aws.Int32(int32(len(paths)))},
		},
	})
	if err != nil {
		return fmt.Errorf("invalidate %d paths of distribution %s: %w", len(paths), distribution, err)
	}
	return nil
}

// invalidated are the paths of keys. That of a directory is cached under the
// path of its index document, which the distribution's function names.
func invalidated(keys []string) []string {
	var paths []string
	for _, key := range keys {
		path := (&url.URL{Path: "/" + key}).EscapedPath()
		paths = append(paths, strings.ReplaceAll(path, "*", "%2A"))
	}
	if len(paths) > maxInvalidated {
		return []string{"/*"}
	}
	return paths
}
