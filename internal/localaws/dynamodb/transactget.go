// SPDX-License-Identifier: MIT

package dynamodb

import (
	"fmt"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
)

type transactGetInput struct {
	wanted
	TransactItems []struct {
		Get *struct {
			TableName                *string
			Key                      rawItem
			ProjectionExpression     *string
			ExpressionAttributeNames map[string]string
		}
	}
}

type transactGetOutput struct {
	Responses        []itemResponse
	ConsumedCapacity []*capacityOutput `json:",omitempty"`
}

type itemResponse struct {
	Item *attribute.Item `json:",omitempty"`
}

// lookup is one read of a transaction.
type lookup struct {
	table      string
	key        attribute.Item
	projection *expression.Projection
}

func (in transactGetInput) lookups() (out []lookup, err error) {
	var c constraints
	c.transaction(len(in.TransactItems))
	c.wanted(in.wanted)
	for i, item := range in.TransactItems {
		member := fmt.Sprintf("transactItems.%d.member.get", i+1)
		if c.present(item.Get != nil, member); item.Get != nil {
			c.table(item.Get.TableName)
			c.present(item.Get.Key != nil, member+".key")
		}
	}
	if err := c.err(); err != nil {
		return nil, err
	}
	for _, item := range in.TransactItems {
		l := lookup{table: *item.Get.TableName}
		w := readWanted{ProjectionExpression: item.Get.ProjectionExpression, ExpressionAttributeNames: item.Get.ExpressionAttributeNames}
		if l.projection, err = w.projection(); err != nil {
			return nil, err
		}
		if l.key, err = attribute.DecodeItem(item.Get.Key); err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, nil
}

func (s *Service) transactGet(c call, in transactGetInput) (out transactGetOutput, err error) {
	lookups, err := in.lookups()
	if err != nil {
		return out, err
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	seen := map[string]bool{}
	used := map[string]consumed{}
	var reasons reasons
	for _, l := range lookups {
		t, err := s.find(c.scope, l.table, true)
		if err != nil {
			return out, err
		}
		item, err := t.read(l.key, l.projection)
		if err := reasons.add(err); err != nil {
			return out, err
		}
		if err != nil {
			continue
		}
		place := t.ID + t.place(l.key)
		if seen[place] {
			return out, invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[place] = true
		sum := used[l.table]
		sum.table += 2 * readUnits(item.Size(), true)
		used[l.table] = sum
		out.Responses = append(out.Responses, itemResponse{found(item, l.projection)})
	}
	if err := reasons.err(); err != nil {
		return transactGetOutput{}, err
	}
	out.ConsumedCapacity = capacities(used, in.wanted, reading)
	return out, nil
}
