// SPDX-License-Identifier: MIT

package expression

import (
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// Projection is a choice of attributes.
type Projection struct{ paths []Path }

// Projection parses a ProjectionExpression.
func (s *Scope) Projection(text string) (*Projection, error) {
	const parameter = "ProjectionExpression"
	var nodes []*pathNode
	if _, err := parse(text, func(p *parser) { nodes = list(p, p.path) }); err != nil {
		return nil, invalid(parameter, err)
	}
	b := &binder{scope: s}
	var chosen []Path
	for _, n := range nodes {
		b.bindPath(n)
		b.checkOverlap(chosen, n.path)
		chosen = append(chosen, n.path)
	}
	if err := b.err(); err != nil {
		return nil, invalid(parameter, err)
	}
	return &Projection{chosen}, nil
}

// Paths returns the document paths of the projection.
func (p *Projection) Paths() []Path {
	if p == nil {
		return nil
	}
	return p.paths
}

// Of returns the chosen attributes of an item; a nil projection chooses all.
func (p *Projection) Of(item attribute.Item) attribute.Item {
	if p == nil || item == nil {
		return item
	}
	return choose(p.paths, item)
}

// choose returns what an item has at some paths, none of which is within
// another.
func choose(paths []Path, item attribute.Item) attribute.Item {
	root := &branch{}
	for _, path := range paths {
		root.add(path)
	}
	chosen, _ := root.of(attribute.Map(item)).(attribute.Map)
	if chosen == nil {
		return attribute.Item{}
	}
	return attribute.Item(chosen)
}

// branch is the paths that have a beginning in common.
type branch struct {
	whole bool // a path ends here
	names map[string]*branch
	items map[int]*branch
}

func (b *branch) add(path Path) {
	if len(path) == 0 {
		b.whole = true
		return
	}
	if path[0].IsItem {
		b.items = grow(b.items, path[0].Index, path[1:])
		return
	}
	b.names = grow(b.names, path[0].Name, path[1:])
}

func grow[K comparable](branches map[K]*branch, key K, rest Path) map[K]*branch {
	if branches == nil {
		branches = map[K]*branch{}
	}
	if branches[key] == nil {
		branches[key] = &branch{}
	}
	branches[key].add(rest)
	return branches
}

// of returns what the paths choose of a value, or nil. The chosen items of a
// list move together.
func (b *branch) of(v attribute.Value) attribute.Value {
	if b.whole {
		return v
	}
	switch v := v.(type) {
	case attribute.Map:
		out := attribute.Map{}
		for name, below := range b.names {
			if chosen := below.of(v[name]); chosen != nil {
				out[name] = chosen
			}
		}
		if len(out) > 0 {
			return out
		}
	case attribute.List:
		var out attribute.List
		for _, i := range slices.Sorted(maps.Keys(b.items)) {
			if i < len(v) {
				if chosen := b.items[i].of(v[i]); chosen != nil {
					out = append(out, chosen)
				}
			}
		}
		if out != nil {
			return out
		}
	}
	return nil
}

// checkOverlap refuses a path within another, and one that treats a list as a
// map.
func (b *binder) checkOverlap(others []Path, path Path) {
	for _, other := range others {
		b.checkPair(other, path)
	}
}

func (b *binder) checkPair(one, two Path) {
	for i := range min(len(one), len(two)) {
		if one[i].IsItem != two[i].IsItem {
			b.report(conflict, "Two document paths conflict with each other; must remove or rewrite one of these paths; path one: %v, path two: %v", one, two)
			return
		}
		if one[i] != two[i] {
			return
		}
	}
	b.report(overlap, "Two document paths overlap with each other; must remove or rewrite one of these paths; path one: %v, path two: %v", one, two)
}
