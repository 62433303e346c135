// SPDX-License-Identifier: MIT

package dynamodb

import (
	"bytes"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// consumed is the capacity that a request has used of a table and its indexes,
// by the rules of the page "DynamoDB capacity unit consumption".
type consumed struct {
	table   float64
	locals  map[string]float64
	globals map[string]float64
}

// units is how much of it there is.
type units struct {
	CapacityUnits      decimal
	ReadCapacityUnits  decimal `json:",omitempty"` // of transactions
	WriteCapacityUnits decimal `json:",omitempty"` // likewise
}

// decimal is a number that is written with a point, as DynamoDB does, so that
// clients in languages which tell such numbers apart see the same one.
type decimal float64

func (d decimal) MarshalJSON() ([]byte, error) {
	text := strconv.AppendFloat(nil, float64(d), 'f', -1, 64)
	if !bytes.ContainsRune(text, '.') {
		text = append(text, ".0"...)
	}
	return text, nil
}

type capacityOutput struct {
	TableName string
	units
	Table                  *units           `json:",omitempty"`
	LocalSecondaryIndexes  map[string]units `json:",omitempty"`
	GlobalSecondaryIndexes map[string]units `json:",omitempty"`
}

// blocks returns how many blocks of a size n bytes fill, at least one.
func blocks(n, size int) float64 { return float64(max(1, (n+size-1)/size)) }

const (
	readBlock  = 4 << 10
	writeBlock = 1 << 10
)

// readUnits returns what it costs to read some bytes.
func readUnits(n int, consistent bool) float64 {
	if consistent {
		return blocks(n, readBlock)
	}
	return blocks(n, readBlock) / 2
}

func (c *consumed) addIndex(local bool, name string, n float64) {
	of := &c.globals
	if local {
		of = &c.locals
	}
	if *of == nil {
		*of = map[string]float64{}
	}
	(*of)[name] += n
}

// add adds what another request has used, or its part.
func (c *consumed) add(other consumed) {
	c.table += other.table
	for name, n := range other.locals {
		c.addIndex(true, name, n)
	}
	for name, n := range other.globals {
		c.addIndex(false, name, n)
	}
}

// written returns what a write costs: the larger of both items, and in each
// index what changes there.
func (t *table) written(o outcome, factor float64) consumed {
	c := consumed{table: factor * blocks(max(o.old.Size(), o.new.Size()), writeBlock)}
	for _, x := range t.definition.indexes() {
		_, local, _ := t.index(x.Name)
		was, wasIn := t.indexPlace(x, o.old)
		is, isIn := t.indexPlace(x, o.new)
		old, new := t.project(x, o.old), t.project(x, o.new)
		n := 0.0
		if wasIn && (!isIn || was != is) {
			n += blocks(old.Size(), writeBlock)
		}
		if isIn && (!wasIn || was != is) {
			n += blocks(new.Size(), writeBlock)
		}
		if wasIn && isIn && was == is && !old.Equal(new) {
			n += blocks(max(old.Size(), new.Size()), writeBlock)
		}
		if n > 0 {
			c.addIndex(local, x.Name, factor*n)
		}
	}
	return c
}

// The kinds of capacity that transactions tell apart.
const (
	plain = iota
	reading
	writing
)

func unitsOf(n float64, kind int) units {
	u := units{CapacityUnits: decimal(n)}
	switch kind {
	case reading:
		u.ReadCapacityUnits = decimal(n)
	case writing:
		u.WriteCapacityUnits = decimal(n)
	}
	return u
}

// output shows capacity as the request wants it, or nil.
func (c consumed) output(table string, w wanted, kind int) *capacityOutput {
	if w.ReturnConsumedCapacity != "TOTAL" && w.ReturnConsumedCapacity != "INDEXES" {
		return nil
	}
	total := c.table
	parts := func(of map[string]float64) map[string]units {
		out := map[string]units{}
		for name, n := range of {
			total += n
			out[name] = unitsOf(n, kind)
		}
		return out
	}
	out := &capacityOutput{TableName: table, LocalSecondaryIndexes: parts(c.locals), GlobalSecondaryIndexes: parts(c.globals)}
	out.units = unitsOf(total, kind)
	if w.ReturnConsumedCapacity == "TOTAL" {
		out.LocalSecondaryIndexes, out.GlobalSecondaryIndexes = nil, nil
		return out
	}
	out.Table = new(unitsOf(c.table, kind))
	return out
}

// collection says how large the items with one partition key are: DynamoDB
// estimates it for tables with local indexes only.
type collection struct {
	ItemCollectionKey   attribute.Item
	SizeEstimateRangeGB []decimal
}

func (t *table) collection(item attribute.Item, want string) *collection {
	if want != "SIZE" || len(t.Locals) == 0 {
		return nil
	}
	name := t.KeySchema[0].AttributeName
	var size int64
	prefix := appendPartition(nil, item[name])
	end := attribute.Successor(prefix)
	t.items.Ascend(string(prefix), func(place string, item attribute.Item) bool {
		if place >= end {
			return false
		}
		size += int64(item.Size())
		return true
	})
	gigabytes := decimal(size / (1 << 30))
	return &collection{attribute.Item{name: item[name]}, []decimal{gigabytes, gigabytes + 1}}
}
