// SPDX-License-Identifier: MIT

package s3_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
)

// public allows everybody to read the objects of a bucket.
func public(bucket string) string {
	return `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::` + bucket + `/*"}]}`
}

func openToTheWorld(t *testing.T, client *sdk.Client, bucket string) {
	t.Helper()
	_, err := client.PutPublicAccessBlock(t.Context(), &sdk.PutPublicAccessBlockInput{
		Bucket: &bucket, PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{BlockPublicAcls: aws.Bool(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutBucketPolicy(t.Context(), &sdk.PutBucketPolicyInput{Bucket: &bucket, Policy: aws.String(public(bucket))}); err != nil {
		t.Fatal(err)
	}
}

// "Blocking public access": a public policy is refused until the block is off;
// then everybody may read, but not list or write.
func TestPublicPolicy(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	put(t, client, "docs", "k", "v")
	_, err := client.PutBucketPolicy(t.Context(), &sdk.PutBucketPolicyInput{Bucket: aws.String("docs"), Policy: aws.String(public("docs"))})
	wantCode(t, err, "AccessDenied")
	anonymous := func(method, path, want string) {
		t.Helper()
		response, body := c.do(t, "", method, path, nil, nil)
		if response.StatusCode != http.StatusOK && !strings.Contains(body, "<Code>"+want+"</Code>") || response.StatusCode == http.StatusOK && body != want {
			t.Errorf("%s %s: got %d %s, want %s", method, path, response.StatusCode, body, want)
		}
	}
	anonymous(http.MethodGet, "/docs/k", "AccessDenied")
	openToTheWorld(t, client, "docs")
	anonymous(http.MethodGet, "/docs/k", "v")
	anonymous(http.MethodGet, "/docs/none", "AccessDenied") // no ListBucket: what is missing stays hidden
	anonymous(http.MethodGet, "/docs", "AccessDenied")
	anonymous(http.MethodPut, "/docs/k", "AccessDenied")
	anonymous(http.MethodDelete, "/docs/k", "AccessDenied")
	anonymous(http.MethodGet, "/", "AccessDenied")
	anonymous(http.MethodPut, "/other", "AccessDenied")
	anonymous(http.MethodGet, "/docs/k?response-content-type=text/html", "InvalidRequest")

	status, err := client.GetBucketPolicyStatus(t.Context(), &sdk.GetBucketPolicyStatusInput{Bucket: aws.String("docs")})
	if err != nil || !aws.ToBool(status.PolicyStatus.IsPublic) {
		t.Errorf("got %+v, error %v, want a public policy", status, err)
	}
	_, err = client.PutPublicAccessBlock(t.Context(), &sdk.PutPublicAccessBlockInput{
		Bucket: aws.String("docs"), PublicAccessBlockConfiguration: &types.PublicAccessBlockConfiguration{RestrictPublicBuckets: aws.Bool(true)},
	})
	if err != nil {
		t.Fatal(err)
	}
	anonymous(http.MethodGet, "/docs/k", "AccessDenied")
}

// "Error responses", MalformedPolicy.
func TestMalformedPolicy(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	statement := func(edit func(map[string]any)) string {
		s := map[string]any{"Effect": "Allow", "Principal": map[string]any{"AWS": account}, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::docs/*"}
		edit(s)
		data, err := json.Marshal(map[string]any{"Version": "2012-10-17", "Statement": s})
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	for name, document := range map[string]string{
		"text":           "allow everything",
		"no principal":   statement(func(s map[string]any) { delete(s, "Principal") }),
		"no resource":    statement(func(s map[string]any) { delete(s, "Resource") }),
		"other bucket":   statement(func(s map[string]any) { s["Resource"] = "arn:aws:s3:::other/*" }),
		"other service":  statement(func(s map[string]any) { s["Action"] = "sqs:SendMessage" }),
		"unknown effect": statement(func(s map[string]any) { s["Effect"] = "Maybe" }),
		"unknown member": statement(func(s map[string]any) { s["Actions"] = "s3:*" }),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := client.PutBucketPolicy(t.Context(), &sdk.PutBucketPolicyInput{Bucket: aws.String("docs"), Policy: &document})
			wantCode(t, err, "MalformedPolicy")
		})
	}
}

// Every call carries ExpectedBucketOwner; a bucket of someone else is refused.
func TestExpectedBucketOwnerAndForeignBuckets(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	put(t, client, "docs", "k", "v")
	for _, test := range []struct{ method, path string }{
		{http.MethodGet, "/docs"}, {http.MethodGet, "/docs?location"}, {http.MethodGet, "/docs?policy"}, {http.MethodPut, "/docs/k"}, {http.MethodGet, "/docs/k"},
		{http.MethodDelete, "/docs/k"}, {http.MethodPost, "/docs/k?uploads"}, {http.MethodPost, "/docs?delete"}, {http.MethodDelete, "/docs"}, {http.MethodPut, "/docs?versioning"},
	} {
		response, body := c.do(t, account, test.method, test.path, map[string]string{"X-Amz-Expected-Bucket-Owner": "222222222222"}, nil)
		if response.StatusCode != http.StatusForbidden || !strings.Contains(body, "AccessDenied") {
			t.Errorf("%s %s with another owner: got %d %s", test.method, test.path, response.StatusCode, body)
		}
		response, body = c.do(t, "222222222222", test.method, test.path, nil, nil)
		if response.StatusCode != http.StatusForbidden || !strings.Contains(body, "AccessDenied") {
			t.Errorf("%s %s as another account: got %d %s", test.method, test.path, response.StatusCode, body)
		}
	}
	if got := get(t, client, "docs", "k"); got != "v" {
		t.Errorf("a refused call changed the object: %q", got)
	}
}

// Presigned URLs work until they expire.
func TestPresignedURL(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	put(t, client, "docs", "k", "v")
	signed, err := sdk.NewPresignClient(client).PresignGetObject(t.Context(), &sdk.GetObjectInput{
		Bucket: aws.String("docs"), Key: aws.String("k"), ResponseContentType: aws.String("text/x"),
	}, sdk.WithPresignExpires(time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	path := strings.TrimPrefix(signed.URL, c.url)
	response, body := c.do(t, "", http.MethodGet, path, nil, nil)
	if response.StatusCode != http.StatusOK || body != "v" || response.Header.Get("Content-Type") != "text/x" {
		t.Errorf("got %d %s of %s", response.StatusCode, body, response.Header.Get("Content-Type"))
	}
	u, err := url.Parse(path)
	if err != nil {
		t.Fatal(err)
	}
	query := u.Query()
	query.Set("X-Amz-Date", time.Now().Add(-time.Hour).UTC().Format("20060102T150405Z"))
	response, body = c.do(t, "", http.MethodGet, u.Path+"?"+query.Encode(), nil, nil)
	if response.StatusCode != http.StatusForbidden || !strings.Contains(body, "Request has expired") {
		t.Errorf("expired: got %d %s", response.StatusCode, body)
	}
	response, body = c.do(t, "", http.MethodGet, "/docs/k?AWSAccessKeyId="+account+"&Signature=x&Expires=1", nil, nil)
	if response.StatusCode != http.StatusForbidden || !strings.Contains(body, "Request has expired") {
		t.Errorf("expired, version 2: got %d %s", response.StatusCode, body)
	}
}
