// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	maxObject = 8 << 20  // bytes of an object that is cached
	maxCache  = 64 << 20 // bytes of all that a distribution has cached
)

// cache is what a distribution has cached. Its methods may be called
// concurrently.
type cache struct {
	now func() time.Time

	mu      sync.Mutex
	entries map[string]*entry
	size    int64
	epoch   int // counts invalidations
}

// entry is a cached response. It never changes.
type entry struct {
	status  int
	header  http.Header
	body    []byte
	paths   []string // by which invalidations name it
	stored  time.Time
	expires time.Time
}

func newCache(now func() time.Time) *cache {
	return &cache{now: now, entries: map[string]*entry{}}
}

// get returns the response that is kept under a key, nil for none, and whether
// it is fresh. epoch is for put.
func (c *cache) get(key string) (e *entry, fresh bool, epoch int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e = c.entries[key]
	return e, e != nil && c.now().Before(e.expires), c.epoch
}

// put keeps a response unless something was invalidated since epoch: it may be
// the one that is out of date. The oldest responses make room for it.
func (c *cache) put(key string, e *entry, epoch int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if epoch != c.epoch {
		return
	}
	c.drop(key)
	c.entries[key] = e
	c.size += int64(len(e.body))
	for c.size > maxCache {
		oldest := key
		for other, kept := range c.entries {
			if kept.stored.Before(c.entries[oldest].stored) {
				oldest = other
			}
		}
		c.drop(oldest)
	}
}

// drop removes a response; c.mu is held.
func (c *cache) drop(key string) {
	if e := c.entries[key]; e != nil {
		c.size -= int64(len(e.body))
		delete(c.entries, key)
	}
}

// invalidate removes the responses whose path fits a pattern, in which * at the
// end stands for any text.
func (c *cache) invalidate(patterns []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch++
	for key, e := range c.entries {
		for _, pattern := range patterns {
			if e.fits(pattern) {
				c.drop(key)
			}
		}
	}
}

// fits reports whether one of the paths of a response fits a pattern. Only a
// final * has a meaning, and how paths are escaped has none ("Specify the files
// to invalidate", Amazon CloudFront Developer Guide).
func (e *entry) fits(pattern string) bool {
	prefix, begins := strings.CutSuffix(pattern, "*")
	prefix = unescaped(prefix)
	return slices.ContainsFunc(e.paths, func(path string) bool {
		path = unescaped(path)
		return path == prefix || begins && strings.HasPrefix(path, prefix)
	})
}

// unescaped returns a path with its escapes decoded, as it is if one is none.
func unescaped(path string) string {
	if plain, err := url.PathUnescape(path); err == nil {
		return plain
	}
	return path
}
