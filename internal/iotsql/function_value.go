// SPDX-License-Identifier: MIT

package iotsql

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"strings"
	"unicode/utf8"
)

// valueFunction are the functions of values of any type.
func valueFunction(name string) (function, bool) {
	f, ok := map[string]function{
		"cast":           {1, 1, func(_ *scope, a []any) any { return a[0] }}, // its argument is the conversion
		"concat":         {1, -1, func(_ *scope, a []any) any { return concat(a) }},
		"decode":         {2, 2, decode},
		"encode":         {2, 2, func(_ *scope, a []any) any { return encode(a) }},
		"get":            {2, 2, func(_ *scope, a []any) any { return get(a[0], a[1]) }},
		"get_or_default": {1, 2, func(_ *scope, a []any) any { return fallback(append(a, undefined{})) }},
		"isnull":         {1, 1, func(_ *scope, a []any) any { return a[0] == nil }},
		"isundefined":    {1, 1, func(_ *scope, a []any) any { return isUndefined(a[0]) }},
		"nanvl": {2, 2, func(_ *scope, a []any) any {
			return fallback(a)
		}},
		"transform": {3, 3, func(_ *scope, a []any) any { return transform(a) }},
	}[name]
	return f, ok
}

// fallback returns the first argument unless it is Null or undefined, else the
// second.
func fallback(a []any) any {
	if a[0] == nil || isUndefined(a[0]) {
		return a[1]
	}
	return a[0]
}

// concat joins arrays and values to an array, or texts to a text.
func concat(a []any) any {
	if len(a) == 1 {
		return a[0]
	}
	list, isList := []any{}, false
	var b strings.Builder
	texts, isText := true, false
	for _, v := range a {
		if items, ok := v.([]any); ok {
			list, isList = append(list, items...), true
			continue
		}
		if !isUndefined(v) {
			list = append(list, v)
		}
		if _, ok := v.(string); ok {
			isText = true
		}
		text, ok := toText(v)
		texts = texts && ok
		b.WriteString(text)
	}
	switch {
	case isList:
		return list
	case !isText || !texts || b.Len() > maxText:
		return undefined{}
	}
	return b.String()
}

// get returns an item of an array, a character of a text or a member of an
// object.
func get(of, key any) any {
	switch of := of.(type) {
	case []any:
		n, ok := toNumber(key)
		if i := n64(n, ok); i >= 0 && i < int64(len(of)) {
			return of[i]
		}
	case string:
		n, ok := toNumber(key)
		if i := n64(n, ok); i >= 0 && i < int64(utf8.RuneCountInString(of)) {
			return string([]rune(of)[i])
		}
	case *members:
		if name, ok := key.(string); ok {
			return of.get(name)
		}
	}
	return undefined{}
}

func encode(a []any) any {
	text, ok := toText(a[0])
	if !ok {
		return undefined{}
	}
	return encodeBytes([]byte(text), a[1])
}

func encodeBytes(data []byte, scheme any) any {
	if scheme != any("base64") {
		return undefined{}
	}
	return base64.StdEncoding.EncodeToString(data)
}

// decode returns the value of a text in base64: that of a JSON document, else a
// text; Null if it cannot be decoded.
func decode(s *scope, a []any) any {
	text, ok := a[0].(string)
	if !ok || a[1] != any("base64") {
		return undefined{}
	}
	data, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return nil
	}
	if v, err := decodeJSON(data, s.version); err == nil {
		return v
	}
	return strings.ToValidUTF8(string(data), "\uFFFD")
}

// transform adds the members of an object to those of the objects of an array.
func transform(a []any) any {
	extra, isObject := a[1].(*members)
	list, isList := a[2].([]any)
	if a[0] != any("enrichArray") || !isObject || !isList || len(list)*len(extra.names) > maxText {
		return undefined{}
	}
	out := make([]any, len(list))
	for i, item := range list {
		o, ok := item.(*members)
		if !ok {
			return undefined{}
		}
		all := newMembers()
		for _, part := range []*members{o, extra} {
			for _, name := range part.names {
				all.set(name, part.values[name])
			}
		}
		out[i] = all
	}
	return out
}

// newUUID returns a random UUID.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails: crypto/rand.Read aborts the program instead
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b[:])
	return strings.Join([]string{h[:8], h[8:12], h[12:16], h[16:20], h[20:]}, "-")
}
