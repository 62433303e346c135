// SPDX-License-Identifier: MIT

package cfn

// Rewrite returns a tree of JSON values in which other values stand in place of
// some calls of intrinsic functions: those for which replace reports true. It
// is asked about the outermost calls first, and shares with v what stays.
func Rewrite(v any, replace func(name string, argument any) (any, bool)) any {
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = Rewrite(item, replace)
		}
		return out
	case map[string]any:
		if name, argument := intrinsic(v); name != "" {
			if other, ok := replace(name, argument); ok {
				return other
			}
		}
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = Rewrite(value, replace)
		}
		return out
	}
	return v
}
