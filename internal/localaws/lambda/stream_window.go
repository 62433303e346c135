// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"strconv"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// windowDocument is the name of the store's document that holds the tumbling
// windows that are open.
const windowDocument = "lambda-windows"

// maxState is how large the state of a window may get, in bytes: beyond it the
// window ends early ("Implementing stateful Kinesis Data Streams processing in
// Lambda", Lambda Developer Guide).
const maxState = 1 << 20

// window is a tumbling window of a lane: what the function hands from one batch to
// the next. Windows begin at whole multiples of their length since 1970, and hold
// what arrived in them. Nothing arrives late on one machine, so that a window ends
// with its time, whereas AWS may wait for two minutes.
type window struct {
	Start, End time.Time
	State      json.RawMessage // an object
}

// windowAt returns the window of a time, without a state.
func (l lane) windowAt(at time.Time) window {
	length := int64(l.m.Stream.TumbleSeconds)
	start := time.Unix(at.Unix()/length*length, 0).UTC()
	return window{start, start.Add(time.Duration(length) * time.Second), json.RawMessage("{}")}
}

func (l lane) tumbles() bool { return l.topic == nil && l.m.Stream.TumbleSeconds > 0 }

// name tells the lanes of a mapping apart.
func (l lane) name() string { return l.shard + "/" + strconv.Itoa(l.index) }

// window returns the open window of a lane.
func (s *Service) window(l lane) (window, bool) {
	if !l.tumbles() {
		return window{}, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	w, open := s.windows[l.m.ID][l.name()]
	return w, open
}

// keepWindow keeps the state of a window.
func (s *Service) keepWindow(l lane, w window) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.mappings[l.m.ID] == nil {
		return // deleted
	}
	if s.windows[l.m.ID] == nil {
		s.windows[l.m.ID] = map[string]window{}
	}
	s.windows[l.m.ID][l.name()] = w
	s.env.Store.Changed(windowDocument)
}

func (s *Service) dropWindow(l lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.windows[l.m.ID], l.name())
	s.env.Store.Changed(windowDocument)
}

// dropWindows forgets the windows of a mapping that has none any more; s.mu is
// held.
func (s *Service) dropWindows(id string) {
	if s.windows[id] != nil {
		delete(s.windows, id)
		s.env.Store.Changed(windowDocument)
	}
}

func (s *Service) snapshotWindows() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return json.Marshal(s.windows)
}

// windowEvent is the event for a function whose mapping has windows; the page of
// maxState has an example.
type windowEvent struct {
	Records []json.RawMessage
	Window  struct {
		Start time.Time `json:"start"`
		End   time.Time `json:"end"`
	} `json:"window"`
	State          json.RawMessage `json:"state"`
	ShardID        string          `json:"shardId"`
	EventSourceARN string          `json:"eventSourceARN"`
	Final          bool            `json:"isFinalInvokeForWindow"`
	Early          bool            `json:"isWindowTerminatedEarly"`
}

func (l lane) windowEvent(w window, records []stream.Record) windowEvent {
	out := windowEvent{Records: []json.RawMessage{}, State: w.State, ShardID: l.shard, EventSourceARN: l.m.Source}
	out.Window.Start, out.Window.End = w.Start, w.End
	for _, r := range records {
		out.Records = append(out.Records, r.Event)
	}
	return out
}

// payload returns the event for records, and the window that they fall into.
func (s *Service) payload(l lane, records []stream.Record) ([]byte, window, error) {
	if !l.tumbles() {
		payload, err := l.event(records)
		return payload, window{}, err
	}
	w, open := s.window(l)
	if !open {
		w = l.windowAt(records[0].Arrived)
	}
	payload, err := json.Marshal(l.windowEvent(w, records))
	return payload, w, err
}

// stateOf reads the state that a function hands on. An answer without one is a
// failure.
func stateOf(response Response) (json.RawMessage, error) {
	var answer struct {
		State map[string]json.RawMessage `json:"state"`
	}
	if response.FunctionError != "" {
		return nil, errors.New("the function failed")
	}
	if err := json.Unmarshal(response.Payload, &answer); err != nil {
		return nil, err
	}
	if answer.State == nil {
		return nil, errors.New("the function answers without a state")
	}
	return json.Marshal(answer.State)
}

// handledIn is handled for records in a window, whose state it keeps.
func (s *Service) handledIn(l lane, w window, response Response, records []stream.Record) int {
	if !l.tumbles() {
		return l.handled(response, records)
	}
	state, err := stateOf(response)
	if err != nil {
		return 0
	}
	handled := l.handled(response, records)
	if handled > 0 {
		w.State = state
		s.keepWindow(l, w)
	}
	return handled
}

// endWindowEarly ends a window whose state has become too large: the rest of its
// time begins with a fresh one.
func (s *Service) endWindowEarly(ctx context.Context, l lane) {
	if w, open := s.window(l); open && len(w.State) > maxState {
		s.endWindow(ctx, l, true)
	}
}

// endWindow has the function handle the final state of the open window of a lane.
// Nothing else is read until it succeeds, its retries are used up or ctx ends.
func (s *Service) endWindow(ctx context.Context, l lane, early bool) {
	w, open := s.window(l)
	if !open {
		return
	}
	event := l.windowEvent(w, nil)
	event.Final, event.Early = true, early
	payload, err := json.Marshal(event)
	if err != nil {
		s.env.Log.Warn().Err(err).Msg("encode event")
		return
	}
	for pause, failures := pollPause, 0; ctx.Err() == nil; pause = min(2*pause, maxPause) {
		response, err := s.invoke(context.Background(), l.m.Scope, l.m.Function, payload, InvokeOptions{}) // the pool ends it when the service closes
		if err == nil {
			if _, err = stateOf(response); err == nil {
				s.processed(l.m, "OK")
				s.dropWindow(l)
				return
			}
			failures++
		}
		s.env.Log.Warn().Err(err).Str("mapping", l.m.ID).Str("shard", l.shard).Msg("invoke function at the end of a window")
		s.processed(l.m, "PROBLEM: Function call failed")
		if limit := l.m.Stream.Retries; limit != unlimited && failures > limit {
			s.dropWindow(l)
			return
		}
		sleep(ctx, pause)
	}
}
