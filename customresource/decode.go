// SPDX-License-Identifier: MIT

package customresource

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
)

// Decode stores the properties in the struct or map that v points to, by the
// rules of encoding/json. Beyond them, text is taken for a bool, an integer or a
// float where v wants one, since CloudFormation sends every scalar as text. The
// error names the property that does not fit.
func (r Request) Decode(v any) error { return decodeProperties(r.Properties, v) }

// DecodeOld is Decode for the live properties of an Update.
func (r Request) DecodeOld(v any) error { return decodeProperties(r.OldProperties, v) }

func decodeProperties(properties map[string]any, v any) error {
	target := reflect.TypeOf(v)
	if target == nil || target.Kind() != reflect.Pointer {
		return fmt.Errorf("decode properties: %T is no pointer", v)
	}
	if properties == nil {
		properties = map[string]any{}
	}
	fitted, err := fit(properties, target.Elem())
	if err != nil {
		return fmt.Errorf("properties: %w", err)
	}
	data, err := json.Marshal(fitted)
	if err != nil {
		return fmt.Errorf("properties: %w", err)
	}
	if err := json.Unmarshal(data, v); err != nil {
		return fmt.Errorf("properties: %w", err)
	}
	return nil
}

// fit replaces texts in a JSON value by what the target type wants.
func fit(v any, target reflect.Type) (any, error) {
	for target.Kind() == reflect.Pointer {
		target = target.Elem()
	}
	if readsItself(target) {
		return v, nil
	}
	switch v := v.(type) {
	case string:
		return fitText(v, target)
	case []any:
		if target.Kind() == reflect.Slice || target.Kind() == reflect.Array {
			return fitList(v, target.Elem())
		}
	case map[string]any:
		return fitObject(v, target)
	}
	return v, nil
}

func readsItself(target reflect.Type) bool {
	pointer := reflect.PointerTo(target)
	return pointer.Implements(reflect.TypeFor[json.Unmarshaler]()) ||
		pointer.Implements(reflect.TypeFor[interface{ UnmarshalText([]byte) error }]())
}

func fitText(text string, target reflect.Type) (any, error) {
	switch target.Kind() {
	case reflect.Bool:
		switch strings.ToLower(text) {
		case "true":
			return true, nil
		case "false":
			return false, nil
		}
		return nil, fmt.Errorf("%q is neither true nor false", text)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		n, err := strconv.ParseInt(text, 10, target.Bits())
		if err != nil {
			return nil, fmt.Errorf("%q is no integer of %d bits", text, target.Bits())
		}
		return n, nil
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64, reflect.Uintptr:
		n, err := strconv.ParseUint(text, 10, target.Bits())
		if err != nil {
			return nil, fmt.Errorf("%q is no integer of %d bits without sign", text, target.Bits())
		}
		return n, nil
	case reflect.Float32, reflect.Float64:
		n, err := strconv.ParseFloat(text, target.Bits())
		if err != nil || n-n != 0 { // NaN and infinities
			return nil, fmt.Errorf("%q is no number", text)
		}
		return n, nil
	}
	return text, nil
}

func fitList(items []any, target reflect.Type) (any, error) {
	out := make([]any, len(items))
	for i, item := range items {
		fitted, err := fit(item, target)
		if err != nil {
			return nil, fmt.Errorf("%d: %w", i, err)
		}
		out[i] = fitted
	}
	return out, nil
}

func fitObject(m map[string]any, target reflect.Type) (any, error) {
	var fields map[string]reflect.Type
	switch target.Kind() {
	case reflect.Struct:
		fields = fieldTypes(target)
	case reflect.Map:
	default:
		return m, nil
	}
	out := make(map[string]any, len(m))
	for key, v := range m {
		below, ok := fields[strings.ToLower(key)]
		if target.Kind() == reflect.Map {
			below, ok = target.Elem(), true
		}
		if !ok {
			out[key] = v
			continue
		}
		fitted, err := fit(v, below)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
		out[key] = fitted
	}
	return out, nil
}

// fieldTypes returns the types of a struct's fields by their JSON name in lower
// case, which is how encoding/json finds them.
func fieldTypes(target reflect.Type) map[string]reflect.Type {
	fields := map[string]reflect.Type{}
	for _, field := range reflect.VisibleFields(target) {
		name, options, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" {
			name = field.Name
		}
		if !field.IsExported() || field.Anonymous && field.Tag.Get("json") == "" || strings.Contains(options, "string") {
			continue
		}
		fields[strings.ToLower(name)] = field.Type
	}
	return fields
}
