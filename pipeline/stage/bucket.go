// SPDX-License-Identifier: MIT

package stage

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/sparta-up/sparta/pipeline"
)

// Bucket is the artifact bucket, which is known to be ours.
type Bucket struct {
	Name    string
	session Session
}

// EnsureBucket makes sure that there is an artifact bucket of this account in
// this region. It asks S3 only if the stack does not already run from the
// bucket.
type EnsureBucket struct {
	Session pipeline.Result[Session]
	Stack   pipeline.Result[Stack]
	Name    string // the user's own choice; empty: ArtifactBucket
}

// Title returns the words of the box.
func (*EnsureBucket) Title() string { return "Ensure Artifact Bucket" }

// Run finds or creates the bucket.
func (e *EnsureBucket) Run(ctx context.Context) (Bucket, error) {
	session := e.Session.Get()
	bucket := Bucket{Name: cmp.Or(e.Name, ArtifactBucket(session.Account, session.Region)), session: session}
	if e.Stack.Get().Live.Bucket == bucket.Name {
		return bucket, nil
	}
	return bucket, bucket.ensure(ctx)
}

// ArtifactBucket returns the default name of the artifact bucket. It lies in
// the account's regional namespace, where no other account can ever take it
// (Amazon S3 User Guide, "Account regional namespaces").
func ArtifactBucket(account, region string) string {
	return "sparta-artifacts-" + account + "-" + region + "-an"
}

// regional reports whether the name is one of the account's regional namespace.
func (b Bucket) regional() bool {
	return strings.HasSuffix(b.Name, "-"+b.session.Account+"-"+b.session.Region+"-an")
}

// ensure finds the bucket or creates it. Two deployments may do so at once.
func (b Bucket) ensure(ctx context.Context) error {
	out, err := b.session.Clients.S3.HeadBucket(ctx, &s3.HeadBucketInput{
		Bucket: &b.Name, ExpectedBucketOwner: &b.session.Account,
	})
	switch status := httpStatus(err); {
	case err == nil:
		return b.checkRegion(aws.ToString(out.BucketRegion))
	case status == http.StatusNotFound:
		return b.create(ctx)
	case status == http.StatusForbidden:
		return b.foreign()
	case status == http.StatusMovedPermanently:
		return b.checkRegion(regionOf(err))
	}
	return fmt.Errorf("look for bucket %q: %w", b.Name, plain(err))
}

// regionOf returns the region that S3 names when it is asked in another one.
func regionOf(err error) string { return cmp.Or(bucketRegion(err), "another region") }

// bucketRegion returns the region of a bucket that an error of S3 names, or "".
func bucketRegion(err error) string {
	response, ok := errors.AsType[*awshttp.ResponseError](err)
	if !ok || response.Response == nil {
		return ""
	}
	return response.Response.Header.Get("X-Amz-Bucket-Region")
}

func (b Bucket) foreign() error {
	return withHint(fmt.Errorf("bucket %q: it belongs to another account, or account %s may not use it", b.Name, b.session.Account),
		"choose another bucket with --bucket, or ask for s3:ListBucket, s3:GetObject and s3:PutObject on it")
}

func (b Bucket) checkRegion(region string) error {
	if region == "" || region == b.session.Region {
		return nil
	}
	return withHint(fmt.Errorf("bucket %q: it lies in %s, but the functions go to %s", b.Name, region, b.session.Region),
		"Lambda takes code from a bucket in its own region only: choose another bucket with --bucket")
}

func (b Bucket) create(ctx context.Context) error {
	in := &s3.CreateBucketInput{Bucket: &b.Name}
	if b.session.Region != "us-east-1" { // which has no location constraint
		in.CreateBucketConfiguration = &types.CreateBucketConfiguration{
			LocationConstraint: types.BucketLocationConstraint(b.session.Region),
		}
	}
	if b.regional() {
		in.BucketNamespace = types.BucketNamespaceAccountRegional
	}
	_, err := b.session.Clients.S3.CreateBucket(ctx, in)
	switch code, _ := apiError(err); {
	case code == "BucketAlreadyExists":
		return b.foreign()
	case err != nil && code != "BucketAlreadyOwnedByYou":
		return withHint(fmt.Errorf("create bucket %q: %w", b.Name, plain(err)),
			"create a bucket yourself and name it with --bucket")
	}
	return b.secure(ctx)
}

// secure sets what a new bucket of artifacts should have beyond S3's defaults
// (encryption, no public access, no ACLs): transport over TLS only, and no
// leftovers of interrupted uploads.
func (b Bucket) secure(ctx context.Context) error {
	client, owner := b.session.Clients.S3, &b.session.Account
	// An endpoint of plain HTTP, such as an emulator's, would lock itself out.
	if !strings.HasPrefix(aws.ToString(client.Options().BaseEndpoint), "http://") {
		policy := fmt.Sprintf(`{"Version":"2012-10-17","Statement":[{"Sid":"TLSOnly","Effect":"Deny","Principal":"*","Action":"s3:*",`+
			`"Resource":["arn:%[1]s:s3:::%[2]s","arn:%[1]s:s3:::%[2]s/*"],"Condition":{"Bool":{"aws:SecureTransport":"false"}}}]}`,
			b.session.Partition, b.Name)
		_, err := client.PutBucketPolicy(ctx, &s3.PutBucketPolicyInput{Bucket: &b.Name, ExpectedBucketOwner: owner, Policy: &policy})
		if err != nil {
			return fmt.Errorf("secure bucket %q: put policy: %w", b.Name, plain(err))
		}
	}
	_, err := client.PutBucketLifecycleConfiguration(ctx, &s3.PutBucketLifecycleConfigurationInput{
		Bucket: &b.Name, ExpectedBucketOwner: owner,
		LifecycleConfiguration: &types.BucketLifecycleConfiguration{Rules: []types.LifecycleRule{{
			ID: aws.String("interrupted-uploads"), Status: types.ExpirationStatusEnabled,
			Filter:                         &types.LifecycleRuleFilter{Prefix: aws.String("")},
			AbortIncompleteMultipartUpload: &types.AbortIncompleteMultipartUpload{DaysAfterInitiation: aws.Int32(7)},
		}}},
	})
	if err != nil {
		return fmt.Errorf("secure bucket %q: put lifecycle: %w", b.Name, plain(err))
	}
	return nil
}

// httpStatus returns the status of the answer that err stands for, or 0.
func httpStatus(err error) int {
	if response, ok := errors.AsType[*awshttp.ResponseError](err); ok {
		return response.HTTPStatusCode()
	}
	return 0
}
