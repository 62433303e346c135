// SPDX-License-Identifier: MIT

package cloudformation

import (
	"slices"
	"strings"
)

func isConditionFunction(name string) bool {
	switch name {
	case "Fn::And", "Fn::Or", "Fn::Not", "Fn::Equals", "Condition":
		return true
	}
	return false
}

// evaluateConditions evaluates the Conditions section. Conditions may use
// parameters, mappings, pseudo parameters and one another, but no resources.
func (r *resolver) evaluateConditions() error {
	r.conditions = make(map[string]bool, len(r.template.conditions))
	for _, name := range sortedKeys(r.template.conditions) {
		if _, err := r.condition(name, nil); err != nil {
			return err
		}
	}
	return nil
}

// condition evaluates the condition called name, which the conditions in path
// depend on.
func (r *resolver) condition(name string, path []string) (bool, error) {
	if value, done := r.conditions[name]; done {
		return value, nil
	}
	body, defined := r.template.conditions[name]
	if !defined {
		return false, invalidf("Template format error: Unresolved condition dependency %s in the Conditions block of the template", name)
	}
	if slices.Contains(path, name) {
		return false, invalidf("Template error: Circular dependency between conditions: [%s]", strings.Join(append(path, name), ", "))
	}
	value, err := r.boolean(body, append(path, name))
	if err == nil {
		r.conditions[name] = value
	}
	return value, err
}

// boolean evaluates a condition function.
func (r *resolver) boolean(body any, path []string) (bool, error) {
	object, ok := body.(map[string]any)
	if !ok || len(object) != 1 {
		return false, invalidf("Template format error: Conditions can only be boolean operations on parameters and other conditions")
	}
	for name, argument := range object {
		switch name {
		case "Condition":
			if other, isName := argument.(string); isName {
				return r.condition(other, path)
			}
		case "Fn::Equals":
			return r.equals(argument)
		case "Fn::Not":
			if list, isList := argument.([]any); isList && len(list) == 1 {
				value, err := r.boolean(list[0], path)
				return !value, err
			}
			return false, invalidf("Template error: every Fn::Not object requires one boolean parameter.")
		case "Fn::And", "Fn::Or":
			return r.all(name, argument, path)
		}
	}
	return false, invalidf("Template format error: Conditions can only be boolean operations on parameters and other conditions")
}

// all evaluates Fn::And and Fn::Or.
func (r *resolver) all(name string, argument any, path []string) (bool, error) {
	list, ok := argument.([]any)
	if !ok || len(list) < 2 || len(list) > 10 {
		return false, invalidf("Template error: every %s object requires a list of at least 2 and at most 10 boolean parameters.", name)
	}
	result := name == "Fn::And"
	for _, item := range list {
		value, err := r.boolean(item, path)
		if err != nil {
			return false, err
		}
		if name == "Fn::And" {
			result = result && value
		} else {
			result = result || value
		}
	}
	return result, nil
}

func (r *resolver) equals(argument any) (bool, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 2 {
		return false, invalidf("Template error: every Fn::Equals object requires a list of 2 string parameters.")
	}
	var sides [2]string
	for i, item := range list {
		value, err := r.resolve(item)
		if err != nil {
			return false, err
		}
		if hasUnknown(value) {
			return false, invalidf("Template format error: Unresolved dependencies in the Conditions block: conditions cannot refer to resources")
		}
		if sides[i], ok = scalarText(value); !ok {
			sides[i] = compactJSON(value)
		}
	}
	return sides[0] == sides[1], nil
}

// choose evaluates Fn::If; the branch that is not taken is not looked at.
func (r *resolver) choose(argument any) (any, error) {
	branch, err := r.branch(argument)
	if err != nil {
		return nil, err
	}
	return r.eval(branch)
}

// branch returns the part of Fn::If that applies.
func (r *resolver) branch(argument any) (any, error) {
	list, ok := argument.([]any)
	if !ok || len(list) != 3 {
		return nil, invalidf("Template error: Fn::If requires a list argument with three elements")
	}
	name, ok := list[0].(string)
	if !ok {
		return nil, invalidf("Template error: the first element of Fn::If must be the name of a condition")
	}
	value, defined := r.conditions[name]
	if !defined {
		return nil, invalidf("Template error: unresolved condition dependency: %s", name)
	}
	if value {
		return list[1], nil
	}
	return list[2], nil
}
