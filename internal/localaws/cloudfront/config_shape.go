// SPDX-License-Identifier: MIT

package cloudfront

import (
	"math"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// configShape is what a DistributionConfig may be. What AWS has beyond it is
// refused by name.
func configShape() shape.Rule {
	fields := shape.Fields{
		"Comment": shape.String, "CustomErrorResponses": shape.List(errorShape()), "DefaultCacheBehavior": behaviorShape(false),
		"CacheBehaviors": shape.List(behaviorShape(true)), "DefaultRootObject": shape.String, "Enabled": shape.Boolean,
		"HttpVersion": shape.Enum("http1.1", "http2", "http2and3", "http3"), "IPV6Enabled": shape.Boolean, "Origins": shape.List(originShape()),
		"PriceClass": shape.Enum("PriceClass_100", "PriceClass_200", "PriceClass_All", "None"),
		// Those that say what is so anyway are taken.
		"Restrictions": shape.Object(shape.Fields{"GeoRestriction": shape.Object(shape.Fields{
			"RestrictionType": shape.Only("none"), "Locations": empty,
		}, "RestrictionType")}, "GeoRestriction"),
		"ViewerCertificate": shape.Object(shape.Fields{
			"CloudFrontDefaultCertificate": shape.Boolean, "AcmCertificateArn": shape.Unmodelled, "IamCertificateId": shape.Unmodelled,
			"MinimumProtocolVersion": shape.Only("TLSv1"), "SslSupportMethod": shape.Unmodelled,
		}),
		"Aliases": empty, "WebACLId": blank, "Staging": shape.Only("false"), "ConnectionMode": shape.Only("direct"),
	}
	unmodelledIn(fields, "AnycastIpListId", "CNAMEs", "CacheTagConfig", "ConnectionFunctionAssociation", "ContinuousDeploymentPolicyId",
		"CustomOrigin", "Logging", "OriginGroups", "S3Origin", "TenantConfig", "ViewerMtlsConfig")
	return shape.Object(fields, "DefaultCacheBehavior", "Enabled")
}

// empty accepts a list without items.
func empty(path string, value any) []string {
	if list, ok := value.([]any); ok && len(list) == 0 {
		return nil
	}
	return shape.Unmodelled(path, value)
}

// blank accepts empty text.
func blank(path string, value any) []string {
	if value == "" {
		return nil
	}
	return shape.Unmodelled(path, value)
}

func unmodelledIn(fields shape.Fields, names ...string) {
	for _, name := range names {
		fields[name] = shape.Unmodelled
	}
}

func behaviorShape(pattern bool) shape.Rule {
	texts := shape.List(shape.String)
	fields := shape.Fields{
		"AllowedMethods": texts, "CachedMethods": texts, "CachePolicyId": shape.String, "Compress": shape.Boolean,
		"FunctionAssociations": shape.List(shape.Object(shape.Fields{
			"EventType": shape.Enum(viewerRequest, viewerResponse), "FunctionARN": shape.String,
		}, "EventType", "FunctionARN")),
		"LambdaFunctionAssociations": empty, "OriginRequestPolicyId": shape.String, "SmoothStreaming": shape.Only("false"),
		"TargetOriginId": shape.String, "TrustedKeyGroups": empty, "TrustedSigners": empty,
		"ViewerProtocolPolicy": shape.Enum("allow-all", "redirect-to-https", "https-only"),
		"GrpcConfig":           shape.Object(shape.Fields{"Enabled": shape.Only("false")}, "Enabled"),
	}
	unmodelledIn(fields, "DefaultTTL", "FieldLevelEncryptionId", "ForwardedValues", "MaxTTL", "MinTTL", "RealtimeLogConfigArn", "ResponseHeadersPolicyId")
	if !pattern {
		return shape.Object(fields, "TargetOriginId", "ViewerProtocolPolicy")
	}
	fields["PathPattern"] = shape.String
	return shape.Object(fields, "PathPattern", "TargetOriginId", "ViewerProtocolPolicy")
}

func originShape() shape.Rule {
	seconds := shape.Integer(1, math.MaxInt32)
	fields := shape.Fields{
		"ConnectionAttempts": shape.Integer(1, 3), "ConnectionTimeout": shape.Integer(1, 10), "DomainName": shape.String, "Id": shape.String,
		"OriginAccessControlId": shape.String, "OriginPath": shape.String,
		"OriginCustomHeaders": shape.List(shape.Object(shape.Fields{"HeaderName": shape.String, "HeaderValue": shape.String}, "HeaderName", "HeaderValue")),
		"S3OriginConfig":      shape.Object(shape.Fields{"OriginAccessIdentity": shape.String, "OriginReadTimeout": seconds}),
		"CustomOriginConfig": shape.Object(shape.Fields{
			"HTTPPort": seconds, "HTTPSPort": seconds, "OriginKeepaliveTimeout": seconds, "OriginReadTimeout": seconds,
			"OriginProtocolPolicy": shape.Enum("http-only", "https-only", "match-viewer"), "OriginSSLProtocols": shape.List(shape.String),
			"IpAddressType": shape.Only("ipv4"), "OriginMtlsConfig": shape.Unmodelled,
		}, "OriginProtocolPolicy"),
		"OriginShield": shape.Object(shape.Fields{"Enabled": shape.Only("false"), "OriginShieldRegion": shape.Unmodelled}),
	}
	unmodelledIn(fields, "ResponseCompletionTimeout", "VpcOriginConfig")
	return shape.Object(fields, "DomainName", "Id")
}

func errorShape() shape.Rule {
	return shape.Object(shape.Fields{
		"ErrorCachingMinTTL": shape.Integer(0, math.MaxInt32), "ErrorCode": oneOf(400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504),
		"ResponseCode": oneOf(200, 400, 403, 404, 405, 414, 416, 500, 501, 502, 503, 504), "ResponsePagePath": shape.String,
	}, "ErrorCode")
}

// oneOf accepts one of some numbers.
func oneOf(numbers ...int) shape.Rule {
	return func(path string, value any) []string {
		n, ok := shape.Int(value)
		if ok {
			if slices.Contains(numbers, n) {
				return nil
			}
		}
		if shape.IsIntrinsic(value) {
			return nil
		}
		text, _ := shape.Text(value)
		return []string{path + ": " + text + " is not a valid enum value"}
	}
}
