// SPDX-License-Identifier: MIT

package iotsql

import (
	"slices"
	"strings"
)

// isDecimal reports whether a text becomes a number: digits with a minus in front,
// decimal places and an exponent as far as they are there ("Conversions").
func isDecimal(text string) bool {
	digits := func() bool {
		rest := strings.TrimLeft(text, "0123456789")
		there := len(rest) < len(text)
		text = rest
		return there
	}
	text = strings.TrimPrefix(text, "-")
	if !digits() {
		return false
	}
	if after, point := strings.CutPrefix(text, "."); point {
		if text = after; !digits() {
			return false
		}
	}
	if text == "" {
		return true
	}
	if text[0] != 'e' && text[0] != 'E' {
		return false
	}
	text = strings.TrimPrefix(text[1:], "-")
	return digits() && text == ""
}

// toNumber converts a value to a Decimal, or leaves the Int that it is.
func toNumber(v any) (number, bool) {
	switch v := v.(type) {
	case number:
		return v, true
	case string:
		if !isDecimal(v) {
			return number{}, false
		}
		n, ok := parseNumber(v)
		n.integer = false
		return n, ok
	}
	return number{}, false
}

// toBool converts a value to a Boolean.
func toBool(v any) (value, ok bool) {
	switch v := v.(type) {
	case bool:
		return v, true
	case string:
		return strings.EqualFold(v, "true"), strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	}
	return false, false
}

// toText converts a value to a String.
func toText(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case nil, undefined:
		return "", false
	default:
		text, ok := encodeJSON(v)
		return string(text), ok
	}
}

// isType reports whether cast knows a type, which is in lower case.
func isType(name string, v Version) bool {
	return slices.Contains([]string{"string", "nvarchar", "text", "ntext", "varchar", "int", "integer", "double"}, name) ||
		v == V2016 && slices.Contains([]string{"decimal", "bool", "boolean"}, name)
}

// cast converts a value to a type ("cast()").
func cast(v any, to string, version Version) any {
	switch to {
	case "int", "integer":
		if n, ok := castNumber(v); ok {
			return n.integral(floor)
		}
	case "double", "decimal":
		if n, ok := castNumber(v); ok {
			n.integer = false
			if to == "double" {
				n, ok = fromFloat(n.float())
			}
			if ok {
				return version.numeric(n)
			}
		}
	case "bool", "boolean":
		if n, ok := v.(number); ok {
			return n.coefficient.Sign() != 0
		}
		if b, ok := toBool(v); ok {
			return b
		}
	default:
		if text, ok := toText(v); ok {
			return text
		}
	}
	return undefined{}
}

// castNumber is toNumber, with 1 for true and 0 for false.
func castNumber(v any) (number, bool) {
	if b, ok := v.(bool); ok {
		return whole(map[bool]int64{true: 1}[b]), true
	}
	return toNumber(v)
}
