// SPDX-License-Identifier: MIT

// Package attribute is the values of DynamoDB items: the ten types, decimal
// numbers of 38 digits, their JSON, their order and what they count towards the
// size of an item. Values are not changed once they are made, so that items may
// share them.
package attribute

import (
	"bytes"
	"maps"
	"slices"
)

// Type is a data type descriptor of the API: S, N, B, BOOL, NULL, L, M, SS, NS
// or BS.
type Type string

// Value is the value of an attribute.
type Value interface {
	// Type returns the data type descriptor.
	Type() Type
}

// The types of values.
type (
	// String is text.
	String string
	// Binary is bytes.
	Binary []byte
	// Bool is true or false.
	Bool bool
	// Null is the one value of its type.
	Null struct{}
	// List is values in order.
	List []Value
	// Map is values by name.
	Map map[string]Value
	// StringSet is texts without duplicates.
	StringSet []string
	// NumberSet is numbers without duplicates.
	NumberSet []Number
	// BinarySet is byte strings without duplicates.
	BinarySet [][]byte
)

// Item is the attributes of an item by name.
type Item map[string]Value

// Type returns S.
func (String) Type() Type { return "S" }

// Type returns N.
func (Number) Type() Type { return "N" }

// Type returns B.
func (Binary) Type() Type { return "B" }

// Type returns BOOL.
func (Bool) Type() Type { return "BOOL" }

// Type returns NULL.
func (Null) Type() Type { return "NULL" }

// Type returns L.
func (List) Type() Type { return "L" }

// Type returns M.
func (Map) Type() Type { return "M" }

// Type returns SS.
func (StringSet) Type() Type { return "SS" }

// Type returns NS.
func (NumberSet) Type() Type { return "NS" }

// Type returns BS.
func (BinarySet) Type() Type { return "BS" }

// Word returns the name of a type in errors about ADD and DELETE.
func (t Type) Word() string {
	return map[Type]string{
		"S": "STRING", "N": "NUMBER", "B": "BINARY", "BOOL": "BOOLEAN", "NULL": "NULL", "L": "LIST", "M": "MAP",
		"SS": "STRING_SET", "NS": "NUMBER_SET", "BS": "BINARY_SET",
	}[t]
}

// Equal reports whether two values are the same; the order in sets is none. A
// nil value, which stands for an attribute that is not there, equals nothing.
func Equal(a, b Value) bool {
	if a == nil || b == nil || a.Type() != b.Type() {
		return false
	}
	switch x := a.(type) {
	case Binary:
		return bytes.Equal(x, b.(Binary))
	case List:
		return slices.EqualFunc(x, b.(List), Equal)
	case Map:
		return maps.EqualFunc(x, b.(Map), Equal)
	case StringSet:
		return equalSets(x, b.(StringSet), func(a, b string) bool { return a == b })
	case NumberSet:
		return equalSets(x, b.(NumberSet), func(a, b Number) bool { return a == b })
	case BinarySet:
		return equalSets(x, b.(BinarySet), bytes.Equal)
	}
	return a == b
}

// Equal reports whether two items have the same attributes.
func (i Item) Equal(other Item) bool { return maps.EqualFunc(i, other, Equal) }

func equalSets[E any](a, b []E, equal func(a, b E) bool) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(x E) bool {
		return !slices.ContainsFunc(b, func(y E) bool { return equal(x, y) })
	})
}

// Compare orders two values of one type that has an order: texts and bytes by
// their bytes, numbers by their value. It reports false for all others.
func Compare(a, b Value) (order int, ok bool) {
	switch x := a.(type) {
	case String:
		if y, ok := b.(String); ok {
			return bytes.Compare([]byte(x), []byte(y)), true
		}
	case Binary:
		if y, ok := b.(Binary); ok {
			return bytes.Compare(x, y), true
		}
	case Number:
		if y, ok := b.(Number); ok {
			return x.Compare(y), true
		}
	}
	return 0, false
}
