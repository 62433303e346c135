// SPDX-License-Identifier: MIT

package shape

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
)

// Text returns a scalar property as text, as CloudFormation hands it to a
// service. It reports false for lists, objects and absent values.
func Text(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case bool:
		return strconv.FormatBool(v), true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), true
	case int, json.Number:
		return fmt.Sprint(v), true
	}
	return "", false
}

// Bool returns a boolean property, which templates often write as text.
func Bool(value any) (b, ok bool) {
	switch v := value.(type) {
	case bool:
		return v, true
	case string:
		return v == "true" || v == "True", v == "true" || v == "false" || v == "True" || v == "False"
	}
	return false, false
}

// Int returns a whole number, which templates often write as text.
func Int(value any) (n int, ok bool) {
	switch v := value.(type) {
	case int:
		return v, true
	case float64:
		return int(v), v == float64(int(v))
	case json.Number:
		n, err := strconv.Atoi(v.String())
		return n, err == nil
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

// Member returns the text of a member of an object, or "".
func Member(object any, name string) string {
	members, _ := object.(map[string]any)
	text, _ := Text(members[name])
	return text
}

// Flag returns the boolean member of an object, or false.
func Flag(object any, name string) bool {
	members, _ := object.(map[string]any)
	b, _ := Bool(members[name])
	return b
}

// Items returns the member of an object as a list, or nil.
func Items(object any, name string) []any {
	members, _ := object.(map[string]any)
	list, _ := members[name].([]any)
	return list
}

// Texts returns the list of texts that is a member of an object, or nil.
func Texts(object any, name string) []string {
	var out []string
	for _, item := range Items(object, name) {
		if text, ok := Text(item); ok {
			out = append(out, text)
		}
	}
	return out
}

// TagMap merges the stack's tags with the Tags property of a resource, which
// wins.
func TagMap(stack map[string]string, properties map[string]any) map[string]string {
	tags := make(map[string]string, len(stack))
	maps.Copy(tags, stack)
	for _, tag := range Items(properties, "Tags") {
		tags[Member(tag, "Key")] = Member(tag, "Value")
	}
	return tags
}
