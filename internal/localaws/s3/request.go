// SPDX-License-Identifier: MIT

package s3

import (
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	headerRequestID    = "X-Amz-Request-Id"
	headerHostID       = "X-Amz-Id-2"
	headerBucketRegion = "X-Amz-Bucket-Region"
	headerVersionID    = "X-Amz-Version-Id"
	headerDeleteMarker = "X-Amz-Delete-Marker"
)

// request is one call of the API.
type request struct {
	*http.Request
	w           http.ResponseWriter
	id          wire.Identity
	from        Sender // another service that asks; zero if none does
	bucket, key string // "" at the levels above
	query       url.Values
}

// ServeAPI answers one request. Anonymous requests get what the bucket's policy
// opens to the world.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	stampRequest(w)
	bucket, key := Locate(r.Host, r.URL.Path)
	call := &request{Request: r, w: w, id: id, bucket: bucket, key: key, query: r.URL.Query()}
	if err := s.serve(call); err != nil {
		drain(r)
		call.fail(err)
	}
}

// stampRequest gives an answer the two ids that S3 gives.
func stampRequest(w http.ResponseWriter) {
	w.Header().Set(headerRequestID, strings.ToUpper(newBlob()[:16]))
	w.Header().Set(headerHostID, newBlob())
}

// drain reads what the client still sends, so that it gets to the answer
// instead of a connection that is reset under its hands. That includes clients
// that said "Expect: 100-continue": where they were cut off, the SDK reported a
// reset connection every now and then in place of the answer. On loopback the
// bytes cost next to nothing.
func drain(r *http.Request) { _, _ = io.Copy(io.Discard, r.Body) }

func (s *Service) serve(r *request) error {
	if err := unexpired(r.query, s.env.Now()); err != nil {
		return err
	}
	if len(r.key) > 1024 {
		return wire.Errorf(http.StatusBadRequest, "KeyTooLongError", "Your key is too long")
	}
	if r.Method == http.MethodOptions {
		return s.preflight(r)
	}
	op, err := s.operation(r)
	if err != nil {
		return err
	}
	s.allowOrigin(r)
	if op.level == onService || op.creates {
		if r.id.Anonymous || r.from.Principal != "" {
			return accessDenied()
		}
		return op.run(s, r)
	}
	if err := s.admit(r, op); err != nil {
		return err
	}
	return op.run(s, r)
}

// admit checks that the bucket exists, that it is where and whose the caller
// thinks, and that the caller may use it.
func (s *Service) admit(r *request, op operation) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[r.bucket]
	if b == nil {
		return noSuchBucket()
	}
	r.w.Header().Set(headerBucketRegion, b.Region)
	if err := b.isOwnedBy(r.Header.Get("X-Amz-Expected-Bucket-Owner")); err != nil {
		return err
	}
	switch {
	case r.from.Principal != "":
		return b.admitSender(r.from, permission(op.name), r.key)
	case r.id.Anonymous:
		return b.admitAnonymous(op.action, r.key)
	case r.id.Account != b.Account:
		return accessDenied()
	case r.id.Region != "" && r.id.Region != b.Region && !op.anywhere:
		return wire.Errorf(http.StatusMovedPermanently, "PermanentRedirect", "The bucket you are attempting to access must be addressed using the specified endpoint. Please send all future requests to this endpoint.")
	}
	return nil
}

// isOwnedBy compares the owner with the one that the caller expects, if any.
func (b *bucket) isOwnedBy(expected string) error {
	if expected != "" && expected != b.Account {
		return accessDenied()
	}
	return nil
}

// lookup returns the bucket of the request. The caller holds the lock: the
// bucket may have gone since the request was admitted.
func (s *Service) lookup(r *request) (*bucket, error) {
	if b := s.buckets[r.bucket]; b != nil {
		return b, nil
	}
	return nil, noSuchBucket()
}

var virtualHost = lazy.MustCompile(`^(?:(.+)\.)?s3(?:[.-](?:dualstack\.)?[a-z]{2}(?:-[a-z]+)+-[0-9]+)?\.(?:amazonaws\.com(?:\.cn)?|localhost)$`)

// Locate finds bucket and key in the Host header and the decoded path of a
// request: virtual-hosted style on amazonaws.com and on s3.localhost, else path
// style. Bucket or both are "" for requests to the level above.
func Locate(host, path string) (bucket, key string) {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	path = strings.TrimPrefix(path, "/")
	if parts := virtualHost.FindStringSubmatch(strings.ToLower(host)); parts != nil && parts[1] != "" {
		return parts[1], path
	}
	bucket, key, _ = strings.Cut(path, "/")
	return bucket, key
}

// unexpired checks the time limit of presigned URLs of both signature versions.
// The signature itself is not checked.
func unexpired(query url.Values, now time.Time) error {
	expired := wire.Errorf(http.StatusForbidden, "AccessDenied", "Request has expired")
	if query.Has("X-Amz-Expires") {
		signed, err := time.Parse("20060102T150405Z", query.Get("X-Amz-Date"))
		seconds, err2 := strconv.Atoi(query.Get("X-Amz-Expires"))
		if err != nil || err2 != nil || seconds < 0 || seconds > 7*24*3600 {
			return wire.Errorf(http.StatusBadRequest, "AuthorizationQueryParametersError", "X-Amz-Expires must be a number of seconds up to a week and X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"")
		}
		if now.After(signed.Add(time.Duration(seconds) * time.Second)) {
			return expired
		}
	}
	if query.Has("AWSAccessKeyId") && query.Has("Expires") {
		until, err := strconv.ParseInt(query.Get("Expires"), 10, 64)
		if err != nil || now.After(time.Unix(until, 0)) {
			return expired
		}
	}
	return nil
}
