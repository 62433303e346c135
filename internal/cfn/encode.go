// SPDX-License-Identifier: MIT

package cfn

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
)

// formatVersion is the only version of the template format there is.
const formatVersion = "2010-09-09"

// Value returns t as a tree of JSON values that shares nothing with t, in the
// shape of the template's JSON. Empty sections are left out; Resources always
// is there. It fails on values that JSON cannot say; see [Normalize].
func (t *Template) Value() (map[string]any, error) {
	v, err := normalizeMap(t.tree(), 0)
	if err != nil {
		return nil, err
	}
	return v.(map[string]any), nil
}

// tree is what Value copies.
func (t *Template) tree() map[string]any {
	tree := map[string]any{"AWSTemplateFormatVersion": formatVersion}
	put(tree, "Description", t.Description)
	putMap(tree, "Metadata", t.Metadata)
	putMap(tree, "Parameters", t.Parameters)
	putMap(tree, "Mappings", t.Mappings)
	putMap(tree, "Conditions", t.Conditions)
	putMap(tree, "Rules", t.Rules)
	putMap(tree, "Hooks", t.Hooks)
	if t.Transform != nil {
		tree["Transform"] = t.Transform
	}
	resources := make(map[string]any, len(t.Resources))
	for id, r := range t.Resources {
		if r != nil {
			resources[id] = r.tree()
		}
	}
	tree["Resources"] = resources
	outputs := make(map[string]any, len(t.Outputs))
	for name, o := range t.Outputs {
		if o != nil {
			outputs[name] = o.tree()
		}
	}
	putMap(tree, "Outputs", outputs)
	return tree
}

func (r *Resource) tree() map[string]any {
	tree := map[string]any{}
	put(tree, "Type", r.Type)
	putMap(tree, "Properties", r.Properties)
	if len(r.DependsOn) > 0 {
		ids := make([]any, len(r.DependsOn))
		for i, id := range r.DependsOn {
			ids[i] = id
		}
		tree["DependsOn"] = ids
	}
	put(tree, "Condition", r.Condition)
	put(tree, "DeletionPolicy", r.DeletionPolicy)
	put(tree, "UpdateReplacePolicy", r.UpdateReplacePolicy)
	putMap(tree, "CreationPolicy", r.CreationPolicy)
	putMap(tree, "UpdatePolicy", r.UpdatePolicy)
	putMap(tree, "Metadata", r.Metadata)
	return tree
}

func (o *Output) tree() map[string]any {
	tree := map[string]any{}
	put(tree, "Description", o.Description)
	if o.Value != nil {
		tree["Value"] = o.Value
	}
	if o.Export != nil {
		tree["Export"] = o.Export
	}
	put(tree, "Condition", o.Condition)
	return tree
}

func put(tree map[string]any, key, value string) {
	if value != "" {
		tree[key] = value
	}
}

func putMap(tree map[string]any, key string, value map[string]any) {
	if len(value) > 0 {
		tree[key] = value
	}
}

// JSON returns t as canonical JSON: keys sorted, no white space, <, > and & as
// they are, numbers as they were written, no final newline. Equal templates
// give equal bytes. It panics on a value that JSON cannot say; Add, AddOutput,
// Parse and FromValue let none in.
func (t *Template) JSON() []byte { return t.encode("") }

// Indent returns t as JSON for people: as [Template.JSON], indented by two
// spaces and with a final newline.
func (t *Template) Indent() []byte { return append(t.encode("  "), '\n') }

func (t *Template) encode(indent string) []byte {
	return encode(t.normal(), indent)
}

// normal is the tree of the template in normal form. It may share its values.
func (t *Template) normal() any {
	tree, err := normalForm(t.tree())
	if err != nil {
		panic(fmt.Sprintf("cfn: template: %v", err))
	}
	return tree
}

// Size is the length of [Template.JSON] in bytes, which it does not make as a
// whole. It panics where that does.
func (t *Template) Size() int {
	tree := t.normal().(map[string]any)
	resources, _ := tree["Resources"].(map[string]any)
	tree["Resources"] = map[string]any{}
	size := len(encode(tree, "")) + max(0, len(resources)-1) // commas
	for id, r := range resources {
		size += len(encode(map[string]any{id: r}, "")) - len("{}")
	}
	return size
}

// encode writes a normalized tree.
func encode(v any, indent string) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", indent)
	if err := e.Encode(v); err != nil {
		panic(fmt.Sprintf("cfn: encode: %v", err))
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// Hash returns the SHA-256 of [Template.JSON] in hexadecimal.
func (t *Template) Hash() string {
	sum := sha256.Sum256(t.JSON())
	return hex.EncodeToString(sum[:])
}

// Clone returns a copy of t that shares nothing with it. It panics where
// [Template.JSON] does.
func (t *Template) Clone() *Template {
	tree, err := t.Value()
	if err != nil {
		panic(fmt.Sprintf("cfn: template: %v", err))
	}
	clone, faults := build(tree)
	if err := faults.err(); err != nil {
		panic(fmt.Sprintf("cfn: clone: %v", err))
	}
	return clone
}
