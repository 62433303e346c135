// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"
)

// ofAWS reports whether a pattern is of events of AWS itself, which nobody else
// may put on a bus.
func ofAWS(pattern map[string]any) bool {
	sources, ok := texts(pattern["source"])
	return ok && !slices.ContainsFunc(sources, func(s string) bool { return !strings.HasPrefix(s, "aws.") })
}

// mayMatch reports whether events that a condition of a policy allows may meet a
// pattern. Keys of the condition are those of EventBridge. Source: "Using IAM policy conditions in Amazon EventBridge",
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-conditions.html
func mayMatch(when, pattern map[string]any) bool {
	for operator, keys := range when {
		if !strings.HasSuffix(strings.TrimSuffix(operator, "IfExists"), "StringEquals") {
			continue
		}
		conditions, _ := keys.(map[string]any)
		for key, values := range conditions {
			field, ok := strings.CutPrefix(strings.ToLower(key), "events:")
			allowed, literal := texts(values)
			wanted, plain := texts(pattern[field])
			if ok && literal && plain && !slices.ContainsFunc(wanted, func(w string) bool { return slices.Contains(allowed, w) }) {
				return false
			}
		}
	}
	return true
}

// texts are one or several texts; false if something else is among them, or
// there is none.
func texts(v any) ([]string, bool) {
	if one, ok := v.(string); ok {
		return []string{one}, true
	}
	list, _ := v.([]any)
	var all []string
	for _, item := range list {
		text, ok := item.(string)
		if !ok {
			return nil, false
		}
		all = append(all, text)
	}
	return all, len(all) > 0
}
