// SPDX-License-Identifier: MIT

package dynamodb

import (
	"github.com/sparta-up/sparta/internal/localaws/dynamodb/attribute"
)

// The limits of keys and items ("Quotas in Amazon DynamoDB").
const (
	maxPartitionKey = 2048
	maxSortKey      = 1024
	maxItem         = 400 << 10
)

// checkKey checks that attributes are the key of an item of the table.
func (d *definition) checkKey(key attribute.Item) error {
	if len(key) != len(d.KeySchema) {
		return invalid("The provided key element does not match the schema")
	}
	for i, name := range names(d.KeySchema) {
		v := key[name]
		if v == nil || v.Type() != d.typeOf(name) {
			return invalid("The provided key element does not match the schema")
		}
		if err := checkKeyValue(name, v, i == 0); err != nil {
			return err
		}
	}
	return nil
}

func checkKeyValue(name string, v attribute.Value, partition bool) error {
	n := attribute.Size(v)
	kind := map[attribute.Type]string{"S": "string", "B": "binary"}[v.Type()]
	switch {
	case kind == "":
		return nil
	case n == 0:
		return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", kind, name)
	case partition && n > maxPartitionKey:
		return invalidParameter("Size of hashkey has exceeded the maximum size limit of2048 bytes")
	case !partition && n > maxSortKey:
		return invalidParameter("Aggregated size of all range keys has exceeded the size limit of 1024 bytes")
	}
	return nil
}

// checkItem checks that an item has the key of the table, and that what it has
// of the keys of indexes fits.
func (d *definition) checkItem(item attribute.Item) error {
	for i, name := range names(d.KeySchema) {
		v := item[name]
		if v == nil {
			return invalidParameter("Missing the key %s in the item", name)
		}
		if v.Type() != d.typeOf(name) {
			return invalidParameter("Type mismatch for key %s expected: %s actual: %s", name, d.typeOf(name), v.Type())
		}
		if err := checkKeyValue(name, v, i == 0); err != nil {
			return err
		}
	}
	return d.checkIndexKeys(item)
}

func (d *definition) checkIndexKeys(item attribute.Item) error {
	for _, x := range d.indexes() {
		for i, name := range names(x.KeySchema) {
			v := item[name]
			if v == nil {
				continue
			}
			if v.Type() != d.typeOf(name) {
				return invalidParameter("Type mismatch for Index Key %s Expected: %s Actual: %s IndexName: %s", name, d.typeOf(name), v.Type(), x.Name)
			}
			if err := checkIndexKey(x, name, v, i == 0); err != nil {
				return err
			}
		}
	}
	return nil
}

func checkIndexKey(x indexDefinition, name string, v attribute.Value, partition bool) error {
	if t := v.Type(); attribute.Size(v) == 0 && t != "N" {
		kind := "string"
		if t == "B" {
			kind = "binary"
		}
		return invalid("One or more parameter values are not valid. A value specified for a secondary index key is not supported. "+
			"The AttributeValue for a key attribute cannot contain an empty %s value. IndexName: %s, IndexKey: %s", kind, x.Name, name)
	}
	return checkKeyValue(name, v, partition)
}
