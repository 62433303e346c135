// SPDX-License-Identifier: MIT

package expression

import (
	"fmt"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// operands says how many operands the functions of conditions have.
func operands() map[string]int {
	return map[string]int{"attribute_exists": 1, "attribute_not_exists": 1, "attribute_type": 2, "begins_with": 2, "contains": 2, "size": 1}
}

// checkCondition checks what is bound: functions, operands and their types.
func (b *binder) checkCondition(n node) {
	switch n := n.(type) {
	case *logicNode, *notNode:
		for _, child := range children(n) {
			b.checkLogic(child)
		}
		return
	case *compareNode:
		b.checkDistinct(n.operator, n.left, n.right)
		if n.operator != "=" && n.operator != "<>" {
			b.checkOrdered(n.operator, n.left, n.right)
		}
	case *betweenNode:
		b.checkOrdered("BETWEEN", n.operand, n.low, n.high)
		b.checkBounds(n)
	case *callNode:
		b.checkCall(n)
	}
	for _, child := range children(n) {
		b.checkOperand(child)
	}
}

// checkLogic checks what stands where only a condition may.
func (b *binder) checkLogic(n node) {
	if call, ok := n.(*callNode); ok && call.name == "size" {
		b.misused(call)
	}
	b.checkCondition(n)
}

func (b *binder) misused(n *callNode) {
	b.report(misusedFunction, "The function is not allowed to be used this way in an expression; function: %s", n.name)
}

// checkOperand checks what stands where only a value may: size is the function
// that has one.
func (b *binder) checkOperand(n node) {
	call, ok := n.(*callNode)
	if !ok {
		return
	}
	if _, known := operands()[call.name]; known && call.name != "size" {
		b.misused(call)
	}
	b.checkCondition(call)
}

func (b *binder) checkCall(n *callNode) {
	count, known := operands()[n.name]
	switch {
	case !known:
		b.report(unknownFunction, "Invalid function name; function: %s", n.name)
	case count != len(n.args):
		b.report(operandCount, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", n.name, len(n.args))
	default:
		b.checkArguments(n)
	}
}

func (b *binder) checkArguments(n *callNode) {
	first := literal(n.args[0])
	switch n.name {
	case "attribute_exists", "attribute_not_exists":
		if _, ok := n.args[0].(*pathNode); !ok {
			b.report(operandType, "Operator or function requires a document path; operator or function: %s", n.name)
		}
	case "begins_with":
		b.checkDistinct(n.name, n.args[0], n.args[1])
		for _, arg := range n.args {
			if t := literal(arg); t != "" && t != "S" && t != "B" {
				b.wrongType(n.name, t)
			}
		}
	case "contains":
		b.checkDistinct(n.name, n.args[0], n.args[1])
	case "attribute_type":
		b.checkTypeName(n)
	case "size":
		if first == "N" || first == "BOOL" || first == "NULL" {
			b.wrongType(n.name, first)
		}
	}
}

func (b *binder) wrongType(function string, t attribute.Type) {
	b.report(operandType, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", function, t)
}

func (b *binder) checkTypeName(n *callNode) {
	v, ok := n.args[1].(*valueNode)
	if !ok || v.value != nil && v.value.Type() != "S" {
		b.wrongType(n.name, literal(n.args[1]))
		return
	}
	name, _ := v.value.(attribute.String)
	if v.value != nil && !slices.Contains([]attribute.String{"S", "N", "B", "NULL", "SS", "BOOL", "L", "BS", "NS", "M"}, name) {
		b.report(operandType, "Invalid attribute type name found; type: %s, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}", name)
	}
}

// checkDistinct refuses to compare a path with itself.
func (b *binder) checkDistinct(operator string, left, right node) {
	l, ok := left.(*pathNode)
	r, too := right.(*pathNode)
	if ok && too && slices.Equal(l.path, r.path) {
		b.report(sameOperand, "The first operand must be distinct from the remaining operands for this operator or function; operator: %s, first operand: %v", operator, l.path)
	}
}

// checkOrdered refuses values that have no order.
func (b *binder) checkOrdered(operator string, operands ...node) {
	for _, n := range operands {
		if t := literal(n); t != "" && t != "S" && t != "N" && t != "B" {
			b.report(operandType, "Incorrect operand type for operator or function; operator or function: %s, operand type: %s", operator, t)
		}
	}
}

func (b *binder) checkBounds(n *betweenNode) {
	low, ok := n.low.(*valueNode)
	high, too := n.high.(*valueNode)
	if !ok || !too || low.value == nil || high.value == nil {
		return
	}
	shown := fmt.Sprintf("lower bound operand: AttributeValue: %s, upper bound operand: AttributeValue: %s", show(low.value), show(high.value))
	if low.value.Type() != high.value.Type() {
		b.report(operandType, "The BETWEEN operator requires same data type for lower and upper bounds; %s", shown)
	} else if order, ok := attribute.Compare(low.value, high.value); ok && order > 0 {
		b.report(operandType, "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; %s", shown)
	}
}

// show returns a value as the messages of DynamoDB do: {S:text}.
func show(v attribute.Value) string {
	text := fmt.Sprint(v)
	if data, ok := v.(attribute.Binary); ok {
		text = fmt.Sprintf("java.nio.HeapByteBuffer[pos=0 lim=%d cap=%d]", len(data), len(data))
	}
	return fmt.Sprintf("{%s:%s}", v.Type(), text)
}
