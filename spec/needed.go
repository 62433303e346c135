// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"
)

// listed reports whether a schema is of a map whose entries can be checked one
// by one.
func listed(v any) bool {
	s, _ := v.(tree)
	_, entry := s["additionalProperties"].(tree)
	for keyword := range s {
		if !slices.Contains([]string{"type", "propertyNames", "additionalProperties", "description", "examples"}, keyword) {
			return false
		}
	}
	return entry
}

// entries are fields of such a map.
func entries(fields []*node, v any) tree {
	values := make(tree, len(fields))
	for _, f := range fields {
		values[f.key] = needed(f, v.(tree)["additionalProperties"])
	}
	return values
}

// needed is the value of n, as far as it takes to check it with a schema: what
// that leaves free, such as the properties of a resource, is empty.
func needed(n *node, v any) any {
	s, _ := v.(tree)
	for s["$ref"] != nil {
		name := strings.TrimPrefix(s["$ref"].(string), definitionsRef)
		s, _ = definition()["definitions"].(tree)[name].(tree)
	}
	switch {
	case n.kind == object && about(s, nil):
		return tree{}
	case n.kind == list && about(s, nil):
		return []any{}
	case n.kind == object && about(s, ofContainers()):
		properties, _ := s["properties"].(tree)
		values := make(tree, len(n.fields))
		for _, f := range n.fields {
			sub, ok := properties[f.key]
			if !ok {
				sub = s["additionalProperties"]
			}
			values[f.key] = needed(f, sub)
		}
		return values
	case n.kind == list && about(s, ofContainers()):
		values := make([]any, len(n.items))
		for i, item := range n.items {
			values[i] = needed(item, s["items"])
		}
		return values
	}
	return n.value()
}

// about reports whether a schema has no keywords but some, those that are about
// scalars and those that check nothing.
func about(s tree, some []string) bool {
	for keyword, v := range s {
		switch {
		case slices.Contains(ofScalars(), keyword), slices.Contains(some, keyword):
		case len(some) > 0 && onlyRequires(v):
		default:
			return false
		}
	}
	return true
}

func ofScalars() []string {
	return []string{
		"type", "description", "examples", "default", "title", "x-unit", "x-parsed", "pattern", "patternErrorMessage",
		"minLength", "maxLength", "minimum", "maximum",
	}
}

func ofContainers() []string {
	return []string{
		"properties", "additionalProperties", "propertyNames", "required", "dependencies", "minProperties", "maxProperties",
		"items", "minItems", "maxItems",
	}
}

// onlyRequires reports whether a keyword holds schemas that say which keys must
// be there, and nothing else.
func onlyRequires(v any) bool {
	switch v := v.(type) {
	case tree:
		return len(v) == 1 && v["required"] != nil
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { return !onlyRequires(item) })
	}
	return false
}
