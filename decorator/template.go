// SPDX-License-Identifier: MIT

// Package decorator is what a template decorator written in Go imports: the
// CloudFormation template as a typed document. A decorator is a function of the
// service's own module, named in sparta.yaml, that sees the template after
// Sparta has made it and may add, change and remove parts of it before it is
// uploaded:
//
//	// decorators: [{name: tables, handler: ./decorators.AddTables}]
//	func AddTables(ctx context.Context, t *decorator.Template) error {
//		return t.Add("Table", decorator.Resource{
//			Type:       "AWS::DynamoDB::Table",
//			Properties: decorator.Properties{"BillingMode": "PAY_PER_REQUEST"},
//		})
//	}
//
// Decorators run in the order of sparta.yaml, each in the template that the one
// before it left. Two that set the same value differently are refused.
package decorator

import (
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/internal/diag"
)

// Template is the CloudFormation template of the service. It is not safe for
// concurrent use.
type Template struct {
	template *cfn.Template
}

// Resource is one entry of the template's Resources section. Values inside of
// Properties may be anything that encoding/json can write, and what [Ref],
// [GetAtt] and the other functions return.
type Resource = cfn.Resource

// Output is one entry of the template's Outputs section.
type Output = cfn.Output

// Properties are a resource's properties by their CloudFormation names.
type Properties = map[string]any

// Add puts a resource into the template. It refuses a logical id that is taken,
// that is not made of 1 to 255 letters and digits, and a resource without Type.
func (t *Template) Add(id string, r Resource) error {
	if _, taken := t.template.Resources[id]; taken {
		return fmt.Errorf("add resource %q: the template has one of this name", id)
	}
	if err := logicalID(id); err != nil {
		return fmt.Errorf("add resource %q: %w", id, err)
	}
	if r.Type == "" {
		return fmt.Errorf("add resource %q: no Type given", id)
	}
	if err := r.Normalize(); err != nil {
		return fmt.Errorf("add resource %q: %w", id, err)
	}
	t.template.Resources[id] = &r
	return nil
}

// Has reports whether the template has a resource of this logical id.
func (t *Template) Has(id string) bool {
	_, ok := t.template.Resources[id]
	return ok
}

// Resource returns the resource of a logical id. What is changed in it changes
// the template; Properties never is nil. It fails if there is none.
func (t *Template) Resource(id string) (*Resource, error) {
	r, ok := t.template.Resources[id]
	if !ok {
		if near := diag.Nearest(id, slices.Sorted(maps.Keys(t.template.Resources))); near != "" {
			return nil, fmt.Errorf("resource %q: not in the template, did you mean %s?", id, near)
		}
		return nil, fmt.Errorf("resource %q: not in the template", id)
	}
	if r.Properties == nil {
		r.Properties = Properties{}
	}
	return r, nil
}

// Resources yields every resource by logical id, sorted. Resources may be added
// and removed meanwhile; what was added is not yielded.
func (t *Template) Resources() iter.Seq2[string, *Resource] { return t.resources("") }

// ResourcesOfType yields the resources of a type such as AWS::S3::Bucket by
// logical id, sorted. See [Template.Resources].
func (t *Template) ResourcesOfType(name string) iter.Seq2[string, *Resource] {
	return t.resources(name)
}

func (t *Template) resources(name string) iter.Seq2[string, *Resource] {
	return func(yield func(string, *Resource) bool) {
		for _, id := range slices.Sorted(maps.Keys(t.template.Resources)) {
			r, err := t.Resource(id)
			if err != nil || name != "" && r.Type != name {
				continue
			}
			if !yield(id, r) {
				return
			}
		}
	}
}

// Remove takes a resource out of the template. It fails if there is none. What
// refers to it must be changed, too, else the template is refused.
func (t *Template) Remove(id string) error {
	if _, err := t.Resource(id); err != nil {
		return fmt.Errorf("remove: %w", err)
	}
	delete(t.template.Resources, id)
	return nil
}

// Output returns the output of a name. What is changed in it changes the
// template.
func (t *Template) Output(name string) (*Output, bool) {
	o, ok := t.template.Outputs[name]
	return o, ok
}

// SetOutput adds an output or replaces the one of this name. It refuses a name
// that is not made of 1 to 255 letters and digits, and an output without Value.
func (t *Template) SetOutput(name string, o Output) error {
	if err := logicalID(name); err != nil {
		return fmt.Errorf("set output %q: %w", name, err)
	}
	if o.Value == nil {
		return fmt.Errorf("set output %q: no Value given", name)
	}
	if err := o.Normalize(); err != nil {
		return fmt.Errorf("set output %q: %w", name, err)
	}
	if t.template.Outputs == nil {
		t.template.Outputs = map[string]*Output{}
	}
	t.template.Outputs[name] = &o
	return nil
}

// SetCondition adds a condition, such as [Equals] returns, or replaces the one
// of this name. It refuses a name that is not made of letters and digits.
func (t *Template) SetCondition(name string, condition any) error {
	return set(&t.template.Conditions, "condition", name, condition)
}

// SetParameter adds a parameter, an object with at least Type, or replaces the
// one of this name. It refuses a name that is not made of letters and digits.
// Sparta passes no parameter values, so a parameter needs a Default.
func (t *Template) SetParameter(name string, parameter Properties) error {
	if parameter["Type"] == nil || parameter["Default"] == nil {
		return fmt.Errorf("set parameter %q: needs Type and Default", name)
	}
	return set(&t.template.Parameters, "parameter", name, parameter)
}

// SetMapping adds a mapping, values by top-level and second-level key, or
// replaces the one of this name. It refuses a name that is not made of letters
// and digits.
func (t *Template) SetMapping(name string, mapping map[string]Properties) error {
	return set(&t.template.Mappings, "mapping", name, mapping)
}

func set(section *map[string]any, what, name string, v any) error {
	if err := logicalID(name); err != nil {
		return fmt.Errorf("set %s %q: %w", what, name, err)
	}
	n, err := cfn.Normalize(v)
	if err != nil {
		return fmt.Errorf("set %s %q: %w", what, name, err)
	}
	if *section == nil {
		*section = map[string]any{}
	}
	(*section)[name] = n
	return nil
}

func logicalID(id string) error {
	for _, r := range id {
		if !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9') {
			return fmt.Errorf("%q is no letter or digit", r)
		}
	}
	if id == "" || len(id) > 255 {
		return fmt.Errorf("%d characters, 1 to 255 are allowed", len(id))
	}
	return nil
}
