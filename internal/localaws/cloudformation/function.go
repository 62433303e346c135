// SPDX-License-Identifier: MIT

package cloudformation

import (
	"encoding/base64"
	"strconv"
	"strings"
)

// isFunction reports whether name is an intrinsic function that the embedded
// AWS evaluates.
func isFunction(name string) bool {
	switch name {
	case "Ref", "Condition", "Fn::GetAtt", "Fn::Sub", "Fn::Join", "Fn::Select", "Fn::Split", "Fn::FindInMap",
		"Fn::Base64", "Fn::Cidr", "Fn::GetAZs", "Fn::ImportValue", "Fn::If":
		return true
	}
	return isConditionFunction(name)
}

// functionOf returns the function that an object calls, if it does: its only
// key is Ref or starts with Fn::.
func functionOf(object map[string]any) (name string, argument any, ok bool) {
	if len(object) != 1 {
		return "", nil, false
	}
	for name, argument = range object {
		ok = name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return name, argument, ok
}

// call evaluates one function. Unless it is told otherwise, a function with an
// unknown argument is itself unknown.
func (r *resolver) call(name string, argument, raw any) (any, error) {
	switch name {
	case "Ref":
		target, ok := argument.(string)
		if !ok {
			return nil, invalidf("Template format error: All Ref values must be strings.")
		}
		return r.refValue(target, raw)
	case "Fn::GetAtt":
		return r.getAtt(argument, raw)
	case "Fn::Sub":
		return r.sub(argument, raw)
	case "Fn::If":
		return r.choose(argument)
	}
	if isConditionFunction(name) {
		return nil, invalidf("Template error: %s can only be used in the Conditions section and in Fn::If", name)
	}
	if !isFunction(name) {
		return nil, invalidf("the embedded AWS does not model the intrinsic function %s", name)
	}
	evaluated, err := r.eval(argument)
	if err != nil {
		return nil, err
	}
	if hasUnknown(evaluated) {
		return unknown{raw}, nil
	}
	return r.apply(name, evaluated)
}

// apply evaluates a function whose argument is evaluated already.
func (r *resolver) apply(name string, argument any) (any, error) {
	switch name {
	case "Fn::Join":
		text, err := join(argument)
		if err != nil {
			return nil, err
		}
		return r.here(text), nil
	case "Fn::Select":
		return choice(argument)
	case "Fn::Split":
		return split(argument)
	case "Fn::FindInMap":
		return r.findInMap(argument)
	case "Fn::Cidr":
		return cidr(argument)
	case "Fn::Base64":
		text, ok := scalarText(argument)
		if !ok {
			return nil, invalidf("Template error: every Fn::Base64 object must have a String-typed value.")
		}
		return base64.StdEncoding.EncodeToString([]byte(text)), nil
	case "Fn::GetAZs":
		return r.zones(argument)
	}
	// What is left is Fn::ImportValue.
	export, ok := scalarText(argument)
	if !ok {
		return nil, invalidf("Template error: the attribute in Fn::ImportValue must be a string")
	}
	if r.imported == nil {
		return nil, invalidf("No export named %s found", export)
	}
	return r.imported(export)
}

func (r *resolver) getAtt(argument, raw any) (any, error) {
	id, name, err := attributePath(argument)
	if err != nil {
		return nil, err
	}
	evaluated, err := r.eval(name) // the attribute may be a Ref to a parameter
	if err != nil {
		return nil, err
	}
	text, ok := evaluated.(string)
	if !ok {
		return nil, invalidf("Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")
	}
	return r.attributeValue(id, text, raw)
}

// attributePath splits the argument of Fn::GetAtt, a list or a dotted string,
// into a logical id and an attribute.
func attributePath(argument any) (id string, attribute any, err error) {
	switch v := argument.(type) {
	case string:
		if before, after, found := strings.Cut(v, "."); found && before != "" && after != "" {
			return before, after, nil
		}
	case []any:
		if len(v) >= 2 {
			id, ok := v[0].(string)
			parts, allText := stringOrList(v[1:])
			if ok && id != "" && allText {
				return id, strings.Join(parts, "."), nil
			}
			if ok && id != "" && len(v) == 2 {
				return id, v[1], nil
			}
		}
	}
	return "", nil, invalidf("Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute")
}

func join(argument any) (string, error) {
	pair, ok := argument.([]any)
	if ok && len(pair) == 2 {
		delimiter, isText := pair[0].(string)
		items, allText := scalarList(pair[1])
		if isText && allText {
			return strings.Join(items, delimiter), nil
		}
	}
	return "", invalidf("Template error: every Fn::Join object requires two parameters, (1) a string delimiter and (2) a list of strings to be joined or a function that returns a list of strings (such as Fn::GetAZs) to be joined.")
}

func choice(argument any) (any, error) {
	pair, ok := argument.([]any)
	if !ok || len(pair) != 2 {
		return nil, invalidf("Template error: Fn::Select requires a list argument with two elements: an integer index and a list")
	}
	text, _ := scalarText(pair[0])
	index, err := strconv.Atoi(text)
	items, isList := pair[1].([]any)
	if err != nil || !isList {
		return nil, invalidf("Template error: Fn::Select requires a list argument with two elements: an integer index and a list")
	}
	if index < 0 || index >= len(items) {
		return nil, invalidf("Template error: Fn::Select cannot select nonexistent value at index %d", index)
	}
	return items[index], nil
}

func split(argument any) (any, error) {
	pair, ok := argument.([]any)
	if ok && len(pair) == 2 {
		delimiter, isText := pair[0].(string)
		source, sourceIsText := scalarText(pair[1])
		if isText && sourceIsText && delimiter != "" {
			list := []any{}
			for part := range strings.SplitSeq(source, delimiter) {
				list = append(list, part)
			}
			return list, nil
		}
	}
	return nil, invalidf("Template error: every Fn::Split object requires two parameters, (1) a string delimiter and (2) a string to be split or a function that returns a string to be split.")
}

func (r *resolver) findInMap(argument any) (any, error) {
	keys, ok := scalarList(argument)
	if !ok || len(keys) != 3 {
		return nil, invalidf("Template error: every Fn::FindInMap object requires three parameters, the map name, map key and the attribute for return value")
	}
	mapping, ok := r.template.mappings[keys[0]]
	if !ok {
		return nil, invalidf("Template error: Mapping named '%s' is not present in the 'Mappings' section of template.", keys[0])
	}
	value, ok := mapping[keys[1]][keys[2]]
	if !ok {
		return nil, invalidf("Template error: Unable to get mapping for %s::%s::%s", keys[0], keys[1], keys[2])
	}
	return value, nil
}

// zones returns three zones of a region; the embedded AWS gives every region
// just as many.
func (r *resolver) zones(argument any) (any, error) {
	region, ok := argument.(string)
	if !ok {
		return nil, invalidf("Template error: Fn::GetAZs requires a region name")
	}
	if region == "" {
		region = r.scope.Region
	}
	list := []any{}
	for _, letter := range []string{"a", "b", "c"} {
		list = append(list, region+letter)
	}
	return list, nil
}
