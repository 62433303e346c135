// SPDX-License-Identifier: MIT

// Package shape describes what the properties of a CloudFormation resource type
// may look like and finds what does not fit, in the words that CloudFormation's
// own property validation uses. Values that are still intrinsic functions fit
// every rule.
package shape

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Rule returns the faults of a value; path is where it stands, such as
// #/VersioningConfiguration/Status.
type Rule func(path string, value any) []string

// Check applies the rule to the properties of a resource.
func Check(rule Rule, properties map[string]any) []string {
	if properties == nil {
		properties = map[string]any{}
	}
	return rule("#", properties)
}

// Any accepts every value.
func Any(string, any) []string { return nil }

// String accepts text, and the scalars that CloudFormation turns into text.
func String(path string, value any) []string {
	switch value.(type) {
	case string, bool, float64, int, json.Number:
		return nil
	}
	return unless(IsIntrinsic(value), path, "expected type: String, found: %s", kind(value))
}

// Boolean accepts true and false, also written as text.
func Boolean(path string, value any) []string {
	if _, ok := Bool(value); ok {
		return nil
	}
	return unless(IsIntrinsic(value), path, "expected type: Boolean, found: %s", kind(value))
}

// Integer accepts whole numbers from min to max, also written as text.
func Integer(least, most int) Rule {
	return func(path string, value any) []string {
		n, ok := Int(value)
		switch {
		case IsIntrinsic(value):
			return nil
		case !ok:
			return []string{fmt.Sprintf("%s: expected type: Integer, found: %s", path, kind(value))}
		case n < least:
			return []string{fmt.Sprintf("%s: %d is not greater or equal to %d", path, n, least)}
		case n > most:
			return []string{fmt.Sprintf("%s: %d is not less or equal to %d", path, n, most)}
		}
		return nil
	}
}

// Enum accepts one of the given texts.
func Enum(allowed ...string) Rule {
	return func(path string, value any) []string {
		text, ok := value.(string)
		if !ok {
			return String(path, value)
		}
		return unless(slices.Contains(allowed, text), path, "%s is not a valid enum value", text)
	}
}

// Only accepts one text, of those that AWS has, and names it when it refuses
// another.
func Only(modelled string) Rule {
	return func(path string, value any) []string {
		text, ok := Text(value)
		if !ok {
			return String(path, value)
		}
		return unless(text == modelled, path, "the embedded AWS models %s only", modelled)
	}
}

// Expression is a regular expression, such as *regexp.Regexp.
type Expression interface {
	MatchString(s string) bool
	String() string
}

// Pattern accepts text of at most max bytes that the whole expression matches.
func Pattern(expression Expression, most int) Rule {
	return func(path string, value any) []string {
		text, ok := value.(string)
		if !ok {
			return String(path, value)
		}
		if len(text) > most {
			return []string{fmt.Sprintf("%s: expected maxLength: %d, actual: %d", path, most, len(text))}
		}
		return unless(expression.MatchString(text), path, "failed validation constraint for keyword [pattern]: %s", expression)
	}
}

// Document accepts a JSON object, or JSON text: a policy.
func Document(path string, value any) []string {
	switch value.(type) {
	case map[string]any, string:
		return nil
	}
	return []string{fmt.Sprintf("%s: expected type: JSONObject, found: %s", path, kind(value))}
}

// List accepts arrays whose items fit the rule.
func List(item Rule) Rule {
	return func(path string, value any) []string {
		list, ok := value.([]any)
		if !ok {
			return unless(IsIntrinsic(value), path, "expected type: JSONArray, found: %s", kind(value))
		}
		var faults []string
		for i, v := range list {
			if !IsIntrinsic(v) {
				faults = append(faults, item(path+"/"+strconv.Itoa(i), v)...)
			}
		}
		return faults
	}
}

// Fields are the members of an object by name.
type Fields map[string]Rule

// Object accepts objects with these members only; the required ones must be
// there.
func Object(fields Fields, required ...string) Rule {
	return func(path string, value any) []string {
		object, ok := value.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: expected type: JSONObject, found: %s", path, kind(value))}
		}
		if IsIntrinsic(object) {
			return nil
		}
		var faults []string
		for _, name := range required {
			if _, there := object[name]; !there {
				faults = append(faults, fmt.Sprintf("%s: required key [%s] not found", path, name))
			}
		}
		for _, name := range slices.Sorted(maps.Keys(object)) {
			rule, known := fields[name]
			switch {
			case !known:
				faults = append(faults, fmt.Sprintf("%s: extraneous key [%s] is not permitted", path, name))
			default:
				faults = append(faults, rule(path+"/"+name, object[name])...)
			}
		}
		return faults
	}
}

// Entries accepts objects whose members may have any name and fit the rule.
func Entries(value Rule) Rule {
	return func(path string, v any) []string {
		if IsIntrinsic(v) {
			return nil
		}
		object, ok := v.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: expected type: JSONObject, found: %s", path, kind(v))}
		}
		var faults []string
		for _, name := range slices.Sorted(maps.Keys(object)) {
			faults = append(faults, value(path+"/"+name, object[name])...)
		}
		return faults
	}
}

// Unmodelled refuses a property that AWS has and the embedded AWS has not.
func Unmodelled(path string, _ any) []string {
	return []string{path + ": the embedded AWS does not model this property"}
}

// Tags accepts a list of tags with Key and Value.
func Tags(path string, value any) []string {
	return List(Object(Fields{"Key": String, "Value": String}, "Key", "Value"))(path, value)
}

// IsIntrinsic reports whether a value is an intrinsic function that is not
// resolved yet: an object whose only member is Ref, Condition or Fn::something.
func IsIntrinsic(value any) bool {
	object, ok := value.(map[string]any)
	if !ok || len(object) != 1 {
		return false
	}
	for name := range object {
		return name == "Ref" || strings.HasPrefix(name, "Fn::")
	}
	return false
}

func unless(fine bool, path, format string, args ...any) []string {
	if fine {
		return nil
	}
	return []string{path + ": " + fmt.Sprintf(format, args...)}
}

func kind(value any) string {
	switch value.(type) {
	case nil:
		return "Null"
	case string:
		return "String"
	case bool:
		return "Boolean"
	case float64, int, json.Number:
		return "Number"
	case []any:
		return "JSONArray"
	case map[string]any:
		return "JSONObject"
	}
	return fmt.Sprintf("%T", value)
}
