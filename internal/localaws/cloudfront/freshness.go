// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// fresh returns how long a response may be served from the cache, within the
// limits of the policy ("Managing how long content stays in the cache", Amazon
// CloudFront Developer Guide): s-maxage counts before max-age, and that before
// Expires. What must not be cached stays for the least time of the policy.
func (p cachePolicy) fresh(h http.Header, now time.Time) time.Duration {
	age, said := said(h, now)
	if !said {
		return max(p.least, p.otherwise)
	}
	return max(p.least, min(age, p.most))
}

// said returns how long the origin says that a response is fresh.
func said(h http.Header, now time.Time) (age time.Duration, ok bool) {
	directives := map[string]string{}
	for _, line := range h.Values("Cache-Control") {
		for directive := range strings.SplitSeq(strings.ToLower(line), ",") {
			name, value, _ := strings.Cut(strings.TrimSpace(directive), "=")
			directives[name] = strings.Trim(value, `"`)
		}
	}
	for _, name := range []string{"no-cache", "no-store", "private"} {
		if _, ok := directives[name]; ok {
			return 0, true
		}
	}
	for _, name := range []string{"s-maxage", "max-age"} {
		if seconds, err := strconv.ParseInt(directives[name], 10, 32); err == nil {
			return time.Duration(max(seconds, 0)) * time.Second, true
		}
	}
	if text := h.Get("Expires"); text != "" {
		until, err := http.ParseTime(text)
		if err != nil {
			return 0, true
		}
		return max(until.Sub(now), 0), true
	}
	return 0, false
}

// defaultErrorAge is how long an error is cached where nobody says so.
const defaultErrorAge = 10 * time.Second

// cachedErrors are the statuses that are cached in any case; 400 only if the
// origin says how long ("How CloudFront caches HTTP 4xx and 5xx status codes").
var cachedErrors = [...]int{403, 404, 405, 414, 500, 501, 502, 503, 504}

// freshError is fresh for a response with a status of 400 or more.
func (c *config) freshError(status int, h http.Header, now time.Time) time.Duration {
	age, said := said(h, now)
	if !slices.Contains(cachedErrors[:], status) && !(said && status == http.StatusBadRequest) {
		return 0
	}
	least := defaultErrorAge
	if e := c.errorResponse(status); e.ErrorCachingMinTTL != nil {
		least = time.Duration(*e.ErrorCachingMinTTL) * time.Second
	}
	return max(age, least)
}
