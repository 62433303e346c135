// SPDX-License-Identifier: MIT

// Package distribution is the custom resource of a site that a CloudFront
// distribution serves: that of package site, which tells CloudFront what has
// changed. It is a package of its own since the client of CloudFront takes long
// to compile, and most sites need none.
package distribution

import (
	"context"
	"fmt"
	"net/url"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"

	"github.com/sparta-up/sparta/customresource"
	"github.com/sparta-up/sparta/customresource/site"
)

// New returns the resource of a site whose property Distribution may name a
// distribution; for everything else see [site.New].
func New() (customresource.Resource, error) {
	return site.NewBehind(func(cfg aws.Config) site.Invalidator { return invalidator{cloudfront.NewFromConfig(cfg)} })
}

// maxInvalidated is how many paths are named; more are all of the site. The
// first 1,000 paths a month are free, and * counts as one ("Pay for file
// invalidation", Amazon CloudFront Developer Guide).
const maxInvalidated = 15

// cdn is CloudFront as far as a site uses it; *cloudfront.Client is one.
type cdn interface {
	CreateInvalidation(context.Context, *cloudfront.CreateInvalidationInput, ...func(*cloudfront.Options)) (*cloudfront.CreateInvalidationOutput, error)
}

type invalidator struct{ api cdn }

// Invalidate has CloudFront fetch files anew. It does not wait: CloudFront takes
// minutes, and serves the new files as it goes.
func (i invalidator) Invalidate(ctx context.Context, distribution, reference string, keys []string) error {
	paths := invalidated(keys)
	_, err := i.api.CreateInvalidation(ctx, &cloudfront.CreateInvalidationInput{
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
