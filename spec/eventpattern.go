// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// patternOperators are the comparisons that a list of a pattern may hold beside
// plain values. Source: "Comparison operators for use in event patterns",
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
func patternOperators() []string {
	return []string{"anything-but", "cidr", "equals-ignore-case", "exists", "numeric", "prefix", "suffix", "wildcard"}
}

// checkPattern returns where an event pattern is not one, and why; "" if it is.
func checkPattern(pattern map[string]any, path []string) (where []string, why string) {
	if len(pattern) == 0 {
		return path, "is an empty pattern"
	}
	for _, key := range slices.Sorted(maps.Keys(pattern)) {
		at := append(slices.Clone(path), key)
		switch value := pattern[key].(type) {
		case map[string]any:
			where, why = checkPattern(value, at)
		case []any:
			where, why = checkAlternatives(key, value, at)
		default:
			return at, fmt.Sprintf("compares %q with one value, not with a list", key)
		}
		if why != "" {
			return where, why
		}
	}
	return nil, ""
}

// checkAlternatives checks the list that a value is compared with. That of $or
// holds patterns.
func checkAlternatives(key string, list []any, path []string) (where []string, why string) {
	if len(list) == 0 {
		return path, fmt.Sprintf("compares %q with an empty list", key)
	}
	for i, item := range list {
		at := append(slices.Clone(path), strconv.Itoa(i))
		switch item := item.(type) {
		case map[string]any:
			if key == "$or" {
				where, why = checkPattern(item, at)
			} else {
				where, why = checkComparison(item, at)
			}
			if why != "" {
				return where, why
			}
		case []any:
			return at, "is a list in a list"
		default:
			if key == "$or" {
				return at, "$or takes patterns"
			}
		}
	}
	return nil, ""
}

// checkComparison checks one comparison, such as {prefix: a}.
func checkComparison(c map[string]any, path []string) (where []string, why string) {
	if len(c) != 1 {
		return path, "a comparison has exactly one operator"
	}
	for operator, operand := range c {
		at := append(slices.Clone(path), operator)
		if !slices.Contains(patternOperators(), operator) {
			if near := nearest(operator, patternOperators()); near != "" {
				return at, fmt.Sprintf("there is no operator %q: %s", shorten(operator), didYouMean(near))
			}
			return at, fmt.Sprintf("there is no operator %q: they are %s", shorten(operator), strings.Join(patternOperators(), ", "))
		}
		return at, operandFault(operator, operand)
	}
	return nil, ""
}

// operandFault says why an operator does not take an operand, "" if it does.
func operandFault(operator string, operand any) string {
	switch operator {
	case "exists":
		if _, ok := operand.(bool); !ok {
			return "exists takes true or false"
		}
	case "numeric":
		return numericFault(operand)
	case "cidr", "equals-ignore-case", "wildcard":
		if _, ok := operand.(string); !ok {
			return operator + " takes text"
		}
	case "prefix", "suffix":
		if _, ok := operand.(string); !ok && !isComparison(operand, "equals-ignore-case") {
			return operator + " takes text"
		}
	}
	return ""
}

// isComparison reports whether a value is a comparison with the operator.
func isComparison(v any, operator string) bool {
	m, ok := v.(map[string]any)
	return ok && len(m) == 1 && m[operator] != nil
}

// numericFault checks the operand of numeric: [">", 0, "<=", 5].
func numericFault(operand any) string {
	const form = `numeric takes pairs of an operator and a number, such as [">", 0, "<=", 5]`
	list, ok := operand.([]any)
	if !ok || len(list) != 2 && len(list) != 4 {
		return form
	}
	for i, item := range list {
		if i%2 == 0 && !slices.Contains([]any{"=", "<", "<=", ">", ">="}, item) {
			return form
		}
		if i%2 == 1 && !isNumber(item) {
			return form
		}
	}
	return ""
}

func isNumber(v any) bool {
	switch v.(type) {
	case json.Number, float64:
		return true
	}
	return false
}
