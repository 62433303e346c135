// SPDX-License-Identifier: MIT

package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/schema"
)

// outline is the JSON Schema as a tree, to look up what it says of a place.
type outline struct {
	root        *rule
	definitions map[string]func() *rule
}

// rule is one schema of the tree, with the keywords that messages are made of.
type rule struct {
	Ref                  string
	Type                 types
	Enum                 []any
	Unit                 string
	Pattern              string
	PatternErrorMessage  string
	Examples             []any
	Parsed               bool // a parser has the last word on what fits the pattern
	Required             []string
	Properties           map[string]*rule
	PropertyNames        *rule
	Items                *rule
	MinLength            int
	MaxLength            int
	MaxProperties        int
	Minimum              json.Number
	Maximum              json.Number
	Else                 *rule
	OneOf                []*rule
	AdditionalProperties additional
}

// types is the keyword type: one name or a list of names.
type types []string

// additional is the keyword additionalProperties: a rule, or nil for true and
// false.
type additional struct{ rule *rule }

// tree is a JSON object.
type tree = map[string]any

// definition is the schema of a file whose overlays are merged in: what it says
// of them is for editors. It is shared and never changed.
var definition = sync.OnceValue(func() tree {
	var s tree
	decoder := json.NewDecoder(bytes.NewReader(schema.WithoutOverlay()))
	decoder.UseNumber()
	if err := decoder.Decode(&s); err != nil {
		panic(fmt.Sprintf("decode service.schema.json: %v", err))
	}
	delete(s["properties"].(tree), environmentsKey)
	return s
})

// outlined is the schema for look-ups.
var outlined = sync.OnceValue(func() *outline {
	s := definition()
	o := &outline{root: newRule(s), definitions: map[string]func() *rule{}}
	for name, text := range s["definitions"].(tree) {
		o.definitions[name] = sync.OnceValue(func() *rule { return newRule(text) })
	}
	return o
})

// newRule makes a rule of a schema, or nil of what is none.
func newRule(v any) *rule {
	s, ok := v.(tree)
	if !ok {
		return nil
	}
	r := &rule{
		Type: words(s["type"]), Required: words(s["required"]), PropertyNames: newRule(s["propertyNames"]),
		Items: newRule(s["items"]), MinLength: count(s["minLength"]), MaxLength: count(s["maxLength"]),
		MaxProperties: count(s["maxProperties"]), Else: newRule(s["else"]),
		AdditionalProperties: additional{newRule(s["additionalProperties"])},
	}
	r.Ref, _ = s["$ref"].(string)
	r.Enum, _ = s["enum"].([]any)
	r.Examples, _ = s["examples"].([]any)
	r.Unit, _ = s["x-unit"].(string)
	r.Pattern, _ = s["pattern"].(string)
	r.PatternErrorMessage, _ = s["patternErrorMessage"].(string)
	r.Parsed, _ = s["x-parsed"].(bool)
	r.Minimum, _ = s["minimum"].(json.Number)
	r.Maximum, _ = s["maximum"].(json.Number)
	if properties, ok := s["properties"].(tree); ok {
		r.Properties = make(map[string]*rule, len(properties))
		for key, property := range properties {
			r.Properties[key] = newRule(property)
		}
	}
	ways, _ := s["oneOf"].([]any)
	for _, way := range ways {
		r.OneOf = append(r.OneOf, newRule(way))
	}
	return r
}

// words is a keyword that is a text or a list of texts.
func words(v any) []string {
	if word, ok := v.(string); ok {
		return []string{word}
	}
	var all []string
	list, _ := v.([]any)
	for _, word := range list {
		all = append(all, word.(string))
	}
	return all
}

// count is a keyword that is a whole number.
func count(v any) int {
	n, _ := v.(json.Number)
	i, _ := n.Int64()
	return int(i)
}

// resolve follows a reference.
func (o *outline) resolve(r *rule) *rule {
	for r != nil && r.Ref != "" {
		made := o.definitions[strings.TrimPrefix(r.Ref, definitionsRef)]
		if made == nil {
			return &rule{}
		}
		r = made()
	}
	if r == nil {
		return &rule{}
	}
	return r
}

// at returns the rule for the value of a node. The zero rule says that the
// schema knows no such place.
func (o *outline) at(n *node) *rule {
	if n.parent == nil {
		return o.root
	}
	return o.within(o.at(n.parent), n)
}

// within returns the rule for the value of a node that the value of a rule
// holds.
func (o *outline) within(around *rule, n *node) *rule {
	switch {
	case n.parent.kind == list && around.Items != nil:
		return o.resolve(around.Items)
	case n.parent.kind == list:
		return &rule{}
	}
	if r, ok := around.Properties[n.key]; ok {
		return o.resolve(r)
	}
	if r := around.AdditionalProperties.rule; r != nil {
		return o.resolve(r)
	}
	if around.Else != nil {
		return o.resolve(around.Else.Properties[n.key])
	}
	return &rule{}
}

// keys are the keys that an object may have, sorted.
func (r *rule) keys() []string {
	all := slices.Collect(maps.Keys(r.Properties))
	if r.Else != nil {
		all = slices.AppendSeq(all, maps.Keys(r.Else.Properties))
	}
	slices.Sort(all)
	return all
}

// intrinsic reports whether a value may be an intrinsic function.
func (o *outline) intrinsic(r *rule) bool {
	if r.Else != nil {
		return true
	}
	return r.PropertyNames != nil && strings.HasSuffix(r.PropertyNames.Ref, "/intrinsicName")
}

// expected says in words what a value may be.
func (o *outline) expected(r *rule) string {
	var words []string
	for _, t := range r.Type {
		switch t {
		case "integer":
			words = append(words, "a whole number")
		case "number":
			words = append(words, "a number")
		case "string":
			words = append(words, "text")
		case "boolean":
			words = append(words, "true or false")
		case "array":
			words = append(words, "a list")
		case "object":
			if r.Else != nil || !o.intrinsic(r) {
				words = append(words, "a map")
			}
			if o.intrinsic(r) {
				words = append(words, "an intrinsic function such as !Ref")
			}
		}
	}
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}
