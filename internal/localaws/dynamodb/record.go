// SPDX-License-Identifier: MIT

package dynamodb

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// record is one change of the state: all of it happens or nothing. Every change
// is a record that is appended to the journal and then applied, so that the
// state can be made again from the journal.
type record struct {
	Table  *definition  `json:",omitempty"` // a table that is made or changed
	Drop   string       `json:",omitempty"` // the id of a table that is deleted
	Writes []itemWrite  `json:",omitempty"`
	Stream *streamState `json:",omitempty"` // a stream that is made or closed
	Kept   *kept        `json:",omitempty"`
	Token  *token       `json:",omitempty"` // the transaction that made the writes
}

// itemWrite puts an item or deletes the one with a key.
type itemWrite struct {
	Table  string         // its id
	Put    attribute.Item `json:",omitempty"`
	Delete attribute.Item `json:",omitempty"`
	Change *change        `json:",omitempty"` // what the table's stream gets
}

// kept is stream records that a compacted journal keeps.
type kept struct {
	Stream  string
	Changes []*change
}

// commit makes a change of the state last; s.mu is held. If there is an error
// nothing has changed.
func (s *Service) commit(r record) error {
	if r.Table == nil && r.Drop == "" && len(r.Writes) == 0 && r.Token == nil {
		return nil // nothing changes
	}
	s.number(r.Writes)
	data, err := json.Marshal(r)
	if err == nil {
		err = s.journal.append(data)
	}
	if err == nil {
		err = s.apply(r)
	}
	if err != nil {
		s.env.Log.Error().Err(err).Msg("keep change of dynamodb")
		return wire.Errorf(500, "InternalServerError", "keep the change: %v", err)
	}
	s.wakeReaders(r)
	if s.journal.wasteful() {
		s.compact()
	}
	return nil
}

// apply carries out a record.
func (s *Service) apply(r record) error {
	if r.Stream != nil {
		s.applyStream(*r.Stream)
	}
	switch {
	case r.Table != nil:
		s.applyTable(r.Table)
	case r.Drop != "":
		if t := s.byID[r.Drop]; t != nil {
			delete(s.byID, r.Drop)
			delete(s.tables, keyOf(t.Scope, t.Name))
		}
	}
	if r.Kept != nil {
		if st := s.streams[r.Kept.Stream]; st != nil {
			st.append(r.Kept.Changes...)
		}
	}
	for _, w := range r.Writes {
		if err := s.applyWrite(w); err != nil {
			return err
		}
	}
	if r.Token != nil {
		s.tokens[r.Token.ID] = *r.Token
	}
	return nil
}

func (s *Service) applyTable(d *definition) {
	t := s.byID[d.ID]
	if t == nil {
		t = newTable(d)
		s.byID[d.ID] = t
		s.tables[keyOf(d.Scope, d.Name)] = t
		return
	}
	t.define(d)
}

func (s *Service) applyWrite(w itemWrite) error {
	t := s.byID[w.Table]
	if t == nil {
		return fmt.Errorf("write an item: there is no table with id %s", w.Table)
	}
	switch {
	case w.Put != nil:
		t.put(w.Put)
	case w.Delete != nil:
		t.remove(t.place(w.Delete))
	default:
		return errors.New("write an item: the record has none")
	}
	if w.Change != nil {
		if st := s.streams[t.streamARN()]; st != nil {
			st.append(w.Change)
		}
	}
	return nil
}

// wakeReaders tells those who wait what a record brings them.
func (s *Service) wakeReaders(r record) {
	if r.Stream != nil {
		if st := s.streams[r.Stream.ARN]; st != nil {
			st.wake()
		}
	}
	for _, w := range r.Writes {
		t := s.byID[w.Table]
		if st := s.streams[t.streamARN()]; st != nil && w.Change != nil {
			st.wake()
		}
		if t.TTL != "" && w.Put != nil {
			s.wakeExpiry()
		}
	}
	if r.Table != nil && r.Table.TTL != "" {
		s.wakeExpiry()
	}
}

// put returns the write that stores an item; s.mu is held.
func (s *Service) put(t *table, item attribute.Item) itemWrite {
	w := itemWrite{Table: t.ID, Put: item}
	old := t.get(item)
	if t.StreamView != "" && !old.Equal(item) {
		event := "MODIFY"
		if old == nil {
			event = "INSERT"
		}
		w.Change = s.change(t, event, old, item)
	}
	return w
}

// remove returns the write that deletes an item which is there; s.mu is held.
func (s *Service) remove(t *table, item attribute.Item, expired bool) itemWrite {
	w := itemWrite{Table: t.ID, Delete: t.keyOfItem(item)}
	if t.StreamView != "" {
		w.Change = s.change(t, "REMOVE", item, nil)
		w.Change.Expired = expired
	}
	return w
}

// change returns what a stream says of a write, by its view.
func (s *Service) change(t *table, event string, old, item attribute.Item) *change {
	keys := item
	if item == nil {
		keys = old
	}
	c := &change{ID: eventID(), At: s.env.Now().Truncate(time.Millisecond), Event: event, Keys: t.keyOfItem(keys)}
	if t.StreamView == "NEW_IMAGE" || t.StreamView == "NEW_AND_OLD_IMAGES" {
		c.New = item
	}
	if t.StreamView == "OLD_IMAGE" || t.StreamView == "NEW_AND_OLD_IMAGES" {
		c.Old = old
	}
	return c
}

// number gives the changes of writes their sequence numbers.
func (s *Service) number(writes []itemWrite) {
	given := map[*feed]int64{}
	for _, w := range writes {
		if w.Change == nil {
			continue
		}
		st := s.streams[s.byID[w.Table].streamARN()]
		w.Change.Sequence = st.Next + given[st]
		given[st]++
	}
}
