// SPDX-License-Identifier: MIT

package site

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const (
	mebibyte = 1 << 20
	partSize = 8 * mebibyte // bytes; files above are written in parts
	maxParts = 10_000
)

// ownMark is the user metadata of every object that the site resource writes.
const ownMark = "sparta-site"

func ownMetadata() map[string]string { return map[string]string{ownMark: "file"} }

// publisher writes objects into a bucket and counts what it did.
type publisher struct {
	bucket   bucket
	written  atomic.Int64
	stamped  atomic.Int64
	verified atomic.Int64

	mu      sync.Mutex
	touched []string // keys of objects that are other than before
}

// touch notes that an object is other than before.
func (p *publisher) touch(key string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.touched = append(p.touched, key)
}

// run does the steps, many at a time.
func (p *publisher) run(ctx context.Context, steps []step) error {
	return each(ctx, steps, func(s step) int {
		return int(min(s.file.UncompressedSize64, partSize)/mebibyte) + 1
	}, p.do)
}

func (p *publisher) do(ctx context.Context, s step) error {
	if s.copyIf != "" {
		return p.stamp(ctx, s, s.copyIf)
	}
	if s.file.UncompressedSize64 > partSize {
		return p.putParts(ctx, s)
	}
	data, err := content(s.file)
	if err != nil {
		return err
	}
	if s.verify != "" && etagOf(data) == s.verify {
		p.verified.Add(1)
		if s.restamp {
			return p.stamp(ctx, s, s.verify)
		}
		return nil
	}
	return p.put(ctx, s.file.Name, s.headers, data)
}

// content returns the bytes of a small file. The zip reader checks their number
// and CRC-32.
func content(f *zip.File) ([]byte, error) {
	r, err := f.Open()
	if err != nil {
		return nil, fmt.Errorf("open entry %q: %w", f.Name, err)
	}
	defer r.Close()
	data := make([]byte, f.UncompressedSize64)
	if _, err := io.ReadFull(r, data); err != nil {
		return nil, fmt.Errorf("read entry %q: %w", f.Name, err)
	}
	if n, err := r.Read(make([]byte, 1)); n > 0 || err != io.EOF {
		if err == nil || n > 0 {
			err = fmt.Errorf("longer than %d bytes", len(data))
		}
		return nil, fmt.Errorf("read entry %q: %w", f.Name, err)
	}
	return data, nil
}

func etagOf(data []byte) string {
	sum := md5.Sum(data)
	return hex.EncodeToString(sum[:])
}

func (p *publisher) put(ctx context.Context, key string, h headers, data []byte) error {
	_, err := p.bucket.api.PutObject(ctx, &s3.PutObjectInput{
		Bucket: &p.bucket.name, Key: &key, ExpectedBucketOwner: p.bucket.expectedOwner(),
		Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))),
		ContentType: &h.contentType, CacheControl: &h.cacheControl, Metadata: ownMetadata(),
	})
	if err != nil {
		return fmt.Errorf("put object %q: %w", key, err)
	}
	p.written.Add(1)
	p.touch(key)
	return nil
}

// stamp gives an object that still has the ETag other headers, without moving
// its bytes.
func (p *publisher) stamp(ctx context.Context, s step, etag string) error {
	b := p.bucket
	_, err := b.api.CopyObject(ctx, &s3.CopyObjectInput{
		Bucket: &b.name, Key: &s.file.Name, ExpectedBucketOwner: b.expectedOwner(),
		CopySource:        aws.String(b.name + "/" + escapeKey(s.file.Name)),
		CopySourceIfMatch: aws.String(`"` + etag + `"`), ExpectedSourceBucketOwner: b.expectedOwner(),
		MetadataDirective: types.MetadataDirectiveReplace,
		ContentType:       &s.headers.contentType, CacheControl: &s.headers.cacheControl, Metadata: ownMetadata(),
	})
	if err != nil {
		return fmt.Errorf("copy object %q: %w", s.file.Name, err)
	}
	p.stamped.Add(1)
	p.touch(s.file.Name)
	return nil
}

// escapeKey writes a key as a part of a URL: everything but unreserved
// characters and slashes as %XX (RFC 3986, section 2.3).
func escapeKey(key string) string {
	var b strings.Builder
	for _, c := range []byte(key) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', strings.IndexByte("-._~/", c) >= 0:
			b.WriteByte(c)
		default:
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return b.String()
}
