// SPDX-License-Identifier: MIT

package s3

import (
	"math"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// apply sets everything that properties can say; what they leave out goes back
// to the default. The bucket is not changed if there is an error.
func (b *bucket) apply(r resource.Request) error {
	next := &bucket{Name: b.Name, Versioning: b.Versioning, Access: b.Access}
	for _, set := range []func(*bucket, map[string]any) error{
		(*bucket).applyAccess, (*bucket).applyVersioning, (*bucket).applyWebsite, (*bucket).applyCors, (*bucket).applyLifecycle, (*bucket).applyEncryption,
	} {
		if err := set(next, r.Properties); err != nil {
			return err
		}
	}
	b.Access, b.Ownership, b.Versioning = next.Access, next.Ownership, next.Versioning
	b.Website, b.Cors, b.Kept = next.Website, next.Cors, next.Kept
	b.Tags = shape.TagMap(r.Tags, r.Properties)
	return nil
}

func (b *bucket) applyAccess(properties map[string]any) error {
	b.Access, b.Ownership = new(blockAll()), "BucketOwnerEnforced"
	if block, given := properties["PublicAccessBlockConfiguration"]; given {
		b.Access = &accessBlock{
			BlockPublicAcls: shape.Flag(block, "BlockPublicAcls"), IgnorePublicAcls: shape.Flag(block, "IgnorePublicAcls"),
			BlockPublicPolicy: shape.Flag(block, "BlockPublicPolicy"), RestrictPublicBuckets: shape.Flag(block, "RestrictPublicBuckets"),
		}
	}
	for _, rule := range shape.Items(properties["OwnershipControls"], "Rules") {
		b.Ownership = shape.Member(rule, "ObjectOwnership")
	}
	return nil
}

func (b *bucket) applyVersioning(properties map[string]any) error {
	status := shape.Member(properties["VersioningConfiguration"], "Status")
	if status == "" && b.Versioning != "" {
		status = "Suspended" // a bucket never becomes unversioned again
	}
	b.Versioning = status
	return nil
}

func (b *bucket) applyWebsite(properties map[string]any) error {
	given, ok := properties["WebsiteConfiguration"].(map[string]any)
	if !ok {
		return nil
	}
	var site website
	if index := shape.Member(given, "IndexDocument"); index != "" {
		site.Index = &indexDoc{index}
	}
	if document := shape.Member(given, "ErrorDocument"); document != "" {
		site.Error = &errorDoc{document}
	}
	if to := given["RedirectAllRequestsTo"]; to != nil {
		site.Redirect = &redirectAll{HostName: shape.Member(to, "HostName"), Protocol: shape.Member(to, "Protocol")}
	}
	return b.setWebsite(site)
}

func (b *bucket) applyCors(properties map[string]any) error {
	given, ok := properties["CorsConfiguration"]
	if !ok {
		return nil
	}
	var config corsConfiguration
	for _, item := range shape.Items(given, "CorsRules") {
		rule := corsRule{
			ID: shape.Member(item, "Id"), Headers: shape.Texts(item, "AllowedHeaders"), Methods: shape.Texts(item, "AllowedMethods"),
			Origins: shape.Texts(item, "AllowedOrigins"), Expose: shape.Texts(item, "ExposedHeaders"), MaxAge: number(item, "MaxAge"),
		}
		config.Rules = append(config.Rules, rule)
	}
	return b.setCors(config)
}

func (b *bucket) applyEncryption(properties map[string]any) error {
	var config encryption
	for _, item := range shape.Items(properties["BucketEncryption"], "ServerSideEncryptionConfiguration") {
		members, _ := item.(map[string]any)
		rule := encryptionRule{BucketKeyEnabled: shape.Flag(item, "BucketKeyEnabled")}
		rule.Default.SSEAlgorithm = shape.Member(members["ServerSideEncryptionByDefault"], "SSEAlgorithm")
		config.Rules = append(config.Rules, rule)
	}
	if len(config.Rules) == 0 {
		return nil
	}
	return putEncryption(b, marshal(config))
}

// number returns a whole number that is a member of an object, or 0.
func number(object any, name string) int {
	members, _ := object.(map[string]any)
	n, _ := shape.Int(members[name])
	return n
}

func lifecycleShape() shape.Rule {
	days, flag := shape.Integer(0, math.MaxInt32), shape.Boolean
	rule := shape.Object(shape.Fields{
		"Id": shape.String, "Status": shape.Enum("Enabled", "Disabled"), "Prefix": shape.String,
		"ExpirationInDays": days, "ExpirationDate": shape.String, "ExpiredObjectDeleteMarker": flag,
		"NoncurrentVersionExpirationInDays": days,
		"NoncurrentVersionExpiration":       shape.Object(shape.Fields{"NoncurrentDays": days, "NewerNoncurrentVersions": days}, "NoncurrentDays"),
		"AbortIncompleteMultipartUpload":    shape.Object(shape.Fields{"DaysAfterInitiation": days}, "DaysAfterInitiation"),
		"TagFilters":                        shape.Unmodelled, "Transition": shape.Unmodelled, "Transitions": shape.Unmodelled,
		"NoncurrentVersionTransition": shape.Unmodelled, "NoncurrentVersionTransitions": shape.Unmodelled,
		"ObjectSizeGreaterThan": shape.Unmodelled, "ObjectSizeLessThan": shape.Unmodelled,
	}, "Status")
	return shape.Object(shape.Fields{
		"Rules":                              shape.List(rule),
		"TransitionDefaultMinimumObjectSize": shape.String,
	}, "Rules")
}

func (b *bucket) applyLifecycle(properties map[string]any) error {
	given, ok := properties["LifecycleConfiguration"]
	if !ok {
		return nil
	}
	var config lifecycle
	for _, item := range shape.Items(given, "Rules") {
		config.Rules = append(config.Rules, ruleOf(item))
	}
	return putLifecycle(b, marshal(config))
}

// ruleOf turns a rule as CloudFormation writes it into the rule of the S3 API.
func ruleOf(item any) lifecycleRule {
	members, _ := item.(map[string]any)
	rule := lifecycleRule{
		ID: shape.Member(item, "Id"), Status: shape.Member(item, "Status"),
		Filter: &lifecycleFilter{Prefix: shape.Member(item, "Prefix")},
	}
	days, date, marker := number(item, "ExpirationInDays"), shape.Member(item, "ExpirationDate"), shape.Flag(item, "ExpiredObjectDeleteMarker")
	if days > 0 || date != "" || marker {
		rule.Expiration = &expiration{Days: days, Date: date, ExpiredObjectDeleteMarker: marker}
	}
	if old, ok := members["NoncurrentVersionExpiration"]; ok {
		rule.Noncurrent = &noncurrent{NoncurrentDays: number(old, "NoncurrentDays"), NewerNoncurrentVersions: number(old, "NewerNoncurrentVersions")}
	} else if days := number(item, "NoncurrentVersionExpirationInDays"); days > 0 {
		rule.Noncurrent = &noncurrent{NoncurrentDays: days}
	}
	if abort, ok := members["AbortIncompleteMultipartUpload"]; ok {
		rule.Abort = &abortUploads{DaysAfterInitiation: number(abort, "DaysAfterInitiation")}
	}
	return rule
}
