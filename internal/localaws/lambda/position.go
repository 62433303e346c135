// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// positionDocument is the name of the store's document that holds how far
// mappings have read their streams: it changes with each batch.
const positionDocument = "lambda-positions"

// positions says how far a mapping has read its shards: for each of the lanes of
// a shard, the sequence number up to which all is settled.
type positions map[string][]string

// locate notes where a mapping begins to read the shards of its stream that are
// new to it; s.mu is held. Shards that come after the first ones are read from
// their first record on, so that nothing between is lost.
func (s *Service) locate(ctx context.Context, m *mapping, streams Streams) ([]string, error) {
	if s.mappings[m.ID] != m {
		return nil, nil // deleted or changed
	}
	shards, err := streams.Shards(ctx, m.Source)
	if err != nil {
		return nil, err
	}
	start := stream.Start{Position: m.Stream.Start, At: m.Stream.At}
	p := s.positions[m.ID]
	if p != nil {
		start = stream.Start{Position: stream.TrimHorizon}
	}
	found := positions{}
	for _, shard := range shards {
		after, known := p.after(shard)
		if !known {
			if after, err = streams.Position(ctx, m.Source, shard, start); err != nil {
				return nil, err
			}
		}
		if len(p[shard]) != m.Stream.Parallel {
			found[shard] = slices.Repeat([]string{after}, m.Stream.Parallel)
		} else {
			found[shard] = p[shard]
		}
	}
	s.positions[m.ID] = found
	s.env.Store.Changed(positionDocument)
	return shards, nil
}

// after returns the sequence number up to which all lanes of a shard have
// settled everything. When the number of lanes changes, the new ones begin
// there: what single lanes had settled beyond it is handled twice.
func (p positions) after(shard string) (string, bool) {
	if len(p[shard]) == 0 {
		return "", false
	}
	return slices.MinFunc(p[shard], stream.Compare), true
}

// position returns how far a lane has come.
func (s *Service) position(l lane) string {
	if l.topic != nil {
		return l.topic.Settled()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.positions[l.m.ID][l.shard]; l.index < len(at) {
		return at[l.index]
	}
	return "" // the mapping is deleted
}

// advance notes that a lane has settled everything up to a sequence number.
func (s *Service) advance(l lane, sequence string) {
	if l.topic != nil {
		if err := l.topic.Settle(sequence); err != nil {
			s.env.Log.Warn().Err(err).Str("mapping", l.m.ID).Str("partition", l.shard).Msg("commit offset of handled records")
		}
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if at := s.positions[l.m.ID][l.shard]; l.index < len(at) && at[l.index] != sequence {
		at[l.index] = sequence
		s.env.Store.Changed(positionDocument)
	}
}

func (s *Service) snapshotPositions() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.positions)
}
