// SPDX-License-Identifier: MIT

package dynamodb

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The limits of transactions.
const (
	maxActions     = 100
	maxTransaction = 4 << 20 // bytes of items
	tokenLife      = 10 * time.Minute
)

// token is a transaction that was carried out and may be asked for again.
type token struct {
	ID   string // account, region and the caller's token
	Hash string // of the request
	At   time.Time
}

type transactWriteInput struct {
	wanted
	ReturnItemCollectionMetrics string
	ClientRequestToken          string
	TransactItems               []transactItem
}

type transactItem struct {
	ConditionCheck, Delete *struct {
		mutationInput
		Key rawItem
	} `json:",omitempty"`
	Put *struct {
		mutationInput
		Item rawItem
	} `json:",omitempty"`
	Update *struct {
		mutationInput
		Key              rawItem
		UpdateExpression *string
	} `json:",omitempty"`
}

type transactWriteOutput struct {
	ConsumedCapacity      []*capacityOutput        `json:",omitempty"`
	ItemCollectionMetrics map[string][]*collection `json:",omitempty"`
}

// transaction checks the number of actions.
func (c *constraints) transaction(n int) {
	shown := "'[]'"
	if n > 0 {
		shown = fmt.Sprintf("'[%d actions]'", n)
	}
	c.length(shown, n, "transactItems", 1, maxActions)
}

func (in transactWriteInput) check() error {
	var c constraints
	c.transaction(len(in.TransactItems))
	c.wanted(in.wanted)
	c.enum(in.ReturnItemCollectionMetrics, "returnItemCollectionMetrics", "SIZE", "NONE")
	if n := len(in.ClientRequestToken); n > 36 {
		c.length(quote(in.ClientRequestToken), n, "clientRequestToken", 1, 36)
	}
	for i, item := range in.TransactItems {
		member := fmt.Sprintf("transactItems.%d.member.", i+1)
		switch {
		case item.Put != nil:
			c.mutation(item.Put.mutationInput)
			c.present(item.Put.Item != nil, member+"put.item")
		case item.Delete != nil:
			c.mutation(item.Delete.mutationInput)
			c.present(item.Delete.Key != nil, member+"delete.key")
		case item.Update != nil:
			c.mutation(item.Update.mutationInput)
			c.present(item.Update.Key != nil, member+"update.key")
			c.present(item.Update.UpdateExpression != nil, member+"update.updateExpression")
		case item.ConditionCheck != nil:
			c.mutation(item.ConditionCheck.mutationInput)
			c.present(item.ConditionCheck.Key != nil, member+"conditionCheck.key")
			c.present(item.ConditionCheck.ConditionExpression != nil, member+"conditionCheck.conditionExpression")
		}
	}
	return c.err()
}

func (item transactItem) mutation() (mutation, error) {
	given := 0
	for _, there := range []bool{item.Put != nil, item.Delete != nil, item.Update != nil, item.ConditionCheck != nil} {
		if there {
			given++
		}
	}
	switch {
	case given != 1:
		return mutation{}, invalid("TransactItems can only contain one of Check, Put, Update or Delete")
	case item.Put != nil:
		return item.Put.mutation(kindPut, item.Put.Item, nil)
	case item.Delete != nil:
		return item.Delete.mutation(kindDelete, item.Delete.Key, nil)
	case item.Update != nil:
		return item.Update.mutation(kindUpdate, item.Update.Key, item.Update.UpdateExpression)
	}
	return item.ConditionCheck.mutation(kindCheck, item.ConditionCheck.Key, nil)
}

func (s *Service) transactWrite(c call, in transactWriteInput) (out transactWriteOutput, err error) {
	if err := in.check(); err != nil {
		return out, err
	}
	var mutations []mutation
	for _, item := range in.TransactItems {
		m, err := item.mutation()
		if err != nil {
			return out, err
		}
		mutations = append(mutations, m)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t := in.token(c, s.env.Now())
	if before, done := s.tokens[t.ID]; done && t.At.Sub(before.At) < tokenLife && in.ClientRequestToken != "" {
		if before.Hash != t.Hash {
			return out, wire.Errorf(400, "IdempotentParameterMismatchException", "One or more parameters in the request does not match that of the original request")
		}
		return s.again(c, in, mutations)
	}
	return out, s.transact(c, in, mutations, t, &out)
}

// token identifies a request.
func (in transactWriteInput) token(c call, now time.Time) token {
	content, _ := json.Marshal(in.TransactItems) // came from JSON
	sum := sha256.Sum256(content)
	return token{strings.Join([]string{c.scope.Account, c.scope.Region, in.ClientRequestToken}, "/"), hex.EncodeToString(sum[:]), now}
}

// again answers a transaction that was carried out before: it costs the reads
// that find this out.
func (s *Service) again(c call, in transactWriteInput, mutations []mutation) (out transactWriteOutput, err error) {
	used := map[string]consumed{}
	for _, m := range mutations {
		t, err := s.find(c.scope, m.table, true)
		if err != nil {
			return out, err
		}
		sum := used[m.table]
		sum.table += 2 * readUnits(t.get(m.item).Size(), true)
		used[m.table] = sum
	}
	out.ConsumedCapacity = capacities(used, in.wanted, reading)
	return out, nil
}

func capacities(used map[string]consumed, w wanted, kind int) (out []*capacityOutput) {
	for _, table := range slices.Sorted(maps.Keys(used)) {
		if shown := used[table].output(table, w, kind); shown != nil {
			out = append(out, shown)
		}
	}
	return out
}

// transact carries out a transaction or refuses it with the reasons; s.mu is
// held.
func (s *Service) transact(c call, in transactWriteInput, mutations []mutation, t token, out *transactWriteOutput) error {
	tables, err := s.targets(c, mutations)
	if err != nil {
		return err
	}
	r := record{}
	if in.ClientRequestToken != "" {
		r.Token = &t
	}
	used := map[string]consumed{}
	var reasons reasons
	size := 0
	for i, m := range mutations {
		o, err := s.plan(tables[i], m)
		if err := reasons.add(err); err != nil {
			return err
		}
		if err != nil {
			continue
		}
		size += max(o.old.Size(), o.new.Size())
		if o.write != nil {
			r.Writes = append(r.Writes, *o.write)
		}
		sum := used[m.table]
		sum.add(tables[i].written(o, 2))
		used[m.table] = sum
		if shown := tables[i].collection(m.item, in.ReturnItemCollectionMetrics); shown != nil {
			if out.ItemCollectionMetrics == nil {
				out.ItemCollectionMetrics = map[string][]*collection{}
			}
			out.ItemCollectionMetrics[m.table] = append(out.ItemCollectionMetrics[m.table], shown)
		}
	}
	if err := reasons.err(); err != nil {
		return err
	}
	if size > maxTransaction {
		return invalid("Collection size of items in the request exceeds the limit of 4 MB")
	}
	out.ConsumedCapacity = capacities(used, in.wanted, writing)
	return s.commit(r)
}

// targets returns the tables of mutations, which must be of different items.
func (s *Service) targets(c call, mutations []mutation) ([]*table, error) {
	seen := map[string]bool{}
	var tables []*table
	for _, m := range mutations {
		t, err := s.find(c.scope, m.table, true)
		if err != nil {
			return nil, err
		}
		tables = append(tables, t)
		if m.kind == kindPut && t.checkItem(m.item) != nil || m.kind != kindPut && t.checkKey(m.item) != nil {
			continue // has no place; a reason says why
		}
		place := t.ID + t.place(m.item)
		if seen[place] {
			return nil, invalid("Transaction request cannot include multiple operations on one item")
		}
		seen[place] = true
	}
	return tables, nil
}
