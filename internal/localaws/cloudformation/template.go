// SPDX-License-Identifier: MIT

package cloudformation

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// Limits of a template, from
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	maxInlineTemplate = 51_200    // bytes of TemplateBody
	maxTemplate       = 1_000_000 // bytes behind TemplateURL
	maxResources      = 500
	maxParameters     = 200
	maxOutputs        = 200
	maxMappings       = 200
	maxDescription    = 1024 // bytes
	maxParameterValue = 4096 // bytes
	maxDepth          = 100  // of nested values; ours, to bound recursion
)

// template is a parsed template. Values are JSON values with json.Number.
type template struct {
	version     string
	description string
	metadata    any
	parameters  map[string]parameter
	mappings    map[string]map[string]map[string]any
	conditions  map[string]any
	resources   map[string]definition
	outputs     map[string]outputDefinition
}

// definition is one entry of the Resources section.
type definition struct {
	typeName            string
	properties          map[string]any
	dependsOn           []string
	condition           string
	deletionPolicy      string // as written, "" if absent
	updateReplacePolicy string
	updatePolicy        map[string]any // nil if absent
	metadata            any
}

// outputDefinition is one entry of the Outputs section.
type outputDefinition struct {
	description string
	value       any
	exportName  any // nil without an export
	condition   string
}

// logicalID is what a logical id must look like.
var logicalID = regexp.MustCompile(`^[a-zA-Z0-9]+$`)

// typeName is what the name of a resource type of AWS looks like.
var awsTypeName = regexp.MustCompile(`^AWS::[A-Za-z0-9]+::[A-Za-z0-9]+$`)

// customTypeName is what the name of a custom resource type looks like.
var customTypeName = lazy.MustCompile(`^Custom::[A-Za-z0-9_@-]{1,60}$`)

// parse reads a template and checks its form: sections, resource attributes,
// names of functions, and that everything referred to exists.
func parse(body string) (*template, error) {
	document, err := decode(body)
	if err != nil {
		return nil, err
	}
	if deeper(document, maxDepth) {
		return nil, invalidf("Template format error: values are nested more than %d levels deep.", maxDepth)
	}
	if err := checkSections(document); err != nil {
		return nil, err
	}
	t := &template{metadata: document["Metadata"]}
	for _, read := range []func(map[string]any) error{
		t.readDescription, t.readParameters, t.readMappings, t.readConditions, t.readResources, t.readOutputs,
	} {
		if err := read(document); err != nil {
			return nil, err
		}
	}
	return t, t.checkReferences()
}

func deeper(value any, levels int) bool {
	if levels == 0 {
		return true
	}
	switch v := value.(type) {
	case map[string]any:
		for _, item := range v {
			if deeper(item, levels-1) {
				return true
			}
		}
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return deeper(item, levels-1) })
	}
	return false
}

// checkSections refuses sections that CloudFormation does not know, and those
// that the embedded AWS does not model.
func checkSections(document map[string]any) error {
	var unknown []string
	for _, section := range sortedKeys(document) {
		switch section {
		case "AWSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Mappings", "Conditions", "Resources", "Outputs":
		case "Transform", "Rules", "Hooks":
			return invalidf("the embedded AWS does not model the template section %s", section)
		default:
			unknown = append(unknown, section)
		}
	}
	if len(unknown) > 0 {
		return invalidf("Invalid template property or properties [%s]", strings.Join(unknown, ", "))
	}
	return nil
}

func (t *template) readDescription(document map[string]any) error {
	if version, present := document["AWSTemplateFormatVersion"]; present {
		t.version, _ = version.(string)
		if t.version != "2010-09-09" {
			return invalidf("Template format error: %v is not a supported value for AWSTemplateFormatVersion.", version)
		}
	}
	description, present := document["Description"]
	if !present {
		return nil
	}
	text, ok := description.(string)
	if !ok {
		return invalidf("Template format error: every Description member must be a string.")
	}
	if len(text) > maxDescription {
		return invalidf("Template format error: 'Description' length is greater than %d.", maxDescription)
	}
	t.description = text
	return nil
}

// section returns a section that maps names to objects.
func section(document map[string]any, name string, limit int) (map[string]map[string]any, error) {
	raw, present := document[name]
	if !present {
		return nil, nil
	}
	object, ok := raw.(map[string]any)
	if !ok {
		return nil, invalidf("Template format error: %s must be an object.", name)
	}
	if len(object) > limit {
		return nil, invalidf("Template format error: Number of %s, %d, is greater than maximum allowed, %d", strings.ToLower(name), len(object), limit)
	}
	members := make(map[string]map[string]any, len(object))
	for _, key := range sortedKeys(object) {
		member, ok := object[key].(map[string]any)
		if !ok {
			return nil, invalidf("Template format error: [/%s/%s] Every %s member must be an object.", name, key, name)
		}
		if !logicalID.MatchString(key) {
			return nil, invalidf("Template format error: %s name '%s' is non alphanumeric.", strings.TrimSuffix(name, "s"), key)
		}
		members[key] = member
	}
	return members, nil
}

func (t *template) readMappings(document map[string]any) error {
	members, err := section(document, "Mappings", maxMappings)
	t.mappings = make(map[string]map[string]map[string]any, len(members))
	for name, member := range members {
		t.mappings[name] = make(map[string]map[string]any, len(member))
		for key, second := range member {
			values, ok := second.(map[string]any)
			if !ok {
				return invalidf("Template format error: [/Mappings/%s/%s] Every Mappings attribute must be an object.", name, key)
			}
			for attribute, value := range values {
				if !isMappingValue(value) {
					return invalidf("Template format error: [/Mappings/%s/%s/%s] Every Mappings attribute must be a String or a List.", name, key, attribute)
				}
			}
			t.mappings[name][key] = values
		}
	}
	return err
}

func isMappingValue(value any) bool {
	switch v := value.(type) {
	case string, bool, json.Number:
		return true
	case []any:
		return !slices.ContainsFunc(v, func(item any) bool { _, list := item.([]any); return list || !isMappingValue(item) })
	}
	return false
}

func (t *template) readConditions(document map[string]any) error {
	members, err := section(document, "Conditions", maxResources)
	t.conditions = make(map[string]any, len(members))
	for name, member := range members {
		t.conditions[name] = member
	}
	return err
}
