// SPDX-License-Identifier: MIT

package logs

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// The size of one answer of GetLogEvents and FilterLogEvents (API reference).
const (
	maxPageEvents = 10_000
	maxPageBytes  = 1 << 20
)

type getInput struct {
	LogGroupName, LogGroupIdentifier string
	LogStreamName                    string
	StartTime, EndTime               *int64
	NextToken                        string
	Limit                            int
	StartFromHead                    bool
}

type eventOutput struct {
	LogStreamName string `json:"logStreamName,omitempty"`
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
	EventID       string `json:"eventId,omitempty"`
}

type getOutput struct {
	Events            []eventOutput `json:"events"`
	NextForwardToken  string        `json:"nextForwardToken"`
	NextBackwardToken string        `json:"nextBackwardToken"`
}

// window is a part of a stream's events, which are numbered from 0 by time.
type window struct {
	from, to int  // number of the first event, and of the one after the last
	tail     bool // keep the last events where not all fit
}

func (s *Service) getLogEvents(scope arn.Scope, in getInput) (getOutput, error) {
	limit, err := pageLimit(in.Limit)
	if err != nil {
		return getOutput{}, err
	}
	w := window{to: math.MaxInt, tail: !in.StartFromHead}
	if in.NextToken != "" {
		if w, err = parseToken(in.NextToken); err != nil {
			return getOutput{}, err
		}
	}
	s.mu.Lock()
	g, err := s.find(scope, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		s.mu.Unlock()
		return getOutput{}, err
	}
	st := g.Streams[in.LogStreamName]
	if st == nil {
		s.mu.Unlock()
		return getOutput{}, notFound("stream")
	}
	v, from := s.view(g, st), s.cutoff(g)
	s.mu.Unlock()
	to := int64(math.MaxInt64)
	if in.StartTime != nil {
		from = max(from, *in.StartTime)
	}
	if in.EndTime != nil {
		to = *in.EndTime - 1
	}
	return w.read(v, from, to, limit)
}

// read returns the events of the window whose time is in the given range.
func (w window) read(v view, from, to int64, limit int) (getOutput, error) {
	var numbers []int
	events := []eventOutput{}
	bytes, number := 0, -1
	for r, err := range v.records() {
		if err != nil {
			return getOutput{}, err
		}
		number++
		if number >= w.to || r.time > to {
			break
		}
		if number < w.from || r.time < from {
			continue
		}
		size := len(r.message) + overhead
		if full := len(events) == limit || bytes+size > maxPageBytes; full && !w.tail && len(events) > 0 {
			break
		}
		events = append(events, eventOutput{Timestamp: r.time, Message: r.message, IngestionTime: r.ingested})
		numbers = append(numbers, number)
		bytes += size
		for len(events) > limit || bytes > maxPageBytes && len(events) > 1 {
			bytes -= len(events[0].Message) + overhead
			events, numbers = events[1:], numbers[1:]
		}
	}
	first, next := w.bounds(number)
	if len(numbers) > 0 {
		first, next = numbers[0], numbers[len(numbers)-1]+1
	}
	return getOutput{
		Events:           events,
		NextForwardToken: fmt.Sprintf("f/%056d/s", next), NextBackwardToken: fmt.Sprintf("b/%056d/s", first),
	}, nil
}

// bounds says where to go on, backward and forward, when no event was found.
func (w window) bounds(last int) (first, next int) {
	switch {
	case w.to != math.MaxInt:
		return w.to, w.to
	case w.tail:
		return last + 1, last + 1
	}
	return w.from, w.from
}

// parseToken returns the window that a token of GetLogEvents stands for.
func parseToken(token string) (window, error) {
	direction, rest, _ := strings.Cut(token, "/")
	n, err := strconv.Atoi(strings.TrimSuffix(rest, "/s"))
	switch {
	case err == nil && n >= 0 && direction == "f":
		return window{from: n, to: math.MaxInt}, nil
	case err == nil && n >= 0 && direction == "b":
		return window{to: n, tail: true}, nil
	}
	return window{}, invalid("The specified nextToken is invalid.")
}

func pageLimit(limit int) (int, error) {
	if limit < 0 || limit > maxPageEvents {
		return 0, invalid("1 validation error detected: Value '%d' at 'limit' failed to satisfy constraint: "+
			"Member must have value between 1 and %d", limit, maxPageEvents)
	}
	if limit == 0 {
		return maxPageEvents, nil
	}
	return limit, nil
}

type filterInput struct {
	LogGroupName, LogGroupIdentifier string
	LogStreamNames                   []string
	LogStreamNamePrefix              string
	StartTime, EndTime               *int64
	FilterPattern                    string
	NextToken                        string
	Limit                            int
	Interleaved                      bool // AWS interleaves always since 2019
}

type filterOutput struct {
	Events             []eventOutput `json:"events"`
	SearchedLogStreams []empty       `json:"searchedLogStreams"` // empty always, as on AWS since 2019
	NextToken          string        `json:"nextToken,omitempty"`
}

func (s *Service) filterLogEvents(scope arn.Scope, in filterInput) (filterOutput, error) {
	out := filterOutput{Events: []eventOutput{}, SearchedLogStreams: []empty{}}
	limit, err := pageLimit(in.Limit)
	if err != nil {
		return out, err
	}
	p, err := parsePattern(in.FilterPattern)
	if err != nil {
		return out, err
	}
	after, err := parsePlace(in.NextToken)
	if err != nil {
		return out, err
	}
	views, from, err := s.searched(scope, in)
	if err != nil {
		return out, err
	}
	to := int64(math.MaxInt64)
	if in.EndTime != nil {
		to = *in.EndTime
	}
	bytes := 0
	var last record
	for r, err := range merge(views, max(from, after.time), to) {
		if err != nil {
			return out, err
		}
		if in.NextToken != "" && compare(r, after) <= 0 || !p.Match(r.message) {
			continue
		}
		bytes += len(r.message)
		if len(out.Events) == limit || bytes > maxPageBytes && len(out.Events) > 0 {
			out.NextToken = place(last)
			break
		}
		out.Events = append(out.Events, r.output())
		last = r
	}
	return out, nil
}

// searched returns the streams to search and the time to begin with.
func (s *Service) searched(scope arn.Scope, in filterInput) (views []view, from int64, err error) {
	if in.LogStreamNamePrefix != "" && len(in.LogStreamNames) > 0 {
		return nil, 0, invalid("Log stream name prefix and log stream names are mutually exclusive parameters.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.find(scope, in.LogGroupName, in.LogGroupIdentifier)
	if err != nil {
		return nil, 0, err
	}
	for _, name := range in.LogStreamNames {
		if g.Streams[name] == nil {
			return nil, 0, notFound("stream")
		}
	}
	for name, st := range g.Streams {
		named := len(in.LogStreamNames) == 0 || slices.Contains(in.LogStreamNames, name)
		if named && strings.HasPrefix(name, in.LogStreamNamePrefix) {
			views = append(views, s.view(g, st))
		}
	}
	from = s.cutoff(g)
	if in.StartTime != nil {
		from = max(from, *in.StartTime)
	}
	return views, from, nil
}

func (r record) output() eventOutput {
	h := fnv.New64a()
	_, _ = h.Write([]byte(r.stream)) // never fails
	return eventOutput{
		LogStreamName: r.stream, Timestamp: r.time, Message: r.message, IngestionTime: r.ingested,
		EventID: fmt.Sprintf("%018d%020d%018d", r.time, h.Sum64(), r.offset),
	}
}

// place writes down where an event stands, as a token of FilterLogEvents.
func place(r record) string { return fmt.Sprintf("%d/%d/%s", r.time, r.offset, r.stream) }

func parsePlace(token string) (record, error) {
	if token == "" {
		return record{time: math.MinInt64}, nil
	}
	parts := strings.SplitN(token, "/", 3)
	if len(parts) == 3 {
		at, err1 := strconv.ParseInt(parts[0], 10, 64)
		offset, err2 := strconv.ParseInt(parts[1], 10, 64)
		if err1 == nil && err2 == nil {
			return record{time: at, offset: offset, stream: parts[2]}, nil
		}
	}
	return record{}, invalid("The specified nextToken is invalid.")
}
