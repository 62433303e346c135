// SPDX-License-Identifier: MIT

package s3_test

import (
	"io"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// What a service delivers to a bucket is an object like others.
func TestDeliver(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.client(account, region)
	if _, err := client.CreateBucket(t.Context(), &sdk.CreateBucketInput{Bucket: aws.String("failures")}); err != nil {
		t.Fatal(err)
	}
	policy := `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ses.amazonaws.com"},"Action":"s3:PutObject","Resource":"arn:aws:s3:::failures/mail/*"}]}`
	if _, err := client.PutBucketPolicy(t.Context(), &sdk.PutBucketPolicyInput{Bucket: aws.String("failures"), Policy: &policy}); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		name, principal, account, target, key string
		want                                  string // "" for success
	}{
		{"of the account", "", account, "arn:aws:s3:::failures", "aws/lambda/x y", ""},
		{"of a service that the policy lets in", "ses.amazonaws.com", "", "arn:aws:s3:::failures", "mail/1", ""},
		{"of that service elsewhere", "ses.amazonaws.com", "", "arn:aws:s3:::failures", "other/1", "AccessDenied"},
		{"of another service", "sns.amazonaws.com", "", "arn:aws:s3:::failures", "mail/1", "AccessDenied"},
		{"of another account", "", "222222222222", "arn:aws:s3:::failures", "k", "AccessDenied"},
		{"no bucket", "", account, "arn:aws:s3:::none", "k", "NoSuchBucket"},
		{"no key", "", account, "arn:aws:s3:::failures", "", "does not deliver to arn:aws:s3:::failures"},
	} {
		m := delivery.Message{Principal: test.principal, Account: test.account, Target: test.target, Key: test.key, Body: []byte(`{"a":1}`)}
		for _, err := range []error{c.Admits(m), c.Deliver(t.Context(), m)} {
			if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
				t.Errorf("%s: got %v, want %q", test.name, err, test.want)
			}
		}
		if test.want != "" {
			continue
		}
		out, err := client.GetObject(t.Context(), &sdk.GetObjectInput{Bucket: aws.String("failures"), Key: &test.key})
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(out.Body)
		if err != nil || string(body) != `{"a":1}` || *out.ContentType != "application/json" {
			t.Errorf("%s: got %s %v, %v", test.name, body, *out.ContentType, err)
		}
		_ = out.Body.Close()
	}
}
