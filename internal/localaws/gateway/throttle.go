// SPDX-License-Identifier: MIT

package gateway

import (
	"math"
	"sync"
	"time"
)

// Limit is how many requests are let through: Rate a second on average, Burst
// at once. The zero value of *Limit, nil, lets all through.
type Limit struct {
	Rate  float64
	Burst int
}

// Throttle counts requests against limits in token buckets, one for each name.
// The zero value is ready; its methods may be called concurrently.
type Throttle struct {
	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	limit  Limit
	tokens float64
	filled time.Time
}

// Allow takes a token from the bucket of name and reports whether there was
// one. A bucket whose limit changes begins full.
func (t *Throttle) Allow(name string, limit *Limit, now time.Time) bool {
	if limit == nil {
		return true
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	b := t.buckets[name]
	if b == nil || b.limit != *limit {
		b = &bucket{limit: *limit, tokens: float64(limit.Burst), filled: now}
		if t.buckets == nil {
			t.buckets = map[string]*bucket{}
		}
		t.buckets[name] = b
	}
	if passed := now.Sub(b.filled).Seconds(); passed > 0 {
		b.tokens = math.Min(float64(limit.Burst), b.tokens+passed*limit.Rate)
		b.filled = now
	}
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// Forget drops the buckets whose names begin with prefix.
func (t *Throttle) Forget(prefix string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for name := range t.buckets {
		if len(name) >= len(prefix) && name[:len(prefix)] == prefix {
			delete(t.buckets, name)
		}
	}
}
