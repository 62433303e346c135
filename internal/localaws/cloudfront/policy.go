// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"
	"slices"
	"time"
)

// cachePolicy is a managed cache policy. None of those that are modelled puts
// headers, cookies or queries into the cache key.
type cachePolicy struct {
	name                   string
	least, otherwise, most time.Duration // of how long an object is fresh
	gzip                   bool
}

// cachePolicies are the managed ones that are modelled, by id ("Use managed
// cache policies", Amazon CloudFront Developer Guide).
func cachePolicies(id string) (cachePolicy, bool) {
	const year, day = 365 * 24 * time.Hour, 24 * time.Hour
	switch id {
	case "658327ea-f89d-4fab-a63d-7e88639e58f6":
		return cachePolicy{"CachingOptimized", time.Second, day, year, true}, true
	case "b2884449-e4de-46a7-ac36-70bc7f1ddd6d":
		return cachePolicy{"CachingOptimizedForUncompressedObjects", time.Second, day, year, false}, true
	case "4135ea2d-6df8-44a3-9df3-4b5a84be39ad":
		return cachePolicy{name: "CachingDisabled"}, true
	}
	return cachePolicy{}, false
}

// allViewerExceptHost is the managed origin request policy
// AllViewerExceptHostHeader.
const allViewerExceptHost = "b689b0a8-53d0-40ab-baf2-68738e2966ac"

// corsS3Origin is the managed origin request policy CORS-S3Origin.
const corsS3Origin = "88a5eaf4-2fd4-4709-b370-b4c650ea3fcf"

// corsHeaders are what CORS-S3Origin passes on.
var corsHeaders = [...]string{"Origin", "Access-Control-Request-Headers", "Access-Control-Request-Method"}

// allows reports whether a viewer may use a method.
func (b *behavior) allows(method string) bool {
	return slices.Contains(b.methods(), method)
}

// cacheable reports whether responses to a method may come from the cache.
func cacheable(method string) bool { return method == http.MethodGet || method == http.MethodHead }
