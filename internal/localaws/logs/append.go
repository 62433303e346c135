// SPDX-License-Identifier: MIT

package logs

import (
	"errors"
	"io/fs"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// Permission returns an error unless an action is allowed on a resource.
type Permission func(action, resource string) error

// AppendAs is Append for a service that acts with a role: logs:PutLogEvents is
// needed, and logs:CreateLogStream and logs:CreateLogGroup where stream and
// group do not exist.
func (s *Service) AppendAs(scope arn.Scope, group, stream string, events []Event, may Permission) error {
	s.mu.Lock()
	g := s.groups[keyOf(scope, group)]
	missing := g == nil || g.Streams[stream] == nil
	s.mu.Unlock()
	if g == nil {
		if err := may("logs:CreateLogGroup", streamARN(scope, group, "")); err != nil {
			return err
		}
	}
	on := streamARN(scope, group, stream)
	if missing {
		if err := may("logs:CreateLogStream", on); err != nil {
			return err
		}
	}
	if err := may("logs:PutLogEvents", on); err != nil {
		return err
	}
	return s.Append(scope, group, stream, events)
}

// Append writes events to a stream, making the group and the stream where they
// do not exist. The group's name must be valid.
func (s *Service) Append(scope arn.Scope, group, stream string, events []Event) error {
	if err := checkGroupName(group); err != nil {
		return err
	}
	s.mu.Lock()
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

// write appends events to a stream and passes them on.
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
	s.tell(g, st.Name, events)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range events {
		st.count(e, now)
	}
	s.forward(g, st, events, offsets)
	s.env.Store.Changed(document)
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
