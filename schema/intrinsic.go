// SPDX-License-Identifier: MIT

package schema

import "slices"

// takesIntrinsic reports whether an intrinsic function may stand for the value.
func takesIntrinsic(s tree) bool {
	names, _ := s["propertyNames"].(tree)
	if condition, ok := s["if"].(tree); ok && names == nil {
		names, _ = condition["propertyNames"].(tree)
	}
	return names["$ref"] == "#/definitions/intrinsicName"
}

// Two more alternatives for patterns: what the text of !Ref, !GetAtt,
// !ImportValue and !Sub looks like, and what an argument of !Join may be.
const (
	tagged    = `|^[A-Za-z0-9][A-Za-z0-9_-]*(::[A-Za-z0-9]+)?(\.[A-Za-z0-9]+)*$|\$\{`
	separator = `|^[^A-Za-z0-9]{0,3}$`
)

// allowTags lets pass what a tag leaves for the editor to see: a text, a list,
// or a map, such as that of !ToJsonString. Where a list may stand anyhow, its
// elements may be the arguments of a function.
func allowTags(s tree) {
	allowMaps(s)
	expectList(s)
	if pattern, ok := s["pattern"].(string); ok {
		s["pattern"] = pattern + tagged
	}
	if items, ok := s["items"].(tree); ok {
		items["type"] = []any{"string", "number", "boolean", "object"}
		if pattern, ok := items["pattern"].(string); ok {
			items["pattern"] = pattern + separator
		}
	}
	if types, _ := s["type"].([]any); !slices.Contains(types, any("array")) {
		s["type"] = append(types, "array")
	}
}

// expectList takes the text of a tag in place of a list, but no text that is one
// of its elements.
func expectList(s tree) {
	types, _ := s["type"].([]any)
	items, _ := s["items"].(tree)
	pattern, _ := items["pattern"].(string)
	if pattern == "" || slices.Contains(types, any("string")) {
		return
	}
	s["allOf"] = []any{tree{
		"if":   tree{"type": "string", "pattern": pattern},
		"then": tree{"type": types, "errorMessage": "must be a list"},
	}}
	s["type"] = append(slices.Clone(types), "string")
}

// allowMaps takes maps with any keys but names of functions that do not exist.
func allowMaps(s tree) {
	if names, ok := s["propertyNames"].(tree); ok {
		s["propertyNames"] = tree{"if": tree{"pattern": "^Fn::"}, "then": names}
		delete(s, "minProperties")
		delete(s, "maxProperties")
	}
}
