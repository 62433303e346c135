// SPDX-License-Identifier: MIT

package dynamodb

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/expression"
)

// source is a table or an index that is read, and how.
type source struct {
	table      *table
	tree       *tree
	schema     []keyElement
	index      *indexDefinition // nil: the table
	local      bool
	fetch      bool // read the whole items of a local index from the table
	filter     *expression.Condition
	projection *expression.Projection
}

// source finds what is read; s.mu is held.
func (s *Service) source(c call, in pageInput) (*source, error) {
	t, err := s.find(c.scope, *in.TableName, true)
	if err != nil {
		return nil, err
	}
	src := &source{table: t, tree: t.items, schema: t.KeySchema}
	if in.IndexName == nil {
		return src, nil
	}
	x, local, ok := t.index(*in.IndexName)
	switch {
	case !ok:
		return nil, invalid("The table does not have the specified index: %s", *in.IndexName)
	case !local && in.ConsistentRead:
		return nil, invalid("Consistent reads are not supported on global secondary indexes")
	}
	src.tree, src.schema, src.index, src.local = &t.indexes[x.Name].tree, x.KeySchema, &x, local
	return src, nil
}

// read fills in what expressions choose, and checks it.
func (src *source) read(in pageInput, filter *expression.Condition, p *expression.Projection) error {
	src.filter, src.projection = filter, p
	if err := src.table.checkPaths(slices.Concat(filter.Paths(), p.Paths())); err != nil {
		return err
	}
	if src.index == nil {
		return nil
	}
	has, all := src.table.projected(*src.index)
	if all {
		return nil
	}
	if in.Select == "ALL_ATTRIBUTES" {
		if src.fetch = src.local; !src.local {
			return invalidParameter("Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", src.index.Name)
		}
	}
	var more []string
	for _, path := range slices.Concat(p.Paths(), filter.Paths()) {
		if !slices.Contains(has, path[0].Name) {
			more = append(more, path[0].Name)
		}
	}
	if len(more) == 0 {
		return nil
	}
	if src.fetch = src.local; !src.local {
		return invalidParameter("Global secondary index %s does not project [%s]", src.index.Name, strings.Join(more, ", "))
	}
	return nil
}

// startKey reads where a page begins, and returns it as a place and as the
// attributes; "" is the beginning.
func (src *source) startKey(raw rawItem) (string, attribute.Item, error) {
	if raw == nil {
		return "", nil, nil
	}
	key, err := attribute.DecodeItem(raw)
	if err != nil {
		return "", nil, err
	}
	wanted := src.keyNames()
	if len(key) != len(wanted) {
		if src.index == nil {
			return "", nil, invalid("The provided starting key is invalid: The provided key element does not match the schema")
		}
		return "", nil, invalid("The provided starting key is invalid")
	}
	for _, name := range wanted {
		if v := key[name]; v == nil || v.Type() != src.table.typeOf(name) {
			return "", nil, invalid("The provided starting key is invalid: The provided key element does not match the schema")
		}
	}
	return src.place(key), key, nil
}

// keyNames returns the attributes that a key of the page has.
func (src *source) keyNames() []string {
	all := slices.Concat(names(src.schema), names(src.table.KeySchema))
	slices.Sort(all)
	return slices.Compact(all)
}

func (src *source) place(item attribute.Item) string {
	if src.index == nil {
		return src.table.place(item)
	}
	place, _ := src.table.indexPlace(*src.index, item)
	return place
}
