// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// Name is a resource that is known by its name: one of the stack or one that
// exists already.
type Name struct {
	Value any    // string or intrinsic function
	ID    string // logical id, if it is one of resources; else ""
}

// nameOf decodes a resource that AWS takes by name: the logical id of one of
// resources, a name, an ARN where the kind has a service, or an intrinsic
// function that gives one of them.
func (d *decoder) nameOf(n *node, k sourceKind, fallback string) Name {
	switch {
	case !usable(n):
		return Name{Value: fallback}
	case n.kind == object:
		d.calls(n, false)
		if !n.faulty {
			d.arn(n, k)
		}
		id, _ := referred(n)
		if kind, ok := d.resourceType(id); ok && !n.faulty && d.fits(n, id, kind, k) {
			return Name{Value: n.value(), ID: id}
		}
		return Name{Value: n.value()}
	case strings.HasPrefix(n.written, "arn:"):
		if k.service == "" {
			d.fault(n, diag.SourceKind, n.quote()+" is not "+k.what+", which is known by its name", "write the name")
		} else {
			d.arn(n, k)
		}
		return Name{Value: n.written}
	}
	if kind, ok := d.resourceType(n.written); ok && d.fits(n, n.written, kind, k) {
		return Name{Value: map[string]any{"Ref": n.written}, ID: n.written}
	}
	return Name{Value: n.written}
}

// claim is a name that AWS takes once within what is around it, "" for none.
func claim(name string, around ...any) string {
	if name == "" {
		return ""
	}
	data, err := json.Marshal(append([]any{name}, around...))
	if err != nil {
		panic("name of an event source: " + err.Error()) // values of JSON always have a form
	}
	return string(data)
}

// deadLetter decodes the queue for what could not be sent.
func (d *decoder) deadLetter(n *node) Source {
	s := d.sourceOf(n, queueKind())
	if usable(n) && d.fifo(s) {
		d.fault(n, diag.EventLimit, "a FIFO queue takes no events that could not be sent", "name a standard queue")
	}
	return s
}

// input decodes the JSON value that a function gets in place of an event.
func (d *decoder) input(n *node) any {
	if !usable(n) {
		return nil
	}
	written := strings.TrimSpace(n.written)
	if n.kind == text && (strings.HasPrefix(written, "{") || strings.HasPrefix(written, "[")) && json.Valid([]byte(written)) {
		d.fault(n, diag.SourceOptions, "is a text that holds JSON: the function would get the text", "write the value itself, such as {report: daily}")
		return nil
	}
	d.callsWithin(n)
	return n.value()
}

// callsWithin checks the calls in a value that is not itself a part of the
// template, so that null may stand in it.
func (d *decoder) callsWithin(n *node) {
	if _, _, call := intrinsicOf(n); call {
		d.calls(n, false)
		return
	}
	for _, part := range n.children() {
		d.callsWithin(part)
	}
}

// literalOf is a value with a text in place of each call.
func literalOf(n *node) any {
	if _, _, call := intrinsicOf(n); call {
		return "value"
	}
	switch n.kind {
	case list:
		values := make([]any, len(n.items))
		for i, item := range n.items {
			values[i] = literalOf(item)
		}
		return values
	case object:
		values := make(map[string]any, len(n.fields))
		for _, f := range n.fields {
			values[f.key] = literalOf(f)
		}
		return values
	}
	return n.value()
}

// each are the items of a value that is one or a list, as far as they are well
// formed.
func each(n *node) []*node {
	if !usable(n) {
		return nil
	}
	if n.kind != list {
		return []*node{n}
	}
	return slices.DeleteFunc(slices.Clone(n.items), func(item *node) bool { return !usable(item) })
}

// keysOf are the keys of an object.
func keysOf(n *node) []string {
	var keys []string
	for _, f := range n.fieldsOf() {
		keys = append(keys, f.key)
	}
	return keys
}

// unique is a source that takes a name or a number which AWS gives once.
type unique interface {
	// taken returns what it is, such as "rule name", and a key for it; "" for
	// none.
	taken() (what, name string)
}

// takenTwice reports names that two sources take.
func (d *decoder) takenTwice(s *Service) {
	first := map[string][]string{}
	for _, f := range s.Functions {
		for i, e := range f.Events {
			u, ok := e.source().(unique)
			if !ok {
				continue
			}
			what, name := u.taken()
			if name == "" {
				continue
			}
			at, clash := first[what+name]
			if !clash {
				first[what+name] = eventPath(f.Name, i)
				continue
			}
			a, b := d.find(at), d.find(eventPath(f.Name, i))
			if b.keyAt.line < a.keyAt.line || b.keyAt.line == a.keyAt.line && b.keyAt.column < a.keyAt.column {
				a, b = b, a
			}
			b.faulty = true
			d.problems.Add(d.problem(b.keyAt, b.place(), diag.NameTaken,
				fmt.Sprintf("takes the %s of %s in line %s", what, a.place(), strconv.Itoa(int(a.keyAt.line))), takenHint(what)))
		}
	}
}

// takenHint says what to do about something that is taken.
func takenHint(what string) string {
	switch what {
	case "trigger":
		return "a user pool calls one function at that step: leave one of them out"
	case "priority":
		return "give it another number: the listener asks the rule with the lowest one first"
	}
	return "give it another one"
}
