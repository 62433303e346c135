// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"hash/fnv"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// lane reads those records of a shard whose keys fall to it, and has one batch
// of them handled at a time. A shard has as many lanes as the mapping's
// parallelization factor.
type lane struct {
	m       *mapping
	streams readable
	shard   string // or topic-partition
	index   int
	topic   *topicLane // nil: a shard
}

// readable is what a lane reads; all Streams are such.
type readable interface {
	Read(ctx context.Context, r stream.Request) (stream.Page, error)
}

// startReading begins to read the stream of a mapping; s.mu is held. Where that
// begins is settled now, so that LATEST misses nothing that comes from here on.
func (s *Service) startReading(m *mapping) {
	a, _ := arn.Parse(m.Source)
	streams := s.deps.Streams[a.Service]
	if streams == nil {
		return
	}
	if s.positions[m.ID] == nil {
		if _, err := s.locate(s.stopped, m, streams); err != nil {
			s.env.Log.Warn().Err(err).Str("mapping", m.ID).Msg("find shards of stream")
		}
	}
	ctx, cancel := context.WithCancel(s.stopped)
	m.cancel, m.ended = cancel, make(chan struct{})
	s.work.Go(func() {
		defer close(m.ended)
		if m.before != nil {
			<-m.before // one reader at a time keeps the order
		}
		if m.Stream.TumbleSeconds == 0 {
			s.mu.Lock()
			s.dropWindows(m.ID)
			s.mu.Unlock()
		}
		s.read(ctx, m, streams)
	})
}

// read starts the lanes of a mapping's shards, also of those that come later,
// until ctx ends, and waits for them.
func (s *Service) read(ctx context.Context, m *mapping, streams Streams) {
	var lanes sync.WaitGroup
	defer lanes.Wait()
	begun := map[string]bool{}
	ended := make(chan struct{}, 1)
	for ctx.Err() == nil {
		s.mu.Lock()
		shards, err := s.locate(ctx, m, streams)
		s.mu.Unlock()
		if err != nil && ctx.Err() == nil {
			s.pollFailed(m, err)
		}
		for _, shard := range shards {
			if begun[shard] {
				continue
			}
			begun[shard] = true
			for i := range m.Stream.Parallel {
				lanes.Go(func() {
					s.follow(ctx, lane{m: m, streams: streams, shard: shard, index: i})
					select {
					case ended <- struct{}{}:
					default:
					}
				})
			}
		}
		select {
		case <-ended: // of a closed shard: others may follow it
		case <-time.After(pollWait):
		case <-ctx.Done():
		}
	}
}

func (s *Service) pollFailed(m *mapping, err error) {
	s.env.Log.Warn().Err(err).Str("mapping", m.ID).Msg("poll stream")
	s.processed(m, problem(err))
}

// problem words an error as a last result.
func problem(err error) string { return "PROBLEM: " + err.Error() }

// follow has batch after batch handled until ctx or the shard ends.
func (s *Service) follow(ctx context.Context, l lane) {
	for ctx.Err() == nil {
		b, err := s.collect(ctx, l)
		switch {
		case err != nil && ctx.Err() == nil:
			s.pollFailed(l.m, err)
			sleep(ctx, pollPause)
		case len(b.records) > 0:
			if s.settleBatch(ctx, l, b.records) {
				s.advance(l, b.through)
			}
			s.endWindowEarly(ctx, l)
		case b.over:
			s.endWindow(ctx, l, false)
		case b.closed:
			s.endWindow(ctx, l, false)
			return
		}
	}
}

// batch is a batch of records.
type batch struct {
	records []stream.Record
	through string    // sequence number up to which there are no others for the lane
	closed  bool      // the shard is closed, and nothing follows
	end     time.Time // of the tumbling window that the records have to be in; zero: none is known yet
	over    bool      // nothing follows in the tumbling window
	size    int       // bytes of the records in an event
}

// take adds those of the records that fall to the lane and are admitted, and passes
// over the others. It reports whether the batch is complete.
func (b *batch) take(l lane, records []stream.Record) bool {
	for _, r := range records {
		if !b.end.IsZero() && !r.Arrived.Before(b.end) {
			b.over = true
			return true
		}
		if l.wants(r) {
			if b.size += len(r.Event) + 1; b.size > maxEvent && len(b.records) > 0 {
				return true
			}
			if l.tumbles() && b.end.IsZero() {
				b.end = l.windowAt(r.Arrived).End
			}
			b.records = append(b.records, r)
		}
		if b.through = r.Sequence; len(b.records) == l.m.BatchSize {
			return true
		}
	}
	return false
}

// within returns how long to wait for records: a time, but not beyond the end of
// the tumbling window.
func (b *batch) within(wait time.Duration, now time.Time) time.Duration {
	if b.end.IsZero() {
		return wait
	}
	return max(0, min(wait, b.end.Sub(now)))
}

// collect reads a batch: what one call gives or, with a batching window, what
// arrives until the batch is full or the window over. Records that no filter admits
// are passed over.
func (s *Service) collect(ctx context.Context, l lane) (batch, error) {
	b := batch{through: s.position(l)}
	if w, open := s.window(l); open {
		b.end = w.End
	}
	wait := pollWait
	var over time.Time // end of the batching window
	for ctx.Err() == nil {
		if err := s.mayReadLane(ctx, l); err != nil {
			return b, err
		}
		page, err := l.streams.Read(ctx, stream.Request{
			Source: l.m.Source, Shard: l.shard, After: b.through, Most: l.m.BatchSize, Wait: b.within(wait, s.env.Now()), Role: s.roleOf(l.m.Scope, l.m.Function),
		})
		if err != nil {
			return b, err
		}
		if b.take(l, page.Records) {
			return b, nil
		}
		gathering := l.m.window()
		switch {
		case len(b.records) == 0:
			s.advance(l, b.through)
		case gathering == 0:
			return b, nil
		case over.IsZero():
			over = s.env.Now().Add(gathering)
		}
		if b.closed = page.Closed; b.closed {
			return b, nil
		}
		if b.over = len(page.Records) == 0 && !b.end.IsZero() && !s.env.Now().Before(b.end); b.over {
			return b, nil
		}
		if len(b.records) > 0 {
			if wait = over.Sub(s.env.Now()); wait <= 0 {
				return b, nil
			}
		}
	}
	return batch{}, nil
}

// wants reports whether a record falls to the lane and is admitted by a filter.
func (l lane) wants(r stream.Record) bool {
	if l.m.Stream.Parallel > 1 {
		h := fnv.New32a()
		_, _ = h.Write([]byte(r.Key)) // never fails
		if int(h.Sum32()%uint32(l.m.Stream.Parallel)) != l.index {
			return false
		}
	}
	if len(l.m.patterns) == 0 {
		return true
	}
	data := r.Filtered
	if data == nil {
		data = r.Event
	}
	v, err := eventpattern.Decode(data)
	return err == nil && l.m.admits(v)
}
