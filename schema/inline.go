// SPDX-License-Identifier: MIT

package schema

import "strings"

// inline puts definitions in the place of references to them: where a map has to
// stand, since the server would call it by the name of the definition, and in
// lists that may be the arguments of a function, which take more than others.
func inline(root, s tree) {
	for _, group := range []string{"properties", "definitions"} {
		members, _ := s[group].(tree)
		for name, member := range members {
			if sub, ok := member.(tree); ok {
				members[name] = inlined(root, sub, false)
			}
		}
	}
	for _, single := range []string{"items", "additionalProperties", "else"} {
		if sub, ok := s[single].(tree); ok {
			s[single] = inlined(root, sub, single == "items" && takesIntrinsic(s))
		}
	}
}

// inlined returns a subschema without references that are not to be.
func inlined(root, s tree, always bool) tree {
	if ref, ok := s["$ref"].(string); ok {
		definition := root["definitions"].(tree)[strings.TrimPrefix(ref, "#/definitions/")].(tree)
		if !always && definition["type"] != "object" {
			return s
		}
		s = copied(definition).(tree)
	}
	inline(root, s)
	return s
}

// prune removes the definitions that nothing refers to any more.
func prune(root tree) {
	for name, definition := range root["definitions"].(tree) {
		if definition.(tree)["type"] == "object" {
			delete(root["definitions"].(tree), name)
		}
	}
}

// copied returns a value that shares nothing with the one given.
func copied(v any) any {
	switch v := v.(type) {
	case tree:
		c := tree{}
		for key, value := range v {
			c[key] = copied(value)
		}
		return c
	case []any:
		c := make([]any, len(v))
		for i, value := range v {
			c[i] = copied(value)
		}
		return c
	}
	return v
}
