// SPDX-License-Identifier: MIT

package s3

import (
	"context"
	"encoding/xml"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::S3::Bucket and AWS::S3::BucketPolicy.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::S3::Bucket":       bucketType{s},
		"AWS::S3::BucketPolicy": policyType{s},
	}
}

// bucketType is AWS::S3::Bucket.
type bucketType struct{ s *Service }

// bucketShape is what the properties may be. What AWS has beyond it is refused
// by name.
func bucketShape() shape.Rule {
	flag, status := shape.Boolean, shape.Enum("Enabled", "Suspended")
	days := shape.Integer(0, math.MaxInt32)
	fields := shape.Fields{
		"BucketName":       shape.Pattern(regexp.MustCompile(`^[a-z0-9][a-z0-9//.-]*[a-z0-9]$`), 63),
		"BucketNamePrefix": shape.Pattern(regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`), 36),
		"BucketNamespace":  shape.Enum("global", accountRegional),
		"Tags":             shape.Tags,
		"AccessControl":    shape.Enum("Private", "BucketOwnerFullControl"),

		"VersioningConfiguration": shape.Object(shape.Fields{"Status": status}, "Status"),
		"PublicAccessBlockConfiguration": shape.Object(shape.Fields{
			"BlockPublicAcls": flag, "IgnorePublicAcls": flag, "BlockPublicPolicy": flag, "RestrictPublicBuckets": flag,
		}),
		"OwnershipControls": shape.Object(shape.Fields{
			"Rules": shape.List(shape.Object(shape.Fields{"ObjectOwnership": shape.Enum(ownerships()...)})),
		}, "Rules"),
		"WebsiteConfiguration": shape.Object(shape.Fields{
			"IndexDocument": shape.String, "ErrorDocument": shape.String, "RoutingRules": shape.Unmodelled,
			"RedirectAllRequestsTo": shape.Object(shape.Fields{"HostName": shape.String, "Protocol": shape.Enum("http", "https")}, "HostName"),
		}),
		"BucketEncryption": shape.Object(shape.Fields{
			"ServerSideEncryptionConfiguration": shape.List(shape.Object(shape.Fields{
				"ServerSideEncryptionByDefault": shape.Object(shape.Fields{"SSEAlgorithm": onlyAES, "KMSMasterKeyID": shape.Unmodelled}, "SSEAlgorithm"),
				"BucketKeyEnabled":              flag,
			})),
		}, "ServerSideEncryptionConfiguration"),
		"CorsConfiguration": shape.Object(shape.Fields{
			"CorsRules": shape.List(shape.Object(shape.Fields{
				"Id": shape.String, "AllowedHeaders": shape.List(shape.String), "AllowedMethods": shape.List(shape.Enum("GET", "PUT", "HEAD", "POST", "DELETE")),
				"AllowedOrigins": shape.List(shape.String), "ExposedHeaders": shape.List(shape.String), "MaxAge": days,
			}, "AllowedMethods", "AllowedOrigins")),
		}, "CorsRules"),
		"LifecycleConfiguration":    lifecycleShape(),
		"NotificationConfiguration": notificationShape(),
	}
	for _, name := range []string{
		"AbacStatus", "AccelerateConfiguration", "AnalyticsConfigurations", "IntelligentTieringConfigurations", "InventoryConfigurations",
		"LoggingConfiguration", "MetadataConfiguration", "MetadataTableConfiguration", "MetricsConfigurations",
		"ObjectLockConfiguration", "ObjectLockEnabled", "ReplicationConfiguration",
	} {
		fields[name] = shape.Unmodelled
	}
	return shape.Object(fields)
}

func onlyAES(path string, value any) []string {
	if text, ok := value.(string); ok && strings.HasPrefix(text, "aws:kms") {
		return []string{path + ": the embedded AWS does not model encryption with " + text}
	}
	return shape.Enum("AES256")(path, value)
}

// Check returns the faults of the properties.
func (t bucketType) Check(properties map[string]any) []string {
	return shape.Check(bucketShape(), properties)
}

// Replaces follows the "Update requires" lines of the type's page.
func (t bucketType) Replaces(old, new map[string]any) bool {
	return slices.ContainsFunc([]string{"BucketName", "BucketNamePrefix", "BucketNamespace"}, func(name string) bool {
		return !reflect.DeepEqual(old[name], new[name])
	})
}

// Create makes the bucket with its configuration in one step.
func (t bucketType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	if err := ctx.Err(); err != nil {
		return resource.Instance{}, err
	}
	p := plan{scope: r.Scope, name: physicalName(r), ownership: "BucketOwnerEnforced"}
	if shape.Member(r.Properties, "BucketNamespace") == accountRegional {
		p.namespace = accountRegional
	}
	told, _, err := t.s.notificationOf(r, p.name)
	if err != nil {
		return resource.Instance{}, wire.FromService("S3", err)
	}
	p.configured = func(b *bucket) error {
		b.Notification = told
		return b.apply(r)
	}
	err = t.s.make(p)
	switch code(err) {
	case "BucketAlreadyOwnedByYou", "BucketAlreadyExists":
		err = wire.Errorf(409, "AlreadyExists", "%s already exists", p.name)
	}
	if err != nil {
		return resource.Instance{}, wire.FromService("S3", err)
	}
	t.s.announce(ctx, told, p.name, r.Scope.Account)
	return t.opened(p.name, r.Scope)
}

// physicalName is the name that the properties give, or one that CloudFormation
// would generate, within the account's namespace if that is asked for.
func physicalName(r resource.Request) string {
	if name := shape.Member(r.Properties, "BucketName"); name != "" {
		return name
	}
	regional := shape.Member(r.Properties, "BucketNamespace") == accountRegional
	suffix := ""
	if regional {
		suffix = namespaceSuffix(r.Scope)
	}
	if prefix := shape.Member(r.Properties, "BucketNamePrefix"); prefix != "" && regional {
		return prefix + suffix
	}
	return strings.ToLower(r.DefaultName(63-len(suffix))) + suffix
}

// opened opens the website's door and returns the instance.
func (t bucketType) opened(name string, scope arn.Scope) (resource.Instance, error) {
	s := t.s
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[name]
	if b == nil {
		return resource.Instance{}, wire.FromService("S3", noSuchBucket())
	}
	if b.Website != nil && !s.env.Doors.IsOpen(doorName(name)) {
		if err := s.openDoor(b); err != nil {
			return resource.Instance{PhysicalID: name}, fmt.Errorf("open website of bucket %q: %w", name, err)
		}
	}
	return resource.Instance{PhysicalID: name, Attributes: map[string]any{
		"Arn":                 scope.Bucket(name),
		"DomainName":          name + ".s3.amazonaws.com",
		"RegionalDomainName":  name + ".s3." + b.Region + ".amazonaws.com",
		"DualStackDomainName": name + ".s3.dualstack." + b.Region + ".amazonaws.com",
		"WebsiteURL":          b.websiteURL(),
	}}, nil
}

// Update brings the configuration to what the properties say.
func (t bucketType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	if err := ctx.Err(); err != nil {
		return old, err
	}
	told, changed, err := t.s.notificationOf(r, old.PhysicalID)
	if err != nil {
		return old, wire.FromService("S3", err)
	}
	err = t.s.configure(old.PhysicalID, func(b *bucket) error {
		if b.Account != r.Scope.Account {
			return accessDenied()
		}
		if err := b.apply(r); err != nil {
			return err
		}
		if changed {
			b.Notification = told
		}
		return nil
	})
	if err != nil {
		return old, wire.FromService("S3", err)
	}
	if changed {
		t.s.announce(ctx, told, old.PhysicalID, r.Scope.Account)
	}
	return t.opened(old.PhysicalID, r.Scope)
}

// Delete removes the bucket if it is empty.
func (t bucketType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s := t.s
	s.mu.Lock()
	b := s.buckets[old.PhysicalID]
	if b == nil || b.Account != r.Scope.Account {
		s.mu.Unlock()
		return nil
	}
	err := s.dropEmpty(b)
	s.mu.Unlock()
	if err != nil {
		return wire.FromService("S3", err)
	}
	s.env.Doors.Close(doorName(old.PhysicalID))
	return nil
}

// marshal encodes a configuration that is kept as XML.
func marshal(v any) []byte {
	body, err := xml.Marshal(v)
	if err != nil {
		panic("s3: marshal " + fmt.Sprintf("%T", v) + ": " + err.Error()) // our own structs always can
	}
	return body
}
