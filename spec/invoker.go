// SPDX-License-Identifier: MIT

package spec

import (
	"maps"
	"slices"
)

// invoker is a source that calls the function with a role.
type invoker interface {
	roles(function string) []string
}

// invokerIDs are the logical ids of the roles with which sources call the
// function; several sources share one.
func (f Function) invokerIDs() []string {
	found := map[string]bool{}
	for _, e := range f.Events {
		if i, ok := e.source().(invoker); ok {
			for _, id := range i.roles(f.Name) {
				found[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}
