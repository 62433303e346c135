// SPDX-License-Identifier: MIT

package stage

import (
	"strconv"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// cachingOptimized is the id of CloudFront's managed cache policy that obeys
// Cache-Control. Source: "Use managed cache policies", Amazon CloudFront
// Developer Guide.
const cachingOptimized = "658327ea-f89d-4fab-a63d-7e88639e58f6"

// addDistribution has CloudFront serve the site over HTTPS. Only this
// distribution reads the bucket.
func (m *marshaller) addDistribution(site spec.Site, origin cfn.Origin) {
	m.addSiteBucket(map[string]any{
		"PublicAccessBlockConfiguration": map[string]any{
			"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": true, "RestrictPublicBuckets": true,
		},
	}, map[string]any{
		"Sid": "CloudFrontRead", "Principal": map[string]any{"Service": "cloudfront.amazonaws.com"},
		"Condition": map[string]any{"StringEquals": map[string]any{"aws:SourceArn": distributionARN()}},
	}, origin)
	m.add(spec.SiteAccessID, "AWS::CloudFront::OriginAccessControl", map[string]any{
		"OriginAccessControlConfig": map[string]any{
			// Unique in the account; a stack has one site.
			"Name":                          cfn.Sub("${AWS::StackName}-${AWS::Region}-site"),
			"OriginAccessControlOriginType": "s3", "SigningBehavior": "always", "SigningProtocol": "sigv4",
		},
	}, origin)
	m.add(spec.SitePathsID, "AWS::CloudFront::Function", map[string]any{
		"Name": cfn.Sub("${AWS::StackName}-${AWS::Region}-paths"), "AutoPublish": true, "FunctionCode": pathsCode(site.Index),
		"FunctionConfig": map[string]any{"Comment": "Names the index document of a directory", "Runtime": "cloudfront-js-2.0"},
	}, origin)
	m.add(spec.SiteDistributionID, "AWS::CloudFront::Distribution", map[string]any{
		"DistributionConfig": distributionConfig(site),
	}, origin)
	m.addOutput("SiteUrl", &cfn.Output{
		Description: "URL of the site", Value: cfn.Sub("https://${" + spec.SiteDistributionID + ".DomainName}"),
	}, origin)
}

func distributionConfig(site spec.Site) map[string]any {
	const origin = "bucket"
	config := map[string]any{
		"Enabled": true, "HttpVersion": "http2and3", "IPV6Enabled": true, "PriceClass": "PriceClass_100",
		"DefaultRootObject": site.Index,
		"Origins": []any{map[string]any{
			"Id": origin, "DomainName": cfn.GetAtt(spec.SiteBucketID, "RegionalDomainName"),
			"OriginAccessControlId": cfn.GetAtt(spec.SiteAccessID, "Id"),
			"S3OriginConfig":        map[string]any{"OriginAccessIdentity": ""},
		}},
		"DefaultCacheBehavior": map[string]any{
			"TargetOriginId": origin, "CachePolicyId": cachingOptimized, "Compress": true, "ViewerProtocolPolicy": "redirect-to-https",
			"FunctionAssociations": []any{map[string]any{
				"EventType": "viewer-request", "FunctionARN": cfn.GetAtt(spec.SitePathsID, "FunctionARN"),
			}},
		},
	}
	if site.Error != "" {
		// Without the right to list, S3 answers 403 for what is not there.
		var responses []any
		for _, code := range []int{403, 404} {
			responses = append(responses, map[string]any{
				"ErrorCode": code, "ResponseCode": 404, "ResponsePagePath": "/" + site.Error, "ErrorCachingMinTTL": 10,
			})
		}
		config["CustomErrorResponses"] = responses
	}
	return config
}

// pathsCode is what an S3 website does by itself: /a/ is the index document of
// /a, and /a, which names no file, leads to /a/.
func pathsCode(index string) string {
	return `function handler(event) {
  var request = event.request;
  if (request.uri.endsWith("/")) {
    request.uri += ` + strconv.Quote(index) + `;
  } else if (!request.uri.split("/").pop().includes(".")) {
    return { statusCode: 302, statusDescription: "Found", headers: { location: { value: request.uri + "/" } } };
  }
  return request;
}
`
}

// distributionARN is the ARN of the site's distribution, which has no region.
func distributionARN() any {
	return cfn.Sub("arn:${AWS::Partition}:cloudfront::${AWS::AccountId}:distribution/${" + spec.SiteDistributionID + "}")
}
