// SPDX-License-Identifier: MIT

package spec

import (
	"strconv"
)

// Event is one source of a function's events. Exactly one field is set.
type Event struct {
	HTTP *HTTPEvent  `key:"http"` // requests to a route of the API
	SQS  *QueueEvent `key:"sqs"`  // messages of a queue
}

// eventSource is what the kinds of sources have in common.
type eventSource interface {
	// ids returns the logical ids of the resources that bring a function the
	// events. They depend on what the source is, not on its place in the file.
	ids(function string) []string
	// from returns the resource that the events come from, if there is one.
	from() Source
	// pulled reports whether Lambda reads the events with the function's role.
	pulled() bool
}

// source returns the field that is set, nil for none.
func (e Event) source() eventSource {
	switch {
	case e.HTTP != nil:
		return e.HTTP
	case e.SQS != nil:
		return e.SQS
	}
	return nil
}

// IDs returns the logical ids of the resources that bring a function the
// events.
func (e Event) IDs(function string) []string {
	s := e.source()
	if s == nil {
		return nil
	}
	return s.ids(function)
}

// events decodes the sources of a function's events.
func (d *decoder) events(n *node, f Function) []Event {
	if !usable(n) {
		return nil
	}
	var all []Event
	for _, item := range n.items {
		one := item.only()
		if !usable(item) || !usable(one) {
			continue
		}
		if e := d.event(one, f); one.sound() {
			all = append(all, e)
		}
	}
	return all
}

// event decodes one source. Its node has the kind of source as key.
func (d *decoder) event(n *node, f Function) Event {
	switch n.key {
	case "http":
		return Event{HTTP: d.httpEvent(n)}
	case "sqs":
		return Event{SQS: d.queueEvent(n, f)}
	}
	return Event{}
}

// long returns the value of a key of a source that may be written short, as the
// value of just this key.
func long(n *node, key string) *node {
	if _, _, call := intrinsicOf(n); n.kind != object || call {
		return n
	}
	return n.field(key)
}

// isShort reports whether a source is written short.
func isShort(n *node, key string) bool { return long(n, key) == n }

// option returns the value of a further key of a source, nil if it is not given
// or the source is written short.
func option(n *node, key string) *node {
	if _, _, call := intrinsicOf(n); call {
		return nil
	}
	return n.field(key)
}

// flag decodes true or false with a default.
func (d *decoder) flag(n *node, fallback bool) bool {
	if !usable(n) || n.kind != boolean {
		return fallback
	}
	return n.json == "true"
}

// number decodes a whole number with a default.
func (d *decoder) number(n *node, fallback int) int {
	if !usable(n) || n.kind != number {
		return fallback
	}
	return whole(n.json)
}

// eventPath is the path of a function's event in the file.
func eventPath(function string, i int) []string {
	return []string{"functions", function, "events", strconv.Itoa(i)}
}
