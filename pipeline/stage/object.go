// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/rs/zerolog"
)

// maxPut is the largest object that one PutObject takes, in bytes.
const maxPut = 5 << 30

// Object is a content-addressed object in the artifact bucket.
type Object struct {
	Bucket  string
	Key     string
	Size    int64 // bytes; 0 if the object was live already
	Created bool  // this run put it there
}

// put uploads body under key unless the bucket has that key already: keys name
// their content, so that the same key is the same object.
func (b Bucket) put(ctx context.Context, key, contentType string, body io.ReadSeeker) (Object, error) {
	sum, size, err := digest(body)
	if err != nil {
		return Object{}, err
	}
	object := Object{Bucket: b.Name, Key: key, Size: size}
	if size > maxPut {
		return Object{}, fmt.Errorf("put object %q: %d bytes are above the 5 GiB of one upload", key, size)
	}
	in := &s3.PutObjectInput{
		Bucket: &b.Name, Key: &key, Body: body, ContentType: &contentType, IfNoneMatch: aws.String("*"),
		ExpectedBucketOwner: &b.session.Account, ContentLength: &size,
		ChecksumAlgorithm: types.ChecksumAlgorithmSha256, ChecksumSHA256: &sum,
	}
	for attempt := 0; ; attempt++ {
		if _, err := body.Seek(0, io.SeekStart); err != nil {
			return Object{}, err
		}
		_, err := b.session.Clients.S3.PutObject(ctx, in)
		switch code, _ := apiError(err); {
		case err == nil:
			object.Created = true
			zerolog.Ctx(ctx).Info().Str("key", key).Int64("bytes", size).Msg("uploaded object")
			return object, nil
		case httpStatus(err) == http.StatusPreconditionFailed:
			zerolog.Ctx(ctx).Debug().Str("key", key).Msg("object is there already")
			return object, nil
		case code == "ConditionalRequestConflict" && attempt < 5: // two uploads of one key at once
			if err := (Pace{}).wait(ctx, attempt); err != nil {
				return Object{}, err
			}
		case code == "NoSuchBucket" && attempt == 0: // deleted since the last deployment
			if err := b.create(ctx); err != nil {
				return Object{}, err
			}
		case code == "AccessDenied":
			return Object{}, withHint(fmt.Errorf("put object %q into bucket %q: %w", key, b.Name, plain(err)),
				"the bucket must belong to account %s, and %s needs s3:PutObject on it", b.session.Account, b.session.Caller)
		default:
			return Object{}, fmt.Errorf("put object %q into bucket %q: %w", key, b.Name, plain(err))
		}
	}
}

// remove deletes objects that this run created.
func (b Bucket) remove(ctx context.Context, objects ...Object) error {
	var errs []error
	for _, o := range objects {
		if !o.Created {
			continue
		}
		_, err := b.session.Clients.S3.DeleteObject(ctx, &s3.DeleteObjectInput{
			Bucket: &o.Bucket, Key: &o.Key, ExpectedBucketOwner: &b.session.Account,
		})
		if err != nil {
			errs = append(errs, fmt.Errorf("delete object %q: %w", o.Key, plain(err)))
		}
	}
	return errors.Join(errs...)
}

// putFile uploads a file under key.
func (b Bucket) putFile(ctx context.Context, key, contentType, path string) (Object, error) {
	file, err := os.Open(path)
	if err != nil {
		return Object{}, err
	}
	defer file.Close()
	return b.put(ctx, key, contentType, file)
}

// digest returns the SHA-256 of r in base64, as S3 takes it, and its length.
func digest(r io.Reader) (string, int64, error) {
	hash := sha256.New()
	size, err := io.Copy(hash, r)
	return base64.StdEncoding.EncodeToString(hash.Sum(nil)), size, err
}
