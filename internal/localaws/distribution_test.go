// SPDX-License-Identifier: MIT

package localaws_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront"
	"github.com/aws/aws-sdk-go-v2/service/cloudfront/types"
	"github.com/aws/smithy-go"
)

// siteTemplate is a bucket that only a distribution reads, as AWS documents it.
const siteTemplate = `{"Resources":{
	"Pages":{"Type":"AWS::S3::Bucket","Properties":{"BucketName":"pages"}},
	"PagesPolicy":{"Type":"AWS::S3::BucketPolicy","Properties":{"Bucket":{"Ref":"Pages"},"PolicyDocument":{"Version":"2012-10-17","Statement":[{
		"Effect":"Allow","Principal":{"Service":"cloudfront.amazonaws.com"},"Action":"s3:GetObject","Resource":{"Fn::Sub":"${Pages.Arn}/*"},
		"Condition":{"StringEquals":{"AWS:SourceArn":{"Fn::Sub":"arn:aws:cloudfront::${AWS::AccountId}:distribution/${Net}"}}}}]}}},
	"Access":{"Type":"AWS::CloudFront::OriginAccessControl","Properties":{"OriginAccessControlConfig":{"Name":"pages","OriginAccessControlOriginType":"s3","SigningBehavior":"always","SigningProtocol":"sigv4"}}},
	"Net":{"Type":"AWS::CloudFront::Distribution","Properties":{"DistributionConfig":{"Enabled":true,"DefaultRootObject":"index.html",
		"Origins":[{"Id":"pages","DomainName":{"Fn::GetAtt":["Pages","RegionalDomainName"]},"OriginAccessControlId":{"Ref":"Access"},"S3OriginConfig":{}}],
		"DefaultCacheBehavior":{"TargetOriginId":"pages","ViewerProtocolPolicy":"redirect-to-https","CachePolicyId":"658327ea-f89d-4fab-a63d-7e88639e58f6"}}}}},
	"Outputs":{"Url":{"Value":{"Fn::Sub":"https://${Net.DomainName}"}},"Joined":{"Value":{"Fn::Join":["",["https://",{"Fn::GetAtt":["Net","DomainName"]},"/a"]]}},"Domain":{"Value":{"Fn::GetAtt":["Net","DomainName"]}},"Id":{"Value":{"Ref":"Net"}}}}`

// The aws command makes a stack with a distribution, reads it, invalidates what
// it caches and takes it down.
func TestCommandLineCloudFront(t *testing.T) {
	t.Parallel()
	c := newCLI(t)
	c.write(t, "site.json", siteTemplate)
	c.write(t, "index.html", "one")
	c.must(t, "", "cloudformation", "deploy", "--stack-name", "site", "--template-file", "site.json")
	said := func(name string) string {
		t.Helper()
		return strings.TrimSpace(c.must(t, "", "cloudformation", "describe-stacks", "--stack-name", "site", "--output", "text", "--query", "Stacks[0].Outputs[?OutputKey=='"+name+"'].OutputValue"))
	}
	url, id, domain := said("Url"), said("Id"), said("Domain")
	if !strings.HasPrefix(url, "http://127.0.0.1:") || said("Joined") != url+"/a" || !strings.HasSuffix(domain, ".cloudfront.net") {
		t.Errorf("the outputs are %s, %s, %s", url, said("Joined"), domain)
	}
	see := func(want string) {
		t.Helper()
		response, err := http.Get(url) //nolint:noctx // a URL that the command printed
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		if body, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK || string(body) != want {
			t.Errorf("got %d, %s, %v, want %s", response.StatusCode, body, err, want)
		}
	}
	c.must(t, "upload", "s3", "cp", "index.html", "s3://pages/index.html")
	see("one")
	c.write(t, "index.html", "two")
	c.must(t, "upload", "s3", "cp", "index.html", "s3://pages/index.html")
	see("one")
	c.must(t, `"DomainName": "`+domain, "cloudfront", "list-distributions")
	c.must(t, `"RegionalDomainName"`, "cloudfront", "get-distribution", "--id", id, "--query", "{RegionalDomainName: Distribution.DistributionConfig.Origins.Items[0].DomainName}")
	c.must(t, "redirect-to-https", "cloudfront", "get-distribution-config", "--id", id)
	made := strings.TrimSpace(c.must(t, "I", "cloudfront", "create-invalidation", "--distribution-id", id, "--paths", "/index.html", "/a*", "--output", "text", "--query", "Invalidation.Id"))
	c.must(t, "", "cloudfront", "wait", "invalidation-completed", "--distribution-id", id, "--id", made)
	c.must(t, `"Status": "Completed"`, "cloudfront", "get-invalidation", "--distribution-id", id, "--id", made)
	c.must(t, made, "cloudfront", "list-invalidations", "--distribution-id", id)
	see("two")
	c.mustNot(t, "NoSuchDistribution", "cloudfront", "get-distribution", "--id", "ENONE")
	c.mustNot(t, "does not model ListFunctions of CloudFront", "cloudfront", "list-functions")
	c.must(t, "delete", "s3", "rm", "s3://pages/index.html")
	c.must(t, "", "cloudformation", "delete-stack", "--stack-name", "site")
	c.must(t, "", "cloudformation", "wait", "stack-delete-complete", "--stack-name", "site")
	c.must(t, `"Items": []`, "cloudfront", "list-distributions")
}

// A role invalidates what its policy names.
func TestInvalidationIsRestricted(t *testing.T) {
	t.Parallel()
	r := restrict(t)
	lent := strings.Fields(r.call(t, "credentials", "", "", "").Gave)
	client := cloudfront.NewFromConfig(config(r.endpoint), func(o *cloudfront.Options) {
		o.Credentials = credentials.NewStaticCredentialsProvider(lent[0], lent[1], lent[2])
	})
	invalidate := func(id string) error {
		_, err := client.CreateInvalidation(t.Context(), &cloudfront.CreateInvalidationInput{DistributionId: &id, InvalidationBatch: &types.InvalidationBatch{
			CallerReference: aws.String("r"), Paths: &types.Paths{Items: []string{"/*"}, Quantity: aws.Int32(1)},
		}})
		return err
	}
	const distribution = "arn:aws:cloudfront::" + account + ":distribution/"
	r.grant(t, `{"Effect":"Allow","Action":"cloudfront:CreateInvalidation","Resource":"`+distribution+`EMINE"}`)
	if err := invalidate("EOTHER"); errorCode(err) != "AccessDenied" || message(err) != refused("cloudfront:CreateInvalidation", distribution+"EOTHER") {
		t.Errorf("got %v", err)
	}
	if err := invalidate("EMINE"); errorCode(err) != "NoSuchDistribution" {
		t.Errorf("got %v", err)
	}
	if _, err := client.ListDistributions(t.Context(), &cloudfront.ListDistributionsInput{}); message(err) != refused("cloudfront:ListDistributions", "*") {
		t.Errorf("got %v", err)
	}
}

func errorCode(err error) string {
	if api, ok := errors.AsType[smithy.APIError](err); ok {
		return api.ErrorCode()
	}
	return ""
}
