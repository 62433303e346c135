// SPDX-License-Identifier: MIT

package stage

import (
	"maps"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// siteContent is the kind of custom resource that fills the site's bucket. Where
// CloudFront serves the site, it is one that tells CloudFront what has changed.
func siteContent(s *spec.Service) builtin {
	source := "customresource/site"
	if s.Site != nil && s.Site.CloudFront() {
		source = "customresource/distribution"
	}
	return builtin{
		handler: "site", source: source, resource: "Custom::SpartaSite", stem: "Site", name: "site-provider",
		description: "Brings the site's files into its bucket", memoryMB: 1024, timeout: 15 * time.Minute,
		used: func(s *spec.Service) bool { return s.Site != nil },
	}
}

// addSite adds the site's bucket, who serves it, and the custom resource that
// brings the files into the bucket.
func (m *marshaller) addSite(site spec.Site, assets Object) {
	origin := m.origin("site")
	content := map[string]any{
		"Bucket":        cfn.Ref(spec.SiteBucketID),
		"ArchiveBucket": assets.Bucket,
		"ArchiveKey":    assets.Key,
		"Owner":         cfn.Ref("AWS::AccountId"),
		"CacheRules":    cacheRules(site.Cache),
	}
	needs := m.sitePermissions(assets)
	if site.CloudFront() {
		m.addDistribution(site, origin)
		content["Distribution"] = cfn.Ref(spec.SiteDistributionID)
		needs = append(needs, allow(distributionARN(), "cloudfront:CreateInvalidation"))
	} else {
		m.addWebsite(site, origin)
	}
	kind := siteContent(m.service)
	m.addBuiltinProvider(kind, needs, origin)
	m.addBuiltin(kind, spec.SiteContentID, content, origin)
}

// addWebsite has S3 serve the site: a website that everyone may read.
func (m *marshaller) addWebsite(site spec.Site, origin cfn.Origin) {
	website := map[string]any{"IndexDocument": site.Index}
	if site.Error != "" {
		website["ErrorDocument"] = site.Error
	}
	m.addSiteBucket(map[string]any{
		"WebsiteConfiguration": website,
		"PublicAccessBlockConfiguration": map[string]any{
			"BlockPublicAcls": true, "IgnorePublicAcls": true, "BlockPublicPolicy": false, "RestrictPublicBuckets": false,
		},
	}, map[string]any{"Sid": "PublicRead", "Principal": "*"}, origin)
	m.addOutput("SiteUrl", &cfn.Output{
		Description: "URL of the site", Value: cfn.GetAtt(spec.SiteBucketID, "WebsiteURL"),
	}, origin)
}

// addSiteBucket adds the bucket with who may read its objects.
func (m *marshaller) addSiteBucket(properties, reader map[string]any, origin cfn.Origin) {
	properties["OwnershipControls"] = map[string]any{"Rules": []any{map[string]any{"ObjectOwnership": "BucketOwnerEnforced"}}}
	bucket := m.add(spec.SiteBucketID, "AWS::S3::Bucket", properties, origin)
	bucket.DeletionPolicy, bucket.UpdateReplacePolicy = "Delete", "Delete"
	statement := map[string]any{"Effect": "Allow", "Action": "s3:GetObject", "Resource": cfn.Sub("${" + spec.SiteBucketID + ".Arn}/*")}
	maps.Copy(statement, reader)
	m.add(spec.SiteBucketPolicyID, "AWS::S3::BucketPolicy", map[string]any{
		"Bucket": cfn.Ref(spec.SiteBucketID), "PolicyDocument": policy(statement),
	}, origin)
}

// sitePermissions are the rights of the site's provider: it reads the service's
// archives, this one and the one before, and owns the content of one bucket.
func (m *marshaller) sitePermissions(assets Object) []any {
	archives := cfn.Sub("arn:${AWS::Partition}:s3:::" + assets.Bucket + "/" + m.service.Name + "/*.site.zip")
	return []any{
		allow(archives, "s3:GetObject"),
		allow(cfn.GetAtt(spec.SiteBucketID, "Arn"), "s3:ListBucket", "s3:ListBucketVersions", "s3:ListBucketMultipartUploads"),
		allow(cfn.Sub("${"+spec.SiteBucketID+".Arn}/*"), "s3:GetObject", "s3:PutObject", "s3:DeleteObject",
			"s3:DeleteObjectVersion", "s3:AbortMultipartUpload"),
	}
}

func cacheRules(rules []spec.CacheRule) []any {
	list := []any{}
	for _, r := range rules {
		list = append(list, map[string]any{"Glob": r.Glob, "CacheControl": r.CacheControl})
	}
	return list
}

// completeManifest hands the stack's outputs to the site, which publishes them
// in MANIFEST.json. Outputs that depend on the site's content can't be known
// before it is there, and conditional ones may not exist.
func completeManifest(t *cfn.Template) {
	content := t.Resources[spec.SiteContentID]
	if content == nil {
		return
	}
	later := dependents(t, spec.SiteContentID)
	outputs := map[string]any{}
	for name, output := range t.Outputs {
		if output.Condition == "" && !refersToAny(output.Value, later) {
			outputs[name] = output.Value
		}
	}
	if content.Properties == nil { // a decorator took them away
		content.Properties = map[string]any{}
	}
	content.Properties["Outputs"] = outputs
}

// dependents returns a resource and those that are made after it because they
// refer to it, directly or through others.
func dependents(t *cfn.Template, id string) map[string]bool {
	found := map[string]bool{id: true}
	for grown := true; grown; {
		grown = false
		for other, r := range t.Resources {
			if !found[other] && refersToAny(r, found) {
				found[other], grown = true, true
			}
		}
	}
	return found
}

func refersToAny(v any, ids map[string]bool) bool {
	return slices.ContainsFunc(cfn.References(v), func(r cfn.Reference) bool {
		return r.Kind != cfn.KindCondition && ids[r.ID]
	})
}
