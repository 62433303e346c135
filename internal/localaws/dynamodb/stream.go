// SPDX-License-Identifier: MIT

package dynamodb

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// retention is how long a stream keeps its records ("Change data capture for
// DynamoDB Streams", DynamoDB Developer Guide).
const retention = 24 * time.Hour

// feed is the stream of a table, its changes of a table; guarded by Service.mu. It has one shard.
type feed struct {
	streamState
	changes []*change
	changed chan struct{} // closed and replaced when there is more to read
}

// streamState is a stream without its records.
type streamState struct {
	ARN       string
	Scope     arn.Scope
	Table     string // its name
	Label     string
	View      string
	KeySchema []keyElement
	Created   time.Time
	Closed    time.Time `json:",omitzero"`
	Next      int64     // the sequence number of the next change
}

// change is a record of a stream.
type change struct {
	Sequence int64
	ID       string
	At       time.Time
	Event    string // INSERT, MODIFY or REMOVE
	Keys     attribute.Item
	New, Old attribute.Item `json:",omitempty"`
	Expired  bool           `json:",omitempty"` // deleted by time to live
}

// eventID returns 32 random hexadecimal digits.
func eventID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// sequence writes a sequence number with the length that DynamoDB's have at
// least.
func sequence(n int64) string { return fmt.Sprintf("1%020d", n) }

// parseSequence reads a sequence number.
func parseSequence(text string) (int64, bool) {
	digits, ok := strings.CutPrefix(text, "1")
	n, err := strconv.ParseInt(digits, 10, 64)
	return n, ok && len(digits) == 20 && err == nil && n >= 0
}

func (s *Service) applyStream(state streamState) {
	st := s.streams[state.ARN]
	if st == nil {
		s.streams[state.ARN] = &feed{streamState: state, changed: make(chan struct{})}
		return
	}
	state.Next = max(state.Next, st.Next)
	st.streamState = state
}

func (st *feed) append(changes ...*change) {
	st.changes = append(st.changes, changes...)
	for _, c := range changes {
		st.Next = max(st.Next, c.Sequence+1)
	}
}

// wake tells those who wait for records to look again.
func (st *feed) wake() {
	close(st.changed)
	st.changed = make(chan struct{})
}

// trim forgets the records whose time is over.
func (st *feed) trim(now time.Time) {
	kept := slices.IndexFunc(st.changes, func(c *change) bool { return now.Sub(c.At) < retention })
	switch {
	case kept < 0:
		st.changes = nil
	case kept > 0:
		st.changes = slices.Clone(st.changes[kept:])
	}
}

// from returns the records with a sequence number or a greater one; the caller
// may keep them.
func (st *feed) from(n int64) []*change {
	i, _ := slices.BinarySearchFunc(st.changes, n, func(c *change, n int64) int { return int(c.Sequence - n) })
	return st.changes[i:]
}

// oldest returns the sequence number of the oldest record that there is, or of
// the next one.
func (st *feed) oldest() int64 {
	if len(st.changes) > 0 {
		return st.changes[0].Sequence
	}
	return st.Next
}

// shard returns the id of the stream's shard.
func (st *feed) shard() string {
	tag := fmt.Sprintf("%08x", uint32(hash([]byte(st.ARN))))
	return fmt.Sprintf("shardId-%020d-%s", st.Created.UnixMilli(), tag)
}

// open returns the state of a new stream.
func (d *definition) open(now time.Time) *streamState {
	return &streamState{
		ARN: d.streamARN(), Scope: d.Scope, Table: d.Name, Label: d.StreamLabel, View: d.StreamView, KeySchema: d.KeySchema,
		Created: now, Next: 1,
	}
}

// label returns a stream label that differs from the last one.
func label(now time.Time, last string) string {
	const layout = "2006-01-02T15:04:05.000"
	for now = now.UTC(); ; now = now.Add(time.Millisecond) {
		if text := now.Format(layout); text != last {
			return text
		}
	}
}

// closed returns the state of the stream of a table that is closed now, or nil
// if it has none.
func (s *Service) closed(t *table) *streamState {
	st := s.streams[t.streamARN()]
	if t.StreamView == "" || st == nil {
		return nil
	}
	state := st.streamState
	state.Closed = s.env.Now()
	return &state
}
