// SPDX-License-Identifier: MIT

package cloudformation

import (
	"slices"
	"strings"
)

func (t *template) readResources(document map[string]any) error {
	members, err := section(document, "Resources", maxResources)
	if err != nil {
		return err
	}
	if len(members) == 0 {
		return invalidf("Template format error: At least one Resources member must be defined.")
	}
	t.resources = make(map[string]definition, len(members))
	var unrecognized []string
	for _, id := range sortedKeys(members) {
		d, err := readDefinition(id, members[id])
		if err != nil {
			return err
		}
		if !awsTypeName.MatchString(d.typeName) && !customTypeName.MatchString(d.typeName) {
			unrecognized = append(unrecognized, d.typeName)
		}
		t.resources[id] = d
	}
	if len(unrecognized) > 0 {
		slices.Sort(unrecognized)
		return invalidf("Template format error: Unrecognized resource types: [%s]", strings.Join(slices.Compact(unrecognized), ", "))
	}
	return nil
}

func readDefinition(id string, member map[string]any) (definition, error) {
	var d definition
	var ok bool
	if d.typeName, ok = member["Type"].(string); !ok {
		return d, invalidf("Template format error: [/Resources/%s] Every Resources object must contain a Type member.", id)
	}
	for _, key := range sortedKeys(member) {
		if err := d.read(id, key, member[key]); err != nil {
			return d, err
		}
	}
	return d, nil
}

// read takes one attribute of a resource.
func (d *definition) read(id, key string, value any) error {
	ok := true
	switch key {
	case "Type":
	case "Metadata":
		d.metadata = value
	case "Properties":
		d.properties, ok = value.(map[string]any)
	case "Condition":
		d.condition, ok = value.(string)
	case "DependsOn":
		d.dependsOn, ok = stringOrList(value)
	case "DeletionPolicy", "UpdateReplacePolicy":
		return d.readPolicy(id, key, value)
	case "UpdatePolicy":
		return d.readUpdatePolicy(id, value)
	case "CreationPolicy":
		return invalidf("the embedded AWS does not model the resource attribute %s (resource %s)", key, id)
	default:
		return invalidf("Invalid template resource property '%s'", key)
	}
	if !ok {
		return invalidf("Template format error: [/Resources/%s/%s] the value has the wrong type.", id, key)
	}
	return nil
}

func (d *definition) readPolicy(id, key string, value any) error {
	policy, _ := value.(string)
	switch {
	case policy == "Delete", policy == "Retain", policy == "RetainExceptOnCreate" && key == "DeletionPolicy":
	case policy == "Snapshot":
		return invalidf("Template error: resource type %s does not support deletion policy Snapshot (resource %s)", d.typeName, id)
	default:
		return invalidf("Template error: unrecognized %s %v for resource %s", key, value, id)
	}
	if key == "DeletionPolicy" {
		d.deletionPolicy = policy
	} else {
		d.updateReplacePolicy = policy
	}
	return nil
}

func stringOrList(value any) ([]string, bool) {
	switch v := value.(type) {
	case string:
		return []string{v}, true
	case []any:
		list := make([]string, 0, len(v))
		for _, item := range v {
			text, ok := item.(string)
			if !ok {
				return nil, false
			}
			list = append(list, text)
		}
		return list, true
	}
	return nil, false
}

func (t *template) readOutputs(document map[string]any) error {
	members, err := section(document, "Outputs", maxOutputs)
	if err != nil {
		return err
	}
	t.outputs = make(map[string]outputDefinition, len(members))
	for _, key := range sortedKeys(members) {
		o, err := readOutput(key, members[key])
		if err != nil {
			return err
		}
		t.outputs[key] = o
	}
	return nil
}

func readOutput(key string, member map[string]any) (outputDefinition, error) {
	var o outputDefinition
	for _, attribute := range sortedKeys(member) {
		value, ok := member[attribute], true
		switch attribute {
		case "Value":
			o.value = value
		case "Description":
			o.description, ok = value.(string)
		case "Condition":
			o.condition, ok = value.(string)
		case "Export":
			var export map[string]any
			if export, ok = value.(map[string]any); ok {
				o.exportName, ok = export["Name"]
				ok = ok && len(export) == 1
			}
		default:
			return o, invalidf("Invalid template output property '%s'", attribute)
		}
		if !ok {
			return o, invalidf("Template format error: [/Outputs/%s/%s] the value has the wrong type.", key, attribute)
		}
	}
	if o.value == nil {
		return o, invalidf("Template format error: Output %s is malformed. Every Outputs member must contain a Value object", key)
	}
	return o, nil
}
