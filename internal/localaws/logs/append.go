// SPDX-License-Identifier: MIT

package logs

import (
	"errors"
	"io/fs"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// Append writes events to a stream, making the group and the stream where they
// do not exist, as a service does whose role has logs:CreateLogGroup and
// logs:CreateLogStream. The group's name must be valid.
func (s *Service) Append(scope arn.Scope, group, stream string, events []Event) error {
	return s.appendTo(scope, group, stream, events, true)
}

// AppendExisting is Append for a service that makes groups of its own names only, those
// that start with /aws/. Any other group was made by somebody else: once it is
// deleted, a late line must not make it again. Such a line is dropped, as it is
// where the role has no logs:CreateLogGroup.
func (s *Service) AppendExisting(scope arn.Scope, group, stream string, events []Event) error {
	return s.appendTo(scope, group, stream, events, strings.HasPrefix(group, "/aws/"))
}

func (s *Service) appendTo(scope arn.Scope, group, stream string, events []Event, create bool) error {
	if err := checkGroupName(group); err != nil {
		return err
	}
	s.mu.Lock()
	if !create && s.groups[keyOf(scope, group)] == nil {
		s.mu.Unlock()
		return nil
	}
	g, st, err := s.ensure(scope, group, stream)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	return s.write(g, st, events)
}

// ensure returns a stream that there is afterwards; s.mu is held.
func (s *Service) ensure(scope arn.Scope, name, streamName string) (*group, *stream, error) {
	g := s.groups[keyOf(scope, name)]
	if g == nil {
		var err error
		if g, err = s.add(scope, groupSpec{name: name, class: "STANDARD"}); err != nil {
			return nil, nil, err
		}
	}
	st := g.Streams[streamName]
	if st == nil {
		st = s.addStream(g, streamName)
	}
	return g, st, nil
}

// write appends events to a stream and tells those who wait for them.
func (s *Service) write(g *group, st *stream, events []Event) error {
	if len(events) == 0 {
		return nil
	}
	st.writing.Lock()
	defer st.writing.Unlock()
	now := s.env.Now().UnixMilli()
	offsets, err := st.append(s.dir(g), events, now)
	if errors.Is(err, fs.ErrNotExist) {
		return notFound("stream") // deleted meanwhile
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		st.count(e, now)
	}
	s.forward(g, st, events, offsets)
	s.env.Store.Changed(document)
	close(s.arrived)
	s.arrived = make(chan struct{})
	return nil
}

// count takes an event into the figures of the stream.
func (st *stream) count(e Event, now int64) {
	at := e.Time.UnixMilli()
	if st.Bytes == 0 {
		st.First, st.Last = at, at
	}
	st.Shuffled = st.Shuffled || at < st.Last
	st.First, st.Last = min(st.First, at), max(st.Last, at)
	st.Ingested = now
	st.Bytes += int64(len(e.Message)) + overhead
}
