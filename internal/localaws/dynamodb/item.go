// SPDX-License-Identifier: MIT

package dynamodb

import (
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
)

// writeWanted is what the writer of one item wants to be told.
type writeWanted struct {
	wanted
	ReturnValues                string
	ReturnItemCollectionMetrics string
}

type writeOutput struct {
	Attributes            attribute.Item  `json:",omitempty"`
	ConsumedCapacity      *capacityOutput `json:",omitempty"`
	ItemCollectionMetrics *collection     `json:",omitempty"`
}

func (c *constraints) writeWanted(w writeWanted) {
	c.wanted(w.wanted)
	c.enum(w.ReturnItemCollectionMetrics, "returnItemCollectionMetrics", "SIZE", "NONE")
	c.enum(w.ReturnValues, "returnValues", "ALL_NEW", "UPDATED_OLD", "ALL_OLD", "NONE", "UPDATED_NEW")
}

func (w writeWanted) onlyOld() error {
	if w.ReturnValues != "" && w.ReturnValues != "NONE" && w.ReturnValues != "ALL_OLD" {
		return invalid("ReturnValues can only be ALL_OLD or NONE")
	}
	return nil
}

// checkWrite checks the parameters of a request that writes one item.
func checkWrite(in mutationInput, w writeWanted, raw rawItem, member string) error {
	var named constraints // what is wrong with a name is said alone
	if named.table(in.TableName); named.err() != nil {
		return named.err()
	}
	var c constraints
	c.mutation(in)
	c.present(raw != nil, member)
	c.writeWanted(w)
	return c.err()
}

type putInput struct {
	mutationInput
	writeWanted
	Item rawItem
}

func (s *Service) putItem(c call, in putInput) (out writeOutput, err error) {
	if err := checkWrite(in.mutationInput, in.writeWanted, in.Item, "item"); err != nil {
		return out, err
	}
	m, err := in.mutation(kindPut, in.Item, nil)
	if err == nil {
		err = in.onlyOld()
	}
	if err != nil {
		return out, err
	}
	return s.mutate(c, m, in.writeWanted)
}

type deleteInput struct {
	mutationInput
	writeWanted
	Key rawItem
}

func (s *Service) deleteItem(c call, in deleteInput) (out writeOutput, err error) {
	if err := checkWrite(in.mutationInput, in.writeWanted, in.Key, "key"); err != nil {
		return out, err
	}
	m, err := in.mutation(kindDelete, in.Key, nil)
	if err == nil {
		err = in.onlyOld()
	}
	if err != nil {
		return out, err
	}
	return s.mutate(c, m, in.writeWanted)
}

type updateInput struct {
	mutationInput
	writeWanted
	Key              rawItem
	UpdateExpression *string
}

func (s *Service) updateItem(c call, in updateInput) (out writeOutput, err error) {
	if err := checkWrite(in.mutationInput, in.writeWanted, in.Key, "key"); err != nil {
		return out, err
	}
	m, err := in.mutation(kindUpdate, in.Key, in.UpdateExpression)
	if err != nil {
		return out, err
	}
	return s.mutate(c, m, in.writeWanted)
}

// mutate carries out a mutation.
func (s *Service) mutate(c call, m mutation, w writeWanted) (out writeOutput, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(c.scope, m.table, true)
	if err != nil {
		return out, err
	}
	o, err := s.plan(t, m)
	if err != nil {
		return out, err
	}
	if o.write != nil {
		if err := s.commit(record{Writes: []itemWrite{*o.write}}); err != nil {
			return out, err
		}
	}
	return writeOutput{o.returned(m.update, w.ReturnValues), t.written(o, 1).output(m.table, w.wanted, plain), t.collection(m.item, w.ReturnItemCollectionMetrics)}, nil
}

// returned returns the attributes that ReturnValues asks for.
func (o outcome) returned(u *expression.Update, values string) attribute.Item {
	switch values {
	case "ALL_OLD":
		return o.old
	case "ALL_NEW":
		return o.new
	case "UPDATED_OLD":
		return u.Touched(o.old)
	case "UPDATED_NEW":
		return u.Touched(o.new)
	}
	return nil
}
