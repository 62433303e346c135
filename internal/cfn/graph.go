// SPDX-License-Identifier: MIT

package cfn

import (
	"fmt"
	"slices"
	"strings"
)

// dependencies returns which resources of t each resource refers to, sorted.
func dependencies(t *Template) map[string][]string {
	edges := make(map[string][]string, len(t.Resources))
	for id, r := range t.Resources {
		var needs []string
		for _, ref := range References(r) {
			_, ok := t.Resources[ref.ID]
			if ok && ref.Kind != KindCondition && ref.Kind != KindMapping {
				needs = append(needs, ref.ID)
			}
		}
		slices.Sort(needs)
		edges[id] = slices.Compact(needs)
	}
	return edges
}

// levels sorts the nodes of a graph into levels, each depending only on those
// before it. What is left over depends on a cycle.
func levels(edges map[string][]string) (sorted [][]string, left map[string][]string) {
	waiting := make(map[string]int, len(edges))
	dependents := map[string][]string{}
	var ready []string
	for _, node := range sortedKeys(edges) {
		waiting[node] = len(edges[node])
		for _, need := range edges[node] {
			dependents[need] = append(dependents[need], node)
		}
		if waiting[node] == 0 {
			ready = append(ready, node)
		}
	}
	for len(ready) > 0 {
		sorted = append(sorted, ready)
		var next []string
		for _, node := range ready {
			delete(waiting, node)
			for _, dependent := range dependents[node] {
				if waiting[dependent]--; waiting[dependent] == 0 {
					next = append(next, dependent)
				}
			}
		}
		slices.Sort(next)
		ready = next
	}
	left = make(map[string][]string, len(waiting))
	for node := range waiting {
		left[node] = slices.DeleteFunc(slices.Clone(edges[node]), func(need string) bool {
			_, ok := waiting[need]
			return !ok
		})
	}
	return sorted, left
}

// cycles returns disjoint cycles of a graph until none is left, each starting
// and ending with its smallest node: [A B A].
func cycles(edges map[string][]string) [][]string {
	var found [][]string
	for {
		_, left := levels(edges)
		if len(left) == 0 {
			return found
		}
		cycle := walk(left)
		found = append(found, cycle)
		for _, node := range cycle {
			delete(left, node)
		}
		for node, needs := range left {
			left[node] = slices.DeleteFunc(needs, func(need string) bool {
				_, ok := left[need]
				return !ok
			})
		}
		edges = left
	}
}

// walk follows the first dependency of each node until one comes again. Every
// node of the graph has a dependency.
func walk(edges map[string][]string) []string {
	node := sortedKeys(edges)[0]
	at := map[string]int{}
	var path []string
	for {
		if i, seen := at[node]; seen {
			cycle := path[i:]
			smallest := slices.Index(cycle, slices.Min(cycle))
			turned := slices.Concat(cycle[smallest:], cycle[:smallest])
			return append(turned, turned[0])
		}
		at[node] = len(path)
		path = append(path, node)
		node = edges[node][0]
	}
}

// Order returns the logical ids of t in levels: the resources of one level
// depend only on those of earlier levels and may be made at the same time. It
// fails on a circular dependency, which it prints: A -> B -> A.
func Order(t *Template) ([][]string, error) {
	edges := dependencies(t)
	sorted, left := levels(edges)
	if len(left) > 0 {
		return nil, fmt.Errorf("circular dependency: %s", strings.Join(walk(left), " -> "))
	}
	return sorted, nil
}
