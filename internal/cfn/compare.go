// SPDX-License-Identifier: MIT

package cfn

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
)

// same reports whether two normalized trees say the same. Numbers are equal if
// they have the same text, or the same value where a float64 holds it exactly
// enough to be sure, so that 1 and 1.0 from another JSON writer are no edit.
func same(a, b any) bool {
	switch a := a.(type) {
	case map[string]any:
		b, ok := b.(map[string]any)
		return ok && maps.EqualFunc(a, b, same)
	case []any:
		b, ok := b.([]any)
		return ok && slices.EqualFunc(a, b, same)
	case int, float64, json.Number:
		return sameNumber(numberText(a), numberText(b))
	}
	switch b.(type) {
	case map[string]any, []any:
		return false
	}
	return a == b
}

func sameNumber(a, b string) bool {
	if a == b {
		return true
	}
	x, err := strconv.ParseFloat(a, 64)
	if err != nil {
		return false
	}
	y, err := strconv.ParseFloat(b, 64)
	return err == nil && x == y && math.Abs(x) < 1<<53
}

// numberText returns the JSON text of a number, or "" for anything else.
func numberText(v any) string {
	switch v := v.(type) {
	case int:
		return strconv.Itoa(v)
	case json.Number:
		return string(v)
	case float64:
		return string(encode(v, ""))
	}
	return ""
}

// align returns the index pairs of a longest common subsequence of a and b. Of
// lists too long for that only the common beginning and end are aligned.
func align(a, b []any) [][2]int {
	var pairs, tail [][2]int
	start := 0
	for start < len(a) && start < len(b) && same(a[start], b[start]) {
		pairs = append(pairs, [2]int{start, start})
		start++
	}
	endA, endB := len(a), len(b)
	for endA > start && endB > start && same(a[endA-1], b[endB-1]) {
		endA, endB = endA-1, endB-1
		tail = append(tail, [2]int{endA, endB})
	}
	slices.Reverse(tail)
	const most = 250_000 // comparisons
	if (endA-start)*(endB-start) <= most {
		for _, p := range subsequence(a[start:endA], b[start:endB]) {
			pairs = append(pairs, [2]int{start + p[0], start + p[1]})
		}
	}
	return append(pairs, tail...)
}

func subsequence(a, b []any) [][2]int {
	length := make([][]int, len(a)+1)
	for i := range length {
		length[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			length[i][j] = max(length[i+1][j], length[i][j+1])
			if same(a[i], b[j]) {
				length[i][j] = length[i+1][j+1] + 1
			}
		}
	}
	var pairs [][2]int
	for i, j := 0, 0; i < len(a) && j < len(b); {
		switch {
		case length[i][j] == length[i+1][j+1]+1 && same(a[i], b[j]):
			pairs = append(pairs, [2]int{i, j})
			i, j = i+1, j+1
		case length[i+1][j] >= length[i][j+1]:
			i++
		default:
			j++
		}
	}
	return pairs
}
