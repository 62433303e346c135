// SPDX-License-Identifier: MIT

package logs

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

var streamName = lazy.MustCompile(`^[^:*]{1,512}$`)

// addStream makes a stream whose name is free; s.mu is held.
func (s *Service) addStream(g *group, name string) *stream {
	st := &stream{Name: name, File: wire.RequestID() + ".log", Created: s.env.Now().UnixMilli()}
	g.Streams[name] = st
	s.env.Store.Changed(document)
	return st
}

type streamInput struct {
	LogGroupName, LogStreamName string
}

func (s *Service) createLogStream(scope arn.Scope, in streamInput) (empty, error) {
	if !streamName.MatchString(in.LogStreamName) {
		return empty{}, invalid("1 validation error detected: Value '%s' at 'logStreamName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", in.LogStreamName)
	}
	return empty{}, s.edit(scope, in.LogGroupName, func(g *group) error {
		if g.Streams[in.LogStreamName] != nil {
			return wire.Errorf(400, "ResourceAlreadyExistsException", "The specified log stream already exists")
		}
		s.addStream(g, in.LogStreamName)
		return nil
	})
}

func (s *Service) deleteLogStream(scope arn.Scope, in streamInput) (empty, error) {
	return empty{}, s.edit(scope, in.LogGroupName, func(g *group) error {
		st := g.Streams[in.LogStreamName]
		if st == nil {
			return notFound("stream")
		}
		delete(g.Streams, in.LogStreamName)
		err := os.Remove(filepath.Join(s.dir(g), st.File))
		if errors.Is(err, fs.ErrNotExist) {
			return nil // no event was ever written
		}
		return err
	})
}

type describeStreamsInput struct {
	LogGroupName, LogGroupIdentifier string
	LogStreamNamePrefix              string
	OrderBy                          string
	Descending                       bool
	NextToken                        string
	Limit                            int
}

type streamOutput struct {
	LogStreamName       string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"`
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	UploadSequenceToken string `json:"uploadSequenceToken,omitempty"`
	ARN                 string `json:"arn"`
	StoredBytes         int64  `json:"storedBytes"` // 0 always: AWS stopped reporting it in 2019
}

type describeStreamsOutput struct {
	LogStreams []streamOutput `json:"logStreams"`
	NextToken  string         `json:"nextToken,omitempty"`
}

func (s *Service) describeLogStreams(scope arn.Scope, in describeStreamsInput) (describeStreamsOutput, error) {
	out := describeStreamsOutput{LogStreams: []streamOutput{}}
	byTime := in.OrderBy == "LastEventTime"
	if byTime && in.LogStreamNamePrefix != "" {
		return out, invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
	}
	if in.OrderBy != "" && in.OrderBy != "LogStreamName" && !byTime {
		return out, invalid("1 validation error detected: Value '%s' at 'orderBy' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [LogStreamName, LastEventTime]", in.OrderBy)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.find(scope, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return out, err
	}
	for name, st := range g.Streams {
		if strings.HasPrefix(name, in.LogStreamNamePrefix) {
			out.LogStreams = append(out.LogStreams, st.output(g))
		}
	}
	slices.SortFunc(out.LogStreams, func(a, b streamOutput) int {
		c := cmp.Compare(a.LogStreamName, b.LogStreamName)
		if byTime {
			c = cmp.Or(cmp.Compare(a.LastEventTimestamp, b.LastEventTimestamp), c)
		}
		if in.Descending {
			return -c
		}
		return c
	})
	out.LogStreams, out.NextToken, err = page(out.LogStreams, in.NextToken, in.Limit)
	return out, err
}

func (st *stream) output(g *group) streamOutput {
	return streamOutput{
		LogStreamName: st.Name, CreationTime: st.Created, ARN: g.arn() + ":log-stream:" + st.Name,
		FirstEventTimestamp: st.First, LastEventTimestamp: st.Last, LastIngestionTime: st.Ingested,
	}
}

type putInput struct {
	LogGroupName, LogStreamName string
	LogEvents                   []struct {
		Timestamp int64
		Message   string
	}
	SequenceToken string // no longer looked at by AWS either
}

type rejected struct {
	TooNewLogEventStartIndex *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldLogEventEndIndex   *int `json:"tooOldLogEventEndIndex,omitempty"`
	ExpiredLogEventEndIndex  *int `json:"expiredLogEventEndIndex,omitempty"`
}

type putOutput struct {
	NextSequenceToken     string    `json:"nextSequenceToken"`
	RejectedLogEventsInfo *rejected `json:"rejectedLogEventsInfo,omitempty"`
}

// The limits of PutLogEvents (API reference).
const (
	maxBatchBytes  = 1 << 20
	maxBatchEvents = 10_000
	tooOld         = 14 * 24 * time.Hour
	tooNew         = 2 * time.Hour
)

func (s *Service) putLogEvents(scope arn.Scope, in putInput) (putOutput, error) {
	out := putOutput{NextSequenceToken: wire.RequestID()}
	if err := in.check(); err != nil {
		return out, err
	}
	s.mu.Lock()
	g, err := s.find(scope, in.LogGroupName, "")
	if err != nil {
		s.mu.Unlock()
		return out, err
	}
	st, cutoff := g.Streams[in.LogStreamName], s.cutoff(g)
	s.mu.Unlock()
	if st == nil {
		return out, notFound("stream")
	}
	var events []Event
	events, out.RejectedLogEventsInfo = in.accept(s.env.Now(), cutoff)
	return out, s.write(g, st, events)
}

func (in putInput) check() error {
	bytes := 0
	if len(in.LogEvents) == 0 || len(in.LogEvents) > maxBatchEvents {
		return invalid("1 validation error detected: Value at 'logEvents' failed to satisfy constraint: "+
			"Member must have length between 1 and %d", maxBatchEvents)
	}
	for i, e := range in.LogEvents {
		if e.Message == "" {
			return invalid("1 validation error detected: Value '' at 'logEvents.%d.member.message' failed to satisfy "+
				"constraint: Member must have length greater than or equal to 1", i+1)
		}
		if i > 0 && e.Timestamp < in.LogEvents[i-1].Timestamp {
			return invalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
		bytes += len(e.Message) + overhead
	}
	if bytes > maxBatchBytes {
		return invalid("Upload too large: %d bytes exceeds limit of %d", bytes, maxBatchBytes)
	}
	return nil
}

// accept returns the events that are neither too old, expired nor too new.
func (in putInput) accept(now time.Time, cutoff int64) ([]Event, *rejected) {
	var events []Event
	var r rejected
	for i, e := range in.LogEvents {
		switch at := time.UnixMilli(e.Timestamp); {
		case e.Timestamp < cutoff:
			r.ExpiredLogEventEndIndex = new(i + 1)
		case now.Sub(at) > tooOld:
			r.TooOldLogEventEndIndex = new(i + 1)
		case at.Sub(now) > tooNew:
			if r.TooNewLogEventStartIndex == nil {
				r.TooNewLogEventStartIndex = new(i)
			}
		default:
			events = append(events, Event{Time: at, Message: e.Message})
		}
	}
	if r == (rejected{}) {
		return events, nil
	}
	return events, &r
}
