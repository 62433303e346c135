// SPDX-License-Identifier: MIT

package attribute

import (
	"bytes"
	"encoding/base64"
	"slices"
	"strings"
)

// textsOf returns the texts of a set.
func textsOf(raw any) ([]string, error) {
	items, ok := raw.([]any)
	if !ok {
		return nil, malformed("Unexpected field type")
	}
	texts := make([]string, len(items))
	for i, item := range items {
		var err error
		if texts[i], err = textOf(item, "String"); err != nil {
			return nil, err
		}
	}
	return texts, nil
}

func readStrings(raw any, _ int) (Value, error) {
	texts, err := textsOf(raw)
	switch {
	case err != nil:
		return nil, err
	case len(texts) == 0:
		return nil, Invalid("One or more parameter values were invalid: An string set  may not be empty")
	case slices.Contains(texts, ""):
		return nil, Invalid("One or more parameter values were invalid: An string set may not have a empty string as a member")
	case duplicates(texts, func(s string) string { return s }):
		return nil, Invalid("One or more parameter values were invalid: Input collection [%s] contains duplicates.", strings.Join(texts, ", "))
	}
	return StringSet(texts), nil
}

func readNumbers(raw any, _ int) (Value, error) {
	texts, err := textsOf(raw)
	switch {
	case err != nil:
		return nil, err
	case len(texts) == 0:
		return nil, Invalid("One or more parameter values were invalid: An number set  may not be empty")
	}
	numbers := make(NumberSet, len(texts))
	for i, text := range texts {
		if numbers[i], err = ParseNumber(text); err != nil {
			return nil, err
		}
	}
	if duplicates(numbers, func(n Number) Number { return n }) {
		return nil, Invalid("Input collection contains duplicates")
	}
	return numbers, nil
}

func readBinaries(raw any, depth int) (Value, error) {
	items, ok := raw.([]any)
	switch {
	case !ok:
		return nil, malformed("Unexpected field type")
	case len(items) == 0:
		return nil, Invalid("One or more parameter values were invalid: Binary sets should not be empty")
	}
	set := make(BinarySet, len(items))
	var texts []string
	for i, item := range items {
		value, err := readBinary(item, depth)
		if err != nil {
			return nil, err
		}
		set[i] = value.(Binary)
		texts = append(texts, base64.StdEncoding.EncodeToString(set[i]))
	}
	if duplicates(texts, func(s string) string { return s }) {
		return nil, Invalid("One or more parameter values were invalid: Input collection [%s]of type BS contains duplicates.", strings.Join(texts, ", "))
	}
	return set, nil
}

func duplicates[E any, K comparable](list []E, key func(E) K) bool {
	seen := make(map[K]bool, len(list))
	for _, item := range list {
		seen[key(item)] = true
	}
	return len(seen) < len(list)
}

// Union returns a set with the members of two sets of one type; it reports
// false for other values.
func Union(a, b Value) (Value, bool) {
	switch x := a.(type) {
	case StringSet:
		y, ok := b.(StringSet)
		return StringSet(union(x, y, func(a, b string) bool { return a == b })), ok
	case NumberSet:
		y, ok := b.(NumberSet)
		return NumberSet(union(x, y, func(a, b Number) bool { return a == b })), ok
	case BinarySet:
		y, ok := b.(BinarySet)
		return BinarySet(union(x, y, bytes.Equal)), ok
	}
	return nil, false
}

// Difference returns a set without the members of another of its type, or nil
// if none is left; it reports false for other values.
func Difference(a, b Value) (Value, bool) {
	switch x := a.(type) {
	case StringSet:
		y, ok := b.(StringSet)
		left := difference(x, y, func(a, b string) bool { return a == b })
		return unlessEmpty(StringSet(left), len(left)), ok
	case NumberSet:
		y, ok := b.(NumberSet)
		left := difference(x, y, func(a, b Number) bool { return a == b })
		return unlessEmpty(NumberSet(left), len(left)), ok
	case BinarySet:
		y, ok := b.(BinarySet)
		left := difference(x, y, bytes.Equal)
		return unlessEmpty(BinarySet(left), len(left)), ok
	}
	return nil, false
}

func unlessEmpty(set Value, n int) Value {
	if n == 0 {
		return nil
	}
	return set
}

func union[E any](a, b []E, equal func(a, b E) bool) []E {
	return append(slices.Clone(a), difference(b, a, equal)...)
}

func difference[E any](a, b []E, equal func(a, b E) bool) []E {
	return slices.DeleteFunc(slices.Clone(a), func(x E) bool {
		return slices.ContainsFunc(b, func(y E) bool { return equal(x, y) })
	})
}
