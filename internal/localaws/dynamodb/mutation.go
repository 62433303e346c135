// SPDX-License-Identifier: MIT

package dynamodb

import (
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The kinds of mutations, by the names that transactions give them.
const (
	kindPut    = "Put"
	kindUpdate = "Update"
	kindDelete = "Delete"
	kindCheck  = "ConditionCheck"
)

// mutationInput is what requests have in common that write an item.
type mutationInput struct {
	TableName                           *string
	ConditionExpression                 *string
	ReturnValuesOnConditionCheckFailure string
	substitutes
}

// mutation is a write to an item or, in a transaction, a condition on it; it is
// checked as far as that goes without its table.
type mutation struct {
	kind      string
	table     string
	item      attribute.Item // of Put; the key for all others
	condition *expression.Condition
	update    *expression.Update
	showOld   bool // if the condition fails
}

func (c *constraints) mutation(in mutationInput) {
	c.table(in.TableName)
	c.enum(in.ReturnValuesOnConditionCheckFailure, "returnValuesOnConditionCheckFailure", "ALL_OLD", "NONE")
}

// mutation reads what a request writes. raw is the item of Put and the key of
// all others.
func (in mutationInput) mutation(kind string, raw rawItem, update *string) (m mutation, err error) {
	parameters := []parameter{{"ConditionExpression", in.ConditionExpression}}
	if kind == kindUpdate {
		parameters = []parameter{{"UpdateExpression", update}, parameters[0]}
	}
	if err := in.checkUse(parameters...); err != nil {
		return m, err
	}
	m = mutation{kind: kind, table: *in.TableName, showOld: in.ReturnValuesOnConditionCheckFailure == "ALL_OLD"}
	if m.item, err = attribute.DecodeItem(raw); err != nil {
		return m, err
	}
	if kind == kindPut && m.item.Size() > maxItem {
		return m, invalid("Item size has exceeded the maximum allowed size")
	}
	scope, err := in.scope()
	if err != nil {
		return m, err
	}
	if update != nil {
		if m.update, err = scope.Update(*update); err != nil {
			return m, err
		}
	}
	if in.ConditionExpression != nil {
		if m.condition, err = scope.Condition("ConditionExpression", *in.ConditionExpression); err != nil {
			return m, err
		}
	}
	return m, scope.Unused()
}

// outcome is what a mutation does to an item; nil is an item that is not there.
type outcome struct {
	old, new attribute.Item
	write    *itemWrite // nil if there is nothing to write
}

// plan finds out what a mutation does; s.mu is held. The error of a condition
// that does not hold has the code ConditionalCheckFailedException.
func (s *Service) plan(t *table, m mutation) (o outcome, err error) {
	if m.kind == kindPut {
		err = t.checkItem(m.item)
	} else {
		err = t.checkKey(m.item)
	}
	if err == nil {
		err = t.checkUpdate(m.update)
	}
	if err == nil {
		err = t.checkPaths(slices.Concat(m.condition.Paths(), m.update.Reads()))
	}
	if err != nil {
		return o, err
	}
	o.old = t.get(m.item)
	if !m.condition.Holds(o.old) {
		return o, m.failed(o.old)
	}
	switch m.kind {
	case kindPut:
		o.new = m.item
	case kindUpdate:
		if o.new, err = t.updated(m, o.old); err != nil {
			return o, err
		}
	case kindCheck:
		o.new = o.old
		return o, nil
	}
	switch {
	case o.new != nil:
		o.write = new(s.put(t, o.new))
	case o.old != nil:
		o.write = new(s.remove(t, o.old, false))
	}
	return o, nil
}

// failed returns the error for a condition that does not hold.
func (m mutation) failed(old attribute.Item) error {
	e := wire.Errorf(400, "ConditionalCheckFailedException", "The conditional request failed")
	if !m.showOld || old == nil {
		return e
	}
	return &fault{e, map[string]any{"Item": old}}
}

// checkUpdate refuses to change the key of an item.
func (d *definition) checkUpdate(u *expression.Update) error {
	for _, path := range u.Paths() {
		if slices.Contains(names(d.KeySchema), path[0].Name) {
			return invalidParameter("Cannot update attribute %s. This attribute is part of the key", path[0].Name)
		}
	}
	return nil
}

// updated returns the item that an update makes of the old one, or of nothing.
func (d *definition) updated(m mutation, old attribute.Item) (attribute.Item, error) {
	base := old
	if base == nil {
		base = m.item
	}
	if m.update == nil {
		return base, nil
	}
	item, err := m.update.Apply(base)
	if err != nil {
		return nil, err
	}
	if item.Size() > maxItem {
		return nil, invalid("Item size to update has exceeded the maximum allowed size")
	}
	return item, d.checkIndexKeys(item)
}
