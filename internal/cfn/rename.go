// SPDX-License-Identifier: MIT

package cfn

import (
	"maps"
	"slices"
	"strings"
)

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
		return rewriteMap(v, replace)
	}
	return v
}

func rewriteMap(m map[string]any, replace func(string, any) (any, bool)) map[string]any {
	if m == nil {
		return nil
	}
	out := make(map[string]any, len(m))
	for key, value := range m {
		out[key] = Rewrite(value, replace)
	}
	return out
}

// Rename gives a resource another logical id, also where the template refers to
// it. The template is changed in place; nothing happens if there is no such
// resource.
func (d *Document) Rename(old, new string) {
	t := d.Template
	if t.Resources[old] == nil {
		return
	}
	renamed := func(name string, argument any) (any, bool) { return renameCall(name, argument, old, new) }
	for _, r := range t.Resources {
		for _, part := range []*map[string]any{&r.Properties, &r.CreationPolicy, &r.UpdatePolicy, &r.Metadata} {
			*part = rewriteMap(*part, renamed)
		}
		r.DependsOn = slices.Clone(r.DependsOn)
		for i, id := range r.DependsOn {
			if id == old {
				r.DependsOn[i] = new
			}
		}
	}
	for _, o := range t.Outputs {
		o.Value, o.Export = Rewrite(o.Value, renamed), Rewrite(o.Export, renamed)
	}
	t.Resources[new] = t.Resources[old]
	delete(t.Resources, old)
	d.Origins = maps.Clone(d.Origins)
	if origin, ok := d.Origins["Resources/"+old]; ok {
		d.Origins["Resources/"+new] = origin
		delete(d.Origins, "Resources/"+old)
	}
}

// renameCall returns a call that names new where it named old.
func renameCall(name string, argument any, old, new string) (any, bool) {
	switch list, _ := argument.([]any); {
	case name == "Ref" && argument == old:
		return Ref(new), true
	case name == "Fn::GetAtt" && len(list) == 2 && list[0] == old:
		return map[string]any{name: []any{new, list[1]}}, true
	case name == "Fn::GetAtt" && len(list) == 0:
		text, _ := argument.(string)
		id, attribute, found := strings.Cut(text, ".")
		return map[string]any{name: new + "." + attribute}, found && id == old
	case name == "Fn::Sub" && len(list) == 2:
		values, _ := list[1].(map[string]any)
		format, ok := list[0].(string)
		if _, own := values[old]; own || !ok {
			return nil, false
		}
		return map[string]any{name: []any{renameIn(format, old, new), Rewrite(values, func(name string, argument any) (any, bool) {
			return renameCall(name, argument, old, new)
		})}}, true
	case name == "Fn::Sub":
		format, ok := argument.(string)
		return Sub(renameIn(format, old, new)), ok
	}
	return nil, false
}

// renameIn renames a resource in the text of Fn::Sub.
func renameIn(format, old, new string) string {
	return strings.NewReplacer("${"+old+"}", "${"+new+"}", "${"+old+".", "${"+new+".").Replace(format)
}
