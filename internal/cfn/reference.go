// SPDX-License-Identifier: MIT

package cfn

import (
	"slices"
	"strconv"
	"strings"
)

// ReferenceKind says which construct makes a reference.
type ReferenceKind string

// The kinds of references. A ${Name} inside of Fn::Sub counts as KindRef, a
// ${Name.Attribute} as KindGetAtt.
const (
	KindRef       ReferenceKind = "Ref"
	KindGetAtt    ReferenceKind = "Fn::GetAtt"
	KindDependsOn ReferenceKind = "DependsOn"
	KindCondition ReferenceKind = "Condition"
	KindMapping   ReferenceKind = "Fn::FindInMap"
)

// Reference is the place where one part of a template names another.
type Reference struct {
	ID        string // logical id, pseudo parameter, condition or mapping
	Attribute string // of KindGetAtt; empty if it is itself an intrinsic
	Kind      ReferenceKind
	Path      []string // of the referring value within the value looked at
}

// References returns every reference inside of v in the order of sorted keys: a
// *Template, *Resource, *Output, or a tree of JSON values. Names that Fn::Sub
// defines itself are not references. {"Condition": name} counts as one only
// inside condition functions and the Conditions section, since elsewhere it may
// be an ordinary object. What is malformed is passed over.
func References(v any) []Reference {
	var w referenceWalk
	switch v := v.(type) {
	case *Template:
		w.template(v)
	case *Resource:
		w.resource(nil, v)
	case *Output:
		w.output(nil, v)
	default:
		w.value(nil, v, false)
	}
	return w.found
}

type referenceWalk struct{ found []Reference }

func (w *referenceWalk) add(path []string, kind ReferenceKind, id, attribute string) {
	w.found = append(w.found, Reference{ID: id, Attribute: attribute, Kind: kind, Path: slices.Clone(path)})
}

func (w *referenceWalk) template(t *Template) {
	w.value([]string{"Conditions"}, t.Conditions, true)
	w.value([]string{"Hooks"}, t.Hooks, false)
	w.value([]string{"Rules"}, t.Rules, true)
	for _, id := range sortedKeys(t.Resources) {
		if r := t.Resources[id]; r != nil {
			w.resource([]string{"Resources", id}, r)
		}
	}
	for _, name := range sortedKeys(t.Outputs) {
		if o := t.Outputs[name]; o != nil {
			w.output([]string{"Outputs", name}, o)
		}
	}
}

func (w *referenceWalk) resource(path []string, r *Resource) {
	if r.Condition != "" {
		w.add(append(path, "Condition"), KindCondition, r.Condition, "")
	}
	for i, id := range r.DependsOn {
		w.add(append(path, "DependsOn", strconv.Itoa(i)), KindDependsOn, id, "")
	}
	w.value(append(path, "CreationPolicy"), r.CreationPolicy, false)
	w.value(append(path, "Metadata"), r.Metadata, false)
	w.value(append(path, "Properties"), r.Properties, false)
	w.value(append(path, "UpdatePolicy"), r.UpdatePolicy, false)
}

func (w *referenceWalk) output(path []string, o *Output) {
	if o.Condition != "" {
		w.add(append(path, "Condition"), KindCondition, o.Condition, "")
	}
	w.value(append(path, "Export"), o.Export, false)
	w.value(append(path, "Value"), o.Value, false)
}

func (w *referenceWalk) value(path []string, v any, inCondition bool) {
	switch v := v.(type) {
	case []any:
		for i, item := range v {
			w.value(append(path, strconv.Itoa(i)), item, inCondition)
		}
	case map[string]any:
		if name, argument := intrinsic(v); name != "" {
			w.intrinsic(append(path, name), name, argument, inCondition)
			return
		}
		if name, ok := v["Condition"].(string); ok && inCondition && len(v) == 1 {
			w.add(append(path, "Condition"), KindCondition, name, "")
			return
		}
		for _, key := range sortedKeys(v) {
			w.value(append(path, key), v[key], inCondition)
		}
	}
}

func (w *referenceWalk) intrinsic(path []string, name string, argument any, inCondition bool) {
	args, _ := argument.([]any)
	switch name {
	case "Ref":
		if id, ok := argument.(string); ok {
			w.add(path, KindRef, id, "")
		}
		return
	case "Fn::GetAtt":
		w.getAtt(path, argument)
		return
	case "Fn::Sub":
		w.sub(path, argument)
		return
	case "Fn::If":
		if len(args) > 0 {
			if condition, ok := args[0].(string); ok {
				w.add(append(path, "0"), KindCondition, condition, "")
			}
		}
	case "Fn::FindInMap":
		if len(args) > 0 {
			if mapping, ok := args[0].(string); ok {
				w.add(append(path, "0"), KindMapping, mapping, "")
			}
		}
	case "Fn::And", "Fn::Or", "Fn::Not":
		inCondition = true
	}
	w.value(path, argument, inCondition)
}

// getAtt takes both spellings: ["A", "B.C"] and "A.B.C".
func (w *referenceWalk) getAtt(path []string, argument any) {
	switch argument := argument.(type) {
	case string:
		if id, attribute, ok := strings.Cut(argument, "."); ok {
			w.add(path, KindGetAtt, id, attribute)
		}
	case []any:
		if len(argument) < 2 {
			return
		}
		if id, ok := argument[0].(string); ok {
			attribute, _ := argument[1].(string)
			w.add(path, KindGetAtt, id, attribute)
		}
		w.value(append(path, "1"), argument[1], false)
	}
}

func (w *referenceWalk) sub(path []string, argument any) {
	var local map[string]any
	format, _ := argument.(string)
	if args, ok := argument.([]any); ok && len(args) > 0 {
		format, _ = args[0].(string)
		if len(args) > 1 {
			local, _ = args[1].(map[string]any)
			w.value(append(path, "1"), args[1], false)
		}
	}
	names, _ := SubNames(format)
	for _, name := range names {
		if _, ok := local[name]; ok {
			continue
		}
		if id, attribute, ok := strings.Cut(name, "."); ok {
			w.add(path, KindGetAtt, id, attribute)
			continue
		}
		w.add(path, KindRef, name, "")
	}
}
