// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// BucketEvent has a function called when something happens to an object of an
// S3 bucket.
type BucketEvent struct {
	Bucket Source   `key:"bucket"`
	Events []string `key:"events"` // as S3 calls them, such as s3:ObjectCreated:*; sorted
	Prefix string   `key:"prefix"` // that the keys begin with
	Suffix string   `key:"suffix"` // that they end with

	// Apart says that the bucket does not have the notification itself: a custom
	// resource brings it there when bucket and functions are made. So it is for
	// a bucket that is not of the stack, and for one that a function needs which
	// the bucket's own notification would need in turn.
	Apart bool
}

const objectCreated = "s3:ObjectCreated:*"

// BucketPermissionID is the logical id of the permission that lets a bucket
// call a function. It is one for all rules of the bucket.
func BucketPermissionID(function string, bucket Source) string {
	return EventID(function, "S3Permission", bucket.ARN)
}

func (b *BucketEvent) ids(function string) []string {
	return []string{BucketPermissionID(function, b.Bucket)}
}
func (b *BucketEvent) from() Source { return b.Bucket }
func (*BucketEvent) pulled() bool   { return false }

func bucketKind() sourceKind {
	return sourceKind{what: "an S3 bucket", service: "s3", types: []string{"AWS::S3::Bucket"}, attribute: "Arn", also: []string{""}, form: "<name>", global: true}
}

// bucketEvent decodes a bucket as a source.
func (d *decoder) bucketEvent(n *node, f Function) *BucketEvent {
	b := &BucketEvent{
		Bucket: d.bucket(long(n, "bucket")),
		Events: d.bucketEvents(option(n, "events")),
		Prefix: d.affix(option(n, "prefix")),
		Suffix: d.affix(option(n, "suffix")),
	}
	if b.Bucket.ARN != nil {
		d.feedback(n, b, f)
	}
	return b
}

// bucket decodes the bucket itself.
func (d *decoder) bucket(n *node) Source {
	s := d.sourceOf(n, bucketKind())
	if arn, ok := s.ARN.(string); ok && strings.Contains(arn, "/") {
		d.fault(n, diag.SourceKind, "is the ARN of objects, not of a bucket", "write "+arn[:strings.Index(arn, "/")]+", and the beginning of the keys as prefix")
		return Source{}
	}
	return s
}

// bucketEvents decodes the kinds of events: one or several, with or without s3:
// in front.
func (d *decoder) bucketEvents(n *node) []string {
	if !usable(n) {
		return []string{objectCreated}
	}
	var all []string
	for _, written := range d.texts(n) {
		all = append(all, "s3:"+strings.TrimPrefix(written, "s3:"))
	}
	for i, event := range all {
		for _, other := range all[:i] {
			if at := n.child(itemKey(i)); eventsOverlap(event, other) && at != nil {
				d.fault(at, diag.BucketOverlap, event+" and "+other+" have events in common", "leave the narrower one out")
			}
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// affix decodes a prefix or suffix of keys.
func (d *decoder) affix(n *node) string {
	written := d.literal(n)
	if strings.Contains(written, "*") {
		d.warn(n, diag.LiteralAffix, "* is a character of the key here, not a wildcard", "write only how the key begins or ends")
	}
	return written
}

// feedback warns of a function that may write objects which it is called for.
func (d *decoder) feedback(n *node, b *BucketEvent, f Function) {
	if !slices.ContainsFunc(b.Events, func(e string) bool { return eventsOverlap(e, objectCreated) }) {
		return
	}
	if f.RecursiveLoop != "Allow" && slices.ContainsFunc(f.Permissions, func(p Permission) bool { return d.writes(p, b) }) {
		d.warn(long(n, "bucket"), diag.BucketLoop, "the function may write to the bucket whose new objects it is called for: it would call itself",
			"write to another bucket, or under another prefix, and allow only that; recursiveLoop: allow says that it is meant, otherwise Lambda stops it after about 16 rounds")
	}
}

// writes reports whether a permission allows to make objects that b is told of.
func (d *decoder) writes(p Permission, b *BucketEvent) bool {
	return slices.ContainsFunc(p.Allow, writesObjects) && slices.ContainsFunc(p.On, func(on any) bool {
		keys, ok := d.keysOf(on, b.Bucket)
		return ok && b.meets(keys)
	})
}

// writesObjects reports whether an IAM action allows to make objects.
func writesObjects(action string) bool {
	service, name, _ := strings.Cut(strings.ToLower(action), ":")
	prefix, wild := strings.CutSuffix(name, "*")
	return service == "*" || service == "s3" && (name == "putobject" || wild && strings.HasPrefix("putobject", prefix))
}

// keysOf returns which keys of a bucket a resource of a policy stands for, as
// the text that they begin with; false if it is no objects of the bucket.
func (d *decoder) keysOf(on any, bucket Source) (begin string, ok bool) {
	written, isText := on.(string)
	if call, ok := on.(map[string]any); ok {
		written, isText = call["Fn::Sub"].(string)
	}
	if !isText {
		return "", resourceNamed(on) != "" && resourceNamed(on) == bucket.ID
	}
	if written == "*" {
		return "", true
	}
	names := []string{"${" + bucket.ID + ".Arn}", ":::${" + bucket.ID + "}"}
	if arn, ok := bucket.ARN.(string); ok {
		names = []string{arn}
	}
	if name := d.literal(d.property(bucket.ID, "BucketName")); name != "" {
		names = append(names, ":::"+name)
	}
	for _, name := range names {
		if _, rest, found := strings.Cut(written, name); found && (rest == "" || rest[0] == '/' || rest[0] == '*') {
			begin, _, _ = strings.Cut(strings.TrimPrefix(rest, "/"), "*")
			return begin, true
		}
	}
	return "", false
}

// meets reports whether keys that begin with a text may be among those that the
// function is called for. How they end nothing tells: a suffix is taken to keep
// them apart.
func (b *BucketEvent) meets(begin string) bool {
	return b.Suffix == "" && (strings.HasPrefix(begin, b.Prefix) || strings.HasPrefix(b.Prefix, begin))
}
