// SPDX-License-Identifier: MIT

package cfn

import (
	"maps"
	"slices"
)

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// build makes a template of a normalized tree and shares its values.
func build(tree map[string]any) (*Template, faults) {
	var f faults
	s := newShape(nil, tree, &f)
	if v, ok := s.get("AWSTemplateFormatVersion"); ok && v != formatVersion {
		f.add(s.at("AWSTemplateFormatVersion"), "", "must be %q", formatVersion)
	}
	t := &Template{
		Description: s.text("Description"),
		Metadata:    s.object("Metadata"),
		Parameters:  s.object("Parameters"),
		Mappings:    s.object("Mappings"),
		Conditions:  s.object("Conditions"),
		Rules:       s.object("Rules"),
		Hooks:       s.object("Hooks"),
		Resources:   map[string]*Resource{},
	}
	t.Transform, _ = s.get("Transform")
	resources := s.object("Resources")
	for _, id := range sortedKeys(resources) {
		t.Resources[id] = buildResource([]string{"Resources", id}, resources[id], &f)
	}
	outputs := s.object("Outputs")
	if len(outputs) > 0 {
		t.Outputs = map[string]*Output{}
	}
	for _, name := range sortedKeys(outputs) {
		t.Outputs[name] = buildOutput([]string{"Outputs", name}, outputs[name], &f)
	}
	s.done()
	return t, f
}

func buildResource(path []string, v any, f *faults) *Resource {
	s := newShape(path, v, f)
	r := &Resource{
		Type:                s.text("Type"),
		Properties:          s.object("Properties"),
		DependsOn:           s.names("DependsOn"),
		Condition:           s.text("Condition"),
		DeletionPolicy:      s.text("DeletionPolicy"),
		UpdateReplacePolicy: s.text("UpdateReplacePolicy"),
		CreationPolicy:      s.object("CreationPolicy"),
		UpdatePolicy:        s.object("UpdatePolicy"),
		Metadata:            s.object("Metadata"),
	}
	s.done()
	return r
}

func buildOutput(path []string, v any, f *faults) *Output {
	s := newShape(path, v, f)
	o := &Output{Description: s.text("Description"), Condition: s.text("Condition")}
	o.Value, _ = s.get("Value")
	o.Export, _ = s.get("Export")
	s.done()
	return o
}
