// SPDX-License-Identifier: MIT

package logs

import (
	"context"
	"errors"
	"iter"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// Record is one log event that was read.
type Record struct {
	Stream  string
	Time    time.Time
	Message string
}

// Tail yields the events of a log group since a moment, oldest first, and then
// those that arrive, until ctx ends, which is no error. A group that does not
// exist yet is waited for.
func (s *Service) Tail(ctx context.Context, scope arn.Scope, group string, since time.Time) iter.Seq2[Record, error] {
	return func(yield func(Record, error) bool) {
		read := map[string]int64{} // the offset behind what was yielded, by file
		for {
			views, arrived := s.growth(scope, group)
			batch, err := unread(views, read, since)
			if err != nil {
				yield(Record{}, err)
				return
			}
			for _, r := range batch {
				if ctx.Err() != nil || !yield(Record{Stream: r.stream, Time: time.UnixMilli(r.time), Message: r.message}, nil) {
					return
				}
			}
			if len(batch) > 0 {
				continue
			}
			select {
			case <-arrived:
			case <-ctx.Done():
				return
			}
		}
	}
}

// growth returns the streams of a group and a channel that is closed when
// further events have been written.
func (s *Service) growth(scope arn.Scope, name string) ([]view, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var views []view
	if g := s.groups[keyOf(scope, name)]; g != nil {
		for _, st := range g.Streams {
			views = append(views, s.view(g, st))
		}
	}
	return views, s.arrived
}

// tailBatch bounds how many events of one stream are in memory at a time.
const tailBatch = 1000

// unread returns the next events of all streams in the order of their times.
func unread(views []view, read map[string]int64, since time.Time) ([]record, error) {
	var batch []record
	var errs []error
	for _, v := range views {
		count := 0
		end, err := scan(v.path, read[v.path], func(r record) bool {
			if r.stream = v.name; r.time >= since.UnixMilli() {
				batch = append(batch, r)
				count++
			}
			return count < tailBatch
		})
		read[v.path] = end
		errs = append(errs, err)
	}
	slices.SortStableFunc(batch, compare)
	return batch, errors.Join(errs...)
}
