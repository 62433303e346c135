// SPDX-License-Identifier: MIT

package expression

import (
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// KeyCondition is a condition on one key attribute.
type KeyCondition struct {
	Operator string // =, <, <=, >, >=, BETWEEN or begins_with
	Values   []attribute.Value
}

// KeyConditions parses a KeyConditionExpression and returns its conditions by
// the attribute's name.
func (s *Scope) KeyConditions(text string) (map[string]KeyCondition, error) {
	c, err := s.Condition("KeyConditionExpression", text)
	if err != nil {
		return nil, err
	}
	found := map[string]KeyCondition{}
	if err := collect(c.root, found); err != nil {
		return nil, err
	}
	return found, nil
}

func collect(n node, found map[string]KeyCondition) error {
	switch n := n.(type) {
	case *logicNode:
		if n.operator != "AND" {
			return badOperator(n.operator)
		}
		if err := collect(n.left, found); err != nil {
			return err
		}
		return collect(n.right, found)
	case *notNode:
		return badOperator("NOT")
	case *inNode:
		return badOperator("IN")
	case *betweenNode:
		return single(found, "BETWEEN", n.operand, n.low, n.high)
	case *callNode:
		if n.name != "begins_with" {
			return badOperator(n.name)
		}
		return single(found, n.name, n.args...)
	}
	n2 := n.(*compareNode)
	switch {
	case n2.operator == "<>":
		return badOperator("<>")
	case literal(n2.left) != "":
		return single(found, strings.NewReplacer("<", ">", ">", "<").Replace(n2.operator), n2.right, n2.left)
	}
	return single(found, n2.operator, n2.left, n2.right)
}

func badOperator(operator string) error {
	return attribute.Invalid("Invalid operator used in KeyConditionExpression: %s", operator)
}

// single notes the condition on one attribute: a path and then values.
func single(found map[string]KeyCondition, operator string, operands ...node) error {
	const prefix = "Invalid condition in KeyConditionExpression: "
	var path Path
	var values []attribute.Value
	for i, n := range operands {
		switch n := n.(type) {
		case *pathNode:
			if path != nil {
				return attribute.Invalid(prefix + "Multiple attribute names used in one condition")
			}
			if i > 0 {
				return attribute.Invalid(prefix+"%s operator must have the key attribute as its first operand", operator)
			}
			path = n.path
		case *valueNode:
			values = append(values, n.value)
		default:
			return attribute.Invalid("KeyConditionExpressions cannot contain nested operations")
		}
	}
	switch {
	case path == nil:
		return attribute.Invalid(prefix + "No key attribute specified")
	case len(path) > 1:
		return attribute.Invalid("KeyConditionExpressions cannot have conditions on nested attributes")
	}
	name := path[0].Name
	if _, twice := found[name]; twice {
		return attribute.Invalid("KeyConditionExpressions must only contain one condition per key")
	}
	found[name] = KeyCondition{operator, values}
	return nil
}
