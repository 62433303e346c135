// SPDX-License-Identifier: MIT

package stage

import (
	"encoding/json"
	"reflect"
	"strconv"
)

// parts are the smallest values that differ, where v is an object or a list
// before and after.
func (v ValueChange) parts() []ValueChange {
	before, after := parsed(v.Before), parsed(v.After)
	if before == nil || after == nil {
		return []ValueChange{v}
	}
	differ := differences(v.Path, before, after)
	for i := range differ {
		differ[i].Replaces = v.Replaces
	}
	return differ
}

// parsed is the object or list that a text stands for, or nil.
func parsed(text string) any {
	var value any
	if json.Unmarshal([]byte(text), &value) != nil {
		return nil
	}
	switch value.(type) {
	case map[string]any, []any:
		return value
	}
	return nil
}

// differences are where two values differ. Lists of different lengths differ as
// a whole: what moved in them can't be told.
func differences(path string, before, after any) []ValueChange {
	if reflect.DeepEqual(before, after) {
		return nil
	}
	switch b := before.(type) {
	case map[string]any:
		if a, ok := after.(map[string]any); ok {
			return memberDifferences(path, b, a)
		}
	case []any:
		if a, ok := after.([]any); ok && len(a) == len(b) {
			var all []ValueChange
			for i := range b {
				all = append(all, differences(path+"."+strconv.Itoa(i), b[i], a[i])...)
			}
			return all
		}
	}
	return []ValueChange{{Path: path, Before: valueText(before), After: valueText(after)}}
}

func memberDifferences(path string, before, after map[string]any) []ValueChange {
	names := map[string]bool{}
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	var all []ValueChange
	for _, name := range sortedKeys(names) {
		all = append(all, differences(path+"."+name, before[name], after[name])...)
	}
	return all
}

// valueText is a value in JSON, a text as it is, and nothing of nil.
func valueText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "" // never: it was JSON
	}
	return string(text)
}
