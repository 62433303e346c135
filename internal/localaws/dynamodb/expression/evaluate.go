// SPDX-License-Identifier: MIT

package expression

import (
	"bytes"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// Condition is true or false for an item.
type Condition struct{ root node }

// Condition parses a condition or filter; parameter is the member of the
// request that holds it, such as FilterExpression.
func (s *Scope) Condition(parameter, text string) (*Condition, error) {
	var root node
	p, err := parse(text, func(p *parser) { root = p.condition() })
	if err != nil {
		return nil, invalid(parameter, err)
	}
	b := &binder{scope: s}
	if p.redundant {
		b.report(parentheses, "The expression has redundant parentheses;")
	}
	b.bind(root)
	b.checkLogic(root)
	if err := b.err(); err != nil {
		return nil, invalid(parameter, err)
	}
	return &Condition{root}, nil
}

// Holds reports whether the condition is true for an item. An item that is not
// there is nil. A nil condition is true.
func (c *Condition) Holds(item attribute.Item) bool { return c == nil || holds(c.root, item) }

// Paths returns the document paths of the condition.
func (c *Condition) Paths() []Path {
	if c == nil {
		return nil
	}
	return paths(c.root)
}

func paths(n node) []Path {
	if p, ok := n.(*pathNode); ok {
		return []Path{p.path}
	}
	var out []Path
	for _, child := range children(n) {
		out = append(out, paths(child)...)
	}
	return out
}

func holds(n node, item attribute.Item) bool {
	switch n := n.(type) {
	case *logicNode:
		if n.operator == "AND" {
			return holds(n.left, item) && holds(n.right, item)
		}
		return holds(n.left, item) || holds(n.right, item)
	case *notNode:
		return !holds(n.operand, item)
	case *compareNode:
		return compare(n.operator, evaluate(n.left, item), evaluate(n.right, item))
	case *betweenNode:
		v := evaluate(n.operand, item)
		return compare(">=", v, evaluate(n.low, item)) && compare("<=", v, evaluate(n.high, item))
	case *inNode:
		v := evaluate(n.operand, item)
		return slices.ContainsFunc(n.list, func(other node) bool { return attribute.Equal(v, evaluate(other, item)) })
	case *callNode:
		return call(n, item)
	}
	return false
}

// evaluate returns the value of an operand, or nil if it has none.
func evaluate(n node, item attribute.Item) attribute.Value {
	switch n := n.(type) {
	case *pathNode:
		return n.path.Lookup(item)
	case *valueNode:
		return n.value
	case *callNode: // size
		return size(evaluate(n.args[0], item))
	}
	return nil
}

func size(v attribute.Value) attribute.Value {
	switch v := v.(type) {
	case attribute.String:
		return attribute.Int(len(v))
	case attribute.Binary:
		return attribute.Int(len(v))
	case attribute.List:
		return attribute.Int(len(v))
	case attribute.Map:
		return attribute.Int(len(v))
	case attribute.StringSet:
		return attribute.Int(len(v))
	case attribute.NumberSet:
		return attribute.Int(len(v))
	case attribute.BinarySet:
		return attribute.Int(len(v))
	}
	return nil
}

// compare compares values; those of two types, and what is not there, are
// different and have no order.
func compare(operator string, a, b attribute.Value) bool {
	switch operator {
	case "=":
		return attribute.Equal(a, b)
	case "<>":
		return !attribute.Equal(a, b)
	}
	order, ok := attribute.Compare(a, b)
	if !ok {
		return false
	}
	switch operator {
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	}
	return order >= 0
}

func call(n *callNode, item attribute.Item) bool {
	first := evaluate(n.args[0], item)
	switch n.name {
	case "attribute_exists":
		return first != nil
	case "attribute_not_exists":
		return first == nil
	}
	second := evaluate(n.args[1], item)
	switch n.name {
	case "attribute_type":
		return first != nil && second == attribute.Value(attribute.String(first.Type()))
	case "begins_with":
		return beginsWith(first, second)
	}
	return contains(first, second)
}

func beginsWith(v, prefix attribute.Value) bool {
	switch v := v.(type) {
	case attribute.String:
		p, ok := prefix.(attribute.String)
		return ok && strings.HasPrefix(string(v), string(p))
	case attribute.Binary:
		p, ok := prefix.(attribute.Binary)
		return ok && bytes.HasPrefix(v, p)
	}
	return false
}

func contains(v, part attribute.Value) bool {
	switch v := v.(type) {
	case attribute.String:
		p, ok := part.(attribute.String)
		return ok && strings.Contains(string(v), string(p))
	case attribute.Binary:
		p, ok := part.(attribute.Binary)
		return ok && bytes.Contains(v, p)
	case attribute.List:
		return slices.ContainsFunc(v, func(item attribute.Value) bool { return attribute.Equal(item, part) })
	case attribute.StringSet:
		p, ok := part.(attribute.String)
		return ok && slices.Contains(v, string(p))
	case attribute.NumberSet:
		p, ok := part.(attribute.Number)
		return ok && slices.Contains(v, p)
	case attribute.BinarySet:
		p, ok := part.(attribute.Binary)
		return ok && slices.ContainsFunc(v, func(data []byte) bool { return bytes.Equal(data, p) })
	}
	return false
}
