// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// TopicEvent has a function called with the messages of an SNS topic, directly
// or through a queue.
type TopicEvent struct {
	Topic       Source         `key:"topic"`
	Filter      map[string]any `key:"filter"`      // filter policy; nil: all messages
	FilterScope string         `key:"filterScope"` // what the filter is about: MessageAttributes or MessageBody
	DeadLetter  *Source        `key:"deadLetter"`  // queue for messages that could not be delivered; may be nil
	Queue       *Source        `key:"queue"`       // that the messages go through; nil: none
	Raw         bool           `key:"raw"`         // the queue gets the message alone, without SNS's envelope

	// Mapped says that the function has the queue as a source of its own too,
	// which says how it is read.
	Mapped bool
}

// maxFilterKeys and maxFilterValues limit a filter policy. Source: "Filter policy constraints in Amazon SNS",
// https://docs.aws.amazon.com/sns/latest/dg/subscription-filter-policy-constraints.html
const (
	maxFilterKeys   = 5
	maxFilterValues = 150
)

// SubscriptionID is the logical id of the subscription.
func (t *TopicEvent) SubscriptionID(function string) string {
	if t.Queue != nil {
		return EventID(function, "SnsQueue", t.Topic.ARN, t.Queue.ARN)
	}
	return EventID(function, "Sns", t.Topic.ARN)
}

// PermissionID is the logical id of the permission to call the function; there
// is none if the messages go through a queue.
func (t *TopicEvent) PermissionID(function string) string {
	return EventID(function, "SnsPermission", t.Topic.ARN)
}

// MappingID is the logical id of the event source mapping of the queue.
func (t *TopicEvent) MappingID(function string) string {
	return (&QueueEvent{Queue: *t.Queue}).MappingID(function)
}

func (t *TopicEvent) ids(function string) []string {
	switch {
	case t.Queue == nil:
		return []string{t.SubscriptionID(function), t.PermissionID(function)}
	case t.Mapped:
		return []string{t.SubscriptionID(function)}
	}
	return []string{t.SubscriptionID(function), t.MappingID(function)}
}

func (t *TopicEvent) from() Source { return t.Topic }
func (*TopicEvent) pulled() bool   { return false }

func (t *TopicEvent) links() (parts, role []Source) {
	if t.DeadLetter != nil {
		parts = append(parts, *t.DeadLetter)
	}
	if t.Queue != nil {
		parts, role = append(parts, *t.Queue), append(role, *t.Queue)
	}
	return parts, role
}

func (t *TopicEvent) admits() []Source {
	parts, _ := t.links()
	return parts
}

// topicEvent decodes a topic as a source.
func (d *decoder) topicEvent(n *node) *TopicEvent {
	t := &TopicEvent{
		Topic:       d.sourceOf(long(n, "topic"), topicKind()),
		FilterScope: "MessageAttributes",
		Raw:         d.flag(option(n, "raw"), false),
		Queue:       d.queue(option(n, "queue"), queueKind().inRegion()),
		DeadLetter:  d.queue(option(n, "deadLetter"), queueKind()),
	}
	if d.literal(option(n, "filterScope")) == "body" {
		t.FilterScope = "MessageBody"
	}
	t.Filter = d.filterPolicy(n, t)
	d.topicDelivery(n, t)
	return t
}

// queue decodes a queue that plays a part, nil if there is none.
func (d *decoder) queue(n *node, kind sourceKind) *Source {
	if !usable(n) {
		return nil
	}
	if s := d.sourceOf(n, kind); s.ARN != nil {
		return &s
	}
	return nil
}

// topicDelivery checks what SNS delivers to whom.
func (d *decoder) topicDelivery(n *node, t *TopicEvent) {
	ordered := d.fifo(t.Topic)
	switch raw := option(n, "raw"); {
	case t.Raw && !usable(option(n, "queue")):
		d.fault(raw, diag.RawDelivery, "SNS calls a function with its envelope only", "add queue: Jobs, one of resources: the messages go through it as they are")
	case ordered && t.Queue == nil && !within(option(n, "queue")):
		d.say(long(n, "topic"), diag.FIFO, "a FIFO topic calls no functions", "add queue: Jobs, one of resources: the messages go through it")
	case !ordered && t.Queue != nil && d.fifo(*t.Queue):
		d.say(option(n, "queue"), diag.FIFO, "a topic that is not FIFO sends nothing to a FIFO queue", "make both FIFO, or neither")
	}
	d.topicDeadLetter(n, t)
	if t.DeadLetter != nil && t.Topic.ARN != nil && d.fifo(*t.DeadLetter) != ordered {
		d.say(option(n, "deadLetter"), diag.FIFO, "the dead-letter queue of a FIFO topic is FIFO, that of another is not", "")
	}
}

// topicDeadLetter checks that the dead-letter queue is in the topic's region.
// Source: "Amazon SNS dead-letter queues",
// https://docs.aws.amazon.com/sns/latest/dg/sns-dead-letter-queues.html
func (d *decoder) topicDeadLetter(n *node, t *TopicEvent) {
	region := t.Topic.Region()
	if t.DeadLetter == nil || region == "" {
		return
	}
	topic, queue := long(n, "topic"), option(n, "deadLetter")
	switch other := t.DeadLetter.Region(); {
	case other == "" && t.DeadLetter.ID != "": // of the stack
		d.located = append(d.located, located{path: topic.path(), at: topic.at, what: "a topic with a dead-letter queue of this stack", region: region})
	case other != "" && other != region:
		d.fault(queue, diag.ElsewhereARN, "is a queue in "+other+", and the topic is in "+region+": SNS takes one of the topic's region", "name a queue of "+region)
	}
}

// within reports whether a node is there and has a fault.
func within(n *node) bool { return n != nil && n.within() }

// filterPolicy decodes the filter of a subscription.
func (d *decoder) filterPolicy(n *node, t *TopicEvent) map[string]any {
	written := option(n, "filter")
	if scope := option(n, "filterScope"); usable(scope) && written == nil {
		d.fault(scope, diag.FilterPolicy, "there is no filter", "add filter: {kind: [order]}, or leave filterScope out")
	}
	if !usable(written) {
		return nil
	}
	policy := d.pattern(written)
	if policy == nil {
		return nil
	}
	if t.FilterScope == "MessageAttributes" {
		for _, key := range slices.Sorted(maps.Keys(policy)) {
			if _, nested := policy[key].(map[string]any); nested {
				d.fault(or(written.child(key), written), diag.FilterPolicy, "an attribute of a message has no parts", "add filterScope: body to look into the message itself")
				return nil
			}
		}
	}
	if len(policy) > maxFilterKeys {
		d.fault(written, diag.FilterPolicy, fmt.Sprintf("has %d keys, and SNS takes %d", len(policy), maxFilterKeys), "let the function look at the rest")
	} else if count := combinations(policy); count > maxFilterValues {
		d.fault(written, diag.FilterPolicy, fmt.Sprintf("has %d combinations of values, and SNS takes %d", count, maxFilterValues), "use prefix or anything-but in place of many values")
	}
	return policy
}

// combinations is how many combinations of one value of each list there are.
func combinations(policy map[string]any) int {
	count := 1
	for _, v := range policy {
		switch v := v.(type) {
		case map[string]any:
			count *= combinations(v)
		case []any:
			count *= max(1, len(v))
		}
		if count > 1<<20 {
			return count
		}
	}
	return count
}

// mapped notes which queues that messages of topics go through are sources of
// the function too.
func mapped(events []Event, function string) {
	read := map[string]bool{}
	for _, e := range events {
		if e.SQS != nil {
			read[e.SQS.MappingID(function)] = true
		}
	}
	for _, e := range events {
		if e.SNS == nil || e.SNS.Queue == nil {
			continue
		}
		id := e.SNS.MappingID(function)
		e.SNS.Mapped = read[id]
		read[id] = true
	}
}

// Region is the region of an ARN that is written out, "" of others.
func (s Source) Region() string {
	written, _ := s.ARN.(string)
	if parts := strings.Split(written, ":"); len(parts) > 3 {
		return parts[3]
	}
	return ""
}
