// SPDX-License-Identifier: MIT

package cfn

import (
	"fmt"
	"maps"
)

// Patch returns t merged with patch after RFC 7386: objects merge key by key, a
// null removes, anything else replaces. It departs from the RFC in one point:
// an object that is an intrinsic function, such as {"Ref": "Table"}, is a value
// as a whole, so that it replaces and is replaced instead of merged. t stays as
// it is. The error names what in the patch is of the wrong shape.
func Patch(t *Template, patch map[string]any) (*Template, error) {
	tree, err := t.Value()
	if err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	edits, err := normalizeMap(patch, 0)
	if err != nil {
		return nil, fmt.Errorf("patch: %w", err)
	}
	return FromValue(mergePatch(tree, edits.(map[string]any)))
}

func mergePatch(target, patch map[string]any) map[string]any {
	out := maps.Clone(target)
	if out == nil {
		out = map[string]any{}
	}
	for key, v := range patch {
		if v == nil {
			delete(out, key)
			continue
		}
		out[key] = patched(out[key], v)
	}
	return out
}

func patched(old, v any) any {
	edits, ok := v.(map[string]any)
	if !ok {
		return v
	}
	if name, _ := intrinsic(v); name != "" {
		return v
	}
	if name, _ := intrinsic(old); name != "" {
		old = nil
	}
	below, _ := old.(map[string]any)
	return mergePatch(below, edits)
}
