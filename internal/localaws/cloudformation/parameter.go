// SPDX-License-Identifier: MIT

package cloudformation

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// parameter is one entry of the Parameters section.
type parameter struct {
	typeName      string
	description   string
	fallback      *string // Default; nil if the parameter must be given
	allowed       []string
	pattern       *regexp.Regexp // AllowedPattern, anchored
	patternText   string
	constraint    string // ConstraintDescription
	minLength     *float64
	maxLength     *float64
	minValue      *float64
	maxValue      *float64
	noEcho        bool
	listOfNumbers bool
	list          bool
}

func (t *template) readParameters(document map[string]any) error {
	members, err := section(document, "Parameters", maxParameters)
	if err != nil {
		return err
	}
	t.parameters = make(map[string]parameter, len(members))
	for _, name := range sortedKeys(members) {
		p, err := readParameter(name, members[name])
		if err != nil {
			return err
		}
		t.parameters[name] = p
	}
	return nil
}

func readParameter(name string, member map[string]any) (parameter, error) {
	var p parameter
	for _, key := range sortedKeys(member) {
		known, ok := p.read(key, member[key])
		if !known {
			return p, invalidf("Invalid template parameter property '%s'", key)
		}
		if !ok {
			return p, invalidf("Template format error: [/Parameters/%s/%s] the value %s is not valid.", name, key, compactJSON(member[key]))
		}
	}
	switch p.typeName {
	case "String", "Number":
	case "CommaDelimitedList":
		p.list = true
	case "List<Number>":
		p.list, p.listOfNumbers = true, true
	case "":
		return p, invalidf("Template format error: Every Parameters object must contain a Type member.")
	default:
		return p, invalidf("the embedded AWS does not model the parameter type %s (parameter %s)", p.typeName, name)
	}
	if p.fallback != nil {
		if err := p.check(name, *p.fallback); err != nil {
			return p, err
		}
	}
	return p, nil
}

// read takes one attribute. It reports whether the attribute is known, and
// whether its value is well-typed.
func (p *parameter) read(key string, value any) (known, ok bool) {
	text, isText := scalarText(value)
	switch key {
	case "Type":
		p.typeName, ok = value.(string)
	case "Description":
		p.description, ok = text, isText
	case "Default":
		p.fallback, ok = &text, isText
	case "ConstraintDescription":
		p.constraint, ok = text, isText
	case "NoEcho":
		p.noEcho, ok = text == "true", text == "true" || text == "false"
	case "AllowedValues":
		p.allowed, ok = scalarList(value)
	case "AllowedPattern":
		p.patternText, ok = value.(string)
		if ok {
			var err error
			p.pattern, err = regexp.Compile(`^(?:` + p.patternText + `)$`)
			ok = err == nil
		}
	case "MinLength":
		p.minLength, ok = number(text)
	case "MaxLength":
		p.maxLength, ok = number(text)
	case "MinValue":
		p.minValue, ok = number(text)
	case "MaxValue":
		p.maxValue, ok = number(text)
	default:
		return false, false
	}
	return true, ok
}

func number(text string) (*float64, bool) {
	f, err := strconv.ParseFloat(text, 64)
	return &f, err == nil
}

// scalarText returns a string, number or boolean as text.
func scalarText(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	}
	return "", false
}

func scalarList(value any) ([]string, bool) {
	items, ok := value.([]any)
	if !ok {
		return nil, false
	}
	list := make([]string, 0, len(items))
	for _, item := range items {
		text, ok := scalarText(item)
		if !ok {
			return nil, false
		}
		list = append(list, text)
	}
	return list, true
}

// check reports the first constraint that value breaks.
func (p *parameter) check(name, value string) error {
	if len(value) > maxParameterValue {
		return invalidf("Parameter '%s' must be at most %d bytes long", name, maxParameterValue)
	}
	for _, item := range p.items(value) {
		if reason := p.checkItem(item); reason != "" {
			if p.constraint != "" {
				return invalidf("Parameter '%s' failed to satisfy constraint: %s", name, p.constraint)
			}
			return invalidf("Parameter '%s' %s", name, reason)
		}
	}
	return nil
}

func (p *parameter) checkItem(item string) string {
	numeric := p.typeName == "Number" || p.listOfNumbers
	value, isNumber := number(item)
	length := float64(len(item))
	switch {
	case numeric && !isNumber:
		return "must be a number"
	case len(p.allowed) > 0 && !slices.Contains(p.allowed, item):
		return "must be one of AllowedValues"
	case p.pattern != nil && !p.pattern.MatchString(item):
		return "must match pattern " + p.patternText
	case p.minLength != nil && length < *p.minLength:
		return fmt.Sprintf("must contain at least %v characters", *p.minLength)
	case p.maxLength != nil && length > *p.maxLength:
		return fmt.Sprintf("must contain at most %v characters", *p.maxLength)
	case p.minValue != nil && isNumber && *value < *p.minValue:
		return fmt.Sprintf("must be a number not less than %v", *p.minValue)
	case p.maxValue != nil && isNumber && *value > *p.maxValue:
		return fmt.Sprintf("must be a number not greater than %v", *p.maxValue)
	}
	return ""
}

// items returns the elements of a list parameter, and the value itself of
// another.
func (p *parameter) items(value string) []string {
	if !p.list {
		return []string{value}
	}
	if value == "" {
		return nil
	}
	items := strings.Split(value, ",")
	for i, item := range items {
		items[i] = strings.TrimSpace(item)
	}
	return items
}

// resolved returns what Ref gives for the parameter.
func (p *parameter) resolved(value string) any {
	if !p.list {
		return value
	}
	list := []any{}
	for _, item := range p.items(value) {
		list = append(list, item)
	}
	return list
}

// given is one parameter of a request.
type given struct {
	value       string
	usePrevious bool
}

// parameterValues returns the value of every parameter of t: the one given, or
// the previous one where that is asked for, or the default.
func (t *template) parameterValues(request map[string]given, previous map[string]string) (map[string]string, error) {
	var unknown, missing []string
	for _, name := range sortedKeys(request) {
		if _, declared := t.parameters[name]; !declared {
			unknown = append(unknown, name)
		}
	}
	if len(unknown) > 0 {
		return nil, invalidf("Parameters: [%s] do not exist in the template", strings.Join(unknown, ", "))
	}
	values := make(map[string]string, len(t.parameters))
	for _, name := range sortedKeys(t.parameters) {
		p := t.parameters[name]
		value, present := request[name].value, false
		if g, asked := request[name]; asked && g.usePrevious {
			value, present = previous[name], hasKey(previous, name)
			if !present {
				return nil, invalidf("Invalid input for parameter key %s. Cannot specify usePreviousValue as true for a parameter key not in the previous template", name)
			}
		} else if asked {
			present = true
		} else if p.fallback != nil {
			value, present = *p.fallback, true
		}
		if !present {
			missing = append(missing, name)
			continue
		}
		if err := p.check(name, value); err != nil {
			return nil, err
		}
		values[name] = value
	}
	if len(missing) > 0 {
		return nil, invalidf("Parameters: [%s] must have values", strings.Join(missing, ", "))
	}
	return values, nil
}

func hasKey[V any](m map[string]V, key string) bool {
	_, ok := m[key]
	return ok
}

// secrets returns the names of the NoEcho parameters.
func (t *template) secrets() []string {
	var names []string
	for _, name := range sortedKeys(t.parameters) {
		if t.parameters[name].noEcho {
			names = append(names, name)
		}
	}
	return names
}
