// SPDX-License-Identifier: MIT

package s3_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"
)

// Each kind of configuration: absent with its own code, put, got, deleted.
func TestBucketConfigurations(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.bucket(t, "docs")
	for _, test := range []struct {
		sub, body, want string // want is part of what Get then answers
		missing         string // the code when there is none; "" if there is always one
		deletes         bool
		status          int
	}{
		{"policy", `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":"111111111111"},"Action":"s3:*","Resource":"arn:aws:s3:::docs"}}`, `"Effect":"Allow"`, "NoSuchBucketPolicy", true, 204},
		{"tagging", `<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>`, `<Tag><Key>a</Key><Value>1</Value></Tag>`, "NoSuchTagSet", true, 204},
		{"lifecycle", `<LifecycleConfiguration><Rule><ID>x</ID><Status>Enabled</Status><Filter/><Expiration><Days>3</Days></Expiration></Rule></LifecycleConfiguration>`, `<Days>3</Days>`, "NoSuchLifecycleConfiguration", true, 200},
		{"cors", `<CORSConfiguration><CORSRule><AllowedMethod>GET</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule></CORSConfiguration>`, `<AllowedOrigin>*</AllowedOrigin>`, "NoSuchCORSConfiguration", true, 200},
		{"website", `<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument></WebsiteConfiguration>`, `<Suffix>index.html</Suffix>`, "NoSuchWebsiteConfiguration", true, 200},
		{"encryption", `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>AES256</SSEAlgorithm></ApplyServerSideEncryptionByDefault><BucketKeyEnabled>true</BucketKeyEnabled></Rule></ServerSideEncryptionConfiguration>`, `<BucketKeyEnabled>true`, "", true, 200},
		{"versioning", `<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>`, `<Status>Enabled</Status>`, "", false, 200},
		{"notification", `<NotificationConfiguration/>`, `<NotificationConfiguration>`, "", false, 200},
	} {
		path := "/docs?" + test.sub
		if test.missing != "" {
			if response, body := c.do(t, account, http.MethodGet, path, nil, nil); response.StatusCode != http.StatusNotFound || !strings.Contains(body, "<Code>"+test.missing+"</Code>") {
				t.Errorf("%s: got %d %s, want %s", test.sub, response.StatusCode, body, test.missing)
			}
		}
		if response, body := c.do(t, account, http.MethodPut, path, nil, strings.NewReader(test.body)); response.StatusCode != test.status {
			t.Errorf("put %s: got %d %s", test.sub, response.StatusCode, body)
		}
		if _, body := c.do(t, account, http.MethodGet, path, nil, nil); !strings.Contains(body, test.want) {
			t.Errorf("get %s: got %s, want %s", test.sub, body, test.want)
		}
		if test.deletes {
			if response, body := c.do(t, account, http.MethodDelete, path, nil, nil); response.StatusCode != http.StatusNoContent {
				t.Errorf("delete %s: got %d %s", test.sub, response.StatusCode, body)
			}
			if _, body := c.do(t, account, http.MethodGet, path, nil, nil); strings.Contains(body, test.want) || test.missing != "" && !strings.Contains(body, test.missing) {
				t.Errorf("%s after delete: got %s", test.sub, body)
			}
		}
		wantXML := "MalformedXML"
		if test.sub == "policy" {
			wantXML = "MalformedPolicy"
		}
		if _, body := c.do(t, account, http.MethodPut, path, nil, strings.NewReader("<broken")); !strings.Contains(body, wantXML) {
			t.Errorf("broken %s: got %s, want %s", test.sub, body, wantXML)
		}
	}
}

// New buckets have public access blocked and ACLs off since April 2023.
func TestDefaultsOfNewBuckets(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	block, err := client.GetPublicAccessBlock(t.Context(), &sdk.GetPublicAccessBlockInput{Bucket: aws.String("docs")})
	if err != nil {
		t.Fatal(err)
	}
	got := block.PublicAccessBlockConfiguration
	if diff := cmp.Diff([]bool{true, true, true, true}, []bool{*got.BlockPublicAcls, *got.BlockPublicPolicy, *got.IgnorePublicAcls, *got.RestrictPublicBuckets}); diff != "" {
		t.Error(diff)
	}
	controls, err := client.GetBucketOwnershipControls(t.Context(), &sdk.GetBucketOwnershipControlsInput{Bucket: aws.String("docs")})
	if err != nil || controls.OwnershipControls.Rules[0].ObjectOwnership != types.ObjectOwnershipBucketOwnerEnforced {
		t.Errorf("got %v, error %v", controls, err)
	}
	acl, err := client.GetBucketAcl(t.Context(), &sdk.GetBucketAclInput{Bucket: aws.String("docs")})
	if err != nil || len(acl.Grants) != 1 || acl.Grants[0].Permission != types.PermissionFullControl || acl.Grants[0].Grantee.Type != types.TypeCanonicalUser {
		t.Errorf("got %+v, error %v", acl, err)
	}
	if _, err := client.DeletePublicAccessBlock(t.Context(), &sdk.DeletePublicAccessBlockInput{Bucket: aws.String("docs")}); err != nil {
		t.Fatal(err)
	}
	_, err = client.GetPublicAccessBlock(t.Context(), &sdk.GetPublicAccessBlockInput{Bucket: aws.String("docs")})
	wantCode(t, err, "NoSuchPublicAccessBlockConfiguration")
}

// What cannot be carried out is refused rather than kept.
func TestUnmodelledConfigurations(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	c.bucket(t, "docs")
	for sub, body := range map[string]string{
		"notification": `<NotificationConfiguration><CloudFunctionConfiguration><CloudFunction>arn:aws:lambda:us-east-1:111111111111:function:f</CloudFunction><Event>s3:LifecycleExpiration:*</Event></CloudFunctionConfiguration></NotificationConfiguration>`,
		"encryption":   `<ServerSideEncryptionConfiguration><Rule><ApplyServerSideEncryptionByDefault><SSEAlgorithm>aws:kms</SSEAlgorithm></ApplyServerSideEncryptionByDefault></Rule></ServerSideEncryptionConfiguration>`,
		"website":      `<WebsiteConfiguration><IndexDocument><Suffix>i</Suffix></IndexDocument><RoutingRules><RoutingRule/></RoutingRules></WebsiteConfiguration>`,
	} {
		if _, answer := c.do(t, account, http.MethodPut, "/docs?"+sub, nil, strings.NewReader(body)); !strings.Contains(answer, "<Code>NotImplemented</Code>") {
			t.Errorf("%s: got %s", sub, answer)
		}
	}
}

// The S3 User Guide, "Using cross-origin resource sharing".
func TestCors(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	put(t, client, "docs", "k", "v")
	preflight := map[string]string{"Origin": "https://a.example.com", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "X-Amz-Meta-A, content-type"}
	if response, _ := c.do(t, "", http.MethodOptions, "/docs/k", preflight, nil); response.StatusCode != http.StatusForbidden {
		t.Errorf("without configuration: got %d", response.StatusCode)
	}
	_, err := client.PutBucketCors(t.Context(), &sdk.PutBucketCorsInput{Bucket: aws.String("docs"), CORSConfiguration: &types.CORSConfiguration{CORSRules: []types.CORSRule{
		{AllowedMethods: []string{"GET", "PUT"}, AllowedOrigins: []string{"https://*.example.com"}, AllowedHeaders: []string{"x-amz-*", "Content-Type"}, ExposeHeaders: []string{"ETag"}, MaxAgeSeconds: aws.Int32(30)},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	response, _ := c.do(t, "", http.MethodOptions, "/docs/k", preflight, nil)
	got := []string{response.Status, response.Header.Get("Access-Control-Allow-Origin"), response.Header.Get("Access-Control-Allow-Headers"), response.Header.Get("Access-Control-Max-Age")}
	if diff := cmp.Diff([]string{"200 OK", "https://a.example.com", "x-amz-meta-a, content-type", "30"}, got); diff != "" {
		t.Error(diff)
	}
	preflight["Origin"] = "https://evil.test"
	if response, _ := c.do(t, "", http.MethodOptions, "/docs/k", preflight, nil); response.StatusCode != http.StatusForbidden {
		t.Errorf("another origin: got %d", response.StatusCode)
	}
	response, _ = c.do(t, account, http.MethodGet, "/docs/k", map[string]string{"Origin": "https://b.example.com"}, nil)
	if response.Header.Get("Access-Control-Allow-Origin") != "https://b.example.com" || response.Header.Get("Access-Control-Expose-Headers") != "ETag" {
		t.Errorf("actual request: got %v", response.Header)
	}
}

// The pages PutObjectTagging, GetObjectTagging, DeleteObjectTagging.
func TestObjectTagging(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	put(t, client, "docs", "k", "v")
	set := func(tags ...types.Tag) error {
		_, err := client.PutObjectTagging(t.Context(), &sdk.PutObjectTaggingInput{Bucket: aws.String("docs"), Key: aws.String("k"), Tagging: &types.Tagging{TagSet: tags}})
		return err
	}
	tag := func(key string) types.Tag { return types.Tag{Key: &key, Value: aws.String("v")} }
	if err := set(tag("a"), tag("b")); err != nil {
		t.Fatal(err)
	}
	out, err := client.GetObjectTagging(t.Context(), &sdk.GetObjectTaggingInput{Bucket: aws.String("docs"), Key: aws.String("k")})
	if err != nil || len(out.TagSet) != 2 {
		t.Errorf("got %v, error %v", out, err)
	}
	wantCode(t, set(tag("a"), tag("a")), "InvalidTag")
	wantCode(t, set(tag("")), "InvalidTag")
	if _, err := client.DeleteObjectTagging(t.Context(), &sdk.DeleteObjectTaggingInput{Bucket: aws.String("docs"), Key: aws.String("k")}); err != nil {
		t.Fatal(err)
	}
	out, err = client.GetObjectTagging(t.Context(), &sdk.GetObjectTaggingInput{Bucket: aws.String("docs"), Key: aws.String("k")})
	if err != nil || len(out.TagSet) != 0 {
		t.Errorf("got %v, error %v", out, err)
	}
}
