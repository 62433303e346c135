// SPDX-License-Identifier: MIT

package s3_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/google/go-cmp/cmp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// The page AWS::S3::Bucket: everything set at once, changed, and removed.
func TestBucketType(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.client(account, region)
	kind := c.ResourceTypes()["AWS::S3::Bucket"]
	first := request(map[string]any{
		"Tags":                    []any{map[string]any{"Key": "team", "Value": "a"}},
		"VersioningConfiguration": map[string]any{"Status": "Enabled"},
		"OwnershipControls":       map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "ObjectWriter"}}},
		"BucketEncryption":        map[string]any{"ServerSideEncryptionConfiguration": []any{map[string]any{"ServerSideEncryptionByDefault": map[string]any{"SSEAlgorithm": "AES256"}}}},
		"CorsConfiguration":       map[string]any{"CorsRules": []any{map[string]any{"AllowedMethods": []any{"GET"}, "AllowedOrigins": []any{"*"}, "MaxAge": "30"}}},
		"LifecycleConfiguration": map[string]any{"Rules": []any{map[string]any{
			"Id": "old", "Status": "Enabled", "ExpirationInDays": 30.0, "NoncurrentVersionExpiration": map[string]any{"NoncurrentDays": "7"}, "AbortIncompleteMultipartUpload": map[string]any{"DaysAfterInitiation": 1.0},
		}}},
	})
	if faults := kind.Check(first.Properties); len(faults) != 0 {
		t.Fatalf("got faults %q", faults)
	}
	made, err := kind.Create(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	name := made.PhysicalID
	if !regexp.MustCompile(`^stack-bucket-abcdef`).MatchString(name) {
		t.Errorf("got name %q", name)
	}
	want := map[string]any{
		"Arn": "arn:aws:s3:::" + name, "DomainName": name + ".s3.amazonaws.com", "RegionalDomainName": name + ".s3.us-east-1.amazonaws.com",
		"DualStackDomainName": name + ".s3.dualstack.us-east-1.amazonaws.com", "WebsiteURL": "",
	}
	if diff := cmp.Diff(want, made.Attributes); diff != "" {
		t.Error(diff)
	}
	rules, err := client.GetBucketLifecycleConfiguration(t.Context(), &sdk.GetBucketLifecycleConfigurationInput{Bucket: &name})
	if err != nil || *rules.Rules[0].Expiration.Days != 30 || *rules.Rules[0].NoncurrentVersionExpiration.NoncurrentDays != 7 || *rules.Rules[0].AbortIncompleteMultipartUpload.DaysAfterInitiation != 1 {
		t.Errorf("got lifecycle %+v, error %v", rules, err)
	}
	tags, err := client.GetBucketTagging(t.Context(), &sdk.GetBucketTaggingInput{Bucket: &name})
	if err != nil || len(tags.TagSet) != 2 {
		t.Errorf("got tags %v, error %v, want those of the bucket and of the stack", tags, err)
	}

	second := request(map[string]any{})
	second.OldProperties = first.Properties
	if kind.Replaces(first.Properties, second.Properties) {
		t.Error("nothing of this needs a replacement")
	}
	if _, err := kind.Update(t.Context(), made, second); err != nil {
		t.Fatal(err)
	}
	versioning, err := client.GetBucketVersioning(t.Context(), &sdk.GetBucketVersioningInput{Bucket: &name})
	if err != nil || versioning.Status != types.BucketVersioningStatusSuspended {
		t.Errorf("got %v, error %v, want Suspended", versioning, err)
	}
	_, err = client.GetBucketCors(t.Context(), &sdk.GetBucketCorsInput{Bucket: &name})
	wantCode(t, err, "NoSuchCORSConfiguration")
	_, err = client.GetBucketLifecycleConfiguration(t.Context(), &sdk.GetBucketLifecycleConfigurationInput{Bucket: &name})
	wantCode(t, err, "NoSuchLifecycleConfiguration")

	put(t, client, name, "k", "v")
	err = kind.Delete(t.Context(), made, second)
	if err == nil || !strings.HasPrefix(err.Error(), "The bucket you tried to delete is not empty. You must delete all versions in the bucket. (Service: S3, Status Code: 409, Request ID: ") {
		t.Errorf("got %v", err)
	}
	if _, err := client.DeleteObject(t.Context(), &sdk.DeleteObjectInput{Bucket: &name, Key: aws.String("k"), VersionId: aws.String("null")}); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the second time it is gone, which is no error
		if err := kind.Delete(t.Context(), made, second); err != nil {
			t.Error(err)
		}
	}
}

func TestBucketTypeNames(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	kind := c.ResourceTypes()["AWS::S3::Bucket"]
	regional, err := kind.Create(t.Context(), request(map[string]any{"BucketNamespace": "account-regional", "BucketNamePrefix": "site"}))
	if err != nil || regional.PhysicalID != "site-"+account+"-us-east-1-an" {
		t.Errorf("got %q, error %v", regional.PhysicalID, err)
	}
	generated, err := kind.Create(t.Context(), request(map[string]any{"BucketNamespace": "account-regional"}))
	if err != nil || !strings.HasSuffix(generated.PhysicalID, "-"+account+"-us-east-1-an") || len(generated.PhysicalID) > 63 {
		t.Errorf("got %q, error %v", generated.PhysicalID, err)
	}
	named := request(map[string]any{"BucketName": "taken"})
	if _, err := kind.Create(t.Context(), named); err != nil {
		t.Fatal(err)
	}
	if _, err := kind.Create(t.Context(), named); err == nil || !strings.Contains(err.Error(), "taken already exists") {
		t.Errorf("a name that is taken: got %v", err)
	}
	for _, name := range []string{"BucketName", "BucketNamePrefix", "BucketNamespace"} {
		if !kind.Replaces(map[string]any{name: "a"}, map[string]any{name: "b"}) {
			t.Errorf("%s must need a replacement", name)
		}
	}
}

// What does not fit is said before anything is called; intrinsics fit.
func TestBucketTypeCheck(t *testing.T) {
	t.Parallel()
	kind := newCloud(t).ResourceTypes()["AWS::S3::Bucket"]
	for want, properties := range map[string]map[string]any{
		"#: extraneous key [Bucketname] is not permitted":                                                   {"Bucketname": "x"},
		"#/NotificationConfiguration/LambdaConfigurations/0: required key [Function] not found":             {"NotificationConfiguration": map[string]any{"LambdaConfigurations": []any{map[string]any{"Event": "s3:ObjectCreated:*"}}}},
		"#/VersioningConfiguration/Status: On is not a valid enum value":                                    {"VersioningConfiguration": map[string]any{"Status": "On"}},
		"#/VersioningConfiguration: required key [Status] not found":                                        {"VersioningConfiguration": map[string]any{}},
		"#/PublicAccessBlockConfiguration/BlockPublicAcls: expected type: Boolean, found: String":           {"PublicAccessBlockConfiguration": map[string]any{"BlockPublicAcls": "yes"}},
		"#/Tags: expected type: JSONArray, found: JSONObject":                                               {"Tags": map[string]any{"a": "b", "c": "d"}},
		"#/WebsiteConfiguration/RoutingRules: the embedded AWS does not model this property":                {"WebsiteConfiguration": map[string]any{"RoutingRules": []any{}}},
		"#/BucketName: failed validation constraint for keyword [pattern]: ^[a-z0-9][a-z0-9//.-]*[a-z0-9]$": {"BucketName": "Upper"},
		"": {"BucketName": map[string]any{"Fn::Sub": "${AWS::StackName}-x"}, "Tags": map[string]any{"Fn::If": []any{"a", "b", "c"}}, "VersioningConfiguration": map[string]any{"Status": map[string]any{"Ref": "P"}}},
	} {
		faults := kind.Check(properties)
		if want == "" && len(faults) > 0 || want != "" && !slices.Equal(faults, []string{want}) {
			t.Errorf("got %q, want %q", faults, want)
		}
	}
}

// The page AWS::S3::BucketPolicy.
func TestBucketPolicyType(t *testing.T) {
	t.Parallel()
	c := newCloud(t)
	client := c.bucket(t, "docs")
	kind := c.ResourceTypes()["AWS::S3::BucketPolicy"]
	statement := map[string]any{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::docs/*"}
	open := request(map[string]any{"Bucket": "docs", "PolicyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{statement}}})
	if _, err := kind.Create(t.Context(), open); err == nil || !strings.Contains(err.Error(), "BlockPublicPolicy") {
		t.Errorf("a public policy on a blocked bucket: got %v", err)
	}
	statement = maps.Clone(statement)
	statement["Principal"] = map[string]any{"AWS": account}
	closed := request(map[string]any{"Bucket": "docs", "PolicyDocument": map[string]any{"Version": "2012-10-17", "Statement": []any{statement}}})
	made, err := kind.Create(t.Context(), closed)
	if err != nil || made.PhysicalID != "docs" {
		t.Fatalf("got %v, error %v", made, err)
	}
	if _, err := kind.Create(t.Context(), closed); err == nil || !strings.Contains(err.Error(), "The bucket policy already exists on bucket docs.") {
		t.Errorf("got %v", err)
	}
	if _, err := kind.Update(t.Context(), made, closed); err != nil {
		t.Error(err)
	}
	if faults := kind.Check(map[string]any{"Bucket": "docs"}); !slices.Equal(faults, []string{"#: required key [PolicyDocument] not found"}) {
		t.Errorf("got %q", faults)
	}
	for _, instance := range []resource.Instance{made, {PhysicalID: "gone"}} {
		if err := kind.Delete(t.Context(), instance, closed); err != nil {
			t.Error(err)
		}
	}
	_, err = client.GetBucketPolicy(t.Context(), &sdk.GetBucketPolicyInput{Bucket: aws.String("docs")})
	wantCode(t, err, "NoSuchBucketPolicy")
}
