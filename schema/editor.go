// SPDX-License-Identifier: MIT

package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
)

// Editor returns the schema as yaml-language-server and the editors that use it
// want it: the same keys, values and texts as JSON, with what they need beyond
// that. An editor does not know what a tag such as !Ref stands for, and sees
// only the text or list that the tag has: where an intrinsic function may stand
// these are no mistake. Its messages are about a key instead of the whole map;
// its texts tell defaults; and its completion offers the examples of a map whose
// keys the writer chooses. Whatever JSON takes, Editor takes. Callers must not
// change the result.
func Editor() []byte { return editor() }

var editor = sync.OnceValue(func() []byte {
	var root tree
	if err := json.Unmarshal(JSON, &root); err != nil {
		panic(fmt.Sprintf("service.schema.json: %v", err))
	}
	delete(root, "title") // which would head every hover
	forEditor(root)
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(root); err != nil {
		panic(fmt.Sprintf("service.schema.json: %v", err))
	}
	return b.Bytes()
})

// tree is a JSON object.
type tree = map[string]any

// forEditor changes a subschema and all that are in it.
func forEditor(s tree) {
	pointAtKeys(s)
	if takesIntrinsic(s) {
		allowTags(s)
	}
	offerKeys(s)
	offerExamples(s)
	tell(s)
	for _, group := range []string{"properties", "definitions"} {
		members, _ := s[group].(tree)
		for _, member := range members {
			if sub, ok := member.(tree); ok {
				forEditor(sub)
			}
		}
	}
	for _, single := range []string{"items", "additionalProperties", "else"} {
		if sub, ok := s[single].(tree); ok {
			forEditor(sub)
		}
	}
}

// pointAtKeys words the two exclusions of the schema so that the message is
// about the key that is too much: not with two keys, and oneOf with one each.
func pointAtKeys(s tree) {
	if not, ok := s["not"].(tree); ok {
		if keys := required(not); len(keys) == 2 {
			delete(s, "not")
			s["if"], s["then"] = tree{"required": []any{keys[0]}}, without(keys[0], keys[1:])
		}
	}
	alternatives, _ := s["oneOf"].([]any)
	var ways []string
	for _, a := range alternatives {
		ways = append(ways, required(a.(tree))...)
	}
	if len(ways) == 0 || len(ways) != len(alternatives) {
		return
	}
	delete(s, "oneOf")
	message := "one of " + strings.Join(ways, ", ") + " is missing"
	var any1, each []any
	for i, way := range ways {
		any1 = append(any1, tree{"required": []any{way}, "errorMessage": message})
		if i+1 < len(ways) {
			each = append(each, tree{"if": tree{"required": []any{way}}, "then": without(way, ways[i+1:])})
		}
	}
	s["anyOf"], s["allOf"] = any1, each
}

// required returns the keys of a schema that says nothing else.
func required(s tree) []string {
	list, _ := s["required"].([]any)
	if len(s) != 1 {
		return nil
	}
	var keys []string
	for _, key := range list {
		keys = append(keys, key.(string))
	}
	return keys
}

// without is the schema of a map that has the key given and so none of others.
func without(given string, others []string) tree {
	properties := tree{}
	for _, other := range others {
		properties[other] = false
	}
	return tree{"properties": properties, "errorMessage": "cannot stand beside " + given}
}

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

// allowMaps takes maps with any keys but names of functions that do not exist.
func allowMaps(s tree) {
	if names, ok := s["propertyNames"].(tree); ok {
		s["propertyNames"] = tree{"if": tree{"pattern": "^Fn::"}, "then": names}
		delete(s, "minProperties")
		delete(s, "maxProperties")
	}
}
