// SPDX-License-Identifier: MIT

package s3

import (
	"context"
	"net/http"
	"os"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Blob is the content of one version of an object. It stays readable when the
// object is replaced or deleted meanwhile, and may be read concurrently. The
// caller closes it.
type Blob struct {
	file *os.File
	size int64
}

// ReadAt reads from an offset in bytes; see io.ReaderAt.
func (b *Blob) ReadAt(p []byte, offset int64) (int, error) { return b.file.ReadAt(p, offset) }

// Size returns the length in bytes.
func (b *Blob) Size() int64 { return b.size }

// Close releases the content.
func (b *Blob) Close() error { return b.file.Close() }

// Object opens an object for another service of the embedded AWS that acts for
// account. An empty version is the current one. It returns a *wire.Error with
// the code NoSuchBucket, NoSuchKey, NoSuchVersion or AccessDenied.
func (s *Service) Object(ctx context.Context, account, bucket, key, version string) (*Blob, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	b := s.buckets[bucket]
	switch {
	case b == nil:
		return nil, noSuchBucket()
	case b.Account != account:
		return nil, accessDenied()
	}
	o := b.version(key, version)
	switch {
	case o == nil && version != "":
		return nil, wire.Errorf(http.StatusNotFound, "NoSuchVersion", "The specified version does not exist.")
	case o == nil || o.Marker:
		return nil, noSuchKey()
	}
	f, err := s.blobs.open(o.Blob)
	if err != nil {
		return nil, err
	}
	return &Blob{file: f, size: o.Size}, nil
}
