// SPDX-License-Identifier: MIT

package site

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// reader reads objects.
type reader interface {
	GetObject(context.Context, *s3.GetObjectInput, ...func(*s3.Options)) (*s3.GetObjectOutput, error)
	HeadObject(context.Context, *s3.HeadObjectInput, ...func(*s3.Options)) (*s3.HeadObjectOutput, error)
}

// lister lists what is in a bucket.
type lister interface {
	ListObjectsV2(context.Context, *s3.ListObjectsV2Input, ...func(*s3.Options)) (*s3.ListObjectsV2Output, error)
	ListObjectVersions(context.Context, *s3.ListObjectVersionsInput, ...func(*s3.Options)) (*s3.ListObjectVersionsOutput, error)
	ListMultipartUploads(context.Context, *s3.ListMultipartUploadsInput, ...func(*s3.Options)) (*s3.ListMultipartUploadsOutput, error)
}

// writer writes and removes objects.
type writer interface {
	PutObject(context.Context, *s3.PutObjectInput, ...func(*s3.Options)) (*s3.PutObjectOutput, error)
	CopyObject(context.Context, *s3.CopyObjectInput, ...func(*s3.Options)) (*s3.CopyObjectOutput, error)
	DeleteObjects(context.Context, *s3.DeleteObjectsInput, ...func(*s3.Options)) (*s3.DeleteObjectsOutput, error)
}

// assembler writes objects in parts.
type assembler interface {
	CreateMultipartUpload(context.Context, *s3.CreateMultipartUploadInput, ...func(*s3.Options)) (*s3.CreateMultipartUploadOutput, error)
	UploadPart(context.Context, *s3.UploadPartInput, ...func(*s3.Options)) (*s3.UploadPartOutput, error)
	CompleteMultipartUpload(context.Context, *s3.CompleteMultipartUploadInput, ...func(*s3.Options)) (*s3.CompleteMultipartUploadOutput, error)
	AbortMultipartUpload(context.Context, *s3.AbortMultipartUploadInput, ...func(*s3.Options)) (*s3.AbortMultipartUploadOutput, error)
}

// storage is what the site needs of S3; *s3.Client is one.
type storage interface {
	reader
	lister
	writer
	assembler
}

// bucket is one bucket of a known account. Every request carries the account,
// so that a bucket of the same name that someone else has made meanwhile is
// refused by S3.
type bucket struct {
	api   storage
	name  string
	owner string // account id; empty: not checked
}

func (b bucket) expectedOwner() *string {
	if b.owner == "" {
		return nil
	}
	return aws.String(b.owner)
}

// object is what a listing tells of an object.
type object struct {
	size int64
	etag string // without quotes
}

// list returns every object of the bucket by key.
func (b bucket) list(ctx context.Context) (map[string]object, error) {
	objects := map[string]object{}
	var token *string
	for {
		page, err := b.api.ListObjectsV2(ctx, &s3.ListObjectsV2Input{
			Bucket: &b.name, ExpectedBucketOwner: b.expectedOwner(), ContinuationToken: token,
		})
		if err != nil {
			return nil, fmt.Errorf("list bucket %q: %w", b.name, err)
		}
		for _, o := range page.Contents {
			objects[aws.ToString(o.Key)] = object{aws.ToInt64(o.Size), unquote(aws.ToString(o.ETag))}
		}
		if !aws.ToBool(page.IsTruncated) || page.NextContinuationToken == nil {
			return objects, nil
		}
		token = page.NextContinuationToken
	}
}

// maxDelete is how many objects one DeleteObjects request takes.
const maxDelete = 1000

// remove deletes objects. Those that are gone already count as deleted.
func (b bucket) remove(ctx context.Context, ids []types.ObjectIdentifier) error {
	for len(ids) > 0 {
		n := min(len(ids), maxDelete)
		out, err := b.api.DeleteObjects(ctx, &s3.DeleteObjectsInput{
			Bucket: &b.name, ExpectedBucketOwner: b.expectedOwner(),
			Delete: &types.Delete{Objects: ids[:n], Quiet: aws.Bool(true)},
		})
		if err != nil {
			return fmt.Errorf("delete objects of bucket %q: %w", b.name, err)
		}
		for _, fault := range out.Errors {
			if code := aws.ToString(fault.Code); code != "NoSuchKey" && code != "NoSuchVersion" {
				return fmt.Errorf("delete object %q of bucket %q: %s: %s",
					aws.ToString(fault.Key), b.name, code, aws.ToString(fault.Message))
			}
		}
		ids = ids[n:]
	}
	return nil
}

func unquote(etag string) string {
	if n := len(etag); n >= 2 && etag[0] == '"' && etag[n-1] == '"' {
		return etag[1 : n-1]
	}
	return etag
}
