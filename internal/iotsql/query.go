// SPDX-License-Identifier: MIT

package iotsql

// query is what a SELECT selects and on which condition.
type query struct {
	bare  bool // SELECT VALUE
	items []item
	where expression // nil: none
}

// item is a selected value.
type item struct {
	star  bool       // *: all that there is
	value expression // of *: whose members, nil for the payload's
	name  []string   // of nested objects, the last one with the value; nil: it has none
}

// nested is a query of an array, for each of its values, or of an object.
type nested struct {
	query
	source expression
}

// wholePayload reports whether a query selects * alone.
func (q query) wholePayload() bool {
	return len(q.items) == 1 && q.items[0].star && q.items[0].value == nil
}

// hasStar reports whether * is among what is selected.
func (q query) hasStar() bool {
	for _, it := range q.items {
		if it.star && it.value == nil {
			return true
		}
	}
	return false
}

// selected returns what a query selects.
func (q query) selected(s *scope) any {
	if q.wholePayload() {
		return s.at
	}
	if q.bare && !q.items[0].star {
		return q.items[0].value.value(s)
	}
	out := newMembers()
	for _, it := range q.items {
		if !it.star {
			put(out, it.name, it.value.value(s))
			continue
		}
		of := s.at
		if it.value != nil {
			of = it.value.value(s)
		}
		if all, ok := of.(*members); ok {
			for _, name := range all.names {
				out.set(name, all.values[name])
			}
		}
	}
	return out
}

// put sets a member of objects in one another, which are made or copied where
// they come from the payload.
func put(o *members, path []string, v any) {
	if len(path) == 0 || isUndefined(v) {
		return
	}
	if len(path) == 1 {
		o.set(path[0], v)
		return
	}
	inner := newMembers()
	if old, ok := o.values[path[0]].(*members); ok {
		for _, name := range old.names {
			inner.set(name, old.values[name])
		}
	}
	put(inner, path[1:], v)
	o.set(path[0], inner)
}

func (e nested) value(s *scope) any {
	switch from := e.source.value(s).(type) {
	case []any:
		list := []any{}
		for _, v := range from {
			if got := e.apply(s.inside(v)); !isUndefined(got) {
				list = append(list, got)
			}
		}
		return list
	case *members:
		return e.apply(s.inside(from))
	}
	return undefined{}
}

// apply returns what is selected of one value, undefined if the condition does
// not hold.
func (e nested) apply(s *scope) any {
	if e.where != nil {
		if holds, ok := toBool(e.where.value(s)); !ok || !holds {
			return undefined{}
		}
	}
	return e.selected(s)
}
