// SPDX-License-Identifier: MIT

package site

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

const (
	blockSize   = 1 << 20 // bytes fetched at once
	maxBlocks   = 34      // kept; more than the readers there are at a time
	unknownSize = -1
)

// ranges is an object of S3 as an io.ReaderAt. It fetches blocks of 1 MiB, keeps
// the last used ones, and fails if the object changes meanwhile. It is safe for
// concurrent use.
type ranges struct {
	key  string
	size int64
	get  func(offset, length int64) ([]byte, error)

	mu     sync.Mutex
	etag   *string
	blocks map[int64]*list.Element // of *block
	recent *list.List              // most recently used first
}

type block struct {
	index int64
	ready chan struct{} // closed once data or err is set
	data  []byte
	err   error
}

// openRanges opens an object. size is in bytes; unknownSize asks S3.
func openRanges(ctx context.Context, b bucket, key string, size int64) (*ranges, error) {
	r := &ranges{key: key, size: size, blocks: map[int64]*list.Element{}, recent: list.New()}
	// The reader lives no longer than ctx; io.ReaderAt cannot be handed one.
	r.get = func(offset, length int64) ([]byte, error) { return r.request(ctx, b, offset, length) }
	if size != unknownSize {
		return r, nil
	}
	first := r.claim(0)
	r.fetch(first, blockSize)
	return r, first.err
}

// ReadAt reads as io.ReaderAt says.
func (r *ranges) ReadAt(p []byte, offset int64) (int, error) {
	if offset < 0 {
		return 0, fmt.Errorf("read %q: negative offset", r.key)
	}
	n := 0
	for n < len(p) && offset < r.size {
		data, err := r.block(offset / blockSize)
		if err != nil {
			return n, err
		}
		within := offset % blockSize
		if within >= int64(len(data)) {
			return n, io.ErrUnexpectedEOF
		}
		copied := copy(p[n:], data[within:])
		n, offset = n+copied, offset+int64(copied)
	}
	if n < len(p) {
		return n, io.EOF
	}
	return n, nil
}

// block returns the bytes of a block. Those who want it at the same time share
// one request.
func (r *ranges) block(index int64) ([]byte, error) {
	r.mu.Lock()
	if e, ok := r.blocks[index]; ok {
		r.recent.MoveToFront(e)
		r.mu.Unlock()
		b := e.Value.(*block)
		<-b.ready
		return b.data, b.err
	}
	b := r.claimLocked(index)
	r.mu.Unlock()
	r.fetch(b, min(blockSize, r.size-index*blockSize))
	return b.data, b.err
}

func (r *ranges) claim(index int64) *block {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.claimLocked(index)
}

func (r *ranges) claimLocked(index int64) *block {
	b := &block{index: index, ready: make(chan struct{})}
	r.blocks[index] = r.recent.PushFront(b)
	if r.recent.Len() > maxBlocks {
		oldest := r.recent.Back()
		delete(r.blocks, r.recent.Remove(oldest).(*block).index)
	}
	return b
}

// fetch fills a claimed block. A block that could not be read is forgotten.
func (r *ranges) fetch(b *block, length int64) {
	b.data, b.err = r.get(b.index*blockSize, length)
	close(b.ready)
	if b.err == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if e, ok := r.blocks[b.index]; ok && e.Value.(*block) == b {
		r.recent.Remove(e)
		delete(r.blocks, b.index)
	}
}

func (r *ranges) request(ctx context.Context, b bucket, offset, length int64) ([]byte, error) {
	r.mu.Lock()
	etag := r.etag
	r.mu.Unlock()
	out, err := b.api.GetObject(ctx, &s3.GetObjectInput{
		Bucket: &b.name, Key: &r.key, ExpectedBucketOwner: b.expectedOwner(), IfMatch: etag,
		Range: aws.String(fmt.Sprintf("bytes=%d-%d", offset, offset+length-1)),
	})
	if err != nil {
		return nil, fmt.Errorf("read object %q of bucket %q: %w", r.key, b.name, err)
	}
	defer out.Body.Close()
	data := make([]byte, length)
	n, err := io.ReadFull(out.Body, data)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return nil, fmt.Errorf("read object %q of bucket %q: %w", r.key, b.name, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.etag = out.ETag
	if r.size == unknownSize {
		if r.size, err = totalSize(aws.ToString(out.ContentRange)); err != nil {
			return nil, fmt.Errorf("read object %q of bucket %q: %w", r.key, b.name, err)
		}
	}
	if want := min(length, r.size-offset); int64(n) < want {
		return nil, fmt.Errorf("read object %q of bucket %q: %d bytes of %d came", r.key, b.name, n, want)
	}
	return data[:n], nil
}

// totalSize reads the size of the object out of a Content-Range header such as
// bytes 0-99/1234 (RFC 9110, section 14.4).
func totalSize(contentRange string) (int64, error) {
	_, total, ok := strings.Cut(contentRange, "/")
	size, err := strconv.ParseInt(total, 10, 64)
	if !ok || err != nil || size < 0 || !strings.HasPrefix(contentRange, "bytes ") {
		return 0, fmt.Errorf("content range %q: no size", contentRange)
	}
	return size, nil
}
