// SPDX-License-Identifier: MIT

package schema

import (
	"fmt"
	"slices"
	"strings"
)

// holdsVariable matches text that an editor sees and Sparta replaces, such as
// ${env:X}.
const holdsVariable = `\$\{`

// mostChoices is how many values a message lists for a person to read.
const mostChoices = 30

// allowVariables takes text with a variable for a value that is not a map or a
// list: its own value may be what is wanted.
func allowVariables(s tree) {
	types := typesOf(s)
	choices, chosen := s["enum"].([]any)
	pattern, _ := s["pattern"].(string)
	switch {
	case chosen && len(types) > 0:
		delete(s, "enum")
		choice := tree{"enum": choices, "type": s["type"]}
		if len(choices) > mostChoices {
			choice["errorMessage"] = fmt.Sprintf("is none of the %d values that there are, such as %s", len(choices), choices[0])
		}
		for _, key := range []string{"description", "markdownDescription"} {
			if text, ok := s[key]; ok {
				choice[key] = text
			}
		}
		s["anyOf"] = []any{choice, tree{"type": "string", "pattern": holdsVariable}}
	case pattern != "" && !strings.HasSuffix(pattern, holdsVariable) && len(types) > 0:
		s["pattern"] = pattern + "|" + holdsVariable
	case slices.Contains(types, "string") || !slices.ContainsFunc(types, isScalar):
		return
	default:
		s["pattern"], s["patternErrorMessage"] = holdsVariable, "must be "+kinds(types)
	}
	if !slices.Contains(types, "string") {
		s["type"] = append(anys(types), "string")
	}
}

// typesOf returns the types of a schema, none if it takes any.
func typesOf(s tree) []string {
	var types []string
	switch list := s["type"].(type) {
	case string:
		types = []string{list}
	case []any:
		for _, one := range list {
			types = append(types, one.(string))
		}
	}
	return types
}

func anys(texts []string) []any {
	var list []any
	for _, text := range texts {
		list = append(list, text)
	}
	return list
}

// isScalar reports whether values of a type may be the value of a variable.
func isScalar(kind string) bool { return kind == "boolean" || kind == "integer" || kind == "number" }

// kinds names types for people.
func kinds(types []string) string {
	var words []string
	for _, kind := range types {
		switch kind {
		case "boolean":
			words = append(words, "true or false")
		case "integer":
			words = append(words, "a whole number")
		case "number":
			words = append(words, "a number")
		case "object":
			words = append(words, "a map")
		case "array":
			words = append(words, "a list")
		}
	}
	return strings.Join(words, ", or ")
}
