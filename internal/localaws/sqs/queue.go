// SPDX-License-Identifier: MIT

package sqs

import (
	"maps"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// queue is a queue with its messages; guarded by Service.mu.
type queue struct {
	definition
	content
	changed chan struct{} // closed and replaced when messages may have become visible, closed when the queue is deleted
}

// definition is what was said of a queue.
type definition struct {
	Scope             arn.Scope
	Name              string
	Created, Modified time.Time
	Settings          settings
	Tags              map[string]string `json:",omitempty"`
	Policy            string            `json:",omitempty"` // JSON as it was put
}

// content is what is in a queue.
type content struct {
	Messages []*message      `json:",omitempty"` // in the order of arrival
	Sequence int64           `json:",omitempty"` // of the last message of a FIFO queue
	Seen     map[string]sent `json:",omitempty"` // what FIFO queues got in the last minutes, by deduplication id
	Purged   time.Time       `json:",omitzero"`
}

// message is a message in a queue.
type message struct {
	ID            string
	Body          string
	Attributes    map[string]delivery.Attribute `json:",omitempty"`
	TraceHeader   string                        `json:",omitempty"`
	Sender        string
	Sent          time.Time
	Visible       time.Time // when it can be received next
	FirstReceived time.Time `json:",omitzero"`
	Received      int       `json:",omitempty"` // over all queues, as SQS counts
	ReceivedHere  int       `json:",omitempty"` // in this queue: decides on the dead-letter queue
	Receipt       string    `json:",omitempty"` // of the last time it was received
	Group         string    `json:",omitempty"`
	Deduplication string    `json:",omitempty"`
	Sequence      string    `json:",omitempty"`
	DeadFrom      string    `json:",omitempty"` // ARN of the queue that gave it up
}

// sent is a message that a FIFO queue got.
type sent struct {
	ID, Sequence string
	At           time.Time
}

// deduplicationInterval is how long a FIFO queue remembers what it got ("Exactly-once
// processing", SQS Developer Guide).
const deduplicationInterval = 5 * time.Minute

func (d definition) arn() string { return d.Scope.Regional("sqs", d.Name) }

// sweep forgets the messages and the deduplication ids whose time is over. It
// reports whether there were any.
func (q *queue) sweep(now time.Time) bool {
	before := len(q.Messages) + len(q.Seen)
	oldest := now.Add(-time.Duration(q.Settings.RetentionSeconds) * time.Second)
	q.Messages = slices.DeleteFunc(q.Messages, func(m *message) bool { return m.Sent.Before(oldest) })
	maps.DeleteFunc(q.Seen, func(_ string, s sent) bool { return now.Sub(s.At) >= deduplicationInterval })
	return len(q.Messages)+len(q.Seen) != before
}

// wake tells those who wait for messages to look again.
func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// byID returns a message, or nil if it is gone.
func (q *queue) byID(id string) *message {
	i := slices.IndexFunc(q.Messages, func(m *message) bool { return m.ID == id })
	if i < 0 {
		return nil
	}
	return q.Messages[i]
}

func (q *queue) remove(m *message) {
	q.Messages = slices.DeleteFunc(q.Messages, func(other *message) bool { return other == m })
}

// inFlight reports whether a message was received and is hidden since.
func (m *message) inFlight(now time.Time) bool { return m.ReceivedHere > 0 && m.Visible.After(now) }

// delayed reports whether a message has not become visible yet.
func (m *message) delayed(now time.Time) bool { return m.ReceivedHere == 0 && m.Visible.After(now) }

// allows reports whether the queue's policy grants what is asked.
func (d definition) allows(q policy.Request) bool {
	if d.Policy == "" {
		return false
	}
	document, err := policy.Parse([]byte(d.Policy))
	return err == nil && document.Allows(q)
}
