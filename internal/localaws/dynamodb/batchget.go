// SPDX-License-Identifier: MIT

package dynamodb

import (
	"fmt"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
)

// The limits of batches.
const (
	maxBatchGet   = 100
	maxBatchWrite = 25
	maxBatchBytes = 16 << 20 // of an answer
)

type batchGetInput struct {
	wanted
	RequestItems map[string]keysInput
}

type keysInput struct {
	Keys                     []rawItem
	ConsistentRead           bool              `json:",omitempty"`
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
}

type batchGetOutput struct {
	Responses        map[string][]attribute.Item
	UnprocessedKeys  map[string]keysInput
	ConsumedCapacity []*capacityOutput `json:",omitempty"`
}

func (in batchGetInput) check() error {
	if len(in.RequestItems) == 0 {
		return invalid("The requestItems parameter is required for BatchGetItem")
	}
	var c constraints
	c.wanted(in.wanted)
	total := 0
	for _, table := range slices.Sorted(maps.Keys(in.RequestItems)) {
		c.table(&table)
		keys := in.RequestItems[table].Keys
		total += len(keys)
		if len(keys) > maxBatchGet {
			c.faults = append(c.faults, fmt.Sprintf("Value at 'RequestItems.%s.member.Keys' failed to satisfy constraint: Member must have length less than or equal to %d", table, maxBatchGet))
		}
		c.length("'[]'", len(keys), "requestItems."+table+".member.keys", 1, 1<<30)
	}
	if err := c.err(); err != nil {
		return err
	}
	if total > maxBatchGet {
		return invalid("Too many items requested for the BatchGetItem call")
	}
	return nil
}

// keysOf is what a batch reads of a table.
type keysOf struct {
	keysInput
	name       string
	keys       []attribute.Item
	projection *expression.Projection
}

func (in keysInput) read(name string) (k keysOf, err error) {
	k = keysOf{keysInput: in, name: name}
	for _, raw := range in.Keys {
		key, err := attribute.DecodeItem(raw)
		if err != nil {
			return k, err
		}
		k.keys = append(k.keys, key)
	}
	w := readWanted{ProjectionExpression: in.ProjectionExpression, ExpressionAttributeNames: in.ExpressionAttributeNames}
	k.projection, err = w.projection()
	return k, err
}

func (s *Service) batchGet(c call, in batchGetInput) (out batchGetOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	var parts []keysOf
	for _, name := range slices.Sorted(maps.Keys(in.RequestItems)) {
		k, err := in.RequestItems[name].read(name)
		if err != nil {
			return out, err
		}
		parts = append(parts, k)
	}
	out = batchGetOutput{Responses: map[string][]attribute.Item{}, UnprocessedKeys: map[string]keysInput{}}
	s.mu.RLock()
	defer s.mu.RUnlock()
	size := 0
	for _, k := range parts {
		t, err := s.find(c.scope, k.name, true)
		if err != nil {
			return out, err
		}
		used, err := t.batch(k, &out, &size)
		if err != nil {
			return out, err
		}
		if shown := used.output(k.name, in.wanted, plain); shown != nil {
			out.ConsumedCapacity = append(out.ConsumedCapacity, shown)
		}
	}
	return out, nil
}

// batch reads items until the answer is full; the other keys are not processed.
func (t *table) batch(k keysOf, out *batchGetOutput, size *int) (used consumed, err error) {
	seen := map[string]bool{}
	out.Responses[k.name] = []attribute.Item{}
	var left []rawItem
	for i, key := range k.keys {
		item, err := t.read(key, k.projection)
		if err != nil {
			return used, err
		}
		if seen[t.place(key)] {
			return used, invalid("Provided list of item keys contains duplicates")
		}
		seen[t.place(key)] = true
		if *size += item.Size(); *size > maxBatchBytes {
			left = append(left, k.Keys[i])
			continue
		}
		used.table += readUnits(item.Size(), k.ConsistentRead)
		if item != nil {
			out.Responses[k.name] = append(out.Responses[k.name], k.projection.Of(item))
		}
	}
	if left != nil {
		rest := k.keysInput
		rest.Keys = left
		out.UnprocessedKeys[k.name] = rest
	}
	return used, nil
}
