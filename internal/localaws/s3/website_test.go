// SPDX-License-Identifier: MIT

package s3_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// site makes a bucket through CloudFormation and returns its website's address.
func site(t *testing.T, c *cloud, name string, config map[string]any) string {
	t.Helper()
	made, err := c.ResourceTypes()["AWS::S3::Bucket"].Create(t.Context(), request(map[string]any{
		"BucketName": name, "WebsiteConfiguration": config, "PublicAccessBlockConfiguration": map[string]any{"BlockPublicAcls": "true"},
	}))
	if err != nil {
		t.Fatal(err)
	}
	return made.Attributes["WebsiteURL"].(string)
}

func request(properties map[string]any) resource.Request {
	return resource.Request{
		Scope: arn.Scope{Partition: "aws", Account: account, Region: region}, StackName: "Stack", LogicalID: "Bucket", Properties: properties,
		Tags:        map[string]string{"aws:cloudformation:stack-name": "Stack"},
		DefaultName: func(most int) string { return ("Stack-Bucket-ABCDEF" + strings.Repeat("x", 63))[:min(most, 30)] },
	}
}

func visit(t *testing.T, method, url string) (*http.Response, string) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	response, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response, read(t, response.Body)
}

// The S3 User Guide, "Hosting a static website": index documents, redirects to
// directories, error documents.
func TestWebsite(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	url := site(t, c, "www", map[string]any{"IndexDocument": "index.html", "ErrorDocument": "404.html"})
	client := c.client(account, region)
	for key, body := range map[string]string{"index.html": "home", "docs/index.html": "docs", "a b.txt": "text", "404.html": "lost"} {
		put(t, client, "www", key, body)
	}
	if response, body := visit(t, http.MethodGet, url+"/"); response.StatusCode != http.StatusForbidden || !strings.Contains(body, "AccessDenied") {
		t.Errorf("without a policy: got %d %s", response.StatusCode, body)
	}
	if _, err := client.PutBucketPolicy(t.Context(), &sdk.PutBucketPolicyInput{Bucket: aws.String("www"), Policy: aws.String(public("www"))}); err != nil {
		t.Fatal(err)
	}
	_, err := client.PutObject(t.Context(), &sdk.PutObjectInput{Bucket: aws.String("www"), Key: aws.String("old"), WebsiteRedirectLocation: aws.String("/docs/")})
	if err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		method, path   string
		status         int
		body, location string
	}{
		{http.MethodGet, "", 200, "home", ""},
		{http.MethodGet, "/", 200, "home", ""},
		{http.MethodGet, "/docs/", 200, "docs", ""},
		{http.MethodGet, "/docs", 302, "", "/docs/"},
		{http.MethodGet, "/a%20b.txt", 200, "text", ""},
		{http.MethodGet, "/none", 404, "lost", ""},
		{http.MethodGet, "/none/", 404, "lost", ""},
		{http.MethodHead, "/docs/", 200, "", ""},
		{http.MethodHead, "/none", 404, "", ""},
		{http.MethodGet, "/old", 301, "", "/docs/"},
		{http.MethodPost, "/", 405, "lost", ""},
		{http.MethodGet, "/../../etc/passwd", 404, "lost", ""},
	} {
		response, body := visit(t, test.method, url+test.path)
		if response.StatusCode != test.status || body != test.body || response.Header.Get("Location") != test.location {
			t.Errorf("%s %s: got %d %q to %q, want %d %q to %q", test.method, test.path, response.StatusCode, body, response.Header.Get("Location"), test.status, test.body, test.location)
		}
	}
	response, _ := visit(t, http.MethodGet, url+"/")
	again, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	again.Header.Set("If-None-Match", response.Header.Get("ETag"))
	unchanged, err := http.DefaultClient.Do(again)
	if err != nil {
		t.Fatal(err)
	}
	_ = unchanged.Body.Close()
	if unchanged.StatusCode != http.StatusNotModified {
		t.Errorf("got %d, want 304", unchanged.StatusCode)
	}
}

// A website without an error document shows what S3 shows.
func TestWebsiteErrorPage(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	url := site(t, c, "www", map[string]any{"IndexDocument": "index.html"})
	openToTheWorld(t, c.client(account, region), "www")
	response, body := visit(t, http.MethodGet, url+"/<script>")
	if response.StatusCode != http.StatusNotFound || !strings.Contains(body, "Code: NoSuchKey") || strings.Contains(body, "<script>") {
		t.Errorf("got %d %s", response.StatusCode, body)
	}
}

func TestWebsiteRedirectsAll(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	url := site(t, c, "www", map[string]any{"RedirectAllRequestsTo": map[string]any{"HostName": "example.com", "Protocol": "https"}})
	response, _ := visit(t, http.MethodGet, url+"/a/b?c=d")
	if response.StatusCode != http.StatusMovedPermanently || response.Header.Get("Location") != "https://example.com/a/b?c=d" {
		t.Errorf("got %d to %q", response.StatusCode, response.Header.Get("Location"))
	}
}

// State, bytes and the website's port survive; a website that is removed stops.
func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := openCloud(t, dir)
	url := site(t, first, "www", map[string]any{"IndexDocument": "index.html"})
	client := first.client(account, region)
	openToTheWorld(t, client, "www")
	put(t, client, "www", "index.html", "home")
	first.close()
	second := openCloud(t, dir)
	if response, body := visit(t, http.MethodGet, url+"/"); response.StatusCode != http.StatusOK || body != "home" {
		t.Errorf("after reopening: got %d %s", response.StatusCode, body)
	}
	client = second.client(account, region)
	if _, err := client.DeleteBucketWebsite(t.Context(), &sdk.DeleteBucketWebsiteInput{Bucket: aws.String("www")}); err != nil {
		t.Fatal(err)
	}
	if _, err := http.Get(url); err == nil { //nolint:noctx // the door must be shut
		t.Error("the website still answers")
	}
	_, err := client.PutBucketWebsite(t.Context(), &sdk.PutBucketWebsiteInput{Bucket: aws.String("www"), WebsiteConfiguration: &types.WebsiteConfiguration{IndexDocument: &types.IndexDocument{Suffix: aws.String("index.html")}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, body := visit(t, http.MethodGet, url+"/"); body != "home" {
		t.Errorf("the website came back elsewhere or empty: %s", body)
	}
}
