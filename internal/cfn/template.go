// SPDX-License-Identifier: MIT

// Package cfn is the CloudFormation template as a document: its sections,
// intrinsic functions, canonical JSON, checks, and the map from each part back
// to the line of sparta.yaml or the decorator that made it.
package cfn

import "github.com/sparta-up/sparta/internal/diag"

// Template is a CloudFormation template. Values of type any are JSON values as
// encoding/json makes them, with numbers as int, float64 or json.Number.
type Template struct {
	Description string
	Metadata    map[string]any
	Parameters  map[string]any
	Mappings    map[string]any
	Conditions  map[string]any
	Rules       map[string]any
	Hooks       map[string]any
	Transform   any
	Resources   map[string]*Resource
	Outputs     map[string]*Output
}

// Resource is one entry of a template's Resources section.
type Resource struct {
	Type                string
	Properties          map[string]any
	DependsOn           []string
	Condition           string
	DeletionPolicy      string
	UpdateReplacePolicy string
	CreationPolicy      map[string]any
	UpdatePolicy        map[string]any
	Metadata            map[string]any
}

// Output is one entry of a template's Outputs section.
type Output struct {
	Description string
	Value       any
	Export      any // {"Name": ...}; nil without an export
	Condition   string
}

// Origin says who made a part of the template, and where.
type Origin struct {
	By       string        // such as functions.hello, resources.Table or "decorator tables"
	Position diag.Position // zero if there is none
}

// Document is a template with the origin of its parts, keyed by section and
// name such as Resources/Table or Outputs/SiteUrl. The zero value is an empty
// document, ready for Add.
type Document struct {
	Template *Template
	Origins  map[string]Origin

	edits *authorship // what decorators wrote; kept by Apply
}
