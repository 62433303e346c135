// SPDX-License-Identifier: MIT

package spec

import (
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// Reading is how Lambda reads a stream for a function, which is called with the
// records of one shard in their order.
type Reading struct {
	StartingPosition string           `key:"startingPosition"` // LATEST, TRIM_HORIZON or AT_TIMESTAMP
	BatchSize        int              `key:"batchSize"`        // records of one event, at most
	BatchWindow      time.Duration    `key:"batchWindow"`      // whole seconds to wait for a full batch, at most 5 min
	Bisect           bool             `key:"bisect"`           // a batch that failed is split in two
	Retries          int              `key:"retries"`          // of a batch that failed; -1: while the source keeps the records
	MaxAge           time.Duration    `key:"maxAge"`           // of a record that is sent, whole seconds; 0: no limit
	Filters          []map[string]any `key:"filters"`          // event patterns of which a record meets one; nil: all records
	PartialFailures  bool             `key:"partialFailures"`  // the answer names the records that failed
	OnFailure        *Source          `key:"onFailure"`        // queue, topic or bucket for what is given up; may be nil
	Enabled          bool             `key:"enabled"`
}

// Since is from when on a source is read.
type Since struct {
	StartingAt time.Time `key:"startingAt"` // of AT_TIMESTAMP, else zero
}

// Shards is how Lambda reads the shards of a stream.
type Shards struct {
	Parallelization int           `key:"parallelization"` // batches of a shard in work at a time
	TumblingWindow  time.Duration `key:"tumblingWindow"`  // whole seconds that state is kept for, at most 15 min; 0: none
}

// StreamEvent has a function called with the records of a Kinesis data stream.
type StreamEvent struct {
	Stream   Source `key:"stream"`
	Consumer any    `key:"consumer"` // true: one of the function's own; else its ARN, a string or an intrinsic; nil: none
	Reading
	Since
	Shards
}

// TableEvent has a function called with the changes of a DynamoDB table.
type TableEvent struct {
	Table Source `key:"table"` // its ARN is that of the stream
	Reading
	Shards
}

// DefaultStreamBatch is Lambda's for streams and Kafka.
const DefaultStreamBatch = 100

// MappingID is the logical id of the event source mapping.
func (s *StreamEvent) MappingID(function string) string {
	if s.Consumer != nil && s.Consumer != true {
		return EventID(function, "Kinesis", s.Consumer)
	}
	return EventID(function, "Kinesis", s.Stream.ARN)
}

// ConsumerID is the logical id of the consumer of the function's own.
func (s *StreamEvent) ConsumerID(function string) string {
	return EventID(function, "KinesisConsumer", s.Stream.ARN)
}

func (s *StreamEvent) ids(function string) []string {
	if s.Consumer == true {
		return []string{s.MappingID(function), s.ConsumerID(function)}
	}
	return []string{s.MappingID(function)}
}

func (s *StreamEvent) from() Source { return s.Stream }
func (*StreamEvent) pulled() bool   { return true }

// MappingID is the logical id of the event source mapping.
func (t *TableEvent) MappingID(function string) string {
	return EventID(function, "DynamoDB", t.Table.ARN)
}

func (t *TableEvent) ids(function string) []string { return []string{t.MappingID(function)} }
func (t *TableEvent) from() Source                 { return t.Table }
func (*TableEvent) pulled() bool                   { return true }

func (r *Reading) links() (parts, role []Source) {
	if r.OnFailure != nil {
		parts = append(parts, *r.OnFailure)
	}
	return parts, parts
}

func streamKind() sourceKind {
	return sourceKind{what: "a Kinesis data stream", service: "kinesis", types: []string{"AWS::Kinesis::Stream"}, attribute: "Arn", form: "stream/<name>", here: true}
}

func tableKind() sourceKind {
	return sourceKind{
		what: "a DynamoDB table", service: "dynamodb", attribute: "StreamArn",
		form: "table/<name>/stream/<time>", here: true,
		types: []string{"AWS::DynamoDB::Table", "AWS::DynamoDB::GlobalTable"},
	}
}

// streamEvent decodes a data stream as a source.
func (d *decoder) streamEvent(n *node) *StreamEvent {
	s := &StreamEvent{Stream: d.sourceOf(long(n, "stream"), streamKind()), Reading: d.reading(n), Since: d.since(n), Shards: d.shards(n)}
	if arn, ok := s.Stream.ARN.(string); ok && !strings.Contains(arn, ":stream/") || strings.Contains(arn, "/consumer/") {
		d.fault(long(n, "stream"), diag.SourceKind, "is not the ARN of a Kinesis data stream", "it ends with :stream/name; a consumer's ARN is the value of consumer")
	}
	switch c := option(n, "consumer"); {
	case !usable(c) || c.json() == "false":
	case c.kind == boolean:
		s.Consumer = true
	default:
		s.Consumer = d.scalarOrCall(c)
		if written, ok := s.Consumer.(string); ok && !strings.Contains(written, "/consumer/") {
			d.fault(c, diag.SourceKind, c.quote()+" is not the ARN of a stream's consumer", "write consumer: true for one of the function's own")
		}
	}
	return s
}

// tableEvent decodes a table as a source.
func (d *decoder) tableEvent(n *node) *TableEvent {
	t := &TableEvent{Table: d.sourceOf(long(n, "table"), tableKind()), Reading: d.reading(n), Shards: d.shards(n)}
	at := long(n, "table")
	if arn, ok := t.Table.ARN.(string); ok && !strings.Contains(arn, "/stream/") {
		d.fault(at, diag.SourceKind, "is the ARN of a table, not of its stream", "the stream's ends with /stream/ and a time; aws dynamodb describe-table shows it as LatestStreamArn")
	}
	if at := long(n, "table"); t.Table.Type != "" && d.property(t.Table.ID, "StreamSpecification") == nil && d.plain(t.Table.ID) {
		d.say(at, diag.NoStream, t.Table.ID+" has no stream", "add to its Properties: StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}")
	}
	return t
}

// plain reports whether the properties of one of resources are all in the file.
func (d *decoder) plain(id string) bool {
	properties := d.resource(id).field("Properties")
	_, _, call := intrinsicOf(properties)
	return !call && (properties == nil || properties.field("Fn::Transform") == nil)
}

// reading decodes how a stream is read.
func (d *decoder) reading(n *node) Reading {
	return Reading{
		StartingPosition: d.startingPosition(n),
		BatchSize:        d.number(option(n, "batchSize"), DefaultStreamBatch),
		BatchWindow:      d.duration(option(n, "batchWindow")),
		Bisect:           d.flag(option(n, "bisect"), false),
		Retries:          d.number(option(n, "retries"), -1),
		MaxAge:           d.duration(option(n, "maxAge")),
		Filters:          d.filters(option(n, "filters")),
		PartialFailures:  d.flag(option(n, "partialFailures"), false),
		OnFailure:        d.destination(option(n, "onFailure"), "", queueKind(), topicKind(), bucketKind()),
		Enabled:          d.flag(option(n, "enabled"), true),
	}
}

// since decodes the time that reading starts at.
func (d *decoder) since(n *node) Since {
	position, at := option(n, "startingPosition"), option(n, "startingAt")
	switch timed := d.literal(position) == "timestamp"; {
	case timed && at == nil:
		d.fault(position, diag.StartingPosition, "there is no time to start at", "add startingAt: 2026-01-31T12:00:00Z")
	case !timed && usable(at) && !within(position):
		d.fault(at, diag.StartingPosition, "only startingPosition: timestamp starts at a time", "add it, or leave startingAt out")
	case usable(at):
		t, err := time.Parse(time.RFC3339, at.written)
		if err != nil {
			d.fault(at, diag.StartingPosition, at.quote()+" is no time", "write date, time and zone, such as 2026-01-31T12:00:00Z")
		}
		return Since{t}
	}
	return Since{}
}

// startingPosition decodes where reading starts, as Lambda calls it.
func (d *decoder) startingPosition(n *node) string {
	switch d.literal(option(n, "startingPosition")) {
	case "latest":
		return "LATEST"
	case "timestamp":
		return "AT_TIMESTAMP"
	}
	return "TRIM_HORIZON"
}

// shards decodes how the shards of a stream are read.
func (d *decoder) shards(n *node) Shards {
	return Shards{
		Parallelization: d.number(option(n, "parallelization"), 1),
		TumblingWindow:  d.duration(option(n, "tumblingWindow")),
	}
}
