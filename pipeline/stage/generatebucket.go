// SPDX-License-Identifier: MIT

package stage

import (
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// bucketNotifications is the kind of custom resource that brings notifications
// to a bucket and leaves those of others there alone.
func bucketNotifications() builtin {
	return builtin{
		handler: "bucketNotifications", source: "customresource/notification", resource: "Custom::SpartaBucketNotifications", stem: spec.BucketNotifications, name: "bucket-notifications",
		description: "Brings the service's notifications to buckets", memoryMB: 128, timeout: time.Minute,
		used: func(s *spec.Service) bool {
			return slices.ContainsFunc(s.NotifiedBuckets(), func(b spec.NotifiedBucket) bool { return b.Apart })
		},
	}
}

// addNotifications adds what buckets tell functions.
//
// A bucket that leaves its own notifications for those of the custom resource,
// or the other way round, does so in one update. From its own: CloudFormation
// takes them out of the bucket first, since the custom resource is made after
// it. To its own: they replace all that the bucket has, and the custom resource
// is deleted last; it removes nothing but entries with ids of its own, of which
// there are none left. If that second way fails, the rollback leaves the bucket
// without: CloudFormation takes its own out again, and has no reason to ask the
// custom resource, which the update had not come to.
func (m *marshaller) addNotifications() {
	buckets := m.service.NotifiedBuckets()
	for _, b := range buckets {
		if b.Apart {
			m.addNotificationsApart(b)
		} else {
			m.addOwnNotifications(b)
		}
	}
	if kind := bucketNotifications(); kind.used(m.service) {
		at := slices.IndexFunc(buckets, func(b spec.NotifiedBucket) bool { return b.Apart })
		m.addBuiltinProvider(kind, nil, m.ruleOrigin(buckets[at].Rules[0]))
	}
}

func (m *marshaller) ruleOrigin(r spec.BucketRule) cfn.Origin {
	return m.origin("functions", r.Function, "events", strconv.Itoa(r.Index))
}

// admitBucket lets a bucket call the functions of its rules, and returns the
// logical ids of the permissions. A bucket's ARN tells no account, and its name
// may become another's after it is gone.
func (m *marshaller) admitBucket(b spec.NotifiedBucket, arn any) []string {
	var ids []string
	for _, r := range b.Rules {
		id := spec.BucketPermissionID(r.Function, b.Bucket)
		if slices.Contains(ids, id) {
			continue
		}
		ids = append(ids, id)
		m.grant(id, eventSource{m.function(r.Function), m.ruleOrigin(r)}, "s3.amazonaws.com", arn, cfn.Ref("AWS::AccountId"))
	}
	return ids
}

func (m *marshaller) function(name string) spec.Function {
	at := slices.IndexFunc(m.service.Functions, func(f spec.Function) bool { return f.Name == name })
	return m.service.Functions[at]
}

// addOwnNotifications adds to a bucket of resources its own notifications. S3
// tries whether it may call a function, so that the permissions come first and
// can't name the bucket by its ARN: they have its name if the file gives it one,
// and else are for the buckets of the account.
func (m *marshaller) addOwnNotifications(b spec.NotifiedBucket) {
	bucket := m.document.Template.Resources[b.Bucket.ID]
	permissions := m.admitBucket(b, earlyARN(bucket.Properties["BucketName"]))
	properties := cloned(bucket.Properties)
	own, _ := properties["NotificationConfiguration"].(map[string]any)
	configuration := cloned(own)
	list, _ := configuration["LambdaConfigurations"].([]any)
	list = slices.Clone(list)
	for _, r := range b.Rules {
		for _, event := range r.Events {
			one := map[string]any{"Event": event, "Function": target(m.function(r.Function))}
			if rules := filterRules(r.BucketEvent); len(rules) > 0 {
				one["Filter"] = map[string]any{"S3Key": map[string]any{"Rules": rules}}
			}
			list = append(list, one)
		}
	}
	configuration["LambdaConfigurations"] = list
	properties["NotificationConfiguration"] = configuration
	bucket.Properties = properties
	for _, id := range permissions {
		if !slices.Contains(bucket.DependsOn, id) {
			bucket.DependsOn = append(slices.Clone(bucket.DependsOn), id)
		}
	}
}

// earlyARN is the ARN of a bucket from its name alone, which CloudFormation
// chooses if there is none.
func earlyARN(name any) any {
	const buckets = "arn:${AWS::Partition}:s3:::"
	switch name := name.(type) {
	case nil:
		return cfn.Sub(buckets + "*")
	case string:
		return cfn.Sub(buckets + name)
	}
	return map[string]any{"Fn::Sub": []any{buckets + "${Name}", map[string]any{"Name": name}}}
}

func filterRules(b *spec.BucketEvent) []any {
	var rules []any
	for _, rule := range [][2]string{{"prefix", b.Prefix}, {"suffix", b.Suffix}} {
		if rule[1] != "" {
			rules = append(rules, map[string]any{"Name": rule[0], "Value": rule[1]})
		}
	}
	return rules
}

// addNotificationsApart adds the custom resource that brings notifications to a
// bucket when bucket, functions and permissions are there.
func (m *marshaller) addNotificationsApart(b spec.NotifiedBucket) {
	origin := m.ruleOrigin(b.Rules[0])
	first := append(m.admitBucket(b, b.Bucket.ARN), spec.BucketNotificationsPolicyID(b.Bucket))
	slices.Sort(first)
	m.addBuiltinPolicy(bucketNotifications(), spec.BucketNotificationsPolicyID(b.Bucket), []any{
		allow(b.Bucket.ARN, "s3:GetBucketNotification", "s3:PutBucketNotification"),
	}, origin)
	var list []any
	for _, r := range b.Rules {
		one := map[string]any{"Function": target(m.function(r.Function)), "Events": anys(r.Events)}
		if r.Prefix != "" || r.Suffix != "" {
			one["Filter"] = map[string]any{"Prefix": r.Prefix, "Suffix": r.Suffix}
		}
		list = append(list, one)
	}
	properties := map[string]any{"Bucket": bucketName(b.Bucket), "Owner": cfn.Ref("AWS::AccountId"), "Notifications": list}
	if bucket := m.document.Template.Resources[b.Bucket.ID]; bucket != nil && bucket.Properties["NotificationConfiguration"] != nil {
		// What CloudFormation writes to the bucket takes away what the custom
		// resource has written: it has to write again after a change.
		properties["After"] = bucket.Properties["NotificationConfiguration"]
	}
	m.addBuiltin(bucketNotifications(), spec.BucketNotificationsID(b.Bucket), properties, origin).DependsOn = first
}

// bucketName is the name of a bucket.
func bucketName(s spec.Source) any {
	if s.ID != "" {
		return cfn.Ref(s.ID)
	}
	if arn, ok := s.ARN.(string); ok {
		return arn[strings.LastIndexByte(arn, ':')+1:]
	}
	return map[string]any{"Fn::Select": []any{5, map[string]any{"Fn::Split": []any{":", s.ARN}}}}
}

// cloned is a copy of a map that can be written to, also of none.
func cloned(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return maps.Clone(m)
}

func containsValue(list []any, v any) bool {
	return slices.ContainsFunc(list, func(other any) bool { return reflect.DeepEqual(other, v) })
}
