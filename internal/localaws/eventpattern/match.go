// SPDX-License-Identifier: MIT

package eventpattern

import (
	"bytes"
	"encoding/json"
	"slices"
)

// Matches reports whether an event, a JSON object, matches. What is no JSON
// does not.
func (p *Pattern) Matches(event []byte) bool {
	v, err := Decode(event)
	return err == nil && p.MatchesValue(v)
}

// Decode reads JSON the way MatchesValue takes it: numbers as json.Number.
func Decode(data []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return v, nil
}

// MatchesValue is Matches for what Decode returned.
func (p *Pattern) MatchesValue(event any) bool {
	_, isObject := event.(map[string]any)
	return isObject && p.root.matches(event)
}

// matches reports whether a value of an event is as the pattern's object says.
// Of a list one element has to match as a whole. What is no object has no
// fields: only patterns of what must be absent match it.
func (o *object) matches(value any) bool {
	list, isList := value.([]any)
	if isList && len(list) > 0 {
		return slices.ContainsFunc(list, o.matches)
	}
	members, _ := value.(map[string]any)
	for name, n := range o.fields {
		member, there := members[name]
		if n.object != nil {
			if !n.object.matches(member) {
				return false
			}
			continue
		}
		if !matchLeaf(n.leaf, scalars(member, there)) {
			return false
		}
	}
	for _, choices := range o.alternatives {
		if !slices.ContainsFunc(choices, func(choice *object) bool { return choice.matches(value) }) {
			return false
		}
	}
	return true
}

// scalars returns the values that a leaf looks at: the value itself or, of a
// list, its elements. Objects have none.
func scalars(value any, there bool) []any {
	switch v := value.(type) {
	case map[string]any:
		return nil
	case []any:
		var out []any
		for _, item := range v {
			out = append(out, scalars(item, true)...)
		}
		return out
	}
	if !there {
		return nil
	}
	return []any{value}
}

func matchLeaf(leaf []matcher, values []any) bool {
	return slices.ContainsFunc(leaf, func(m matcher) bool {
		switch {
		case m.absent:
			return len(values) == 0
		case m.present:
			return len(values) > 0
		}
		return slices.ContainsFunc(values, m.matches)
	})
}
