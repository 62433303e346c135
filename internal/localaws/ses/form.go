// SPDX-License-Identifier: MIT

package ses

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// list returns a list such as Destinations.member.1, .2 and so on.
func (c call) list(name string) []string {
	var out []string
	for n := 1; c.Has(name + ".member." + strconv.Itoa(n)); n++ {
		out = append(out, c.Get(name+".member."+strconv.Itoa(n)))
	}
	return out
}

// tags returns Tags.member.1.Name and so on.
func (c call) tags() map[string]string {
	out := map[string]string{}
	for n := 1; c.Has("Tags.member." + strconv.Itoa(n) + ".Name"); n++ {
		at := "Tags.member." + strconv.Itoa(n)
		out[c.Get(at+".Name")] = c.Get(at + ".Value")
	}
	return out
}

// maxDepth is more than the depth of any parameter below its first part.
const maxDepth = 8

// object returns a structure of the query protocol, such as all parameters that
// begin with Rule., as JSON would have it. Lists stand as name.member.1 and so
// on; an empty one is a parameter without value and left out, as all those are.
func (c call) object(name string) map[string]any {
	root := map[string]any{}
	for key, values := range c.Values {
		rest, ok := strings.CutPrefix(key, name+".")
		if !ok || values[0] == "" {
			continue
		}
		at := root
		parts := strings.SplitN(rest, ".", maxDepth) // what is deeper has a name that nothing has
		for _, part := range parts[:len(parts)-1] {
			below, ok := at[part].(map[string]any)
			if !ok {
				below = map[string]any{}
				at[part] = below
			}
			at = below
		}
		if _, taken := at[parts[len(parts)-1]].(map[string]any); !taken {
			at[parts[len(parts)-1]] = values[0]
		}
	}
	object, _ := listed(root).(map[string]any)
	return object
}

// listed makes lists of the objects whose only member is called member.
func listed(v any) any {
	object, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if members, ok := object["member"].(map[string]any); ok && len(object) == 1 {
		var list []any
		for _, key := range slices.SortedFunc(maps.Keys(members), byNumber) {
			list = append(list, listed(members[key]))
		}
		return list
	}
	for key, below := range object {
		object[key] = listed(below)
	}
	return object
}

// byNumber orders numbers without leading zeros by their value.
func byNumber(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}
