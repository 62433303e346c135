// SPDX-License-Identifier: MIT

package expression

import (
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// Update changes items.
type Update struct{ actions []action }

// Update parses an UpdateExpression.
func (s *Scope) Update(text string) (*Update, error) {
	const parameter = "UpdateExpression"
	u := &Update{}
	var used []string
	if _, err := parse(text, func(p *parser) { u.actions, used = p.updates() }); err != nil {
		return nil, invalid(parameter, err)
	}
	b := &binder{scope: s}
	for i, section := range used {
		if slices.Contains(used[:i], section) {
			b.report(repeatedSection, "The %q section can only be used once in an update expression;", section)
		}
	}
	var targets []Path
	for _, a := range u.actions {
		b.bindPath(a.target)
		b.checkOverlap(targets, a.target.path)
		targets = append(targets, a.target.path)
		if a.value != nil {
			b.bind(a.value)
			b.checkAction(a)
		}
	}
	if err := b.err(); err != nil {
		return nil, invalid(parameter, err)
	}
	return u, nil
}

// Paths returns the document paths that the update changes.
func (u *Update) Paths() []Path {
	if u == nil {
		return nil
	}
	var out []Path
	for _, a := range u.actions {
		out = append(out, a.target.path)
	}
	return out
}

// Reads returns all document paths of the update, also those that it reads.
func (u *Update) Reads() []Path {
	out := u.Paths()
	if u != nil {
		for _, a := range u.actions {
			out = append(out, paths(a.value)...)
		}
	}
	return out
}

// Touched returns those parts of an item that the update names.
func (u *Update) Touched(item attribute.Item) attribute.Item {
	if u == nil {
		return attribute.Item{}
	}
	return choose(u.Paths(), item)
}

func (b *binder) checkAction(a action) {
	t := literal(a.value)
	switch set := t == "SS" || t == "NS" || t == "BS"; {
	case a.section == "SET":
		b.checkValue(a.value)
	case t == "" || set || a.section == "ADD" && t == "N":
	default:
		b.report(operandType, "Incorrect operand type for operator or function; operator: %s, operand type: %s", a.section, t.Word())
	}
}

// checkValue checks the functions and operators of a value to set.
func (b *binder) checkValue(n node) {
	switch n := n.(type) {
	case *callNode:
		b.checkSetCall(n)
	case *sumNode:
		for _, operand := range children(n) {
			if t := literal(operand); t != "" && t != "N" {
				b.wrongType(n.operator, t)
			}
		}
	}
	for _, child := range children(n) {
		b.checkValue(child)
	}
}

func (b *binder) checkSetCall(n *callNode) {
	switch {
	case n.name != "if_not_exists" && n.name != "list_append":
		b.report(unknownFunction, "Invalid function name; function: %s", n.name)
	case len(n.args) != 2:
		b.report(operandCount, "Incorrect number of operands for operator or function; operator or function: %s, number of operands: %d", n.name, len(n.args))
	case n.name == "list_append":
		for _, arg := range n.args {
			if t := literal(arg); t != "" && t != "L" {
				b.wrongType(n.name, t)
			}
		}
	default:
		if _, ok := n.args[0].(*pathNode); !ok {
			b.report(operandType, "Operator or function requires a document path; operator or function: %s", n.name)
		}
	}
}

// Apply returns the changed item; the given one stays as it is. All values are
// those before the update, whatever the order of its actions.
func (u *Update) Apply(item attribute.Item) (attribute.Item, error) {
	root := &draft{value: attribute.Map(maps.Clone(item))}
	if item == nil {
		root.value = attribute.Map{}
	}
	for _, a := range u.ordered() {
		var v attribute.Value
		if a.value != nil {
			var err error
			if v, err = result(a.value, item); err != nil {
				return nil, err
			}
		}
		if err := root.change(a, v); err != nil {
			return nil, err
		}
	}
	return attribute.Item(root.finish().(attribute.Map)), nil
}

// ordered returns the actions so that items which are added to a list are added
// in the order of their indexes.
func (u *Update) ordered() []action {
	return slices.SortedStableFunc(slices.Values(u.actions), func(a, b action) int {
		return last(a).Index - last(b).Index
	})
}

func last(a action) Step { return a.target.path[len(a.target.path)-1] }
