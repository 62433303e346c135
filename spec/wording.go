// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"

	"github.com/sparta-up/sparta/internal/diag"
)

// badValue words an error about one value.
func (w *wording) badValue(e gojsonschema.ResultError, n *node, r *rule) (code diag.Code, message, hint string) {
	details := e.Details()
	switch e.Type() {
	case "invalid_type":
		return w.badType(n, r)
	case "enum":
		return w.badChoice(n, r)
	case "pattern":
		return diag.BadPattern, fmt.Sprintf("%s, not %s", r.PatternErrorMessage, n.quote()), patternHint(n)
	case "number_gte":
		return diag.BelowMinimum, fmt.Sprintf("%s is below %s%s", n.show(), r.Minimum, unit(r)), ""
	case "number_lte":
		return diag.AboveMaximum, fmt.Sprintf("%s is above %s%s", n.show(), r.Maximum, unit(r)), ""
	case "string_gte":
		if n.written != "" {
			return diag.Empty, fmt.Sprintf("has fewer than %v characters", details["min"]), ""
		}
		return diag.Empty, "is empty", ""
	case "string_lte":
		return diag.TooLong, fmt.Sprintf("is longer than %v characters", details["max"]), ""
	case "array_min_items":
		return diag.Empty, "is an empty list", "list at least one"
	case "array_max_items":
		return diag.TooLong, fmt.Sprintf("has more than %v items", details["max"]), ""
	case "array_min_properties":
		if r.oneOf() {
			return diag.MissingKey, "has no key: expected one of " + strings.Join(r.keys(), ", "), ""
		}
		return diag.Empty, "is an empty map", ""
	case "array_max_properties":
		if w.outline.intrinsic(r) {
			return diag.WrongKind, "expected " + w.outline.expected(r) + ", found a map of several keys", ""
		}
		if r.oneOf() {
			if n.parent.kind == list {
				hint = "make an item of each"
			}
			return diag.ExclusiveKeys, "has several keys: " + n.fields[1].key + " cannot stand beside " + n.fields[0].key, hint
		}
		return diag.TooLong, fmt.Sprintf("has more than %v entries", details["max"]), ""
	}
	return diag.WrongKind, "does not fit the schema of sparta.yaml: " + e.Type(), ""
}

// oneOf reports whether a map has exactly one of the keys of the rule.
func (r *rule) oneOf() bool { return r.MaxProperties == 1 && len(r.Properties) > 0 }

// takesEmptyText reports whether "" fits the rule.
func (r *rule) takesEmptyText() bool {
	if !slices.Contains(r.Type, "string") || r.MinLength > 0 || len(r.Enum) > 0 {
		return false
	}
	pattern, err := regexp.Compile(r.Pattern)
	return err == nil && pattern.MatchString("")
}

// badType words a value of the wrong kind.
func (w *wording) badType(n *node, r *rule) (code diag.Code, message, hint string) {
	expected := w.outline.expected(r)
	if s, _, ok := intrinsicOf(n); ok {
		return diag.LiteralOnly, "takes a literal, not " + s.tag(), "intrinsic functions are resolved by CloudFormation, after Sparta has used this value; write " + expected
	}
	switch {
	case n.kind == null:
		if r.takesEmptyText() {
			hint = `write "" for empty text`
		}
		return diag.NoValue, "has no value: expected " + expected, hint
	case n.kind == number && slices.Contains(r.Type, "integer"):
		return diag.WrongKind, n.show() + " is not a whole number", ""
	case n.kind == text && n.parent != nil && n.parent.ofFunction("events"):
		hint = "write the kind of source before it, such as sqs: " + shorten(n.show())
	case n.ofFunction("events") && n.kind != list:
		hint = "write a list of sources, such as [sqs: Jobs]"
	case slices.Equal(r.Type, types{"array"}) && (n.kind == text || n.kind == number):
		hint = "write a list, such as [" + shorten(n.show()) + "]"
	case n.kind == list && n.key == "topic":
		hint = "a source reads one topic: make an item of events of each"
	case n.kind == list && n.parent != nil && n.parent.parent != nil && n.parent.parent.ofFunction("events"):
		hint = "make an item of events of each"
	case n.kind == list && !slices.Contains(r.Type, "object"):
		hint = "write one value, without brackets and hyphens"
	case n.kind == text && slices.Contains(r.Type, "object") && len(r.Required) == 1:
		hint = fmt.Sprintf("write {%s: %s}", r.Required[0], shorten(n.show()))
	case n.kind == text && slices.Contains(r.Type, "boolean"):
		hint = truth(n.written)
	case n.kind == text && strings.HasPrefix(n.written, "{") && slices.Contains(r.Type, "object"):
		hint = "write the map itself, without quotes around it"
	}
	if slices.Equal(r.Type, types{"string"}) && (n.kind == number || n.kind == boolean) {
		hint = `put it in quotes: "` + n.show() + `"`
	}
	return diag.WrongKind, "expected " + expected + ", found " + n.kind.String(), hint
}

// ofFunction reports whether a node is the value of a key of a function.
func (n *node) ofFunction(key string) bool {
	return n.key == key && n.parent != nil && n.parent.parent != nil && n.parent.parent.key == "functions"
}

// badChoice words a value that is none of those allowed.
func (w *wording) badChoice(n *node, r *rule) (code diag.Code, message, hint string) {
	choices := make([]string, len(r.Enum))
	for i, v := range r.Enum {
		choices[i] = fmt.Sprint(v)
	}
	near := nearestChoice(n.written, choices)
	if n.kind == number {
		near = nextChoice(n.json(), choices)
	}
	if near != "" {
		hint = didYouMean(near)
	}
	written := n.quote()
	if n.kind == number {
		written = n.show()
	}
	const most = 30 // that a person reads
	if len(choices) > most {
		return diag.NoChoice, fmt.Sprintf("%s is none of the %d values that there are, such as %s", written, len(choices), choices[0]), hint
	}
	return diag.NoChoice, fmt.Sprintf("%s is none of %s", written, strings.Join(choices, ", ")), hint
}

func unit(r *rule) string {
	if r.Unit == "" {
		return ""
	}
	return " " + r.Unit
}

func lengthNote(r *rule) string {
	if r.MaxLength == 0 {
		return ""
	}
	return fmt.Sprintf(", at most %d", r.MaxLength)
}

// shorten cuts a long text for a message.
func shorten(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
