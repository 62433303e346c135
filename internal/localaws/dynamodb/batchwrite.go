// SPDX-License-Identifier: MIT

package dynamodb

import (
	"fmt"
	"maps"
	"slices"
)

type batchWriteInput struct {
	wanted
	ReturnItemCollectionMetrics string
	RequestItems                map[string][]writeRequest
}

type writeRequest struct {
	PutRequest    *struct{ Item rawItem } `json:",omitempty"`
	DeleteRequest *struct{ Key rawItem }  `json:",omitempty"`
}

type batchWriteOutput struct {
	UnprocessedItems      map[string][]writeRequest // always empty: nothing is throttled
	ItemCollectionMetrics map[string][]*collection  `json:",omitempty"`
	ConsumedCapacity      []*capacityOutput         `json:",omitempty"`
}

func (in batchWriteInput) check() error {
	if len(in.RequestItems) == 0 {
		return invalid("The requestItems parameter is required for BatchWriteItem")
	}
	var c constraints
	c.wanted(in.wanted)
	c.enum(in.ReturnItemCollectionMetrics, "returnItemCollectionMetrics", "SIZE", "NONE")
	total := 0
	for _, table := range slices.Sorted(maps.Keys(in.RequestItems)) {
		c.table(&table)
		n := len(in.RequestItems[table])
		if total += n; n == 0 || n > maxBatchWrite {
			c.fail(fmt.Sprintf("'{%s=[%d write requests]}'", table, n), "requestItems", fmt.Sprintf(
				"Map value must satisfy constraint: [Member must have length less than or equal to %d, Member must have length greater than or equal to 1]", maxBatchWrite))
		}
	}
	if err := c.err(); err != nil {
		return err
	}
	if total > maxBatchWrite {
		return invalid("Too many items requested for the BatchWriteItem call")
	}
	return nil
}

func (w writeRequest) mutation(table string) (mutation, error) {
	in := mutationInput{TableName: &table}
	switch {
	case w.PutRequest != nil && w.DeleteRequest != nil:
		return mutation{}, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	case w.PutRequest != nil:
		return in.mutation(kindPut, w.PutRequest.Item, nil)
	case w.DeleteRequest != nil:
		return in.mutation(kindDelete, w.DeleteRequest.Key, nil)
	}
	return mutation{}, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
}

func (s *Service) batchWrite(c call, in batchWriteInput) (out batchWriteOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	var mutations []mutation
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		for _, w := range in.RequestItems[name] {
			m, err := w.mutation(name)
			if err != nil {
				return out, err
			}
			mutations = append(mutations, m)
		}
	}
	out.UnprocessedItems = map[string][]writeRequest{}
	s.mu.Lock()
	defer s.mu.Unlock()
	return out, s.writeBatch(c, in, mutations, &out)
}

// writeBatch writes what is all in order; s.mu is held.
func (s *Service) writeBatch(c call, in batchWriteInput, mutations []mutation, out *batchWriteOutput) error {
	seen := map[string]bool{}
	used := map[string]consumed{}
	var r record
	for _, m := range mutations {
		t, err := s.find(c.scope, m.table, true)
		if err != nil {
			return err
		}
		o, err := s.plan(t, m)
		if err != nil {
			return err
		}
		place := t.ID + t.place(m.item)
		if seen[place] {
			return invalid("Provided list of item keys contains duplicates")
		}
		seen[place] = true
		if o.write != nil {
			r.Writes = append(r.Writes, *o.write)
		}
		sum := used[m.table]
		sum.add(t.written(o, 1))
		used[m.table] = sum
		if shown := t.collection(m.item, in.ReturnItemCollectionMetrics); shown != nil {
			if out.ItemCollectionMetrics == nil {
				out.ItemCollectionMetrics = map[string][]*collection{}
			}
			out.ItemCollectionMetrics[m.table] = append(out.ItemCollectionMetrics[m.table], shown)
		}
	}
	for _, table := range slices.Sorted(maps.Keys(used)) {
		if shown := used[table].output(table, in.wanted, plain); shown != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, shown)
		}
	}
	return s.commit(r)
}
