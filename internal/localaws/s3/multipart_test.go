// SPDX-License-Identifier: MIT

package s3_test

import (
	"bytes"
	"crypto/md5"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

const partSize = 5 << 20

// start begins an upload and sends parts of the given bodies.
func start(t *testing.T, client *sdk.Client, key string, algorithm types.ChecksumAlgorithm, bodies ...[]byte) (string, []types.CompletedPart) {
	t.Helper()
	made, err := client.CreateMultipartUpload(t.Context(), &sdk.CreateMultipartUploadInput{
		Bucket: aws.String("docs"), Key: &key, ContentType: aws.String("text/plain"), ChecksumAlgorithm: algorithm,
	})
	if err != nil {
		t.Fatal(err)
	}
	var parts []types.CompletedPart
	for i, body := range bodies {
		out, err := client.UploadPart(t.Context(), &sdk.UploadPartInput{
			Bucket: aws.String("docs"), Key: &key, UploadId: made.UploadId, PartNumber: aws.Int32(int32(i + 1)), Body: bytes.NewReader(body), ChecksumAlgorithm: algorithm,
		})
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, types.CompletedPart{ETag: out.ETag, PartNumber: aws.Int32(int32(i + 1)), ChecksumCRC32: out.ChecksumCRC32, ChecksumSHA256: out.ChecksumSHA256})
	}
	return aws.ToString(made.UploadId), parts
}

func complete(t *testing.T, client *sdk.Client, key, id string, parts []types.CompletedPart, ifNoneMatch *string) (*sdk.CompleteMultipartUploadOutput, error) {
	t.Helper()
	return client.CompleteMultipartUpload(t.Context(), &sdk.CompleteMultipartUploadInput{
		Bucket: aws.String("docs"), Key: &key, UploadId: &id, MultipartUpload: &types.CompletedMultipartUpload{Parts: parts}, IfNoneMatch: ifNoneMatch,
	})
}

// The page CompleteMultipartUpload, with the composite entity tag and every
// kind of checksum.
func TestMultipartUpload(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	first, last := bytes.Repeat([]byte("a"), partSize), []byte("the end")
	for _, algorithm := range []types.ChecksumAlgorithm{"CRC32", "SHA256", "CRC64NVME"} {
		key := "big-" + string(algorithm)
		id, parts := start(t, client, key, algorithm, first, last)
		listed, err := client.ListParts(t.Context(), &sdk.ListPartsInput{Bucket: aws.String("docs"), Key: &key, UploadId: &id})
		if err != nil || len(listed.Parts) != 2 || *listed.Parts[0].Size != partSize {
			t.Errorf("list parts: %v %v", listed, err)
		}
		out, err := complete(t, client, key, id, parts, aws.String("*"))
		if err != nil {
			t.Fatalf("%s: %v", algorithm, err)
		}
		sums := append(slice(md5.Sum(first)), slice(md5.Sum(last))...)
		if want := fmt.Sprintf(`"%x-2"`, md5.Sum(sums)); aws.ToString(out.ETag) != want {
			t.Errorf("got ETag %s, want %s", aws.ToString(out.ETag), want)
		}
		got, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: &key, ChecksumMode: types.ChecksumModeEnabled})
		if err != nil {
			t.Fatal(err)
		}
		if body := read(t, got.Body); body != string(first)+string(last) || aws.ToString(got.ContentType) != "text/plain" {
			t.Errorf("got %d bytes of %s", len(body), aws.ToString(got.ContentType))
		}
		if composite := algorithm != "CRC64NVME"; composite != (got.ChecksumType == types.ChecksumTypeComposite) {
			t.Errorf("%s: got type %s", algorithm, got.ChecksumType)
		}
		_, err = complete(t, client, key, id, parts, nil)
		wantCode(t, err, "NoSuchUpload")
	}
}

func slice(sum [16]byte) []byte { return sum[:] }

// What makes a completion fail leaves the upload to be tried again.
func TestCompleteRefuses(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	id, parts := start(t, client, "k", "CRC32", []byte("small"), []byte("end"))
	_, err := complete(t, client, "k", id, parts, nil)
	wantCode(t, err, "EntityTooSmall")
	_, err = complete(t, client, "k", id, []types.CompletedPart{parts[1], parts[0]}, nil)
	wantCode(t, err, "InvalidPartOrder")
	_, err = complete(t, client, "k", id, []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: aws.String(`"x"`)}}, nil)
	wantCode(t, err, "InvalidPart")
	_, err = complete(t, client, "k", id, nil, nil)
	wantCode(t, err, "MalformedXML")
	put(t, client, "docs", "k", "there")
	_, err = complete(t, client, "k", id, parts[:1], aws.String("*"))
	wantCode(t, err, "PreconditionFailed")
	if _, err := complete(t, client, "k", id, parts[:1], nil); err != nil {
		t.Fatal(err)
	}
	if got := get(t, client, "docs", "k"); got != "small" {
		t.Errorf("got %q", got)
	}
}

// The pages AbortMultipartUpload, ListMultipartUploads and UploadPartCopy.
func TestUploadsUnderWay(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	put(t, client, "docs", "source", "0123456789")
	ids := map[string]bool{}
	for _, key := range []string{"b", "a", "a"} {
		id, _ := start(t, client, key, "")
		ids[id] = true
	}
	seen := map[string]bool{}
	in := &sdk.ListMultipartUploadsInput{Bucket: aws.String("docs"), MaxUploads: aws.Int32(1)}
	for range 3 {
		page, err := client.ListMultipartUploads(t.Context(), in)
		if err != nil || len(page.Uploads) != 1 {
			t.Fatalf("got %v, error %v", page, err)
		}
		seen[aws.ToString(page.Uploads[0].UploadId)] = true
		in.KeyMarker, in.UploadIdMarker = page.NextKeyMarker, page.NextUploadIdMarker
	}
	for id := range ids {
		if !seen[id] {
			t.Errorf("upload %s is not listed", id)
		}
	}
	id, _ := start(t, client, "copied", "")
	part, err := client.UploadPartCopy(t.Context(), &sdk.UploadPartCopyInput{
		Bucket: aws.String("docs"), Key: aws.String("copied"), UploadId: &id, PartNumber: aws.Int32(1), CopySource: aws.String("docs/source"), CopySourceRange: aws.String("bytes=2-4"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := complete(t, client, "copied", id, []types.CompletedPart{{PartNumber: aws.Int32(1), ETag: part.CopyPartResult.ETag}}, nil); err != nil {
		t.Fatal(err)
	}
	if got := get(t, client, "docs", "copied"); got != "234" {
		t.Errorf("got %q, want 234", got)
	}
	for id := range ids {
		for _, key := range []string{"a", "b"} {
			_, err := client.AbortMultipartUpload(t.Context(), &sdk.AbortMultipartUploadInput{Bucket: aws.String("docs"), Key: &key, UploadId: &id})
			if err != nil && !strings.Contains(err.Error(), "NoSuchUpload") {
				t.Error(err)
			}
		}
	}
	rest, err := client.ListMultipartUploads(t.Context(), &sdk.ListMultipartUploadsInput{Bucket: aws.String("docs")})
	if err != nil || len(rest.Uploads) != 0 {
		t.Errorf("got %d uploads, error %v", len(rest.Uploads), err)
	}
}
