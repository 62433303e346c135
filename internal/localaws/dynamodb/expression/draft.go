// SPDX-License-Identifier: MIT

package expression

import (
	"maps"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

func wrongOperand() error {
	return attribute.Invalid("An operand in the update expression has an incorrect data type")
}

// result returns the value of an operand of SET, ADD or DELETE.
func result(n node, item attribute.Item) (attribute.Value, error) {
	switch n := n.(type) {
	case *valueNode:
		return n.value, nil
	case *pathNode:
		v := n.path.Lookup(item)
		if v == nil {
			return nil, attribute.Invalid("The provided expression refers to an attribute that does not exist in the item")
		}
		return v, nil
	case *callNode:
		return setCall(n, item)
	case *sumNode:
		return sum(n, item)
	}
	return nil, wrongOperand()
}

func setCall(n *callNode, item attribute.Item) (attribute.Value, error) {
	if n.name == "if_not_exists" {
		if v := evaluate(n.args[0], item); v != nil {
			return v, nil
		}
		return result(n.args[1], item)
	}
	var joined attribute.List
	for _, arg := range n.args {
		v, err := result(arg, item)
		if err != nil {
			return nil, err
		}
		list, ok := v.(attribute.List)
		if !ok {
			return nil, wrongOperand()
		}
		joined = append(joined, list...)
	}
	return joined, nil
}

func sum(n *sumNode, item attribute.Item) (attribute.Value, error) {
	var numbers [2]attribute.Number
	for i, operand := range children(n) {
		v, err := result(operand, item)
		if err != nil {
			return nil, err
		}
		var ok bool
		if numbers[i], ok = v.(attribute.Number); !ok {
			return nil, wrongOperand()
		}
	}
	if n.operator == "-" {
		return number(numbers[0].Subtract(numbers[1]))
	}
	return number(numbers[0].Add(numbers[1]))
}

func number(n attribute.Number, err error) (attribute.Value, error) {
	if err != nil {
		return nil, err
	}
	return n, nil
}

// draft is a value that is being changed. A map or list is copied when one of
// its members becomes a draft. Items that are removed from a list keep their
// place until the end, so that indexes mean what they did before.
type draft struct {
	value attribute.Value // nil: removed
	names map[string]*draft
	items map[int]*draft
	added []attribute.Value // at the end of the list
}

// change carries out one action.
func (d *draft) change(a action, v attribute.Value) error {
	path := a.target.path
	for i, step := range path {
		below := d.member(step)
		switch {
		case below == nil:
			return attribute.Invalid("The document path provided in the update expression is invalid for update")
		case i == len(path)-1:
			if err := below.act(a.section, v); err != nil {
				return err
			}
			if list, ok := d.value.(attribute.List); ok && step.Index >= len(list) && below.value != nil { // beyond the end
				d.added = append(d.added, below.value)
				delete(d.items, step.Index)
			}
		}
		d = below
	}
	return nil
}

// member returns the draft of a member, or nil if the value can have none of
// that kind.
func (d *draft) member(step Step) *draft {
	switch v := d.value.(type) {
	case attribute.Map:
		if step.IsItem {
			return nil
		}
		return sketch(&d.names, step.Name, v[step.Name])
	case attribute.List:
		if !step.IsItem {
			return nil
		}
		var item attribute.Value
		if step.Index < len(v) {
			item = v[step.Index]
		}
		return sketch(&d.items, step.Index, item)
	}
	return nil
}

func sketch[K comparable](drafts *map[K]*draft, key K, v attribute.Value) *draft {
	if *drafts == nil {
		*drafts = map[K]*draft{}
	}
	if (*drafts)[key] == nil {
		(*drafts)[key] = &draft{value: v}
	}
	return (*drafts)[key]
}

// act changes the value itself.
func (d *draft) act(section string, v attribute.Value) error {
	switch {
	case section == "SET":
		d.value = v
	case section == "REMOVE":
		d.value = nil
	case section == "DELETE" && d.value == nil:
	case d.value == nil: // ADD
		d.value = v
	case d.value.Type() != v.Type():
		return wrongOperand()
	case section == "DELETE":
		d.value, _ = attribute.Difference(d.value, v)
	case v.Type() == "N":
		n, err := d.value.(attribute.Number).Add(v.(attribute.Number))
		if err != nil {
			return err
		}
		d.value = n
	default:
		d.value, _ = attribute.Union(d.value, v)
	}
	return nil
}

// finish returns the value with its changed members, or nil if it was removed.
func (d *draft) finish() attribute.Value {
	switch v := d.value.(type) {
	case attribute.Map:
		if d.names == nil {
			return v
		}
		out := make(attribute.Map, len(v))
		maps.Copy(out, v)
		for name, below := range d.names {
			if out[name] = below.finish(); out[name] == nil {
				delete(out, name)
			}
		}
		return out
	case attribute.List:
		var out attribute.List
		for i, item := range v {
			if below := d.items[i]; below != nil {
				item = below.finish()
			}
			if item != nil {
				out = append(out, item)
			}
		}
		return append(out, d.added...)
	}
	return d.value
}
