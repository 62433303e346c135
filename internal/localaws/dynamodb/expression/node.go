// SPDX-License-Identifier: MIT

package expression

import (
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// Path is the place of an attribute: a name, and then members of maps and
// items of lists.
type Path []Step

// Step is a name or, if it is an item of a list, an index.
type Step struct {
	Name   string
	Index  int
	IsItem bool
}

// String returns a path as the messages of DynamoDB show it.
func (p Path) String() string {
	steps := make([]string, len(p))
	for i, step := range p {
		steps[i] = step.Name
		if step.IsItem {
			steps[i] = "[" + strconv.Itoa(step.Index) + "]"
		}
	}
	return "[" + strings.Join(steps, ", ") + "]"
}

// Lookup returns the value at the path, or nil if there is none.
func (p Path) Lookup(item attribute.Item) attribute.Value {
	var at attribute.Value = attribute.Map(item)
	for _, step := range p {
		switch v := at.(type) {
		case attribute.Map:
			if step.IsItem {
				return nil
			}
			at = v[step.Name]
		case attribute.List:
			if !step.IsItem || step.Index >= len(v) {
				return nil
			}
			at = v[step.Index]
		default:
			return nil
		}
	}
	return at
}

// node is a part of an expression: an operand or a condition.
type node interface{ node() }

// The operands.
type (
	// pathNode is a document path; each step may still be an alias.
	pathNode struct{ path Path }
	// valueNode is a value that the request names.
	valueNode struct {
		name  string
		value attribute.Value // nil until it is bound
	}
	// callNode is a function, which may be an operand or a condition.
	callNode struct {
		name string
		args []node
	}
	// sumNode is a sum or a difference.
	sumNode struct {
		operator    string // + or -
		left, right node
	}
)

// The conditions.
type (
	compareNode struct {
		operator    string
		left, right node
	}
	betweenNode struct{ operand, low, high node }
	inNode      struct {
		operand node
		list    []node
	}
	logicNode struct {
		operator    string // AND or OR
		left, right node
	}
	notNode struct{ operand node }
)

func (*pathNode) node()    {}
func (*valueNode) node()   {}
func (*callNode) node()    {}
func (*sumNode) node()     {}
func (*compareNode) node() {}
func (*betweenNode) node() {}
func (*inNode) node()      {}
func (*logicNode) node()   {}
func (*notNode) node()     {}

// isCondition reports whether a node is true or false rather than a value.
func isCondition(n node) bool {
	switch n.(type) {
	case *compareNode, *betweenNode, *inNode, *logicNode, *notNode, *callNode:
		return true
	}
	return false
}

// isOperand reports whether a node has a value.
func isOperand(n node) bool {
	switch n.(type) {
	case *pathNode, *valueNode, *callNode, *sumNode:
		return true
	}
	return false
}

// children returns the parts of a node.
func children(n node) []node {
	switch n := n.(type) {
	case *callNode:
		return n.args
	case *sumNode:
		return []node{n.left, n.right}
	case *compareNode:
		return []node{n.left, n.right}
	case *betweenNode:
		return []node{n.operand, n.low, n.high}
	case *inNode:
		return append([]node{n.operand}, n.list...)
	case *logicNode:
		return []node{n.left, n.right}
	case *notNode:
		return []node{n.operand}
	}
	return nil
}
