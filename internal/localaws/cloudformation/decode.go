// SPDX-License-Identifier: MIT

package cloudformation

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// decode reads a template, JSON if its first character is a brace and YAML
// otherwise, into JSON values whose numbers are json.Number, so that they keep
// the spelling they have in the text.
func decode(body string) (map[string]any, error) {
	body = strings.TrimPrefix(body, "\ufeff")
	if strings.TrimSpace(body) == "" {
		return nil, invalidf("Template format error: the template is empty.")
	}
	value, err := decodeValue(body)
	if err != nil {
		return nil, err
	}
	document, ok := value.(map[string]any)
	if !ok {
		return nil, invalidf("Template format error: unsupported structure.")
	}
	return document, nil
}

func decodeValue(text string) (any, error) {
	if strings.HasPrefix(strings.TrimSpace(text), "{") {
		return decodeJSON(text)
	}
	return decodeYAML(text)
}

func decodeJSON(text string) (any, error) {
	dec := json.NewDecoder(strings.NewReader(text))
	dec.UseNumber()
	var value any
	err := dec.Decode(&value)
	if err == nil {
		if _, more := dec.Token(); !errors.Is(more, io.EOF) {
			err = errors.New("text after the end of the document")
		}
	}
	if err != nil {
		line, column := position(text, dec.InputOffset(), err)
		return nil, invalidf("Template format error: JSON not well-formed. (line %d, column %d)", line, column)
	}
	return value, nil
}

// position returns where in text an error of encoding/json is, counted from 1.
func position(text string, offset int64, err error) (line, column int) {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		offset = syntax.Offset - 1 // the offset is behind the character at fault
	}
	before := text[:min(max(offset, 0), int64(len(text)))]
	return strings.Count(before, "\n") + 1, len(before) - strings.LastIndex(before, "\n")
}

func decodeYAML(text string) (any, error) {
	dec := yaml.NewDecoder(strings.NewReader(text))
	var node yaml.Node
	if err := dec.Decode(&node); err != nil {
		return nil, invalidf("Template format error: YAML not well-formed. (%v)", err)
	}
	if err := dec.Decode(new(yaml.Node)); !errors.Is(err, io.EOF) {
		return nil, invalidf("Template format error: YAML not well-formed. (more than one document)")
	}
	budget := yamlBudget
	return yamlValue(&node, &budget)
}

// yamlBudget bounds the nodes of one document, aliases expanded, so that a
// small text cannot unfold into a huge template.
const yamlBudget = 200_000

func yamlValue(n *yaml.Node, budget *int) (any, error) {
	if *budget--; *budget < 0 {
		return nil, invalidf("Template format error: the template has more than %d values.", yamlBudget)
	}
	value, err := yamlPlain(n, budget)
	if err != nil || !strings.HasPrefix(n.Tag, "!") || strings.HasPrefix(n.Tag, "!!") {
		return value, err
	}
	return shortForm(n.Tag[1:], value, n.Line)
}

func yamlPlain(n *yaml.Node, budget *int) (any, error) {
	switch n.Kind {
	case yaml.DocumentNode:
		return yamlValue(n.Content[0], budget)
	case yaml.AliasNode:
		return yamlValue(n.Alias, budget)
	case yaml.SequenceNode:
		list := make([]any, 0, len(n.Content))
		for _, item := range n.Content {
			value, err := yamlValue(item, budget)
			if err != nil {
				return nil, err
			}
			list = append(list, value)
		}
		return list, nil
	case yaml.MappingNode:
		return yamlMapping(n, budget)
	case yaml.ScalarNode:
		return yamlScalar(n), nil
	}
	return nil, invalidf("Template format error: YAML not well-formed. (line %d)", n.Line)
}

func yamlMapping(n *yaml.Node, budget *int) (any, error) {
	object := make(map[string]any, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind != yaml.ScalarNode {
			return nil, invalidf("Template format error: YAML not well-formed. (line %d: a key must be a string)", key.Line)
		}
		if key.Tag == "!!merge" {
			return nil, invalidf("Template format error: YAML merge keys are not supported. (line %d)", key.Line)
		}
		if _, twice := object[key.Value]; twice {
			return nil, invalidf("Template format error: YAML not well-formed. (line %d: duplicate key %q)", key.Line, key.Value)
		}
		value, err := yamlValue(n.Content[i+1], budget)
		if err != nil {
			return nil, err
		}
		object[key.Value] = value
	}
	return object, nil
}

// yamlScalar turns a scalar into a JSON value. Dates stay the text they are:
// AWSTemplateFormatVersion and policy versions look like one.
func yamlScalar(n *yaml.Node) any {
	switch n.ShortTag() {
	case "!!null":
		return nil
	case "!!bool":
		var b bool
		if n.Decode(&b) == nil {
			return b
		}
	case "!!int", "!!float":
		if json.Valid([]byte(n.Value)) {
			return json.Number(n.Value)
		}
		var f float64
		if n.Decode(&f) == nil {
			if text, err := json.Marshal(f); err == nil {
				return json.Number(bytes.TrimSpace(text))
			}
		}
	}
	return n.Value
}

// shortForm expands a YAML tag such as !Ref or !GetAtt into the function's full
// form.
func shortForm(name string, value any, line int) (any, error) {
	switch name {
	case "Ref", "Condition":
		return map[string]any{name: value}, nil
	case "GetAtt":
		if text, ok := value.(string); ok {
			id, attribute, found := strings.Cut(text, ".")
			if !found {
				return nil, invalidf("Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute (line %d)", line)
			}
			value = []any{id, attribute}
		}
	}
	if !isFunction("Fn::" + name) {
		return nil, invalidf("Template format error: YAML tag !%s is not supported (line %d)", name, line)
	}
	return map[string]any{"Fn::" + name: value}, nil
}

// plain turns decoded or resolved values into what encoding/json makes of them:
// numbers become float64, and nothing is shared with the argument.
func plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = plain(item)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, item := range v {
			object[key] = plain(item)
		}
		return object
	}
	return value
}

// compactJSON returns v as JSON without HTML escapes, keys sorted.
func compactJSON(v any) string {
	var buffer bytes.Buffer
	enc := json.NewEncoder(&buffer)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Sprint(v) // values come from JSON, so this cannot happen
	}
	return strings.TrimSuffix(buffer.String(), "\n")
}

// normalized returns attributes as JSON values, whatever Go types they have.
func normalized(attributes map[string]any) map[string]any {
	var result map[string]any
	if json.Unmarshal([]byte(compactJSON(attributes)), &result) != nil {
		return nil // only values that JSON cannot hold, which no resource type has
	}
	return result
}
