// SPDX-License-Identifier: MIT

package s3_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// listed flattens a page: keys, and common prefixes in brackets.
func listed(objects []types.Object, prefixes []types.CommonPrefix) []string {
	var out []string
	for _, o := range objects {
		out = append(out, aws.ToString(o.Key))
	}
	for _, p := range prefixes {
		out = append(out, "["+aws.ToString(p.Prefix)+"]")
	}
	return out
}

// The page ListObjectsV2: prefix, delimiter, start-after and pages of any size
// give the same entries.
func TestListObjectsV2(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	for _, key := range []string{"a", "b/1", "b/2", "b/c/3", "b0", "c//x", "ü", "z/"} {
		put(t, client, "docs", key, key)
	}
	for _, test := range []struct {
		name  string
		in    sdk.ListObjectsV2Input
		wants []string
	}{
		{"all", sdk.ListObjectsV2Input{}, []string{"a", "b/1", "b/2", "b/c/3", "b0", "c//x", "z/", "ü"}},
		{"prefix", sdk.ListObjectsV2Input{Prefix: aws.String("b/")}, []string{"b/1", "b/2", "b/c/3"}},
		{"delimiter", sdk.ListObjectsV2Input{Delimiter: aws.String("/")}, []string{"[b/]", "[c/]", "[z/]", "a", "b0", "ü"}},
		{"both", sdk.ListObjectsV2Input{Prefix: aws.String("b/"), Delimiter: aws.String("/")}, []string{"[b/c/]", "b/1", "b/2"}},
		{"start after", sdk.ListObjectsV2Input{StartAfter: aws.String("b/2")}, []string{"b/c/3", "b0", "c//x", "z/", "ü"}},
		{"start inside a common prefix", sdk.ListObjectsV2Input{StartAfter: aws.String("b/1"), Delimiter: aws.String("/")}, []string{"[b/]", "[c/]", "[z/]", "b0", "ü"}},
		{"nothing", sdk.ListObjectsV2Input{Prefix: aws.String("none")}, nil},
		{"long delimiter", sdk.ListObjectsV2Input{Delimiter: aws.String("//")}, []string{"[c//]", "a", "b/1", "b/2", "b/c/3", "b0", "z/", "ü"}},
	} {
		for _, size := range []int32{1, 2, 3, 1000} {
			for _, encoding := range []types.EncodingType{"", "url"} {
				t.Run(fmt.Sprintf("%s/%d%s", test.name, size, encoding), func(t *testing.T) {
					t.Parallel()
					in := test.in
					in.Bucket, in.MaxKeys, in.EncodingType = aws.String("docs"), &size, encoding
					var got []string
					for pages := sdk.NewListObjectsV2Paginator(client, &in); pages.HasMorePages(); {
						page, err := pages.NextPage(t.Context())
						if err != nil {
							t.Fatal(err)
						}
						entries := listed(page.Contents, page.CommonPrefixes)
						if len(entries) > int(size) || int(*page.KeyCount) != len(entries) {
							t.Errorf("a page of at most %d holds %d entries, KeyCount %d", size, len(entries), *page.KeyCount)
						}
						got = append(got, entries...)
					}
					slices.Sort(got)
					if encoding == "url" { // the Go SDK leaves decoding to its caller
						for i, entry := range got {
							got[i] = strings.ReplaceAll(entry, "%C3%BC", "ü")
						}
						slices.Sort(got)
					}
					if diff := cmp.Diff(test.wants, got); diff != "" {
						t.Error(diff)
					}
				})
			}
		}
	}
}

// The page ListObjects: markers instead of tokens.
func TestListObjectsV1(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	for _, key := range []string{"a", "b/1", "b/2", "c"} {
		put(t, client, "docs", key, key)
	}
	in := &sdk.ListObjectsInput{Bucket: aws.String("docs"), Delimiter: aws.String("/"), MaxKeys: aws.Int32(2)}
	first, err := client.ListObjects(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	in.Marker = first.NextMarker
	second, err := client.ListObjects(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	got := append(listed(first.Contents, first.CommonPrefixes), listed(second.Contents, second.CommonPrefixes)...)
	if diff := cmp.Diff([]string{"a", "[b/]", "c"}, got); diff != "" || aws.ToBool(second.IsTruncated) {
		t.Errorf("%s truncated %v", diff, aws.ToBool(second.IsTruncated))
	}
	_, body := c.do(t, account, http.MethodGet, "/docs?list-type=2&continuation-token=%21", nil, nil)
	if !strings.Contains(body, "InvalidArgument") {
		t.Errorf("a broken token: got %s", body)
	}
}

func setVersioning(t *testing.T, client *sdk.Client, bucket string, status types.BucketVersioningStatus) {
	t.Helper()
	_, err := client.PutBucketVersioning(t.Context(), &sdk.PutBucketVersioningInput{Bucket: &bucket, VersioningConfiguration: &types.VersioningConfiguration{Status: status}})
	if err != nil {
		t.Fatal(err)
	}
}

// The S3 User Guide, "How S3 Versioning works": versions pile up, deletes hide,
// suspending goes back to the null version.
func TestVersioning(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	put(t, client, "docs", "k", "null")
	setVersioning(t, client, "docs", types.BucketVersioningStatusEnabled)
	first := put(t, client, "docs", "k", "first")
	second := put(t, client, "docs", "k", "second")
	if first.VersionId == nil || aws.ToString(first.VersionId) == aws.ToString(second.VersionId) {
		t.Fatalf("got versions %v and %v", first.VersionId, second.VersionId)
	}
	old, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: aws.String("k"), VersionId: first.VersionId})
	if err != nil || read(t, old.Body) != "first" {
		t.Errorf("get the first version: %v", err)
	}
	gone, err := client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("docs"), Key: aws.String("k")})
	if err != nil || !aws.ToBool(gone.DeleteMarker) {
		t.Fatalf("got %+v, error %v, want a delete marker", gone, err)
	}
	_, err = client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: aws.String("k")})
	wantCode(t, err, "NoSuchKey")
	_, err = client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: aws.String("k"), VersionId: gone.VersionId})
	wantCode(t, err, "MethodNotAllowed")
	_, err = client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: aws.String("k"), VersionId: aws.String("nope")})
	wantCode(t, err, "NoSuchVersion")
	list, err := client.ListObjectsV2(t.Context(), &sdk.ListObjectsV2Input{Bucket: aws.String("docs")})
	if err != nil || len(list.Contents) != 0 {
		t.Errorf("a deleted key is listed: %v %v", list, err)
	}
	if _, err := client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("docs"), Key: aws.String("k"), VersionId: gone.VersionId}); err != nil {
		t.Fatal(err)
	}
	if got := get(t, client, "docs", "k"); got != "second" {
		t.Errorf("without the marker: got %q, want second", got)
	}
	setVersioning(t, client, "docs", types.BucketVersioningStatusSuspended)
	put(t, client, "docs", "k", "new null")
	nulls, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("docs"), Key: aws.String("k"), VersionId: aws.String("null")})
	if err != nil || read(t, nulls.Body) != "new null" {
		t.Errorf("the null version was not replaced: %v", err)
	}
	_, err = client.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: aws.String("docs")})
	wantCode(t, err, "BucketNotEmpty")
}

// The page ListObjectVersions: newest first within a key, in pages of any size.
func TestListObjectVersions(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	setVersioning(t, client, "docs", types.BucketVersioningStatusEnabled)
	var want []string
	for _, key := range []string{"a", "b", "c/d"} {
		var versions []string
		for i := range 3 {
			versions = append([]string{key + " " + aws.ToString(put(t, client, "docs", key, fmt.Sprint(i)).VersionId)}, versions...)
		}
		want = append(want, versions...)
	}
	for _, size := range []int32{1, 2, 4, 1000} {
		var got []string
		pages := sdk.NewListObjectVersionsPaginator(client, &sdk.ListObjectVersionsInput{Bucket: aws.String("docs"), MaxKeys: &size})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, v := range page.Versions {
				got = append(got, aws.ToString(v.Key)+" "+aws.ToString(v.VersionId))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("pages of %d: %s", size, diff)
		}
	}
}
