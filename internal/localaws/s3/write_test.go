// SPDX-License-Identifier: MIT

package s3_test

import (
	"bytes"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
)

// "How to prevent object overwrites with conditional writes": of many writers
// exactly one wins.
func TestConditionalWrites(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	var won, lost atomic.Int32
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{
				Bucket: aws.String("docs"), Key: aws.String("once"), IfNoneMatch: aws.String("*"), Body: strings.NewReader(fmt.Sprint(i)),
			})
			if err == nil {
				won.Add(1)
			} else if strings.Contains(err.Error(), "PreconditionFailed") {
				lost.Add(1)
			} else {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 || lost.Load() != 15 {
		t.Errorf("%d writers won and %d lost, want 1 and 15", won.Load(), lost.Load())
	}
	etag := put(t, client, "docs", "k", "one").ETag
	write := func(tag *string) error {
		_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("docs"), Key: aws.String("k"), IfMatch: tag, Body: strings.NewReader("two")})
		return err
	}
	if err := write(etag); err != nil {
		t.Error(err)
	}
	wantCode(t, write(etag), "PreconditionFailed")
	_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("docs"), Key: aws.String("absent"), IfMatch: etag})
	wantCode(t, err, "NoSuchKey")
	_, err = client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("docs"), Key: aws.String("k"), IfMatch: etag})
	wantCode(t, err, "PreconditionFailed")
}

// A reader sees the old object or the new one as a whole, also while it is
// replaced and deleted.
func TestReadersSeeWholeObjects(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	bodies := []string{strings.Repeat("a", 300_000), strings.Repeat("b", 300_000)}
	put(t, client, "docs", "k", bodies[0])
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for i := range 20 {
				put(t, client, "docs", "k", bodies[i%2])
			}
		})
		wg.Go(func() {
			for range 40 {
				if got := get(t, client, "docs", "k"); got != bodies[0] && got != bodies[1] {
					t.Error("got a mixture of two objects")
				}
			}
		})
	}
	wg.Wait()
}

// A client that sends a large body which is not wanted gets the answer, not a
// broken connection, whether it waits for "100 Continue" or not.
func TestConditionalWriteOfLargeBody(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	body := bytes.Repeat([]byte("x"), 3<<20)
	write := func() error {
		_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("docs"), Key: aws.String("k"), IfNoneMatch: aws.String("*"), Body: bytes.NewReader(body)})
		return err
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		wantCode(t, write(), "PreconditionFailed")
	}
	response, answer := c.do(t, account, http.MethodPut, "/docs/k", map[string]string{"If-None-Match": "*"}, bytes.NewReader(body))
	if response.StatusCode != http.StatusPreconditionFailed {
		t.Errorf("a client that does not wait: got %d %s", response.StatusCode, answer)
	}
}

// Small objects, as a site has them, from many clients at once.
func BenchmarkPutObject(b *testing.B) {
	c := newCloud(b)
	client := c.bucket(b, "docs")
	body := bytes.Repeat([]byte("x"), 50<<10)
	var n atomic.Int64
	b.SetBytes(int64(len(body)))
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			key := fmt.Sprintf("site/%d", n.Add(1)%2000)
			if _, err := client.PutObject(b.Context(), &sdk.PutObjectInput{Bucket: aws.String("docs"), Key: &key, Body: bytes.NewReader(body)}); err != nil {
				b.Error(err)
			}
		}
	})
}
