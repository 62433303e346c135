// SPDX-License-Identifier: MIT

package cloudfront

import "strconv"

// The elements of the API, in the order of the Amazon CloudFront API Reference.

// none is a list without items.
type none struct{ Quantity int }

// keys are trusted key groups and signers, of which there are none.
type keys struct {
	Enabled  bool
	Quantity int
}

type configXML struct {
	CallerReference string
	contentXML
	Logging  loggingXML
	WebACLID string `xml:"WebACLId"`
	Staging  bool
}

// contentXML is what a configuration and a summary of it have in common.
type contentXML struct {
	Aliases              none
	DefaultRootObject    *string `xml:",omitempty"` // not in summaries
	Origins              originsXML
	OriginGroups         none
	DefaultCacheBehavior behaviorXML
	CacheBehaviors       behaviorsXML
	CustomErrorResponses errorsXML
	Comment              string
	PriceClass           string
	Enabled              bool
	ViewerCertificate    certificateXML
	Restrictions         restrictionsXML
	HTTPVersion          string `xml:"HttpVersion"`
	IsIPV6Enabled        bool
}

type loggingXML struct {
	Enabled, IncludeCookies bool
	Bucket, Prefix          string
}

type certificateXML struct {
	CloudFrontDefaultCertificate bool
	SSLSupportMethod             string
	MinimumProtocolVersion       string
	CertificateSource            string
}

type restrictionsXML struct {
	GeoRestriction struct {
		RestrictionType string
		Quantity        int
	}
}

type originsXML struct {
	Quantity int
	Items    []originXML `xml:"Items>Origin"`
}

type originXML struct {
	ID                    string `xml:"Id"`
	DomainName            string
	OriginPath            string
	CustomHeaders         headersXML
	S3OriginConfig        *s3OriginXML     `xml:",omitempty"`
	CustomOriginConfig    *customOriginXML `xml:",omitempty"`
	ConnectionAttempts    int
	ConnectionTimeout     int
	OriginShield          struct{ Enabled bool }
	OriginAccessControlID string `xml:"OriginAccessControlId"`
}

type s3OriginXML struct{ OriginAccessIdentity string }

type customOriginXML struct {
	HTTPPort, HTTPSPort    int
	OriginProtocolPolicy   string
	OriginSslProtocols     protocolsXML
	OriginReadTimeout      int
	OriginKeepaliveTimeout int
}

type protocolsXML struct {
	Quantity int
	Items    []string `xml:"Items>SslProtocol"`
}

type headersXML struct {
	Quantity int
	Items    []customHeader `xml:"Items>OriginCustomHeader"`
}

type behaviorsXML struct {
	Quantity int
	Items    []behaviorXML `xml:"Items>CacheBehavior"`
}

type behaviorXML struct {
	PathPattern                string `xml:",omitempty"`
	TargetOriginID             string `xml:"TargetOriginId"`
	TrustedSigners             keys
	TrustedKeyGroups           keys
	ViewerProtocolPolicy       string
	AllowedMethods             methodsXML
	SmoothStreaming            bool
	Compress                   bool
	LambdaFunctionAssociations none
	FunctionAssociations       functionsXML
	FieldLevelEncryptionID     string `xml:"FieldLevelEncryptionId"`
	CachePolicyID              string `xml:"CachePolicyId"`
	OriginRequestPolicyID      string `xml:"OriginRequestPolicyId,omitempty"`
}

type methodsXML struct {
	Quantity      int
	Items         []string `xml:"Items>Method"`
	CachedMethods struct {
		Quantity int
		Items    []string `xml:"Items>Method"`
	}
}

type functionsXML struct {
	Quantity int
	Items    []association `xml:"Items>FunctionAssociation"`
}

type errorsXML struct {
	Quantity int
	Items    []errorXML `xml:"Items>CustomErrorResponse"`
}

type errorXML struct {
	ErrorCode          int
	ResponsePagePath   string
	ResponseCode       string
	ErrorCachingMinTTL int
}

func (d *distribution) configXML() configXML {
	out := configXML{CallerReference: d.Reference, contentXML: d.Config.contentXML()}
	out.DefaultRootObject = &d.Config.DefaultRootObject
	return out
}

func (c *config) contentXML() contentXML {
	out := contentXML{
		DefaultCacheBehavior: c.DefaultCacheBehavior.xml(), Comment: c.Comment, PriceClass: c.PriceClass, Enabled: c.Enabled,
		ViewerCertificate: certificateXML{true, "vip", "TLSv1", "cloudfront"}, HTTPVersion: c.HTTPVersion, IsIPV6Enabled: c.IPV6Enabled,
	}
	out.Restrictions.GeoRestriction.RestrictionType = "none"
	for _, o := range c.Origins {
		out.Origins.Items = append(out.Origins.Items, o.xml())
	}
	for _, b := range c.CacheBehaviors {
		out.CacheBehaviors.Items = append(out.CacheBehaviors.Items, b.xml())
	}
	for _, e := range c.CustomErrorResponses {
		one := errorXML{ErrorCode: e.ErrorCode, ResponsePagePath: e.ResponsePagePath, ErrorCachingMinTTL: 10}
		if e.ErrorCachingMinTTL != nil {
			one.ErrorCachingMinTTL = *e.ErrorCachingMinTTL
		}
		if e.ResponseCode != 0 {
			one.ResponseCode = strconv.Itoa(e.ResponseCode)
		}
		out.CustomErrorResponses.Items = append(out.CustomErrorResponses.Items, one)
	}
	out.Origins.Quantity, out.CacheBehaviors.Quantity = len(out.Origins.Items), len(out.CacheBehaviors.Items)
	out.CustomErrorResponses.Quantity = len(out.CustomErrorResponses.Items)
	return out
}

func (o *origin) xml() originXML {
	out := originXML{
		ID: o.ID, DomainName: o.DomainName, OriginPath: o.OriginPath, CustomHeaders: headersXML{len(o.OriginCustomHeaders), o.OriginCustomHeaders},
		ConnectionAttempts: o.ConnectionAttempts, ConnectionTimeout: o.ConnectionTimeout, OriginAccessControlID: o.OriginAccessControlID,
	}
	if o.S3OriginConfig != nil {
		out.S3OriginConfig = &s3OriginXML{}
	}
	if c := o.CustomOriginConfig; c != nil {
		out.CustomOriginConfig = &customOriginXML{
			c.HTTPPort, c.HTTPSPort, c.OriginProtocolPolicy, protocolsXML{len(c.OriginSSLProtocols), c.OriginSSLProtocols}, c.OriginReadTimeout, c.OriginKeepaliveTimeout,
		}
	}
	return out
}

func (b *behavior) xml() behaviorXML {
	out := behaviorXML{
		PathPattern: b.PathPattern, TargetOriginID: b.TargetOriginID, ViewerProtocolPolicy: b.ViewerProtocolPolicy, Compress: b.Compress,
		CachePolicyID: b.CachePolicyID, OriginRequestPolicyID: b.OriginRequestPolicyID,
		FunctionAssociations: functionsXML{len(b.FunctionAssociations), b.FunctionAssociations},
	}
	out.AllowedMethods.Items, out.AllowedMethods.CachedMethods.Items = b.methods(), b.cached()
	out.AllowedMethods.Quantity, out.AllowedMethods.CachedMethods.Quantity = len(b.methods()), len(b.cached())
	return out
}
