// SPDX-License-Identifier: MIT

package cfn

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Rename returns d with a resource under another logical id: everything in the
// template that refers to the old one refers to the new one. d stays as it is.
// A logical id that is taken is a *ClashError.
func (d Document) Rename(from, to string) (Document, error) {
	if from == to || d.Template.Resources[from] == nil {
		return d, nil
	}
	if d.Template.Resources[to] != nil {
		return Document{}, &ClashError{Part: fmt.Sprintf("resource %q", to), First: d.Origins["Resources/"+to], Second: d.Origins["Resources/"+from]}
	}
	tree, err := d.Template.Value()
	if err != nil {
		return Document{}, fmt.Errorf("template: %w", err)
	}
	resources := tree["Resources"].(map[string]any)
	resources[to] = resources[from]
	delete(resources, from)
	template, faults := build(renamed(tree, from, to).(map[string]any))
	if err := faults.err(); err != nil {
		return Document{}, err
	}
	result := Document{Template: template, Origins: maps.Clone(d.Origins), edits: d.edits}
	result.Origins["Resources/"+to] = result.Origins["Resources/"+from]
	delete(result.Origins, "Resources/"+from)
	return result, nil
}

// renamed writes references in a tree anew and returns it.
func renamed(v any, from, to string) any {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			v[i] = renamed(item, from, to)
		}
	case map[string]any:
		if name, argument := intrinsic(v); name != "" {
			v[name] = renamedArgument(name, argument, from, to)
			return v
		}
		for key, value := range v {
			if key == "DependsOn" {
				v[key] = renamedNames(value, from, to)
				continue
			}
			v[key] = renamed(value, from, to)
		}
	}
	return v
}

// renamedNames is a name or a list of names.
func renamedNames(v any, from, to string) any {
	if list, ok := v.([]any); ok {
		for i, item := range list {
			list[i] = renamedNames(item, from, to)
		}
		return list
	}
	if v == from {
		return to
	}
	return v
}

func renamedArgument(name string, argument any, from, to string) any {
	list, isList := argument.([]any)
	switch {
	case name == "Ref" && argument == from:
		return to
	case name == "Fn::GetAtt" && isList && len(list) > 1:
		if list[0] == from {
			list[0] = to
		}
		list[1] = renamed(list[1], from, to)
		return list
	case name == "Fn::GetAtt":
		text, _ := argument.(string)
		if attribute, ok := strings.CutPrefix(text, from+"."); ok {
			return to + "." + attribute
		}
		return argument
	case name == "Fn::Sub" && isList && len(list) > 0:
		local, _ := at(list, 1).(map[string]any)
		if _, own := local[from]; !own {
			list[0] = renamedSub(list[0], from, to)
		}
		return append(slices.Clone(list[:1]), renamed(list[1:], from, to).([]any)...)
	case name == "Fn::Sub":
		return renamedSub(argument, from, to)
	}
	return renamed(argument, from, to)
}

// renamedSub rewrites ${from} and ${from.Attribute}.
func renamedSub(format any, from, to string) any {
	text, ok := format.(string)
	if !ok {
		return format
	}
	return strings.NewReplacer("${"+from+"}", "${"+to+"}", "${"+from+".", "${"+to+".").Replace(text)
}

func at(list []any, i int) any {
	if i >= len(list) {
		return nil
	}
	return list[i]
}
