// SPDX-License-Identifier: MIT

package spec

import "github.com/sparta-up/sparta/internal/diag"

// overlayOn merges an overlay into the value that it stands over, as a new tree:
// maps merge, null takes a key away, all else replaces. What comes from the
// overlay keeps its place there. Calls of intrinsic functions are values, not
// maps. A key that is taken away but not there goes to absent.
func overlayOn(base, top *node, environment string, parent *node, absent func(key *node, around *node)) *node {
	if base == nil || !mergeable(base) || !mergeable(top) {
		return top.cloneInto(parent, environment)
	}
	merged := base.shallow(parent)
	for _, f := range base.fields {
		switch over := top.field(f.key); {
		case over == nil:
			merged.fields = append(merged.fields, f.cloneInto(merged, f.overlay()))
		case over.kind != null || over.faulty:
			merged.fields = append(merged.fields, overlayOn(f, over, environment, merged, absent))
		}
	}
	for _, over := range top.fields {
		switch {
		case base.field(over.key) != nil:
		case over.kind == null && !over.faulty:
			absent(over, base)
		default:
			merged.fields = append(merged.fields, over.cloneInto(merged, environment))
		}
	}
	merged.reindex()
	return merged
}

// mergeable reports whether a value is a map that merges.
func mergeable(n *node) bool {
	_, _, call := intrinsicOf(n)
	return n.kind == object && !call
}

// shallow is a copy of the node without what is in it.
func (n *node) shallow(parent *node) *node {
	one := *n
	one.parent, one.items, one.fields = parent, nil, nil
	one.setIndex(nil)
	return &one
}

// cloneInto is a copy of the whole tree, as part of an overlay or, with "", of
// the file itself.
func (n *node) cloneInto(parent *node, environment string) *node {
	one := n.shallow(parent)
	one.setOverlay(environment)
	for _, item := range n.items {
		one.items = append(one.items, item.cloneInto(one, environment))
	}
	for _, f := range n.fields {
		one.fields = append(one.fields, f.cloneInto(one, environment))
	}
	one.reindex()
	return one
}

// reindex makes the index of an object with many fields.
func (n *node) reindex() {
	if len(n.fields) <= manyFields {
		n.setIndex(nil)
		return
	}
	index := make(map[string]*node, len(n.fields))
	for _, f := range n.fields {
		index[f.key] = f
	}
	n.setIndex(index)
}

// size is how many values the tree has.
func (n *node) size() int {
	total := 1
	for _, part := range n.children() {
		total += part.size()
	}
	return total
}

// absentKey reports a key that an overlay takes away and nobody gave.
func (r *reader) absentKey(key, around *node) {
	var names []string
	for _, f := range around.fields {
		names = append(names, f.key)
	}
	hint := "null takes away a key of the file: remove this one, or correct its name"
	if near := nearestKey(key.key, names); near != "" {
		hint = didYouMean(near)
	}
	r.wrong(key, key.keyAt, diag.UnknownKey, "there is no such key to take away", hint)
}
