// SPDX-License-Identifier: MIT

package site

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// putParts writes a large file in parts, with one part in memory at a time. An
// upload that fails is aborted, so that its parts cost nothing.
func (p *publisher) putParts(ctx context.Context, s step) error {
	if err := p.assemble(ctx, s); err != nil {
		return fmt.Errorf("put object %q in parts: %w", s.file.Name, err)
	}
	p.written.Add(1)
	p.touch(s.file.Name)
	return nil
}

func (p *publisher) assemble(ctx context.Context, s step) error {
	b, key := p.bucket, s.file.Name
	upload, err := b.api.CreateMultipartUpload(ctx, &s3.CreateMultipartUploadInput{
		Bucket: &b.name, Key: &key, ExpectedBucketOwner: b.expectedOwner(),
		ContentType: &s.headers.contentType, CacheControl: &s.headers.cacheControl, Metadata: ownMetadata(),
	})
	if err != nil {
		return err
	}
	parts, err := p.uploadParts(ctx, s, upload.UploadId)
	if err == nil {
		_, err = b.api.CompleteMultipartUpload(ctx, &s3.CompleteMultipartUploadInput{
			Bucket: &b.name, Key: &key, ExpectedBucketOwner: b.expectedOwner(), UploadId: upload.UploadId,
			MultipartUpload: &types.CompletedMultipartUpload{Parts: parts},
		})
	}
	if err == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_, abortErr := b.api.AbortMultipartUpload(ctx, &s3.AbortMultipartUploadInput{
		Bucket: &b.name, Key: &key, ExpectedBucketOwner: b.expectedOwner(), UploadId: upload.UploadId,
	})
	if abortErr != nil {
		return fmt.Errorf("%w; abort the upload: %w", err, abortErr)
	}
	return err
}

func (p *publisher) uploadParts(ctx context.Context, s step, uploadID *string) ([]types.CompletedPart, error) {
	r, err := s.file.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	size := max(partSize, s.file.UncompressedSize64/maxParts+1)
	buffer := make([]byte, size)
	var parts []types.CompletedPart
	for number := int32(1); ; number++ {
		n, err := io.ReadFull(r, buffer)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && err != io.EOF {
			return nil, err
		}
		if n > 0 {
			part, err := p.uploadPart(ctx, s.file.Name, uploadID, number, buffer[:n])
			if err != nil {
				return nil, err
			}
			parts = append(parts, part)
		}
		if err != nil {
			return parts, nil
		}
	}
}

func (p *publisher) uploadPart(ctx context.Context, key string, uploadID *string, number int32, data []byte) (types.CompletedPart, error) {
	out, err := p.bucket.api.UploadPart(ctx, &s3.UploadPartInput{
		Bucket: &p.bucket.name, Key: &key, ExpectedBucketOwner: p.bucket.expectedOwner(),
		UploadId: uploadID, PartNumber: &number,
		Body: bytes.NewReader(data), ContentLength: aws.Int64(int64(len(data))),
	})
	if err != nil {
		return types.CompletedPart{}, fmt.Errorf("part %d: %w", number, err)
	}
	return types.CompletedPart{
		PartNumber: &number, ETag: out.ETag,
		ChecksumCRC32: out.ChecksumCRC32, ChecksumCRC32C: out.ChecksumCRC32C, ChecksumCRC64NVME: out.ChecksumCRC64NVME,
	}, nil
}
