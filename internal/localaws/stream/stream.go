// SPDX-License-Identifier: MIT

// Package stream is what event source mappings have to know of the streams that
// they read, of Kinesis and of DynamoDB alike: shards with records in the order
// of growing sequence numbers.
package stream

import (
	"cmp"
	"encoding/json"
	"strings"
	"time"
)

// Start says where reading a shard begins.
type Start struct {
	Position string    // one of the starting positions below
	At       time.Time // AtTimestamp only
}

// The starting positions ("CreateEventSourceMapping", Lambda API reference).
const (
	TrimHorizon = "TRIM_HORIZON" // with the oldest record there is
	Latest      = "LATEST"       // with the first record that comes from now on
	AtTimestamp = "AT_TIMESTAMP" // with the first record that arrived at Start.At or later
)

// Request asks for records of a shard.
type Request struct {
	Source, Shard string        // ARN of the stream or of a consumer of it, and id of the shard
	After         string        // sequence number: only greater ones are wanted; records that are gone are passed over
	Most          int           // records, at least 1
	Wait          time.Duration // how long to wait for the first record; 0: not at all
	Role          string        // ARN of the function's role, which the events of Kinesis name
}

// Page is what a shard had to read.
type Page struct {
	Records []Record // in the order of their sequence numbers
	Closed  bool     // nothing comes after these records, ever
}

// Record is a record of a shard.
type Record struct {
	Sequence string          // sequence number, decimal
	Key      string          // records with the same key are handled in their order
	Arrived  time.Time       // kept to the millisecond
	Event    json.RawMessage // the element of Records in the event that functions get
	Filtered json.RawMessage // what filter patterns are matched with; nil: Event
}

// Compare compares sequence numbers as numbers. The empty one comes before all
// others.
func Compare(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}
