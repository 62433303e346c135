// SPDX-License-Identifier: MIT

package site

import (
	"bytes"
	"cmp"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/smithy-go"
)

const testOwner = "123456789012"

// fakeS3 is S3 in memory as far as the site uses it. It refuses what S3 would
// refuse: requests without the right owner, more than 1,000 deletes at once.
type fakeS3 struct {
	fault func(operation, key string) error // asked before every request
	page  int                               // entries of one listing page

	mu      sync.Mutex
	buckets map[string]*fakeBucket
	calls   []string // operation and key
	bytes   int64    // fetched by ranges
}

type fakeBucket struct {
	versioned bool
	versions  []*fakeVersion // of all keys; newest of a key last
	uploads   map[string]*fakeUpload
	serial    int
}

type fakeVersion struct {
	key, id, etag             string
	data                      []byte
	contentType, cacheControl string
	metadata                  map[string]string
	marker                    bool
}

type fakeUpload struct {
	key   string
	parts map[int32][]byte
	made  fakeVersion
}

func newFakeS3(buckets ...string) *fakeS3 {
	f := &fakeS3{page: 1000, buckets: map[string]*fakeBucket{}}
	for _, name := range buckets {
		f.buckets[name] = &fakeBucket{uploads: map[string]*fakeUpload{}}
	}
	return f
}

func fakeError(code string) error {
	return &smithy.GenericAPIError{Code: code, Message: "größer: " + code}
}

// enter locks the fake, notes the call and finds the bucket.
func (f *fakeS3) enter(ctx context.Context, operation string, name, key, owner *string) (*fakeBucket, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	f.mu.Lock()
	f.calls = append(f.calls, operation+" "+aws.ToString(key))
	f.mu.Unlock()
	if f.fault != nil {
		if err := f.fault(operation, aws.ToString(key)); err != nil {
			return nil, err
		}
	}
	f.mu.Lock()
	b, ok := f.buckets[aws.ToString(name)]
	switch {
	case aws.ToString(owner) != testOwner:
		f.mu.Unlock()
		return nil, fakeError("AccessDenied")
	case !ok:
		f.mu.Unlock()
		return nil, fakeError("NoSuchBucket")
	}
	return b, nil
}

func (b *fakeBucket) add(v fakeVersion) *fakeVersion {
	b.serial++
	v.id = "null"
	if b.versioned {
		v.id = fmt.Sprintf("v%06d", b.serial)
	} else {
		b.versions = slices.DeleteFunc(b.versions, func(o *fakeVersion) bool { return o.key == v.key })
	}
	if v.etag == "" {
		sum := md5.Sum(v.data)
		v.etag = `"` + hex.EncodeToString(sum[:]) + `"`
	}
	b.versions = append(b.versions, &v)
	return &v
}

// live returns the newest version of a key, nil if there is none.
func (b *fakeBucket) live(key string) *fakeVersion {
	for _, v := range slices.Backward(b.versions) {
		if v.key == key {
			if v.marker {
				return nil
			}
			return v
		}
	}
	return nil
}

func (b *fakeBucket) keys() []string {
	keys := map[string]bool{}
	for _, v := range b.versions {
		keys[v.key] = true
		if v.marker {
			delete(keys, v.key)
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

func (f *fakeS3) put(bucket, key, data string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.buckets[bucket].add(fakeVersion{key: key, data: []byte(data)})
}

func (f *fakeS3) object(bucket, key string) *fakeVersion {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.buckets[bucket].live(key)
}

func (f *fakeS3) keys(bucket string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.buckets[bucket].keys()
}

// take returns the calls of the operations since the last take.
func (f *fakeS3) take(operations ...string) []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var calls []string
	for _, call := range f.calls {
		operation, _, _ := strings.Cut(call, " ")
		if slices.Contains(operations, operation) {
			calls = append(calls, call)
		}
	}
	f.calls = nil
	return calls
}

func (f *fakeS3) GetObject(ctx context.Context, in *s3.GetObjectInput, _ ...func(*s3.Options)) (*s3.GetObjectOutput, error) {
	b, err := f.enter(ctx, "GetObject", in.Bucket, in.Key, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	v := b.live(*in.Key)
	if v == nil {
		return nil, &types.NoSuchKey{}
	}
	if in.IfMatch != nil && *in.IfMatch != v.etag {
		return nil, fakeError("PreconditionFailed")
	}
	var first, last int
	if _, err := fmt.Sscanf(aws.ToString(in.Range), "bytes=%d-%d", &first, &last); err != nil || first >= len(v.data) || last < first {
		return nil, fakeError("InvalidRange")
	}
	last = min(last, len(v.data)-1)
	f.bytes += int64(last - first + 1)
	return &s3.GetObjectOutput{
		Body: io.NopCloser(bytes.NewReader(v.data[first : last+1])), ETag: &v.etag,
		ContentRange: aws.String(fmt.Sprintf("bytes %d-%d/%d", first, last, len(v.data))),
	}, nil
}

func (f *fakeS3) HeadObject(ctx context.Context, in *s3.HeadObjectInput, _ ...func(*s3.Options)) (*s3.HeadObjectOutput, error) {
	b, err := f.enter(ctx, "HeadObject", in.Bucket, in.Key, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	v := b.live(*in.Key)
	if v == nil {
		return nil, &types.NotFound{}
	}
	return &s3.HeadObjectOutput{Metadata: v.metadata}, nil
}

func (f *fakeS3) PutObject(ctx context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	data, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	b, err := f.enter(ctx, "PutObject", in.Bucket, in.Key, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	v := b.add(fakeVersion{
		key: *in.Key, data: data, metadata: in.Metadata,
		contentType: aws.ToString(in.ContentType), cacheControl: aws.ToString(in.CacheControl),
	})
	return &s3.PutObjectOutput{ETag: &v.etag}, nil
}

func (f *fakeS3) CopyObject(ctx context.Context, in *s3.CopyObjectInput, _ ...func(*s3.Options)) (*s3.CopyObjectOutput, error) {
	b, err := f.enter(ctx, "CopyObject", in.Bucket, in.Key, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	source, err := url.PathUnescape(*in.CopySource)
	if err != nil || source != *in.Bucket+"/"+*in.Key || strings.Contains(*in.CopySource, "+") {
		return nil, fakeError("InvalidArgument")
	}
	v := b.live(*in.Key)
	if v == nil || v.etag != aws.ToString(in.CopySourceIfMatch) {
		return nil, fakeError("PreconditionFailed")
	}
	if in.MetadataDirective != types.MetadataDirectiveReplace {
		return nil, fakeError("InvalidRequest")
	}
	b.add(fakeVersion{
		key: *in.Key, data: v.data, metadata: in.Metadata,
		contentType: aws.ToString(in.ContentType), cacheControl: aws.ToString(in.CacheControl),
	})
	return &s3.CopyObjectOutput{}, nil
}

func (f *fakeS3) DeleteObjects(ctx context.Context, in *s3.DeleteObjectsInput, _ ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error) {
	b, err := f.enter(ctx, "DeleteObjects", in.Bucket, nil, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	if n := len(in.Delete.Objects); n == 0 || n > 1000 {
		return nil, fakeError("MalformedXML")
	}
	for _, id := range in.Delete.Objects {
		switch {
		case id.VersionId != nil:
			b.versions = slices.DeleteFunc(b.versions, func(v *fakeVersion) bool { return v.key == *id.Key && v.id == *id.VersionId })
		case b.versioned:
			b.add(fakeVersion{key: *id.Key, marker: true, etag: "-"})
		default:
			b.versions = slices.DeleteFunc(b.versions, func(v *fakeVersion) bool { return v.key == *id.Key })
		}
	}
	return &s3.DeleteObjectsOutput{}, nil
}

func (f *fakeS3) ListObjectsV2(ctx context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	b, err := f.enter(ctx, "ListObjectsV2", in.Bucket, nil, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	out := &s3.ListObjectsV2Output{IsTruncated: aws.Bool(false)}
	for _, key := range b.keys() {
		if key <= aws.ToString(in.ContinuationToken) {
			continue
		}
		if len(out.Contents) == f.page {
			out.IsTruncated, out.NextContinuationToken = aws.Bool(true), out.Contents[f.page-1].Key
			break
		}
		v := b.live(key)
		out.Contents = append(out.Contents, types.Object{Key: &key, ETag: &v.etag, Size: aws.Int64(int64(len(v.data)))})
	}
	return out, nil
}

func (f *fakeS3) ListObjectVersions(ctx context.Context, in *s3.ListObjectVersionsInput, _ ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error) {
	b, err := f.enter(ctx, "ListObjectVersions", in.Bucket, nil, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	sorted := slices.Clone(b.versions)
	slices.SortFunc(sorted, func(a, b *fakeVersion) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.id, b.id)) })
	out := &s3.ListObjectVersionsOutput{IsTruncated: aws.Bool(false)}
	for _, v := range sorted {
		marker := aws.ToString(in.KeyMarker)
		if v.key < marker || v.key == marker && v.id <= aws.ToString(in.VersionIdMarker) {
			continue
		}
		if len(out.Versions)+len(out.DeleteMarkers) == f.page {
			out.IsTruncated = aws.Bool(true)
			break
		}
		if v.marker {
			out.DeleteMarkers = append(out.DeleteMarkers, types.DeleteMarkerEntry{Key: &v.key, VersionId: &v.id})
		} else {
			out.Versions = append(out.Versions, types.ObjectVersion{Key: &v.key, VersionId: &v.id})
		}
		out.NextKeyMarker, out.NextVersionIdMarker = &v.key, &v.id
	}
	return out, nil
}

func (f *fakeS3) ListMultipartUploads(ctx context.Context, in *s3.ListMultipartUploadsInput, _ ...func(*s3.Options)) (*s3.ListMultipartUploadsOutput, error) {
	b, err := f.enter(ctx, "ListMultipartUploads", in.Bucket, nil, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	out := &s3.ListMultipartUploadsOutput{IsTruncated: aws.Bool(false)}
	for _, id := range slices.Sorted(maps.Keys(b.uploads)) {
		if id <= aws.ToString(in.UploadIdMarker) {
			continue
		}
		if len(out.Uploads) == f.page {
			out.IsTruncated = aws.Bool(true)
			break
		}
		out.Uploads = append(out.Uploads, types.MultipartUpload{Key: &b.uploads[id].key, UploadId: aws.String(id)})
		out.NextKeyMarker, out.NextUploadIdMarker = &b.uploads[id].key, aws.String(id)
	}
	return out, nil
}

func (f *fakeS3) CreateMultipartUpload(ctx context.Context, in *s3.CreateMultipartUploadInput, _ ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error) {
	b, err := f.enter(ctx, "CreateMultipartUpload", in.Bucket, in.Key, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	b.serial++
	id := fmt.Sprintf("u%06d", b.serial)
	b.uploads[id] = &fakeUpload{key: *in.Key, parts: map[int32][]byte{}, made: fakeVersion{
		key: *in.Key, metadata: in.Metadata,
		contentType: aws.ToString(in.ContentType), cacheControl: aws.ToString(in.CacheControl),
	}}
	return &s3.CreateMultipartUploadOutput{UploadId: &id}, nil
}

func (f *fakeS3) UploadPart(ctx context.Context, in *s3.UploadPartInput, _ ...func(*s3.Options)) (*s3.UploadPartOutput, error) {
	data, err := io.ReadAll(in.Body)
	if err != nil {
		return nil, err
	}
	b, err := f.enter(ctx, "UploadPart", in.Bucket, in.Key, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	b.uploads[*in.UploadId].parts[*in.PartNumber] = data
	return &s3.UploadPartOutput{ETag: aws.String(fmt.Sprintf(`"p%d"`, *in.PartNumber))}, nil
}

func (f *fakeS3) CompleteMultipartUpload(ctx context.Context, in *s3.CompleteMultipartUploadInput, _ ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error) {
	b, err := f.enter(ctx, "CompleteMultipartUpload", in.Bucket, in.Key, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	upload := b.uploads[*in.UploadId]
	v := upload.made
	for _, part := range in.MultipartUpload.Parts {
		v.data = append(v.data, upload.parts[*part.PartNumber]...)
	}
	v.etag = fmt.Sprintf(`"%032x-%d"`, b.serial, len(in.MultipartUpload.Parts))
	b.add(v)
	delete(b.uploads, *in.UploadId)
	return &s3.CompleteMultipartUploadOutput{}, nil
}

func (f *fakeS3) AbortMultipartUpload(ctx context.Context, in *s3.AbortMultipartUploadInput, _ ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error) {
	b, err := f.enter(ctx, "AbortMultipartUpload", in.Bucket, in.Key, in.ExpectedBucketOwner)
	if err != nil {
		return nil, err
	}
	defer f.mu.Unlock()
	delete(b.uploads, *in.UploadId)
	return &s3.AbortMultipartUploadOutput{}, nil
}
