// SPDX-License-Identifier: MIT

package logs

import "time"

// Record is one log event that was written.
type Record struct {
	Group   string
	Stream  string
	Time    time.Time // UTC, to the millisecond
	Message string
}

// Tail tells hear each event from now on, one at a time for each stream, before
// who wrote it goes on. It is called before anything is written.
func (s *Service) Tail(hear func(Record)) { s.hear = hear }

// tell passes events on to who listens.
func (s *Service) tell(g *group, streamName string, events []Event) {
	if s.hear == nil {
		return
	}
	for _, e := range events {
		s.hear(Record{Group: g.Name, Stream: streamName, Time: e.Time.UTC().Truncate(time.Millisecond), Message: e.Message})
	}
}
