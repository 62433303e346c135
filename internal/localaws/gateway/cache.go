// SPDX-License-Identifier: MIT

package gateway

import (
	"strings"
	"sync"
	"time"
)

// maxCached is how many answers a Cache holds before it drops those that are
// out of date, and then all.
const maxCached = 10000

// Cache keeps what authorizers answered for a while. The zero value is ready;
// its methods may be called concurrently.
type Cache[T any] struct {
	mu      sync.Mutex
	answers map[string]cached[T]
}

type cached[T any] struct {
	answer T
	until  time.Time
}

// Get returns the answer that is kept for key.
func (c *Cache[T]) Get(key string, now time.Time) (T, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	kept, ok := c.answers[key]
	if !ok || !now.Before(kept.until) {
		var none T
		return none, false
	}
	return kept.answer, true
}

// Put keeps an answer until the given time.
func (c *Cache[T]) Put(key string, answer T, now, until time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.answers) >= maxCached {
		for k, kept := range c.answers {
			if !now.Before(kept.until) {
				delete(c.answers, k)
			}
		}
		if len(c.answers) >= maxCached {
			clear(c.answers)
		}
	}
	if c.answers == nil {
		c.answers = map[string]cached[T]{}
	}
	c.answers[key] = cached[T]{answer, until}
}

// Forget drops the answers whose keys begin with prefix.
func (c *Cache[T]) Forget(prefix string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key := range c.answers {
		if strings.HasPrefix(key, prefix) {
			delete(c.answers, key)
		}
	}
}
