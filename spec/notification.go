// SPDX-License-Identifier: MIT

package spec

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// The logical ids of what brings notifications to buckets apart from them.
const BucketNotifications = "BucketNotifications" // stem of the provider's

// BucketNotificationsID is the logical id of the custom resource that brings
// the notifications to a bucket.
func BucketNotificationsID(bucket Source) string {
	return EventID("", "BucketNotifications", bucket.ARN)
}

// BucketNotificationsPolicyID is the logical id of the policy that lets the
// provider change the notifications of a bucket.
func BucketNotificationsPolicyID(bucket Source) string {
	return EventID("", "BucketNotificationsPolicy", bucket.ARN)
}

// NotifiedBucket is a bucket with all that functions want to be told of it.
type NotifiedBucket struct {
	Bucket Source
	Apart  bool // see BucketEvent
	Rules  []BucketRule
}

// BucketRule is what one function wants to be told.
type BucketRule struct {
	Function string
	Index    int // in the function's events
	*BucketEvent
}

// NotifiedBuckets returns the buckets that are sources of events. Buckets and
// rules have an order that does not depend on that of the file.
func (s *Service) NotifiedBuckets() []NotifiedBucket {
	var all []NotifiedBucket
	for _, f := range s.Functions {
		for i, e := range f.Events {
			if e.S3 == nil || e.S3.Bucket.ARN == nil {
				continue
			}
			rule := BucketRule{f.Name, i, e.S3}
			same := func(b NotifiedBucket) bool {
				return BucketNotificationsID(b.Bucket) == BucketNotificationsID(e.S3.Bucket)
			}
			if at := slices.IndexFunc(all, same); at >= 0 {
				all[at].Rules = append(all[at].Rules, rule)
			} else {
				all = append(all, NotifiedBucket{e.S3.Bucket, e.S3.Apart, []BucketRule{rule}})
			}
		}
	}
	slices.SortFunc(all, func(a, b NotifiedBucket) int {
		return strings.Compare(BucketNotificationsID(a.Bucket), BucketNotificationsID(b.Bucket))
	})
	for _, b := range all {
		slices.SortStableFunc(b.Rules, func(x, y BucketRule) int {
			return cmp.Or(strings.Compare(x.Function, y.Function), slices.Compare(x.Events, y.Events),
				strings.Compare(x.Prefix, y.Prefix), strings.Compare(x.Suffix, y.Suffix))
		})
	}
	return all
}

// notifications checks all rules of each bucket together, and decides which
// buckets have them themselves.
func (d *decoder) notifications(s *Service, g *graph) {
	for _, b := range s.NotifiedBuckets() {
		seen := d.ownRules(b.Bucket)
		inFile := slices.Clone(b.Rules)
		slices.SortStableFunc(inFile, func(x, y BucketRule) int { return d.ruleAt(x).before(d.ruleAt(y)) })
		for _, r := range inFile {
			at := d.ruleAt(r)
			if other := slices.IndexFunc(seen, r.overlaps); other >= 0 {
				d.say(at, diag.BucketOverlap, "wants events that "+seen[other].place+" in line "+strconv.Itoa(seen[other].line)+" gets: S3 refuses two rules for one event",
					"tell them apart by events, prefix or suffix")
			}
			seen = append(seen, rival{strings.Join(at.path(), "."), int(at.keyAt.line), r.Events, r.Prefix, r.Suffix})
		}
		apart := b.Bucket.Type == "" || d.closes(g, b)
		for _, r := range b.Rules {
			r.Apart = apart
		}
		g.notified(d, b, apart)
	}
}

// ruleAt is the node of a rule.
func (d *decoder) ruleAt(r BucketRule) *node {
	return d.find(append(eventPath(r.Function, r.Index), "s3"))
}

// before compares the places of two nodes.
func (n *node) before(other *node) int {
	return n.keyAt.compare(other.keyAt)
}

// rival is a rule that others may overlap with.
type rival struct {
	place          string
	line           int
	events         []string
	prefix, suffix string
}

// overlaps reports whether S3 refuses two rules on one bucket: an event of a
// key would meet both. Source: "Configuring event notifications using object key name filtering",
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-how-to-filtering.html
func (b *BucketEvent) overlaps(r rival) bool {
	shared := slices.ContainsFunc(b.Events, func(x string) bool {
		return slices.ContainsFunc(r.events, func(y string) bool { return eventsOverlap(x, y) })
	})
	return shared && (strings.HasPrefix(b.Prefix, r.prefix) || strings.HasPrefix(r.prefix, b.Prefix)) &&
		(strings.HasSuffix(b.Suffix, r.suffix) || strings.HasSuffix(r.suffix, b.Suffix))
}

// eventsOverlap reports whether two kinds of events, such as s3:ObjectCreated:*
// and s3:ObjectCreated:Put, have one in common.
func eventsOverlap(a, b string) bool {
	covers := func(pattern, event string) bool {
		family, all := strings.CutSuffix(pattern, "*")
		return pattern == event || all && strings.HasPrefix(event, family)
	}
	return covers(a, b) || covers(b, a)
}

// ownRules are the rules that a bucket of resources has already, as far as they
// are literals.
func (d *decoder) ownRules(bucket Source) []rival {
	var all []rival
	own := d.property(bucket.ID, "NotificationConfiguration")
	for _, kind := range []string{"LambdaConfigurations", "QueueConfigurations", "TopicConfigurations"} {
		for i, n := range own.field(kind).itemsOf() {
			r := rival{place: fmt.Sprintf("%s.%s.%d", own.place(), kind, i), line: int(n.keyAt.line), events: []string{d.literal(n.field("Event"))}}
			rules := n.field("Filter").field("S3Key").field("Rules")
			for _, rule := range rules.itemsOf() {
				switch strings.ToLower(d.literal(rule.field("Name"))) {
				case "prefix":
					r.prefix = d.literal(rule.field("Value"))
				case "suffix":
					r.suffix = d.literal(rule.field("Value"))
				}
			}
			all = append(all, r)
		}
	}
	return all
}

// closes reports whether the bucket's own notification would close a circle: a
// function that it calls needs the bucket, to have its name in a variable or
// its ARN in the role. It would also if its own notifications are no plain
// lists, which nothing can be added to.
func (d *decoder) closes(g *graph, b NotifiedBucket) bool {
	if own := d.property(b.Bucket.ID, "NotificationConfiguration"); own != nil {
		_, _, call := intrinsicOf(own)
		functions := own.field("LambdaConfigurations")
		if call || own.kind != object || functions != nil && functions.kind != list {
			return true
		}
	}
	return slices.ContainsFunc(b.Rules, func(r BucketRule) bool { return g.reaches(FunctionID(r.Function), b.Bucket.ID) })
}

// itemKey is the key of an item of a list.
func itemKey(i int) string { return strconv.Itoa(i) }
