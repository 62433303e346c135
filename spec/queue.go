// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// QueueEvent has a function called with the messages of an SQS queue.
type QueueEvent struct {
	Queue           Source           `key:"queue"`
	BatchSize       int              `key:"batchSize"`       // messages of one event, at most
	BatchWindow     time.Duration    `key:"batchWindow"`     // whole seconds to wait for a full batch, at most 5 min
	Filters         []map[string]any `key:"filters"`         // event patterns of which a message meets one; nil: all messages
	PartialFailures bool             `key:"partialFailures"` // the answer names the messages that failed
	MaxConcurrency  int              `key:"maxConcurrency"`  // events in work at a time; 0: no limit of its own
	Enabled         bool             `key:"enabled"`
}

// Defaults of Lambda for queues. Source: "Creating and configuring an Amazon SQS event source mapping",
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
const (
	DefaultQueueBatch = 10
	maxFIFOBatch      = 10
	defaultVisibility = 30 // seconds; SetQueueAttributes

	// maxPatterns is how many filters a source has by default. Source: "Control which events Lambda sends to your function",
	// https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventfiltering.html
	maxPatterns = 5
)

// MappingID is the logical id of the event source mapping.
func (q *QueueEvent) MappingID(function string) string { return EventID(function, "Sqs", q.Queue.ARN) }

func (q *QueueEvent) ids(function string) []string { return []string{q.MappingID(function)} }
func (q *QueueEvent) from() Source                 { return q.Queue }
func (*QueueEvent) pulled() bool                   { return true }

func queueKind() sourceKind {
	return sourceKind{what: "an SQS queue", service: "sqs", types: []string{"AWS::SQS::Queue"}, attribute: "Arn", form: "<name>", ordered: true}
}

// queueEvent decodes a queue as a source.
func (d *decoder) queueEvent(n *node, f Function) *QueueEvent {
	q := &QueueEvent{
		Queue:           d.sourceOf(long(n, "queue"), queueKind().inRegion()),
		BatchSize:       d.number(option(n, "batchSize"), DefaultQueueBatch),
		BatchWindow:     d.duration(option(n, "batchWindow")),
		Filters:         d.filters(option(n, "filters")),
		PartialFailures: d.flag(option(n, "partialFailures"), false),
		MaxConcurrency:  d.number(option(n, "maxConcurrency"), 0),
		Enabled:         d.flag(option(n, "enabled"), true),
	}
	d.queueBatch(n, q)
	d.visibility(n, q, f)
	if reserved := f.ReservedConcurrency; reserved != nil && q.MaxConcurrency > *reserved {
		d.warn(option(n, "maxConcurrency"), diag.EventLimit, fmt.Sprintf("is more than the %d of reservedConcurrency: Lambda refuses events that it has taken from the queue", *reserved),
			fmt.Sprintf("write maxConcurrency: %d or less, or raise reservedConcurrency", max(2, *reserved)))
	}
	return q
}

// queueBatch checks what the kind of queue allows.
func (d *decoder) queueBatch(n *node, q *QueueEvent) {
	size, window := option(n, "batchSize"), option(n, "batchWindow")
	switch fifo := d.fifo(q.Queue); {
	case fifo && q.BatchSize > maxFIFOBatch:
		d.fault(size, diag.EventLimit, fmt.Sprintf("a FIFO queue gives at most %d messages", maxFIFOBatch), fmt.Sprintf("write batchSize: %d, or leave it out", maxFIFOBatch))
	case fifo && q.BatchWindow > 0:
		d.fault(window, diag.EventLimit, "a FIFO queue has no batch window", "leave batchWindow out")
	case !fifo && q.BatchSize > maxFIFOBatch && q.BatchWindow == 0 && usable(size):
		d.fault(size, diag.EventLimit, fmt.Sprintf("more than %d messages take a batch window", maxFIFOBatch), "add batchWindow: 1s, the time to gather them")
	}
}

// fifo reports whether a queue or topic is known to be a FIFO one.
func (d *decoder) fifo(s Source) bool {
	if arn, ok := s.ARN.(string); ok {
		return strings.HasSuffix(arn, ".fifo")
	}
	if call, ok := s.ARN.(map[string]any); ok {
		if format, ok := call["Fn::Sub"].(string); ok && strings.HasPrefix(format, "arn:") {
			return strings.HasSuffix(format, ".fifo")
		}
	}
	for _, property := range []string{"FifoQueue", "FifoTopic"} {
		if n := d.property(s.ID, property); usable(n) && strings.EqualFold(n.written, "true") {
			return true
		}
	}
	return false
}

// visibility checks that a message stays hidden while the function works on it:
// Lambda refuses the mapping otherwise.
func (d *decoder) visibility(n *node, q *QueueEvent, f Function) {
	if q.Queue.ID == "" {
		return
	}
	hidden := defaultVisibility
	if given := d.property(q.Queue.ID, "VisibilityTimeout"); given != nil {
		if hidden = whole(or(given.json(), given.written)); hidden == 0 {
			return // an intrinsic function, or a fault that CloudFormation tells
		}
	}
	if f.Timeout > seconds(hidden) {
		d.say(long(n, "queue"), diag.EventLimit,
			fmt.Sprintf("messages come back after %d s, while %s still works on them for up to %d s", hidden, f.Name, f.Timeout/time.Second),
			fmt.Sprintf("give %s VisibilityTimeout: %d, six times the function's timeout", q.Queue.ID, 6*(f.Timeout/time.Second)))
	} else if needed := f.Timeout + q.BatchWindow; needed > seconds(hidden) && q.BatchWindow > 0 {
		d.warn(long(n, "queue"), diag.EventLimit,
			fmt.Sprintf("messages come back after %d s, while they wait up to %d s for a full batch and %s works on them for up to %d s", hidden, q.BatchWindow/time.Second, f.Name, f.Timeout/time.Second),
			fmt.Sprintf("give %s VisibilityTimeout: %d, six times the function's timeout and the window", q.Queue.ID, 6*(f.Timeout/time.Second)+q.BatchWindow/time.Second))
	}
}

// filters decodes event patterns: each a map, or the text of a JSON map.
func (d *decoder) filters(n *node) []map[string]any {
	if !usable(n) {
		return nil
	}
	if len(n.items) > maxPatterns {
		d.warn(n, diag.EventLimit, fmt.Sprintf("has %d filters, and Lambda takes %d unless the account's quota was raised", len(n.items), maxPatterns),
			"put the values of several into one list, such as {body: {kind: [order, return]}}, or ask AWS for a higher quota")
	}
	var all []map[string]any
	for _, item := range n.items {
		if !usable(item) {
			continue
		}
		if pattern := d.pattern(item); pattern != nil {
			all = append(all, pattern)
		}
	}
	return all
}

// pattern decodes one event pattern, nil if it is none.
func (d *decoder) pattern(n *node) map[string]any {
	value := n.value()
	if n.kind == text {
		if err := json.Unmarshal([]byte(n.written), &value); err != nil {
			d.fault(n, diag.EventPattern, "is no JSON: "+err.Error(), `write a map, such as {body: {kind: [order]}}`)
			return nil
		}
	}
	pattern, ok := value.(map[string]any)
	if !ok {
		d.fault(n, diag.EventPattern, "is no event pattern, which is a map", `write {body: {kind: [order]}}`)
		return nil
	}
	if where, why := checkPattern(pattern, nil); why != "" {
		d.patternFault(n, where, why)
		return nil
	}
	return pattern
}

// patternFault reports where a pattern is none.
func (d *decoder) patternFault(n *node, where []string, why string) {
	for _, key := range where {
		if inner := n.child(key); inner != nil {
			n = inner
		}
	}
	d.fault(n, diag.EventPattern, why, `a pattern compares a value with a list, such as {kind: [order, {prefix: pre-}]}`)
}
