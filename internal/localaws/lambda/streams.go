// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"time"
)

// Streams are the streams of one service that event source mappings read. A
// stream has shards, and a shard has records in the order of their sequence
// numbers: decimal numbers that only grow. Source is the ARN that the mapping
// bears, such as that of a stream or of a consumer of it. Errors are
// *wire.Error; methods may be called concurrently, and call no method of
// Lambda.
type Streams interface {
	// Shards returns the ids of the shards that can be read. It returns an
	// error if the source does not exist.
	Shards(ctx context.Context, source string) ([]string, error)
	// Position returns the sequence number after which the records of a shard
	// begin that start asks for. It need not be that of a record, and stays
	// right however long it is kept.
	Position(ctx context.Context, source, shard string, start StreamStart) (after string, err error)
	// Read returns records of a shard. If there are none yet it waits; it
	// returns none when the time is over, ctx ends or the service closes.
	Read(ctx context.Context, r StreamRead) (StreamPage, error)
}

// StreamStart says where a mapping begins to read a shard.
type StreamStart struct {
	Position string    // TRIM_HORIZON, LATEST or AT_TIMESTAMP
	At       time.Time // AT_TIMESTAMP only
}

// The starting positions.
const (
	TrimHorizon = "TRIM_HORIZON"
	Latest      = "LATEST"
	AtTimestamp = "AT_TIMESTAMP"
)

// StreamRead asks for records of a shard.
type StreamRead struct {
	Source, Shard string
	After         string        // sequence number: only greater ones are wanted; records that are gone are passed over
	Most          int           // records, at least 1
	Wait          time.Duration // how long to wait for the first record; 0: not at all
	Role          string        // ARN of the function's role, which the events of some services name
}

// StreamPage is what a shard had to read.
type StreamPage struct {
	Records []StreamRecord // in the order of their sequence numbers
	Closed  bool           // the shard is closed, and nothing comes after these records
}

// StreamRecord is a record of a shard.
type StreamRecord struct {
	Sequence string          // sequence number
	Key      string          // records with the same key are handled in their order
	Arrived  time.Time       // with milliseconds, as the failure records of mappings name it
	Event    json.RawMessage // the element of Records that functions get
	Filtered json.RawMessage // what filter patterns are matched with; nil: Event
}
