// SPDX-License-Identifier: MIT

package resource

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Changed reports whether one of the named properties differs between old and
// new. Scalars that say the same, such as 3 and "3", do not differ.
func Changed(old, new map[string]any, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return !equal(old[name], new[name]) })
}

// Decode stores properties, intrinsics resolved, in the struct that v points
// to, by the names of encoding/json. Scalars may be given as strings where the
// struct has numbers or booleans, and the other way round.
func Decode(properties map[string]any, v any) error {
	data, err := json.Marshal(convert(properties, reflect.TypeOf(v)))
	if err != nil {
		return err
	}
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	return d.Decode(v)
}

// convert brings the scalars of v into the form that t has.
func convert(v any, t reflect.Type) any {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch x := v.(type) {
	case map[string]any:
		return convertMembers(x, t)
	case []any:
		if t.Kind() != reflect.Slice {
			return v
		}
		out := make([]any, len(x))
		for i, item := range x {
			out[i] = convert(item, t.Elem())
		}
		return out
	case nil:
		return nil
	}
	switch t.Kind() {
	case reflect.String:
		return text(v)
	case reflect.Int, reflect.Int64, reflect.Float64, reflect.Bool:
		return json.RawMessage(text(v))
	}
	return v
}

func convertMembers(members map[string]any, t reflect.Type) any {
	out := make(map[string]any, len(members))
	for name, member := range members {
		switch t.Kind() {
		case reflect.Map:
			out[name] = convert(member, t.Elem())
		case reflect.Struct:
			if f, ok := t.FieldByNameFunc(func(s string) bool { return strings.EqualFold(s, name) }); ok {
				out[name] = convert(member, f.Type)
			}
		default:
			return members
		}
	}
	return out
}

func scalar(v any) bool {
	switch v.(type) {
	case map[string]any, []any:
		return false
	}
	return true
}

// text returns a scalar as CloudFormation writes it: without an exponent.
func text(v any) string {
	if f, ok := v.(float64); ok {
		return strconv.FormatFloat(f, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// equal compares JSON values, in which 3, 3.0 and "3" say the same.
func equal(a, b any) bool {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any)
		return ok && maps.EqualFunc(x, y, equal)
	case []any:
		y, ok := b.([]any)
		return ok && slices.EqualFunc(x, y, equal)
	case nil:
		return b == nil
	}
	return b != nil && scalar(b) && text(a) == text(b)
}
