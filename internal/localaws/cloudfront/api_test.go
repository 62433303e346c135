// SPDX-License-Identifier: MIT

package cloudfront_test

import (
	"errors"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

func (s *site) invalidate(t *testing.T, reference string, paths ...string) (*sdk.CreateInvalidationOutput, error) {
	t.Helper()
	return s.client.CreateInvalidation(t.Context(), &sdk.CreateInvalidationInput{
		DistributionId: &s.distribution.PhysicalID, InvalidationBatch: &types.InvalidationBatch{
			CallerReference: &reference, Paths: &types.Paths{Items: paths, Quantity: aws.Int32(int32(len(paths)))},
		},
	})
}

// fails compares the code of an error.
func fails(t *testing.T, err error, want string) {
	t.Helper()
	e, ok := errors.AsType[smithy.APIError](err)
	if !ok || e.ErrorCode() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestDistributionAPI(t *testing.T) {
	t.Parallel()
	s := newFunctionSite(t, "function handler(e) { return e.request }", "")
	d, err := s.client.GetDistribution(t.Context(), &sdk.GetDistributionInput{Id: &s.distribution.PhysicalID})
	if err != nil {
		t.Fatal(err)
	}
	c := d.Distribution.DistributionConfig
	type said struct {
		ARN, Domain, Root, Bucket, Control, Policy, Function, Page, Code string
		Methods, Cached                                                  []types.Method
		TTL                                                              int64
	}
	want := said{
		"arn:aws:cloudfront::000000000000:distribution/" + s.distribution.PhysicalID, s.distribution.Attributes["DomainName"].(string), "index.html",
		"pages.s3.eu-west-1.amazonaws.com", s.control.PhysicalID, optimized, "arn:aws:cloudfront::000000000000:function/viewer-request", "/error.html", "404",
		[]types.Method{"HEAD", "GET"}, []types.Method{"HEAD", "GET"}, 10,
	}
	behavior, page := c.DefaultCacheBehavior, c.CustomErrorResponses.Items[0]
	got := said{
		*d.Distribution.ARN, *d.Distribution.DomainName, *c.DefaultRootObject, *c.Origins.Items[0].DomainName, *c.Origins.Items[0].OriginAccessControlId,
		*behavior.CachePolicyId, *behavior.FunctionAssociations.Items[0].FunctionARN, *page.ResponsePagePath, *page.ResponseCode,
		behavior.AllowedMethods.Items, behavior.AllowedMethods.CachedMethods.Items, *page.ErrorCachingMinTTL,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the distribution (-want +got):\n%s", diff)
	}
	if *d.Distribution.Status != "Deployed" || d.Distribution.LastModifiedTime.IsZero() || *d.ETag == "" || !*c.Enabled {
		t.Errorf("got %+v", d.Distribution)
	}
	config, err := s.client.GetDistributionConfig(t.Context(), &sdk.GetDistributionConfigInput{Id: &s.distribution.PhysicalID})
	if err != nil || *config.DistributionConfig.CallerReference != *c.CallerReference || *config.ETag != *d.ETag {
		t.Errorf("got %+v, %v", config, err)
	}
	list, err := s.client.ListDistributions(t.Context(), &sdk.ListDistributionsInput{})
	if err != nil || len(list.DistributionList.Items) != 1 || *list.DistributionList.Items[0].ARN != want.ARN || *list.DistributionList.IsTruncated {
		t.Errorf("got %+v, %v", list, err)
	}
}

func TestInvalidationAPI(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	first, err := s.invalidate(t, "first", "/a", "/b/*")
	if err != nil {
		t.Fatal(err)
	}
	if *first.Invalidation.Status != "InProgress" || *first.Location == "" {
		t.Errorf("got %+v", first.Invalidation)
	}
	again, err := s.invalidate(t, "first", "/a", "/b/*")
	if err != nil || *again.Invalidation.Id != *first.Invalidation.Id {
		t.Errorf("the same once more: got %+v, %v", again, err)
	}
	_, err = s.invalidate(t, "first", "/c")
	fails(t, err, "InvalidArgument")
	got, err := s.client.GetInvalidation(t.Context(), &sdk.GetInvalidationInput{DistributionId: &s.distribution.PhysicalID, Id: first.Invalidation.Id})
	if err != nil || *got.Invalidation.Status != "Completed" || got.Invalidation.InvalidationBatch.Paths.Items[1] != "/b/*" {
		t.Errorf("got %+v, %v", got, err)
	}
	for i := range 2 {
		if _, err := s.invalidate(t, strconv.Itoa(i), "/*"); err != nil {
			t.Fatal(err)
		}
	}
	var ids []string
	pages := sdk.NewListInvalidationsPaginator(s.client, &sdk.ListInvalidationsInput{DistributionId: &s.distribution.PhysicalID, MaxItems: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, item := range page.InvalidationList.Items {
			ids = append(ids, *item.Id)
		}
	}
	if len(ids) != 3 || ids[2] != *first.Invalidation.Id {
		t.Errorf("got %v, want three, the newest first", ids)
	}
}

func TestAPIRefused(t *testing.T) {
	t.Parallel()
	s := newSite(t, "", "")
	for _, paths := range [][]string{{"a"}, {"/a*b"}, {""}} {
		_, err := s.invalidate(t, "r", paths...)
		fails(t, err, "InvalidArgument")
	}
	_, err := s.invalidate(t, "r")
	fails(t, err, "MissingArgument")
	_, err = s.invalidate(t, "", "/a")
	fails(t, err, "MissingArgument")
	_, err = s.client.GetDistribution(t.Context(), &sdk.GetDistributionInput{Id: aws.String("ENONE")})
	fails(t, err, "NoSuchDistribution")
	_, err = s.client.GetInvalidation(t.Context(), &sdk.GetInvalidationInput{DistributionId: &s.distribution.PhysicalID, Id: aws.String("INONE")})
	fails(t, err, "NoSuchInvalidation")
	_, err = s.client.DeleteDistribution(t.Context(), &sdk.DeleteDistributionInput{Id: &s.distribution.PhysicalID, IfMatch: aws.String("x")})
	fails(t, err, "UnknownOperationException")
	_, err = s.client.ListCachePolicies(t.Context(), &sdk.ListCachePoliciesInput{})
	if e, ok := errors.AsType[smithy.APIError](err); !ok || e.ErrorMessage() != "the embedded AWS does not model ListCachePolicies of CloudFront: it makes and changes distributions by CloudFormation" {
		t.Errorf("got %v", err)
	}
	foreign := sdk.New(s.client.Options(), func(o *sdk.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider("111111111111", "s", "")
	})
	_, err = foreign.GetDistribution(t.Context(), &sdk.GetDistributionInput{Id: &s.distribution.PhysicalID})
	fails(t, err, "NoSuchDistribution")
}
