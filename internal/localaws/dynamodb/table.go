// SPDX-License-Identifier: MIT

package dynamodb

import (
	"encoding/binary"
	"hash/fnv"
	"maps"

	"github.com/tidwall/btree"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// table is a table with its items; guarded by Service.mu. Items are not changed
// in place, so that whoever has one may keep it.
type table struct {
	*definition
	items    *tree // by their place
	indexes  map[string]*index
	expiring *btree.Map[string, string]
	size     int64 // bytes of all items
}

// tree is items in the order in which Scan finds them: by a hash of the
// partition key, and within a partition by the sort key.
type tree = btree.Map[string, attribute.Item]

// index is the items that have the keys of an index.
type index struct {
	tree
	size int64 // bytes of what it has of them
}

func newTable(d *definition) *table {
	t := &table{items: &tree{}, indexes: map[string]*index{}, expiring: &btree.Map[string, string]{}}
	t.define(d)
	return t
}

// define changes the definition and builds the indexes that are new.
func (t *table) define(d *definition) {
	ttlChanged := t.definition != nil && t.TTL != d.TTL
	t.definition = d
	maps.DeleteFunc(t.indexes, func(name string, _ *index) bool {
		_, _, there := d.index(name)
		return !there
	})
	for _, x := range d.indexes() {
		if t.indexes[x.Name] == nil {
			t.build(x)
		}
	}
	if ttlChanged {
		t.expiring = &btree.Map[string, string]{}
		t.items.Scan(func(place string, item attribute.Item) bool {
			t.watch(place, item)
			return true
		})
	}
}

func (t *table) build(x indexDefinition) {
	t.indexes[x.Name] = &index{}
	t.items.Scan(func(_ string, item attribute.Item) bool {
		t.enter(x, item)
		return true
	})
}

// enter puts an item into an index, if it has its keys.
func (t *table) enter(x indexDefinition, item attribute.Item) {
	if at, in := t.indexPlace(x, item); in {
		t.indexes[x.Name].Set(at, item)
		t.indexes[x.Name].size += int64(t.project(x, item).Size())
	}
}

// put stores an item and returns the one that it replaces, or nil.
func (t *table) put(item attribute.Item) (old attribute.Item) {
	place := t.place(item)
	old = t.remove(place)
	t.items.Set(place, item)
	t.size += int64(item.Size())
	for _, x := range t.definition.indexes() {
		t.enter(x, item)
	}
	t.watch(place, item)
	return old
}

// remove removes the item at a place and returns it, or nil.
func (t *table) remove(place string) attribute.Item {
	old, there := t.items.Delete(place)
	if !there {
		return nil
	}
	t.size -= int64(old.Size())
	for _, x := range t.definition.indexes() {
		if at, in := t.indexPlace(x, old); in {
			t.indexes[x.Name].Delete(at)
			t.indexes[x.Name].size -= int64(t.project(x, old).Size())
		}
	}
	if at, ok := t.expiryPlace(place, old); ok {
		t.expiring.Delete(at)
	}
	return old
}

// get returns the item with a key, or nil.
func (t *table) get(key attribute.Item) attribute.Item {
	item, _ := t.items.Get(t.place(key))
	return item
}

// place returns where an item stands in its table: its key is complete.
func (t *table) place(item attribute.Item) string {
	return string(t.appendPlace(nil, t.KeySchema, item))
}

func (t *table) appendPlace(dst []byte, schema []keyElement, item attribute.Item) []byte {
	dst = appendPartition(dst, item[schema[0].AttributeName])
	if len(schema) > 1 {
		dst = attribute.AppendKey(dst, item[schema[1].AttributeName])
	}
	return dst
}

// indexPlace returns where an item stands in an index, and whether it does: it
// has the keys of the index. Items with the same keys are in the order of the
// table.
func (t *table) indexPlace(x indexDefinition, item attribute.Item) (string, bool) {
	for _, name := range names(x.KeySchema) {
		if v := item[name]; v == nil || v.Type() != t.typeOf(name) {
			return "", false
		}
	}
	return string(t.appendPlace(t.appendPlace(nil, x.KeySchema, item), t.KeySchema, item)), true
}

// appendPartition appends what the places of a partition begin with: eight
// bytes of a hash and the key.
func appendPartition(dst []byte, v attribute.Value) []byte {
	key := attribute.AppendKey(nil, v)
	return append(binary.BigEndian.AppendUint64(dst, hash(key)), key...)
}

// hash spreads keys evenly over 64 bits. The hash of FNV alone does not for the
// high bits of short keys, which decide on the segment of a scan.
func hash(key []byte) uint64 {
	h := fnv.New64a()
	_, _ = h.Write(key) // never fails
	x := h.Sum64()
	for range 2 { // the finalizer of MurmurHash3
		x ^= x >> 33
		x *= 0xff51afd7ed558ccd
	}
	return x ^ x>>33
}
