// SPDX-License-Identifier: MIT

package expression

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// Scope is the names and values that the expressions of one request share.
type Scope struct {
	names  map[string]string          // by alias, such as #n
	values map[string]attribute.Value // by name, such as :v

	usedNames, usedValues map[string]bool
}

// NewScope checks the keys of ExpressionAttributeNames and
// ExpressionAttributeValues; nil maps are not in the request. The error is a
// *wire.Error, as are those of the methods.
func NewScope(names map[string]string, values map[string]attribute.Value) (*Scope, error) {
	s := &Scope{names, values, map[string]bool{}, map[string]bool{}}
	if names != nil && len(names) == 0 {
		return nil, attribute.Invalid("ExpressionAttributeNames must not be empty")
	}
	if values != nil && len(values) == 0 {
		return nil, attribute.Invalid("ExpressionAttributeValues must not be empty")
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		if !isReference(name, '#') {
			return nil, attribute.Invalid("ExpressionAttributeNames contains invalid key: Syntax error; key: %q", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if !isReference(name, ':') {
			return nil, attribute.Invalid("ExpressionAttributeValues contains invalid key: Syntax error; key: %q", name)
		}
	}
	return s, nil
}

func isReference(name string, sign byte) bool {
	return len(name) > 1 && name[0] == sign && span(name, 1, isPart) == len(name)
}

// Unused returns the error for a name or value that no expression has used.
func (s *Scope) Unused() error {
	if left := unused(s.names, s.usedNames); left != "" {
		return attribute.Invalid("Value provided in ExpressionAttributeNames unused in expressions: keys: {%s}", left)
	}
	if left := unused(s.values, s.usedValues); left != "" {
		return attribute.Invalid("Value provided in ExpressionAttributeValues unused in expressions: keys: {%s}", left)
	}
	return nil
}

func unused[V any](all map[string]V, used map[string]bool) string {
	left := slices.Sorted(maps.Keys(all))
	left = slices.DeleteFunc(left, func(name string) bool { return used[name] })
	return strings.Join(left, ", ")
}

// fault is a class of errors; the first class of those found is reported, as
// DynamoDB does.
type fault int

const (
	parentheses fault = iota
	reservedWord
	unknownFunction
	misusedFunction
	repeatedSection
	undefinedName
	undefinedValue
	overlap
	conflict
	operandCount
	sameOperand
	operandType
	faults
)

// binder puts names and values in the place of their references and notes the
// first error of each class.
type binder struct {
	scope *Scope
	found [faults]error
}

func (b *binder) report(f fault, format string, args ...any) {
	if b.found[f] == nil {
		b.found[f] = fmt.Errorf(format, args...)
	}
}

// err returns the error of the first class.
func (b *binder) err() error {
	for _, err := range b.found {
		if err != nil {
			return err
		}
	}
	return nil
}

// invalid says in which parameter of the request an error is.
func invalid(parameter string, err error) error {
	return attribute.Invalid("Invalid %s: %v", parameter, err)
}

func (b *binder) bindPath(p *pathNode) {
	for i, step := range p.path {
		switch {
		case step.IsItem:
		case step.Name[0] == '#':
			name, defined := b.scope.names[step.Name]
			if !defined {
				b.report(undefinedName, "An expression attribute name used in the document path is not defined; attribute name: %s", step.Name)
			}
			b.scope.usedNames[step.Name] = true
			p.path[i].Name = name
		case isReserved(step.Name):
			b.report(reservedWord, "Attribute name is a reserved keyword; reserved keyword: %s", step.Name)
		}
	}
	if len(p.path) > maxDepth {
		b.report(operandType, "The document path has too many nesting elements; nesting elements: %d", len(p.path))
	}
}

// maxDepth is how many elements a document path may have.
const maxDepth = 32

func (b *binder) bindValue(v *valueNode) {
	if v.value = b.scope.values[v.name]; v.value == nil {
		b.report(undefinedValue, "An expression attribute value used in expression is not defined; attribute value: %s", v.name)
	}
	b.scope.usedValues[v.name] = true
}

// bind binds the references in a node and below it.
func (b *binder) bind(n node) {
	switch n := n.(type) {
	case *pathNode:
		b.bindPath(n)
	case *valueNode:
		b.bindValue(n)
	}
	for _, child := range children(n) {
		b.bind(child)
	}
}

// literal returns the type of an operand that is a value of the request, or "".
func literal(n node) attribute.Type {
	if v, ok := n.(*valueNode); ok && v.value != nil {
		return v.value.Type()
	}
	return ""
}
