// SPDX-License-Identifier: MIT

package schema

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// offerKeys tells completion the keys that stand in a map which may also be an
// intrinsic function: it does not look behind conditions while a map is empty.
func offerKeys(s tree) {
	if other, ok := s["else"].(tree); ok {
		s["properties"] = other["properties"]
		other["properties"] = allowed(other["properties"].(tree))
	}
}

// allowed takes the keys of properties with any value.
func allowed(properties tree) tree {
	keys := tree{}
	for key := range properties {
		keys[key] = true
	}
	return keys
}

// offerExamples makes snippets of the examples that are maps: completion would
// show no readable label for them. In a map whose keys are the writer's own it
// has nothing else to offer.
func offerExamples(s tree) {
	examples, _ := s["examples"].([]any)
	var snippets []any
	for _, example := range examples {
		if object, ok := example.(tree); ok {
			label := strings.Join(slices.Sorted(maps.Keys(object)), ", ")
			snippets = append(snippets, tree{"label": label, "description": s["description"], "body": object})
		}
	}
	_, named := s["properties"]
	if len(snippets) > 0 && !(named && s["type"] == "object") {
		s["defaultSnippets"] = snippets
	}
}

// tell puts the default, the least and the greatest value, and the examples that
// are maps into the text. Hovers show none of the first; and completion would offer a map as [object Object]
// and write a list with * as broken YAML, so both leave their keywords.
func tell(s tree) {
	text, ok := s["description"].(string)
	if !ok {
		return
	}
	told := text
	if value, ok := s["default"]; ok {
		told += fmt.Sprintf("\n\nDefault: `%s`.", strings.Trim(encode(value), `"`))
		if _, list := value.([]any); list {
			delete(s, "default")
		}
	}
	told += span(s)
	examples, _ := s["examples"].([]any)
	isMap := func(v any) bool { _, ok := v.(tree); return ok }
	for _, example := range examples {
		if isMap(example) {
			told += "\n\nExample:\n\n```yaml\n" + block(example, "") + "```"
		}
	}
	if told == text {
		return
	}
	s["markdownDescription"] = told
	if examples = slices.DeleteFunc(slices.Clone(examples), isMap); len(examples) > 0 {
		s["examples"] = examples
	} else {
		delete(s, "examples")
	}
}

// span tells the least and the greatest number, as the schema has them.
func span(s tree) string {
	unit, _ := s["x-unit"].(string)
	if unit != "" && unit != "%" {
		unit = " " + unit
	}
	least, bounded := s["minimum"]
	greatest, limited := s["maximum"]
	switch {
	case bounded && limited:
		return fmt.Sprintf("\n\nFrom %s to %s%s.", encode(least), encode(greatest), unit)
	case bounded:
		return fmt.Sprintf("\n\nAt least %s%s.", encode(least), unit)
	}
	return ""
}

// block returns a value as lines of YAML.
func block(value any, indent string) string {
	var b strings.Builder
	switch value := value.(type) {
	case tree:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			b.WriteString(indent + key + ":" + below(value[key], indent))
		}
	case []any:
		for _, element := range value {
			b.WriteString(indent + "- " + strings.TrimLeft(below(element, indent), " \n"))
		}
	}
	return b.String()
}

// below returns what stands behind a key.
func below(value any, indent string) string {
	switch value := value.(type) {
	case tree, []any:
		return "\n" + block(value, indent+"  ")
	case string:
		if plainScalar().MatchString(value) {
			return " " + value + "\n"
		}
	}
	return " " + encode(value) + "\n"
}

// plainScalar matches text that is the same text in YAML without quotes.
var plainScalar = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[A-Za-z./][A-Za-z0-9_./:=-]*[A-Za-z0-9]$`)
})

// encode returns a value as JSON on one line. What is in a schema can be.
func encode(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		panic(fmt.Sprintf("service.schema.json: %v", err))
	}
	return string(encoded)
}
