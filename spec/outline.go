// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/xeipuuv/gojsonschema"

	"github.com/sparta-up/sparta/schema"
)

// outline is the JSON Schema as a tree, to look up what it says of a place.
type outline struct {
	root        *rule
	definitions map[string]*rule
}

// rule is one schema of the tree, with the keywords that messages are made of.
type rule struct {
	Ref                  string           `json:"$ref"`
	Description          string           `json:"description"`
	Type                 types            `json:"type"`
	Enum                 []any            `json:"enum"`
	Unit                 string           `json:"x-unit"`
	Pattern              string           `json:"pattern"`
	PatternErrorMessage  string           `json:"patternErrorMessage"`
	Parsed               bool             `json:"x-parsed"` // a parser has the last word on what fits the pattern
	Required             []string         `json:"required"`
	Properties           map[string]*rule `json:"properties"`
	PropertyNames        *rule            `json:"propertyNames"`
	Items                *rule            `json:"items"`
	MinLength            int              `json:"minLength"`
	MaxLength            int              `json:"maxLength"`
	MaxProperties        int              `json:"maxProperties"`
	Minimum              json.Number      `json:"minimum"`
	Maximum              json.Number      `json:"maximum"`
	Else                 *rule            `json:"else"`
	OneOf                []*rule          `json:"oneOf"`
	AdditionalProperties additional       `json:"additionalProperties"`
}

// types is the keyword type: one name or a list of names.
type types []string

// UnmarshalJSON takes both forms.
func (t *types) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		*t = make(types, 1)
		return json.Unmarshal(data, &(*t)[0])
	}
	return json.Unmarshal(data, (*[]string)(t))
}

// additional is the keyword additionalProperties: a rule, or false for none.
type additional struct{ rule *rule }

// UnmarshalJSON takes both forms.
func (a *additional) UnmarshalJSON(data []byte) error {
	if string(data) == "false" || string(data) == "true" {
		return nil
	}
	return json.Unmarshal(data, &a.rule)
}

// compiled returns the schema for validation and for look-ups. The first call
// in a process pays for both.
var compiled = sync.OnceValues(func() (*gojsonschema.Schema, *outline) {
	s, err := gojsonschema.NewSchema(gojsonschema.NewGoLoader(withoutOverlays()))
	if err != nil {
		panic(fmt.Sprintf("compile service.schema.json: %v", err))
	}
	var o struct {
		rule
		Definitions map[string]json.RawMessage `json:"definitions"`
	}
	if err := json.Unmarshal(schema.JSON, &o); err != nil {
		panic(fmt.Sprintf("decode service.schema.json: %v", err))
	}
	definitions := make(map[string]*rule, len(o.Definitions))
	for name, text := range o.Definitions {
		if name == overlayDefinition {
			continue
		}
		r := new(rule)
		if err := json.Unmarshal(text, r); err != nil {
			panic(fmt.Sprintf("decode service.schema.json: %v", err))
		}
		definitions[name] = r
	}
	return s, &outline{root: &o.rule, definitions: definitions}
})

// overlayDefinition is what the schema says of environments.
const overlayDefinition = "overlay"

// withoutOverlays is the schema of a file whose overlays are merged in: what it
// says of them is for editors.
func withoutOverlays() map[string]any {
	var s map[string]any
	if err := json.Unmarshal(schema.JSON, &s); err != nil {
		panic(fmt.Sprintf("decode service.schema.json: %v", err))
	}
	delete(s["properties"].(map[string]any), environmentsKey)
	delete(s["definitions"].(map[string]any), overlayDefinition)
	return s
}

// resolve follows a reference.
func (o *outline) resolve(r *rule) *rule {
	for r != nil && r.Ref != "" {
		r = o.definitions[strings.TrimPrefix(r.Ref, "#/definitions/")]
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
	around := o.at(n.parent)
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
