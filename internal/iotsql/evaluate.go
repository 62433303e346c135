// SPDX-License-Identifier: MIT

package iotsql

import (
	"errors"
	"time"
	"unicode/utf8"
)

// Message is what was published.
type Message struct {
	Topic      string // without the prefix of Basic Ingest
	Payload    []byte
	ClientID   string // of an MQTT client; "" for others
	TraceID    string // of an MQTT message; "" for others
	Principal  string // who published it
	SourceIP   string
	Account    string            // that owns the rule
	Time       time.Time         // the present
	Properties map[string]string // of MQTT 5, such as content_type
}

// Outcome is what becomes of a message.
type Outcome struct {
	Matched bool   // the condition of WHERE holds; else there is nothing more
	Payload []byte // what is selected
	JSON    bool   // the payload is JSON; else it is the message's, which is binary
}

// ErrBinary says that a statement adds values to a message that is no JSON.
var ErrBinary = errors.New("the payload is not JSON: nothing can be added to it")

// ErrLarge says that what a statement selects is larger than any action takes.
var ErrLarge = errors.New("what is selected is too large")

// maxVariableSize is how large a variable may be, in bytes of JSON ("SET clause
// limits").
const maxVariableSize = 128 << 10

// scope is what an expression is evaluated in.
type scope struct {
	*Message
	version Version
	payload any            // of the message; undefined if it is binary
	at      any            // the value whose properties are meant
	set     map[string]any // variables
}

// expression is a part of a statement that has a value.
type expression interface{ value(s *scope) any }

// Evaluate applies the statement to a message whose topic matches. The error is
// ErrBinary or ErrLarge.
func (s *Statement) Evaluate(m Message) (Outcome, error) {
	sc := s.scope(&m)
	if s.query.where != nil {
		if holds, ok := toBool(s.query.where.value(sc)); !ok || !holds {
			return Outcome{}, nil
		}
	}
	if s.query.wholePayload() && isUndefined(sc.payload) {
		return Outcome{Matched: true, Payload: m.Payload}, nil
	}
	if s.query.hasStar() && isUndefined(sc.payload) {
		return Outcome{Matched: true}, ErrBinary
	}
	selected, ok := encodeJSON(s.query.selected(sc))
	if !ok {
		return Outcome{Matched: true}, ErrLarge
	}
	return Outcome{Matched: true, Payload: selected, JSON: true}, nil
}

// scope decodes the payload, which counts as JSON if it is an object or an array,
// and evaluates the variables. A message without payload is an empty object.
func (s *Statement) scope(m *Message) *scope {
	sc := &scope{Message: m, version: s.version, payload: undefined{}, set: map[string]any{}}
	if len(m.Payload) == 0 {
		sc.payload = newMembers()
	} else if v, err := decodeJSON(m.Payload, s.version); err == nil && utf8.Valid(m.Payload) {
		switch v.(type) {
		case *members, []any:
			sc.payload = v
		}
	}
	sc.at = sc.payload
	for _, v := range s.sets {
		value := v.value.value(sc)
		if text, ok := encodeJSON(value); !ok || len(text) > maxVariableSize {
			value = undefined{}
		}
		sc.set[v.name] = value
	}
	return sc
}

// inside returns the scope of a nested query for one value.
func (s *scope) inside(v any) *scope {
	inner := *s
	inner.at = v
	return &inner
}

type (
	literal   struct{ constant any }
	reference struct{ name string } // of a variable
	payload   struct{}              // *
	property  struct {
		of   expression // nil: the payload
		name string
	}
	// everything is what a value with .* behind it selects: all its members.
	everything struct{ of expression }
	array      struct{ items []expression }
	object     struct {
		names  []string
		values []expression
	}
	conversion struct {
		of expression
		to string
	}
	choice struct {
		of, otherwise expression // otherwise may be nil
		branches      []branch
	}
	branch struct{ when, then expression }
)

func (e literal) value(s *scope) any {
	if n, ok := e.constant.(number); ok {
		return s.version.numeric(n)
	}
	return e.constant
}

func (e reference) value(s *scope) any { return s.set[e.name] }

func (payload) value(s *scope) any { return s.payload }

func (e property) value(s *scope) any {
	of := s.at
	if e.of != nil {
		of = e.of.value(s)
	}
	if o, ok := of.(*members); ok {
		return o.get(e.name)
	}
	return undefined{}
}

// value is nothing: only a SELECT has use for all members.
func (everything) value(*scope) any { return undefined{} }

// last is the name that a property has without AS.
func (e property) last() string { return e.name }

func (e array) value(s *scope) any {
	list := []any{}
	for _, item := range e.items {
		if v := item.value(s); !isUndefined(v) {
			list = append(list, v)
		}
	}
	return list
}

func (e object) value(s *scope) any {
	o := newMembers()
	for i, name := range e.names {
		o.set(name, e.values[i].value(s))
	}
	return o
}

func (e conversion) value(s *scope) any { return cast(e.of.value(s), e.to, s.version) }

func (e choice) value(s *scope) any {
	v := e.of.value(s)
	if isUndefined(v) {
		return v
	}
	for _, b := range e.branches {
		if equal(v, b.when.value(s)) == any(true) {
			return b.then.value(s)
		}
	}
	if e.otherwise == nil {
		return undefined{}
	}
	return e.otherwise.value(s)
}
