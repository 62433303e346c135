// SPDX-License-Identifier: MIT

package schema

import (
	"maps"
	"slices"
	"strings"
)

// pointAtKeys words the exclusions of the schema so that the message is about
// the key that is too much, or names what is missing: not with two keys, oneOf
// with the keys of each alternative, and maps of exactly one of their keys.
func pointAtKeys(s tree) {
	if not, ok := s["not"].(tree); ok {
		if keys := required(not); len(keys) == 2 {
			delete(s, "not")
			s["if"], s["then"] = having(keys[:1]), without(keys[0], keys[1:])
		}
	}
	dependencies, _ := s["dependencies"].(tree)
	if ways := waysOf(s); len(ways) > 0 {
		for _, key := range []string{"oneOf", "minProperties", "maxProperties"} {
			delete(s, key)
		}
		for _, key := range slices.Concat(ways...) {
			delete(dependencies, key)
		}
		s["allOf"] = exactlyOne(s, ways)
	}
	for _, key := range slices.Sorted(maps.Keys(dependencies)) {
		s["allOf"] = append(list(s["allOf"]), goesWith(key, dependencies[key].([]any)[0].(string)))
	}
	delete(s, "dependencies")
	if s["minProperties"] == 1.0 && s["additionalProperties"] == false {
		delete(s, "minProperties")
		names := slices.Sorted(maps.Keys(s["properties"].(tree)))
		s["allOf"] = append(list(s["allOf"]), implies(tree{"maxProperties": 0}, anyOf(names, names)))
	}
	expectKeys(s)
}

// expectKeys lets an empty map miss what a map of keys has to have: it is no
// intrinsic function either.
func expectKeys(s tree) {
	if condition, ok := s["if"].(tree); ok && s["else"] != nil && s["minProperties"] != nil {
		condition["minProperties"] = s["minProperties"]
		delete(s, "minProperties")
	}
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// anyOf is the schema of a map that has one of the keys. Its message is about
// those that are named.
func anyOf(keys, named []string) tree {
	message := "one of " + strings.Join(named, ", ") + " is missing"
	var all []any
	for _, key := range keys {
		all = append(all, tree{"required": []any{key}, "errorMessage": message})
	}
	return tree{"anyOf": all}
}

// goesWith is the condition that a key meets which makes no sense without
// another.
func goesWith(key, other string) tree {
	alone := having([]string{key})
	alone["properties"] = forbidden([]string{other})
	return implies(alone, tree{"properties": forbidden([]string{key}), "errorMessage": "goes with " + other})
}

// waysOf returns the sets of keys of which a map must have exactly one.
func waysOf(s tree) [][]string {
	var ways [][]string
	for _, a := range list(s["oneOf"]) {
		keys := required(a.(tree))
		if keys == nil {
			return nil
		}
		ways = append(ways, keys)
	}
	properties, _ := s["properties"].(tree)
	if s["minProperties"] == 1.0 && s["maxProperties"] == 1.0 && s["propertyNames"] == nil {
		for _, key := range slices.Sorted(maps.Keys(properties)) {
			ways = append(ways, []string{key})
		}
	}
	return ways
}

// exactlyOne are the conditions that a map with one of the ways meets. Each is
// about one mistake and silent where another one is.
func exactlyOne(s tree, ways [][]string) []any {
	var firsts []string
	var all []any
	for _, way := range ways {
		firsts = append(firsts, way[0])
	}
	for i, way := range ways {
		all = append(all, implies(having(way[:1]), without(way[0], firsts[i+1:])))
		for _, key := range way[1:] {
			all = append(all, second(key, way[0], firsts[:i], firsts[i+1:])...)
		}
	}
	known := tree{"properties": allowed(s["properties"].(tree)), "additionalProperties": false}
	return append(all, implies(known, anyOf(slices.Concat(ways...), firsts)))
}

// second are the conditions of a key that goes with the first one of its way: one
// calls for the other, and neither stands beside those of other ways.
func second(key, first string, before, after []string) []any {
	alone := having([]string{key})
	alone["properties"] = forbidden(slices.Concat(before, after))
	conditions := []any{implies(having([]string{first}), having([]string{key})), implies(alone, having([]string{first}))}
	for _, other := range after {
		beside := having([]string{other})
		beside["properties"] = forbidden([]string{first})
		conditions = append(conditions, implies(beside, without(other, []string{key})))
	}
	return conditions
}

func implies(condition, consequence tree) tree {
	return tree{"if": condition, "then": consequence}
}

// required returns the keys of a schema that says nothing else.
func required(s tree) []string {
	if len(s) != 1 {
		return nil
	}
	var keys []string
	for _, key := range list(s["required"]) {
		keys = append(keys, key.(string))
	}
	return keys
}

// having is the schema of a map that has keys.
func having(keys []string) tree {
	return tree{"required": anys(keys)}
}

// forbidden are properties that must not be there.
func forbidden(keys []string) tree {
	properties := tree{}
	for _, key := range keys {
		properties[key] = false
	}
	return properties
}

// without is the schema of a map that has the key given and so none of others.
func without(given string, others []string) tree {
	return tree{"properties": forbidden(others), "errorMessage": "cannot stand beside " + given}
}
