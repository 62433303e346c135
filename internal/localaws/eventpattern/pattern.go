// SPDX-License-Identifier: MIT

// Package eventpattern reads and matches event patterns, the language in which
// EventBridge rules, the filters of event source mappings and the filter
// policies of SNS say which events they want. It follows "Creating event
// patterns" and "Comparison operators" of the EventBridge User Guide and, where
// they are silent, the event-ruler library behind them.
package eventpattern

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/netip"
	"slices"
)

// Pattern is a pattern that can be matched. Its methods may be called
// concurrently.
type Pattern struct{ root *object }

// object is what a pattern says of an object: all fields have to match, and one
// of each list of alternatives.
type object struct {
	fields       map[string]node
	alternatives [][]*object // "$or"
}

// node is an object or a leaf.
type node struct {
	object *object
	leaf   []matcher // one has to match
}

// maxDepth bounds how deep patterns are nested. AWS has no such figure; events
// are no deeper either.
const maxDepth = 100

// Parse reads a pattern. The error says in one sentence what is wrong; callers
// give it the code of their service.
func Parse(data []byte) (*Pattern, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, fmt.Errorf("the pattern is not valid JSON: %v", err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("the pattern goes on after its end")
	}
	members, ok := v.(map[string]any)
	if !ok {
		return nil, errors.New("Filter is not an object")
	}
	root, err := parseObject(members, 0)
	if err != nil {
		return nil, err
	}
	return &Pattern{root}, nil
}

func parseObject(members map[string]any, depth int) (*object, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("the pattern is nested more than %d levels deep", maxDepth)
	}
	if len(members) == 0 {
		return nil, errors.New("Empty objects are not allowed")
	}
	o := &object{fields: map[string]node{}}
	for _, name := range slices.Sorted(maps.Keys(members)) {
		list, isList := members[name].([]any)
		if name == "$or" && isList && isAlternatives(list) {
			choices, err := parseAlternatives(list, depth)
			if err != nil {
				return nil, err
			}
			o.alternatives = append(o.alternatives, choices)
			continue
		}
		n, err := parseNode(name, members[name], depth)
		if err != nil {
			return nil, err
		}
		o.fields[name] = n
	}
	return o, nil
}

// isAlternatives reports whether a list that is called $or is one: at least two
// objects, none of which is a comparison. Otherwise $or is a field like others
// (event-ruler, "$or matching").
func isAlternatives(list []any) bool {
	for _, item := range list {
		members, ok := item.(map[string]any)
		if !ok {
			return false
		}
		for name := range members {
			if operator(name) != nil {
				return false
			}
		}
	}
	return len(list) >= 2
}

func parseAlternatives(list []any, depth int) ([]*object, error) {
	var choices []*object
	for _, item := range list {
		choice, err := parseObject(item.(map[string]any), depth+1)
		if err != nil {
			return nil, err
		}
		choices = append(choices, choice)
	}
	return choices, nil
}

func parseNode(name string, v any, depth int) (node, error) {
	switch v := v.(type) {
	case map[string]any:
		o, err := parseObject(v, depth+1)
		return node{object: o}, err
	case []any:
		if len(v) == 0 {
			return node{}, fmt.Errorf("%q: Empty arrays are not allowed", name)
		}
		var n node
		for _, item := range v {
			m, err := parseMatcher(item)
			if err != nil {
				return node{}, fmt.Errorf("%q: %w", name, err)
			}
			n.leaf = append(n.leaf, m)
		}
		return n, nil
	}
	return node{}, fmt.Errorf("%q must be an object or an array", name)
}

// Flat returns an error if the pattern looks into objects: attributes of a
// message have none.
func (p *Pattern) Flat() error { return p.root.flat() }

func (o *object) flat() error {
	for _, name := range slices.Sorted(maps.Keys(o.fields)) {
		if o.fields[name].object != nil {
			return fmt.Errorf("%q is an object where only a list of values can match", name)
		}
	}
	for _, choices := range o.alternatives {
		for _, choice := range choices {
			if err := choice.flat(); err != nil {
				return err
			}
		}
	}
	return nil
}

// matcher says whether one value of an event matches.
type matcher struct {
	matches func(value any) bool // of a scalar: string, json.Number, bool or nil
	absent  bool                 // matches if there is no value; then matches is nil
	present bool                 // matches any value
}

// parseMatcher reads one entry of a leaf.
func parseMatcher(v any) (matcher, error) {
	members, ok := v.(map[string]any)
	if !ok {
		return parseScalar(v)
	}
	if len(members) != 1 {
		return matcher{}, errors.New("Only one key allowed in match expression")
	}
	for name, argument := range members {
		parse := operator(name)
		if parse == nil {
			return matcher{}, fmt.Errorf("Unrecognized match type %s", name)
		}
		return parse(argument)
	}
	panic("unreachable: the object has one member")
}

func parseScalar(v any) (matcher, error) {
	switch v := v.(type) {
	case []any:
		return matcher{}, errors.New("Match value must be String, number, true, false, or null")
	case json.Number:
		n, err := number(v)
		if err != nil { // too large to compute with: the digits have to be the same
			break
		}
		return matcher{matches: func(value any) bool { return numberIs(value, func(x float64) bool { return x == n }) }}, nil
	}
	return matcher{matches: func(value any) bool { return value == v }}, nil
}

// inNetwork makes the matcher of a network such as 10.0.0.0/24.
func inNetwork(text string) (func(string) bool, error) {
	network, err := netip.ParsePrefix(text)
	if err != nil {
		return nil, errors.New("Malformed CIDR, one '/' required")
	}
	return func(value string) bool {
		addr, err := netip.ParseAddr(value)
		return err == nil && network.Contains(addr)
	}, nil
}
