// SPDX-License-Identifier: MIT

package attribute

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strconv"
)

// MarshalJSON writes an item as the API does, its names in order.
func (i Item) MarshalJSON() ([]byte, error) { return appendMembers(nil, i), nil }

// Encode returns a value as the API writes it.
func Encode(v Value) []byte { return appendValue(nil, v) }

func appendMembers(dst []byte, members map[string]Value) []byte {
	dst = append(dst, '{')
	for n, name := range slices.Sorted(maps.Keys(members)) {
		if n > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, name), ':')
		dst = appendValue(dst, members[name])
	}
	return append(dst, '}')
}

func appendValue(dst []byte, v Value) []byte {
	dst = append(dst, `{"`+string(v.Type())+`":`...)
	switch v := v.(type) {
	case String:
		dst = appendText(dst, string(v))
	case Number:
		dst = appendText(dst, v.String())
	case Binary:
		dst = appendBinary(dst, v)
	case Bool:
		dst = strconv.AppendBool(dst, bool(v))
	case Null:
		dst = append(dst, "true"...)
	case List:
		dst = appendList(dst, v, appendValue)
	case Map:
		dst = appendMembers(dst, v)
	case StringSet:
		dst = appendList(dst, v, appendText)
	case NumberSet:
		dst = appendList(dst, v, func(dst []byte, n Number) []byte { return appendText(dst, n.String()) })
	case BinarySet:
		dst = appendList(dst, v, appendBinary)
	}
	return append(dst, '}')
}

func appendList[E any](dst []byte, list []E, item func(dst []byte, e E) []byte) []byte {
	dst = append(dst, '[')
	for i, e := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item(dst, e)
	}
	return append(dst, ']')
}

func appendBinary(dst []byte, data []byte) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, data)
	return append(dst, '"')
}

// appendText writes a JSON string; most need no escape.
func appendText(dst []byte, text string) []byte {
	for i := range len(text) {
		if c := text[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, _ := json.Marshal(text) // cannot fail for text
			return append(dst, quoted...)
		}
	}
	dst = append(dst, '"')
	dst = append(dst, text...)
	return append(dst, '"')
}
