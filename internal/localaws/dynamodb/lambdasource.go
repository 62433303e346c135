// SPDX-License-Identifier: MIT

package dynamodb

import (
	"context"
	"encoding/json"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// Streams lets event source mappings read the streams of tables; its sources
// are their ARNs.
type Streams struct{ service *Service }

// Streams returns the streams of all tables.
func (s *Service) Streams() Streams { return Streams{s} }

// Shards returns the ids of the shards of a stream: there is one.
func (a Streams) Shards(_ context.Context, source string) ([]string, error) {
	s := a.service
	s.mu.RLock()
	defer s.mu.RUnlock()
	st, err := s.findStream("", source)
	if err != nil {
		return nil, err
	}
	return []string{st.shard()}, nil
}

// Position returns the sequence number after which a shard is read.
func (a Streams) Position(_ context.Context, source, _ string, start stream.Start) (string, error) {
	s := a.service
	s.mu.Lock()
	defer s.mu.Unlock()
	st, err := s.findStream("", source)
	if err != nil {
		return "", err
	}
	switch start.Position {
	case stream.TrimHorizon:
		return "", nil
	case stream.Latest:
		return sequence(st.Next - 1), nil
	}
	return "", invalid("StartingPosition %s is not supported for DynamoDB Streams", start.Position)
}

// Read returns records of a stream's shard, and waits if there are none.
func (a Streams) Read(ctx context.Context, r stream.Request) (stream.Page, error) {
	after := int64(0)
	if r.After != "" {
		var ok bool
		if after, ok = parseSequence(r.After); !ok {
			return stream.Page{}, invalid("Invalid SequenceNumber: %s", r.After)
		}
	}
	timer := time.NewTimer(r.Wait)
	defer timer.Stop()
	for {
		page, changed, err := a.service.records(r, after)
		if err != nil || len(page.Records) > 0 || page.Closed || r.Wait <= 0 {
			return page, err
		}
		select {
		case <-changed:
		case <-timer.C:
			return page, nil
		case <-ctx.Done():
			return page, nil
		case <-a.service.stopped.Done():
			return page, nil
		}
	}
}

// records returns what there is to read, and a channel that is closed when
// there is more.
func (s *Service) records(r stream.Request, after int64) (page stream.Page, changed <-chan struct{}, err error) {
	s.mu.Lock() // trims
	defer s.mu.Unlock()
	st, err := s.findStream("", r.Source)
	if err != nil {
		return page, nil, err
	}
	st.trim(s.env.Now())
	last := after
	for _, c := range st.read(after+1, r.Most) {
		record, err := st.event(c)
		if err != nil {
			return page, nil, err
		}
		page.Records = append(page.Records, record)
		last = c.Sequence
	}
	page.Closed = !st.Closed.IsZero() && last >= st.Next-1
	return page, st.changed, nil
}

// event returns a change as the record of an event ("Using AWS Lambda with
// Amazon DynamoDB", Lambda Developer Guide).
func (st *feed) event(c *change) (stream.Record, error) {
	shown := st.record(c)
	shown.EventSourceARN = st.ARN
	if shown.UserIdentity != nil {
		shown.UserIdentity = &userIdentity{"principalId", "type"}
	}
	event, err := json.Marshal(shown)
	if err != nil {
		return stream.Record{}, err
	}
	key, err := json.Marshal(c.Keys)
	return stream.Record{Sequence: sequence(c.Sequence), Key: string(key), Arrived: c.At, Event: event}, err
}
