// SPDX-License-Identifier: MIT

package attribute

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxNesting is how deep lists and maps may be nested.
const maxNesting = 32

// Decode reads a value as the API writes it, such as {"S":"text"}, and checks
// it. The error is a *wire.Error.
func Decode(data []byte) (Value, error) {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var raw any
	if err := d.Decode(&raw); err != nil {
		return nil, malformed("%v", err)
	}
	return fromJSON(raw, 0)
}

// DecodeItem reads attributes by name, each as Decode does.
func DecodeItem(raw map[string]json.RawMessage) (Item, error) {
	item := make(Item, len(raw))
	for _, name := range slices.Sorted(maps.Keys(raw)) {
		value, err := Decode(raw[name])
		if err != nil {
			return nil, err
		}
		item[name] = value
	}
	return item, nil
}

// UnmarshalJSON reads an item that Item.MarshalJSON has written.
func (i *Item) UnmarshalJSON(data []byte) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	var raw map[string]any
	if err := d.Decode(&raw); err != nil {
		return err
	}
	*i = make(Item, len(raw))
	for name, member := range raw {
		value, err := fromJSON(member, 0)
		if err != nil {
			return err
		}
		(*i)[name] = value
	}
	return nil
}

func malformed(format string, args ...any) *wire.Error {
	return wire.Errorf(400, "SerializationException", format, args...)
}

// fromJSON converts {"type": value}.
func fromJSON(raw any, depth int) (Value, error) {
	members, ok := raw.(map[string]any)
	if !ok {
		return nil, malformed("Unexpected value type in payload")
	}
	var value Value
	types := 0
	for name, member := range members {
		read := reader(Type(name))
		if read == nil || member == nil {
			continue
		}
		v, err := read(member, depth)
		if err != nil {
			return nil, err
		}
		value = v
		types++
	}
	switch types {
	case 0:
		return nil, Invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	case 1:
		return value, nil
	}
	return nil, Invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
}

// reader returns the function that reads values of a type, or nil.
func reader(t Type) func(raw any, depth int) (Value, error) {
	switch t {
	case "S":
		return readString
	case "N":
		return readNumber
	case "B":
		return readBinary
	case "BOOL":
		return readBool
	case "NULL":
		return readNull
	case "L":
		return readList
	case "M":
		return readMap
	case "SS":
		return readStrings
	case "NS":
		return readNumbers
	case "BS":
		return readBinaries
	}
	return nil
}

// textOf returns the text that a member has to be.
func textOf(raw any, class string) (string, error) {
	switch v := raw.(type) {
	case string:
		return v, nil
	case bool:
		return "", malformed("%s cannot be converted to %s", strings.ToUpper(boolText(v))+"_VALUE", class)
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "", malformed("DECIMAL_VALUE cannot be converted to %s", class)
		}
		return "", malformed("NUMBER_VALUE cannot be converted to %s", class)
	case []any:
		return "", malformed("Unrecognized collection type class java.lang.%s", class)
	}
	return "", malformed("Start of structure or map found where not expected")
}

func boolText(b bool) string {
	if b {
		return "true"
	}
	return "false"
}

func readString(raw any, _ int) (Value, error) {
	text, err := textOf(raw, "String")
	return String(text), err
}

func readNumber(raw any, _ int) (Value, error) {
	text, err := textOf(raw, "String")
	if err != nil {
		return nil, err
	}
	n, err := ParseNumber(text)
	return n, err
}

func readBinary(raw any, _ int) (Value, error) {
	text, ok := raw.(string)
	if !ok {
		return nil, malformed("only base-64-encoded strings are convertible to bytes")
	}
	data, err := base64.StdEncoding.Strict().DecodeString(text)
	if err != nil {
		return nil, malformed("Invalid base64 text: %v", err)
	}
	return Binary(data), nil
}

func readBool(raw any, _ int) (Value, error) {
	b, ok := raw.(bool)
	if !ok {
		return nil, malformed("Unexpected token received from parser")
	}
	return Bool(b), nil
}

func readNull(raw any, _ int) (Value, error) {
	b, ok := raw.(bool)
	if !ok {
		return nil, malformed("Unexpected token received from parser")
	}
	if !b {
		return nil, Invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
	}
	return Null{}, nil
}

func deeper(depth int) error {
	if depth+1 > maxNesting {
		return Invalid("Nesting Levels have exceeded supported limits")
	}
	return nil
}

func readList(raw any, depth int) (Value, error) {
	items, ok := raw.([]any)
	if !ok {
		return nil, malformed("Unexpected field type")
	}
	if err := deeper(depth); err != nil {
		return nil, err
	}
	list := make(List, len(items))
	for i, item := range items {
		var err error
		if list[i], err = fromJSON(item, depth+1); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func readMap(raw any, depth int) (Value, error) {
	members, ok := raw.(map[string]any)
	if !ok {
		return nil, malformed("Unexpected field type")
	}
	if err := deeper(depth); err != nil {
		return nil, err
	}
	out := make(Map, len(members))
	for name, member := range members {
		value, err := fromJSON(member, depth+1)
		if err != nil {
			return nil, err
		}
		out[name] = value
	}
	return out, nil
}
