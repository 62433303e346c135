// SPDX-License-Identifier: MIT

package s3_test

import (
	"errors"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// The page CreateBucket: names, regions and who owns what.
func TestCreateBucket(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	create := func(account, region, name, location string) error {
		in := &sdk.CreateBucketInput{Bucket: &name}
		if location != "" {
			in.CreateBucketConfiguration = &types.CreateBucketConfiguration{LocationConstraint: types.BucketLocationConstraint(location)}
		}
		_, err := c.client(account, region).CreateBucket(t.Context(), in)
		return err
	}
	for _, step := range []struct{ name, account, region, bucket, location, want string }{
		{"us-east-1 without constraint", account, "us-east-1", "first", "", ""},
		{"again in us-east-1 succeeds", account, "us-east-1", "first", "", ""},
		{"us-east-1 with constraint", account, "us-east-1", "second", "us-east-1", "InvalidLocationConstraint"},
		{"elsewhere needs a constraint", account, "eu-west-1", "second", "", "IllegalLocationConstraintException"},
		{"elsewhere with the wrong one", account, "eu-west-1", "second", "eu-west-3", "IllegalLocationConstraintException"},
		{"elsewhere", account, "eu-west-1", "second", "eu-west-1", ""},
		{"again elsewhere fails", account, "eu-west-1", "second", "eu-west-1", "BucketAlreadyOwnedByYou"},
		{"of another account", "222222222222", "us-east-1", "first", "", "BucketAlreadyExists"},
		{"upper case", account, "us-east-1", "Upper", "", "InvalidBucketName"},
		{"too short", account, "us-east-1", "ab", "", "InvalidBucketName"},
		{"too long", account, "us-east-1", strings.Repeat("a", 64), "", "InvalidBucketName"},
		{"an address", account, "us-east-1", "10.0.0.1", "", "InvalidBucketName"},
		{"a reserved suffix", account, "us-east-1", "x-s3alias", "", "InvalidBucketName"},
		{"two dots", account, "us-east-1", "a..b", "", "InvalidBucketName"},
	} {
		err := create(step.account, step.region, step.bucket, step.location)
		if step.want == "" {
			if err != nil {
				t.Errorf("%s: %v", step.name, err)
			}
			continue
		}
		t.Run(step.name, func(t *testing.T) { wantCode(t, err, step.want) })
	}
}

// The S3 User Guide, "Account regional namespace": the name ends with account,
// region and -an, and only with the header.
func TestCreateBucketInAccountRegionalNamespace(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.client(account, region)
	good := "artifacts-" + account + "-us-east-1-an"
	create := func(name string, ns types.BucketNamespace) error {
		_, err := client.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: &name, BucketNamespace: ns})
		return err
	}
	wantCode(t, create("artifacts", types.BucketNamespaceAccountRegional), "InvalidBucketName")
	wantCode(t, create(good, ""), "InvalidBucketName")
	wantCode(t, create("artifacts-222222222222-us-east-1-an", types.BucketNamespaceAccountRegional), "InvalidBucketName")
	if err := create(good, types.BucketNamespaceAccountRegional); err != nil {
		t.Fatal(err)
	}
}

// The page HeadBucket: region, missing buckets, foreign buckets.
func TestHeadBucket(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "mine")
	out, err := client.HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: aws.String("mine")})
	if err != nil || aws.ToString(out.BucketRegion) != region {
		t.Fatalf("got region %q and error %v", aws.ToString(out.BucketRegion), err)
	}
	_, err = client.HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: aws.String("none")})
	if _, ok := errors.AsType[*types.NotFound](err); !ok {
		t.Errorf("missing bucket: got %v, want NotFound", err)
	}
	_, err = c.client("222222222222", region).HeadBucket(t.Context(), &sdk.HeadBucketInput{Bucket: aws.String("mine")})
	wantCode(t, err, "Forbidden")

	response, _ := c.do(t, account, http.MethodHead, "/mine", map[string]string{"X-Amz-Expected-Bucket-Owner": "222222222222"}, nil)
	if response.StatusCode != http.StatusForbidden {
		t.Errorf("unexpected owner: got %d, want 403", response.StatusCode)
	}
}

// "Error responses": a bucket of another region answers PermanentRedirect and
// names its region.
func TestOtherRegion(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	name := "irish"
	_, err := c.client(account, "eu-west-1").CreateBucket(t.Context(), &sdk.CreateBucketInput{
		Bucket: &name, CreateBucketConfiguration: &types.CreateBucketConfiguration{LocationConstraint: "eu-west-1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	response, body := c.do(t, account, http.MethodGet, "/irish", nil, nil)
	if response.StatusCode != http.StatusMovedPermanently || response.Header.Get("X-Amz-Bucket-Region") != "eu-west-1" || !strings.Contains(body, "PermanentRedirect") {
		t.Errorf("got %d, region %q, %s", response.StatusCode, response.Header.Get("X-Amz-Bucket-Region"), body)
	}
	location, err := c.client(account, region).GetBucketLocation(t.Context(), &sdk.GetBucketLocationInput{Bucket: &name})
	if err != nil || location.LocationConstraint != "eu-west-1" {
		t.Errorf("got location %v, error %v", location, err)
	}
}

// Each account lists its own buckets, in order, in pages.
func TestListBuckets(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	for _, name := range []string{"bbb", "aaa", "ccc"} {
		c.bucket(t, name)
	}
	if _, err := c.client("222222222222", region).CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: aws.String("foreign")}); err != nil {
		t.Fatal(err)
	}
	var names []string
	pages := sdk.NewListBucketsPaginator(c.client(account, region), &sdk.ListBucketsInput{MaxBuckets: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, b := range page.Buckets {
			names = append(names, aws.ToString(b.Name))
		}
	}
	if diff := cmp.Diff([]string{"aaa", "bbb", "ccc"}, names); diff != "" {
		t.Error(diff)
	}
}

// The page DeleteBucket: objects, versions and markers keep a bucket alive.
func TestDeleteBucket(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "doomed")
	put(t, client, "doomed", "k", "v")
	remove := func() error {
		_, err := client.DeleteBucket(t.Context(), &sdk.DeleteBucketInput{Bucket: aws.String("doomed")})
		return err
	}
	wantCode(t, remove(), "BucketNotEmpty")
	if _, err := client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: aws.String("doomed"), Key: aws.String("k")}); err != nil {
		t.Fatal(err)
	}
	if err := remove(); err != nil {
		t.Fatal(err)
	}
	wantCode(t, remove(), "NoSuchBucket")
}

// What S3 has and the embedded AWS has not is refused by its name.
func TestUnmodelledOperationsAreNamed(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "plain")
	put(t, client, "plain", "k", "v")
	for _, test := range []struct{ method, path, want string }{
		{http.MethodGet, "/plain?logging", "GetBucketLogging"},
		{http.MethodPut, "/plain?replication", "PutBucketReplication"},
		{http.MethodGet, "/plain/k?torrent", "GetObjectTorrent"},
		{http.MethodGet, "/plain/k?partNumber=1", "GetObjectPartNumber"},
		{http.MethodPost, "/plain", "PostBucket"},
		{http.MethodPut, "/plain/k?retention", "PutObjectRetention"},
	} {
		response, body := c.do(t, account, test.method, test.path, nil, nil)
		if response.StatusCode != http.StatusNotImplemented || !strings.Contains(body, test.want) || !strings.Contains(body, "<Code>NotImplemented</Code>") {
			t.Errorf("%s %s: got %d %s, want NotImplemented with %s", test.method, test.path, response.StatusCode, body, test.want)
		}
	}
	_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("plain"), Key: aws.String("k"), ServerSideEncryption: types.ServerSideEncryptionAwsKms})
	wantCode(t, err, "NotImplemented")
	_, err = client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("plain"), Key: aws.String("k"), ACL: types.ObjectCannedACLPublicRead})
	wantCode(t, err, "AccessControlListNotSupported")
}
