// SPDX-License-Identifier: MIT

package s3

import (
	"encoding/xml"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// notification says who is told of what happens to the objects of a bucket. It
// is as in the API; a nil one tells nobody.
type notification struct {
	XMLName   xml.Name                     `xml:"NotificationConfiguration" json:"-"`
	Topics    []listener                   `xml:"TopicConfiguration" json:",omitempty"`
	Queues    []listener                   `xml:"QueueConfiguration" json:",omitempty"`
	Functions []listener                   `xml:"CloudFunctionConfiguration" json:",omitempty"`
	Bridge    *struct{}                    `xml:"EventBridgeConfiguration" json:",omitempty"`
	Others    []struct{ XMLName xml.Name } `xml:",any" json:"-"`
}

// listener is a topic, a queue or a function that is told of events.
type listener struct {
	ID       string   `xml:"Id,omitempty"`
	Topic    string   `xml:",omitempty" json:",omitempty"`
	Queue    string   `xml:",omitempty" json:",omitempty"`
	Function string   `xml:"CloudFunction,omitempty" json:",omitempty"`
	Events   []string `xml:"Event"`
	Filter   *struct {
		Key struct {
			Rules []filterRule `xml:"FilterRule"`
		} `xml:"S3Key"`
	} `xml:",omitempty" json:",omitempty"`
}

// filterRule narrows the keys to those with a prefix or suffix.
type filterRule struct{ Name, Value string }

func (l listener) arn() string { return l.Topic + l.Queue + l.Function } // one of them is set

// affixes returns what keys have to begin and end with.
func (l listener) affixes() (prefix, suffix string) {
	if l.Filter == nil {
		return "", ""
	}
	for _, rule := range l.Filter.Key.Rules {
		if strings.EqualFold(rule.Name, "prefix") {
			prefix = rule.Value
		} else {
			suffix = rule.Value
		}
	}
	return prefix, suffix
}

// wants reports whether a listener is told of an event of a key.
func (l listener) wants(event, key string) bool {
	prefix, suffix := l.affixes()
	return strings.HasPrefix(key, prefix) && strings.HasSuffix(key, suffix) &&
		slices.ContainsFunc(l.Events, func(pattern string) bool { return covers(pattern, event) })
}

// covers reports whether an event such as s3:ObjectCreated:* includes another.
func covers(pattern, event string) bool {
	family, all := strings.CutSuffix(pattern, "*")
	return pattern == event || all && strings.HasPrefix(event, family)
}

func (n *notification) listeners() []listener { return slices.Concat(n.Topics, n.Queues, n.Functions) }

// occurring are the events that occur here; the others of S3 come from what it
// does on its own, which is not carried out.
func occurring() []string {
	return []string{
		"s3:ObjectCreated:*", "s3:ObjectCreated:Put", "s3:ObjectCreated:Post", "s3:ObjectCreated:Copy", "s3:ObjectCreated:CompleteMultipartUpload",
		"s3:ObjectRemoved:*", "s3:ObjectRemoved:Delete", "s3:ObjectRemoved:DeleteMarkerCreated",
		"s3:ObjectTagging:*", "s3:ObjectTagging:Put", "s3:ObjectTagging:Delete",
	}
}

// check checks a configuration, gives ids to those without one and makes sure
// that the destinations exist and let the bucket in.
func (s *Service) checkNotification(n *notification, bucket, account string, admitted bool) error {
	if len(n.Others) > 0 {
		return malformedXML()
	}
	all := [][]listener{n.Topics, n.Queues, n.Functions}
	for _, list := range all {
		for i := range list {
			if list[i].ID == "" {
				list[i].ID = wire.RequestID()
			}
			if err := list[i].check(); err != nil {
				return err
			}
		}
	}
	if err := overlap(n.listeners()); err != nil {
		return err
	}
	for _, l := range n.listeners() {
		if !admitted {
			break
		}
		if err := s.table.Admits(message(l.arn(), bucket, account)); err != nil {
			s.env.Log.Debug().Err(err).Str("destination", l.arn()).Str("bucket", bucket).Msg("validate notification destination")
			return invalidArgument("Unable to validate the following destination configurations")
		}
	}
	return nil
}

// message returns what the bucket sends to a destination.
func message(destination, bucket, account string) delivery.Message {
	return delivery.Message{
		Principal: "s3.amazonaws.com", Source: arn.Scope{Partition: "aws"}.Bucket(bucket), Account: account, Target: destination,
		Subject: "Amazon S3 Notification",
	}
}

func (l listener) check() error {
	for kind, name := range map[string]string{"sns": l.Topic, "sqs": l.Queue, "lambda": l.Function} {
		a, ok := arn.Parse(name)
		switch {
		case name == "":
		case !ok || a.Service != kind:
			return invalidArgument("The ARN could not be parsed")
		case strings.HasSuffix(a.Resource, ".fifo"):
			return invalidArgument("FIFO queues and topics are not supported as destinations of bucket notifications")
		}
	}
	if l.arn() == "" || len(l.Events) == 0 {
		return malformedXML()
	}
	for _, event := range l.Events {
		if !slices.Contains(occurring(), event) {
			if strings.HasPrefix(event, "s3:") {
				return notModelled("the event " + event + " of buckets")
			}
			return invalidArgument("A specified event is not supported for notifications")
		}
	}
	if l.Filter == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, rule := range l.Filter.Key.Rules {
		name := strings.ToLower(rule.Name)
		if name != "prefix" && name != "suffix" {
			return invalidArgument("filter rule name must be either prefix or suffix")
		}
		if seen[name] {
			return invalidArgument("Cannot specify more than one %s rule in a filter.", name)
		}
		seen[name] = true
	}
	return nil
}

// overlap refuses two listeners who would be told of the same event of the same
// key.
func overlap(list []listener) error {
	for i, a := range list {
		for _, b := range list[:i] {
			shared := slices.ContainsFunc(a.Events, func(x string) bool {
				return slices.ContainsFunc(b.Events, func(y string) bool { return covers(x, y) || covers(y, x) })
			})
			prefix, suffix := a.affixes()
			otherPrefix, otherSuffix := b.affixes()
			either := func(has func(string, string) bool, x, y string) bool { return has(x, y) || has(y, x) }
			if shared && either(strings.HasPrefix, prefix, otherPrefix) && either(strings.HasSuffix, suffix, otherSuffix) {
				return invalidArgument("Configurations overlap. Configurations on the same bucket cannot share a common event type.")
			}
		}
	}
	return nil
}

func (s *Service) getNotification(r *request) error {
	s.mu.RLock()
	b, err := s.lookup(r)
	var n notification
	if err == nil && b.Notification != nil {
		n = *b.Notification
	}
	s.mu.RUnlock()
	if err != nil {
		return err
	}
	r.xml(http.StatusOK, n)
	return nil
}

// putNotification follows the page PutBucketNotificationConfiguration: it
// replaces what there was, and tells the destinations by a test event.
func (s *Service) putNotification(r *request) error {
	body, err := r.document(1 << 20)
	if err != nil {
		return err
	}
	n := &notification{}
	if xml.Unmarshal(body, n) != nil || n.XMLName.Local != "NotificationConfiguration" {
		return malformedXML()
	}
	skip := strings.EqualFold(r.Header.Get("X-Amz-Skip-Destination-Validation"), "true")
	if err := s.checkNotification(n, r.bucket, r.id.Account, !skip); err != nil {
		return err
	}
	n.XMLName = xml.Name{}
	if err := s.configure(r.bucket, func(b *bucket) error { b.Notification = n; return nil }); err != nil {
		return err
	}
	s.announce(r.Context(), n, r.bucket, r.id.Account)
	return r.empty(http.StatusOK)
}

// notificationShape is what the property NotificationConfiguration may be.
func notificationShape() shape.Rule {
	filter := shape.Object(shape.Fields{"S3Key": shape.Object(shape.Fields{
		"Rules": shape.List(shape.Object(shape.Fields{"Name": shape.String, "Value": shape.String}, "Name", "Value")),
	}, "Rules")}, "S3Key")
	to := func(name string) shape.Rule {
		return shape.List(shape.Object(shape.Fields{"Event": shape.String, "Filter": filter, name: shape.String}, "Event", name))
	}
	return shape.Object(shape.Fields{
		"EventBridgeConfiguration": shape.Object(shape.Fields{"EventBridgeEnabled": shape.Boolean}),
		"LambdaConfigurations":     to("Function"), "QueueConfigurations": to("Queue"), "TopicConfigurations": to("Topic"),
	})
}

// notificationOf returns the configuration that properties describe; changed
// says that it is not that of the properties before.
func (s *Service) notificationOf(r resource.Request, bucket string) (n *notification, changed bool, err error) {
	const name = "NotificationConfiguration"
	given, ok := r.Properties[name]
	changed = resource.Changed(r.OldProperties, r.Properties, name)
	if !ok {
		return nil, changed, nil
	}
	n = &notification{}
	members, _ := given.(map[string]any)
	if bridge, ok := members["EventBridgeConfiguration"].(map[string]any); ok {
		if enabled, said := shape.Bool(bridge["EventBridgeEnabled"]); enabled || !said {
			n.Bridge = &struct{}{}
		}
	}
	for _, list := range []struct {
		to            *[]listener
		kind, element string
	}{{&n.Functions, "LambdaConfigurations", "Function"}, {&n.Queues, "QueueConfigurations", "Queue"}, {&n.Topics, "TopicConfigurations", "Topic"}} {
		for _, item := range shape.Items(given, list.kind) {
			*list.to = append(*list.to, listenerOf(item, list.element))
		}
	}
	return n, changed, s.checkNotification(n, bucket, r.Scope.Account, changed)
}

func listenerOf(item any, element string) listener {
	l := listener{Events: []string{shape.Member(item, "Event")}}
	switch name := shape.Member(item, element); element {
	case "Function":
		l.Function = name
	case "Queue":
		l.Queue = name
	default:
		l.Topic = name
	}
	members, _ := item.(map[string]any)
	filter, ok := members["Filter"].(map[string]any)
	if !ok {
		return l
	}
	l.Filter = &struct {
		Key struct {
			Rules []filterRule `xml:"FilterRule"`
		} `xml:"S3Key"`
	}{}
	for _, rule := range shape.Items(filter["S3Key"], "Rules") {
		l.Filter.Key.Rules = append(l.Filter.Key.Rules, filterRule{shape.Member(rule, "Name"), shape.Member(rule, "Value")})
	}
	return l
}
