// SPDX-License-Identifier: MIT

package cloudfront

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"slices"
	"time"
)

// inquiry is what a distribution wants of an origin, or of what it has cached.
type inquiry struct {
	*visit
	rule   *behavior
	policy cachePolicy
	origin *origin
	call   *viewerCall
	path   string // of the object, escaped
}

// answer returns a cached response, or asks the origin and caches what it says.
// HEAD and ranges of what is not cached are the origin's, and are not kept.
func (q *inquiry) answer(ctx context.Context) *answer {
	if !cacheable(q.call.method) || !slices.Contains(q.rule.cached(), q.call.method) {
		return q.fetch(ctx, nil)
	}
	key := q.origin.ID + "\n" + q.path
	kept, fresh, epoch := q.cache.get(key)
	if fresh {
		return kept.answer("Hit from cloudfront", q.cache.now())
	}
	if q.call.method == http.MethodHead || q.call.header.Get("Range") != "" {
		return q.fetch(ctx, q.call.header["Range"])
	}
	a := q.validate(ctx, kept)
	switch {
	case a.status == http.StatusNotModified && kept != nil:
		a.close()
		again := *kept
		again.stored, again.expires = q.cache.now(), q.cache.now().Add(q.policy.fresh(kept.header, q.cache.now()))
		q.cache.put(key, &again, epoch)
		return again.answer("RefreshHit from cloudfront", q.cache.now())
	case a.status >= http.StatusInternalServerError && kept != nil && kept.status < http.StatusBadRequest:
		a.close()
		return kept.answer("Error from cloudfront", q.cache.now()) // better old than none
	}
	q.keep(key, a, epoch)
	return a
}

// validate asks the origin for an object, if it still has another one than that
// which is kept.
func (q *inquiry) validate(ctx context.Context, kept *entry) *answer {
	if kept == nil || kept.status != http.StatusOK {
		return q.fetch(ctx, nil)
	}
	call := *q.call
	call.header = call.header.Clone()
	if tag := kept.header.Get("ETag"); tag != "" {
		call.header.Set("If-None-Match", tag)
	} else if modified := kept.header.Get("Last-Modified"); modified != "" {
		call.header.Set("If-Modified-Since", modified)
	}
	again := *q
	again.call = &call
	return again.fetch(ctx, nil, "If-None-Match", "If-Modified-Since")
}

// keep reads a response and caches it, unless it is too large or must not be
// cached.
func (q *inquiry) keep(key string, a *answer, epoch int) {
	now := q.cache.now()
	age := q.age(a, now)
	if a.stream == nil || age <= 0 {
		return
	}
	head, err := io.ReadAll(io.LimitReader(a.stream, maxObject+1))
	if err != nil || len(head) > maxObject {
		a.stream = &rest{io.MultiReader(bytes.NewReader(head), failing{err, a.stream}), a.stream}
		return
	}
	a.close()
	a.body, a.stream = head, nil
	q.cache.put(key, &entry{
		status: a.status, header: a.header.Clone(), body: head, paths: []string{q.call.uri, q.path}, stored: now, expires: now.Add(age),
	}, epoch)
}

// age is how long a response may be cached.
func (q *inquiry) age(a *answer, now time.Time) time.Duration {
	if a.status >= http.StatusBadRequest {
		return q.Config.freshError(a.status, a.header, now)
	}
	if a.status == http.StatusTemporaryRedirect || a.status == http.StatusPermanentRedirect {
		if _, ok := said(a.header, now); !ok {
			return 0
		}
	}
	return q.policy.fresh(a.header, now)
}

// rest is a stream whose beginning was read.
type rest struct {
	io.Reader
	io.Closer
}

// failing reads a stream, or fails as reading it has failed.
type failing struct {
	err    error
	stream io.Reader
}

func (f failing) Read(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	return f.stream.Read(p)
}

// answer is what a cached response says.
func (e *entry) answer(cache string, now time.Time) *answer {
	a := &answer{status: e.status, header: e.header.Clone(), body: e.body, cache: cache, age: now.Sub(e.stored), kept: true}
	if e.status >= http.StatusBadRequest {
		a.cache = errorFrom
	}
	return a
}
