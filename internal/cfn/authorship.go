// SPDX-License-Identifier: MIT

package cfn

import (
	"maps"
	"slices"
	"strconv"
)

// authorship is a tree beside the template's tree that says which decorator
// wrote what. A nil node, like the zero one, says: none.
type authorship struct {
	by     *Origin                // wrote this value as a whole
	fields map[string]*authorship // of an object; a key that is gone has the one who removed it
	items  []*authorship          // of a list, aligned with its elements
}

// of returns the node of a member; the whole value's writer wrote its members.
func (a *authorship) field(key string, exists bool) *authorship {
	if a == nil {
		return nil
	}
	if below, ok := a.fields[key]; ok {
		return below
	}
	if a.by != nil && exists {
		return &authorship{by: a.by}
	}
	return nil
}

func (a *authorship) item(i int) *authorship {
	if a == nil {
		return nil
	}
	if i < len(a.items) && a.items[i] != nil {
		return a.items[i]
	}
	if a.by != nil {
		return &authorship{by: a.by}
	}
	return nil
}

// writer returns the one who wrote the value at path, nil for none.
func (a *authorship) writer(path []string) *Origin {
	for _, key := range path {
		if a == nil {
			return nil
		}
		below := a.fields[key]
		if i, err := strconv.Atoi(key); err == nil && 0 <= i && i < len(a.items) {
			below = a.items[i]
		}
		if below == nil {
			return a.by
		}
		a = below
	}
	if a == nil {
		return nil
	}
	return a.by
}

// other returns a writer of the value or of a part of it who is not by.
func (a *authorship) other(by Origin) *Origin {
	if a == nil {
		return nil
	}
	if a.by != nil && *a.by != by {
		return a.by
	}
	for _, key := range slices.Sorted(maps.Keys(a.fields)) {
		if o := a.fields[key].other(by); o != nil {
			return o
		}
	}
	for _, item := range a.items {
		if o := item.other(by); o != nil {
			return o
		}
	}
	return nil
}

// edit compares a tree before and after a decorator and carries the authorship
// over. It collects clashes with what other decorators wrote.
type edit struct {
	by      Origin
	clashes []*ClashError
	path    []string
}

// changed is the authorship of a value that by made, altered or removed.
func (e *edit) changed(a *authorship) *authorship {
	if first := a.other(e.by); first != nil {
		e.clashes = append(e.clashes, &ClashError{
			Part: partOf(e.path), Verb: "written", Path: dotted(e.path), First: *first, Second: e.by,
		})
	}
	return &authorship{by: new(e.by)}
}

func (e *edit) value(before, after any, a *authorship) *authorship {
	if same(before, after) {
		return a
	}
	switch before := before.(type) {
	case map[string]any:
		if after, ok := after.(map[string]any); ok && intrinsicName(before) == intrinsicName(after) {
			return e.object(before, after, a)
		}
	case []any:
		if after, ok := after.([]any); ok {
			return e.list(before, after, a)
		}
	}
	return e.changed(a)
}

func intrinsicName(v any) string {
	name, _ := intrinsic(v)
	return name
}

func (e *edit) object(before, after map[string]any, a *authorship) *authorship {
	keys := map[string]bool{}
	for key := range before {
		keys[key] = true
	}
	for key := range after {
		keys[key] = true
	}
	result := &authorship{fields: map[string]*authorship{}}
	if a != nil {
		result.by = a.by
		maps.Copy(result.fields, a.fields)
	}
	for _, key := range slices.Sorted(maps.Keys(keys)) {
		old, was := before[key]
		new, is := after[key]
		below := a.field(key, was)
		e.path = append(e.path, key)
		if was && is {
			below = e.value(old, new, below)
		} else {
			below = e.changed(below)
		}
		e.path = e.path[:len(e.path)-1]
		if below != nil {
			result.fields[key] = below
		}
	}
	return result
}

// list aligns equal elements first, so that an element keeps its author when
// others come before it; between them, elements are paired in order.
func (e *edit) list(before, after []any, a *authorship) *authorship {
	result := &authorship{items: make([]*authorship, len(after))}
	if a != nil {
		result.by = a.by
	}
	i, j := 0, 0
	for _, match := range append(align(before, after), [2]int{len(before), len(after)}) {
		for ; i < match[0] || j < match[1]; i, j = min(i+1, match[0]), min(j+1, match[1]) {
			e.pair(before[i:match[0]], after[j:match[1]], a.item(i), i, j, result)
		}
		if i < len(before) && j < len(after) {
			result.items[j] = a.item(i)
			i, j = i+1, j+1
		}
	}
	return result
}

// pair takes the first element of what is left before and after in a gap; one
// of the two may be empty.
func (e *edit) pair(before, after []any, a *authorship, i, j int, result *authorship) {
	switch {
	case len(before) == 0:
		e.path = append(e.path, strconv.Itoa(j))
		result.items[j] = e.changed(nil)
	case len(after) == 0:
		e.path = append(e.path, strconv.Itoa(i))
		e.changed(a)
	default:
		e.path = append(e.path, strconv.Itoa(j))
		result.items[j] = e.value(before[0], after[0], a)
	}
	e.path = e.path[:len(e.path)-1]
}
