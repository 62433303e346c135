// SPDX-License-Identifier: MIT

package cloudformation

import "strings"

// piece is a part of the text of Fn::Sub: a literal, or a name to be replaced.
type piece struct {
	text string
	name bool
}

// pieces splits the text of Fn::Sub. ${!Literal} stays as ${Literal}.
func pieces(text string) ([]piece, error) {
	var list []piece
	for text != "" {
		before, rest, found := strings.Cut(text, "${")
		if before != "" {
			list = append(list, piece{text: before})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed {
			return nil, invalidf("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons")
		}
		text = after
		if literal, escaped := strings.CutPrefix(name, "!"); escaped {
			list = append(list, piece{text: "${" + literal + "}"})
			continue
		}
		name = strings.TrimSpace(name)
		if !isVariable(name) {
			return nil, invalidf("Template error: variable names in Fn::Sub syntax must contain only alphanumeric characters, underscores, periods, and colons")
		}
		list = append(list, piece{text: name, name: true})
	}
	return list, nil
}

func isVariable(name string) bool {
	return name != "" && strings.IndexFunc(name, func(c rune) bool {
		return !(c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.' || c == ':')
	}) < 0
}

// subArgument splits the argument of Fn::Sub into its text and its variables.
func subArgument(argument any) (text string, variables map[string]any, err error) {
	switch v := argument.(type) {
	case string:
		return v, nil, nil
	case []any:
		if len(v) == 2 {
			text, isText := v[0].(string)
			variables, isObject := v[1].(map[string]any)
			if isText && isObject {
				return text, variables, nil
			}
		}
	}
	return "", nil, invalidf("Template error: One or more Fn::Sub intrinsic functions don't specify expected arguments. Specify a string as first argument, and an optional second argument to specify a mapping of values to replace in the string")
}

func (r *resolver) sub(argument, raw any) (any, error) {
	text, variables, err := subArgument(argument)
	if err != nil {
		return nil, err
	}
	if strings.Contains(text, "{{resolve:") {
		return nil, invalidf("the embedded AWS does not resolve dynamic references: %s", text)
	}
	list, err := pieces(text)
	if err != nil {
		return nil, err
	}
	var out strings.Builder
	incomplete := false
	for _, p := range list {
		if !p.name {
			out.WriteString(p.text)
			continue
		}
		value, err := r.variable(p.text, variables, raw)
		if err != nil {
			return nil, err
		}
		if hasUnknown(value) {
			incomplete = true
			continue
		}
		scalar, ok := scalarText(value)
		if !ok {
			return nil, invalidf("Template error: the value of ${%s} in Fn::Sub must be a string", p.text)
		}
		out.WriteString(scalar)
	}
	if incomplete {
		return unknown{raw}, nil
	}
	return r.here(out.String()), nil
}

// variable resolves one name of Fn::Sub: a variable of its own, a name as for
// Ref, or a resource and an attribute.
func (r *resolver) variable(name string, variables map[string]any, raw any) (any, error) {
	if value, ok := variables[name]; ok {
		return r.eval(value)
	}
	if id, attribute, dotted := strings.Cut(name, "."); dotted {
		return r.attributeValue(id, attribute, raw)
	}
	return r.refValue(name, raw)
}
