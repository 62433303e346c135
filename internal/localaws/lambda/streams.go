// SPDX-License-Identifier: MIT

package lambda

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// Streams are the streams of one service that event source mappings read.
// source is the ARN that the mapping bears, such as that of a stream or of a
// consumer of it. Errors are *wire.Error; methods may be called concurrently,
// and call nothing of Lambda.
type Streams interface {
	// Shards returns the ids of the shards that can be read. It returns an
	// error if the source does not exist.
	Shards(ctx context.Context, source string) ([]string, error)
	// Position returns the sequence number after which the records of a shard
	// begin that start asks for. It need not be that of a record, may be empty,
	// and stays right however long it is kept.
	Position(ctx context.Context, source, shard string, start stream.Start) (after string, err error)
	// Read returns records of a shard. If there are none it waits; it returns
	// none when the time is over, ctx ends or the service closes.
	Read(ctx context.Context, r stream.Request) (stream.Page, error)
}
