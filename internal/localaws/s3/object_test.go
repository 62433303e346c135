// SPDX-License-Identifier: MIT

package s3_test

import (
	"bytes"
	"crypto/md5"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// The page PutObject: what is put comes back on Get and on Head.
func TestObjectKeepsWhatIsPut(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	key := "dir//ü x+y%2F..txt"
	_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{
		Bucket: aws.String("docs"), Key: &key, Body: strings.NewReader("hello"),
		ContentType: aws.String("text/plain"), CacheControl: aws.String("max-age=60"), ContentEncoding: aws.String("identity"),
		ContentDisposition: aws.String("attachment"), ContentLanguage: aws.String("de"), Metadata: map[string]string{"colour": "blue"},
		Tagging: aws.String("a=1&b=2"),
	})
	if err != nil {
		t.Fatal(err)
	}
	got, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: &key, ChecksumMode: types.ChecksumModeEnabled})
	if err != nil {
		t.Fatal(err)
	}
	if body := read(t, got.Body); body != "hello" {
		t.Errorf("got body %q", body)
	}
	head, err := client.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: aws.String("docs"), Key: &key})
	if err != nil {
		t.Fatal(err)
	}
	type kept struct {
		Type, Cache, Encoding, Disposition, Language, ETag string
		Meta                                               map[string]string
		Length                                             int64
	}
	want := kept{"text/plain", "max-age=60", "identity", "attachment", "de", fmt.Sprintf(`"%x"`, md5.Sum([]byte("hello"))), map[string]string{"colour": "blue"}, 5}
	fromGet := kept{*got.ContentType, *got.CacheControl, *got.ContentEncoding, *got.ContentDisposition, *got.ContentLanguage, *got.ETag, got.Metadata, *got.ContentLength}
	fromHead := kept{*head.ContentType, *head.CacheControl, *head.ContentEncoding, *head.ContentDisposition, *head.ContentLanguage, *head.ETag, head.Metadata, *head.ContentLength}
	if diff := cmp.Diff(want, fromGet); diff != "" {
		t.Errorf("get: %s", diff)
	}
	if diff := cmp.Diff(want, fromHead); diff != "" {
		t.Errorf("head: %s", diff)
	}
	if aws.ToInt32(got.TagCount) != 2 {
		t.Errorf("got %d tags, want 2", aws.ToInt32(got.TagCount))
	}
}

// "Error responses": what is not there.
func TestMissingObject(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	_, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: aws.String("none")})
	if _, ok := errors.AsType[*types.NoSuchKey](err); !ok {
		t.Errorf("got %v, want NoSuchKey", err)
	}
	_, err = client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("none"), Key: aws.String("none")})
	wantCode(t, err, "NoSuchBucket")
	_, err = client.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: aws.String("docs"), Key: aws.String("none")})
	if _, ok := errors.AsType[*types.NotFound](err); !ok {
		t.Errorf("got %v, want NotFound", err)
	}
	if _, err = client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("docs"), Key: aws.String("none")}); err != nil {
		t.Errorf("delete what is absent: %v", err)
	}
	_, err = client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("docs"), Key: aws.String(strings.Repeat("k", 1025))})
	wantCode(t, err, "KeyTooLongError")
}

// The page GetObject: Range and the conditions of RFC 9110.
func TestGetObjectRangesAndConditions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	etag := aws.ToString(put(t, client, "docs", "k", "0123456789").ETag)
	past, future := time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat), time.Now().Add(time.Hour).UTC().Format(http.TimeFormat)
	for _, test := range []struct {
		name    string
		header  map[string]string
		status  int
		body    string
		content string // Content-Range
	}{
		{"first bytes", map[string]string{"Range": "bytes=0-3"}, 206, "0123", "bytes 0-3/10"},
		{"to the end", map[string]string{"Range": "bytes=7-"}, 206, "789", "bytes 7-9/10"},
		{"beyond the end", map[string]string{"Range": "bytes=8-99"}, 206, "89", "bytes 8-9/10"},
		{"suffix", map[string]string{"Range": "bytes=-2"}, 206, "89", "bytes 8-9/10"},
		{"long suffix", map[string]string{"Range": "bytes=-99"}, 206, "0123456789", "bytes 0-9/10"},
		{"outside", map[string]string{"Range": "bytes=10-"}, 416, "InvalidRange", "bytes */10"},
		{"two ranges are ignored", map[string]string{"Range": "bytes=0-1,3-4"}, 200, "0123456789", ""},
		{"nonsense is ignored", map[string]string{"Range": "lines=1-2"}, 200, "0123456789", ""},
		{"If-Match", map[string]string{"If-Match": etag}, 200, "0123456789", ""},
		{"If-Match other", map[string]string{"If-Match": `"x"`}, 412, "PreconditionFailed", ""},
		{"If-None-Match", map[string]string{"If-None-Match": etag}, 304, "", ""},
		{"If-None-Match other", map[string]string{"If-None-Match": `"x"`}, 200, "0123456789", ""},
		{"If-Modified-Since past", map[string]string{"If-Modified-Since": past}, 200, "0123456789", ""},
		{"If-Modified-Since future", map[string]string{"If-Modified-Since": future}, 304, "", ""},
		{"If-Unmodified-Since past", map[string]string{"If-Unmodified-Since": past}, 412, "PreconditionFailed", ""},
		{"If-Match wins over If-Unmodified-Since", map[string]string{"If-Match": etag, "If-Unmodified-Since": past}, 200, "0123456789", ""},
		{"If-None-Match wins over If-Modified-Since", map[string]string{"If-None-Match": `"x"`, "If-Modified-Since": future}, 200, "0123456789", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			response, body := c.do(t, account, http.MethodGet, "/docs/k", test.header, nil)
			if response.StatusCode != test.status || !strings.Contains(body, test.body) || test.status < 300 && body != test.body {
				t.Errorf("got %d %q, want %d %q", response.StatusCode, body, test.status, test.body)
			}
			if got := response.Header.Get("Content-Range"); got != test.content {
				t.Errorf("got Content-Range %q, want %q", got, test.content)
			}
			if test.status == 304 && response.Header.Get("ETag") != etag {
				t.Errorf("a 304 must carry the ETag, got %q", response.Header.Get("ETag"))
			}
		})
	}
}

// The page CopyObject.
func TestCopyObject(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "from")
	c.bucket(t, "dest")
	_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{
		Bucket: aws.String("from"), Key: aws.String("a b"), Body: strings.NewReader("x"), ContentType: aws.String("text/css"), Metadata: map[string]string{"k": "v"}, Tagging: aws.String("t=1"),
	})
	if err != nil {
		t.Fatal(err)
	}
	duplicate := func(in *sdk.CopyObjectInput) (*sdk.HeadObjectOutput, error) {
		if _, err := client.CopyObject(t.Context(), in); err != nil {
			return nil, err
		}
		return client.HeadObject(t.Context(), &sdk.HeadObjectInput{Bucket: in.Bucket, Key: in.Key})
	}
	same, err := duplicate(&sdk.CopyObjectInput{Bucket: aws.String("dest"), Key: aws.String("same"), CopySource: aws.String("from/a%20b")})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(same.ContentType) != "text/css" || same.Metadata["k"] != "v" || aws.ToInt32(same.TagCount) != 1 {
		t.Errorf("the copy lost its headers: %+v", same)
	}
	other, err := duplicate(&sdk.CopyObjectInput{
		Bucket: aws.String("dest"), Key: aws.String("other"), CopySource: aws.String("/from/a%20b"), MetadataDirective: types.MetadataDirectiveReplace, ContentType: aws.String("text/html"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if aws.ToString(other.ContentType) != "text/html" || len(other.Metadata) != 0 {
		t.Errorf("REPLACE kept the old headers: %+v", other)
	}
	_, err = duplicate(&sdk.CopyObjectInput{Bucket: aws.String("from"), Key: aws.String("a b"), CopySource: aws.String("from/a%20b")})
	wantCode(t, err, "InvalidRequest")
	_, err = duplicate(&sdk.CopyObjectInput{Bucket: aws.String("dest"), Key: aws.String("x"), CopySource: aws.String("from/none")})
	wantCode(t, err, "NoSuchKey")
	_, err = duplicate(&sdk.CopyObjectInput{Bucket: aws.String("dest"), Key: aws.String("x"), CopySource: aws.String("from/a%20b"), ExpectedSourceBucketOwner: aws.String("222222222222")})
	wantCode(t, err, "AccessDenied")
	_, err = duplicate(&sdk.CopyObjectInput{Bucket: aws.String("dest"), Key: aws.String("same"), CopySource: aws.String("from/a%20b"), IfNoneMatch: aws.String("*")})
	wantCode(t, err, "PreconditionFailed")
	put(t, client, "from", "a b", "changed")
	if got := get(t, client, "dest", "same"); got != "x" {
		t.Errorf("the copy follows its source: got %q", got)
	}
}

// The page DeleteObjects: an outcome for each key; a digest is needed.
func TestDeleteObjects(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	var ids []types.ObjectIdentifier
	for i := range 1000 {
		key := fmt.Sprintf("k%04d", i)
		if i < 20 {
			put(t, client, "docs", key, "v")
		}
		ids = append(ids, types.ObjectIdentifier{Key: &key})
	}
	out, err := client.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: aws.String("docs"), Delete: &types.Delete{Objects: ids}})
	if err != nil || len(out.Deleted) != 1000 || len(out.Errors) != 0 {
		t.Fatalf("got %v, error %v", out, err)
	}
	_, err = client.DeleteObjects(t.Context(), &sdk.DeleteObjectsInput{Bucket: aws.String("docs"), Delete: &types.Delete{Objects: append(ids, ids[0])}})
	wantCode(t, err, "MalformedXML")
	_, body := c.do(t, account, http.MethodPost, "/docs?delete", nil, strings.NewReader("<Delete><Object><Key>k</Key></Object></Delete>"))
	if !strings.Contains(body, "InvalidRequest") {
		t.Errorf("without a digest: got %s", body)
	}
}

// A large body is streamed to disk and back; nothing of it is kept in memory.
func TestLargeObject(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	body := bytes.Repeat([]byte("0123456789abcdef"), 1<<20)
	if _, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("docs"), Key: aws.String("big"), Body: bytes.NewReader(body)}); err != nil {
		t.Fatal(err)
	}
	blob, err := c.Object(t.Context(), account, "docs", "big", "")
	if err != nil {
		t.Fatal(err)
	}
	defer blob.Close()
	if _, err := client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("docs"), Key: aws.String("big")}); err != nil {
		t.Fatal(err)
	}
	got, err := io.ReadAll(io.NewSectionReader(blob, 0, blob.Size()))
	if err != nil || !bytes.Equal(got, body) {
		t.Errorf("a blob must outlive its object: %d bytes, error %v", len(got), err)
	}
	for name, test := range map[string]struct{ account, bucket, want string }{
		"deleted":   {account, "docs", "NoSuchKey"},
		"no bucket": {account, "none", "NoSuchBucket"},
		"foreign":   {"222222222222", "docs", "AccessDenied"},
	} {
		if _, err := c.Object(t.Context(), test.account, test.bucket, "big", ""); err == nil || !strings.HasPrefix(err.Error(), test.want+":") {
			t.Errorf("%s: got %v, want %s", name, err, test.want)
		}
	}
}
