// SPDX-License-Identifier: MIT

package cloudformation

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// change is what a change set says about one resource.
type change struct {
	Action       string // Add, Modify or Remove
	LogicalID    string
	PhysicalID   string   `json:",omitempty"`
	Type         string   // of the resource
	Replacement  string   `json:",omitempty"` // True, False or Conditional; "" unless Modify
	PolicyAction string   `json:",omitempty"` // what becomes of the old resource
	Scope        []string `json:",omitempty"` // Properties, Tags, Metadata, DeletionPolicy, UpdatePolicy, UpdateReplacePolicy
	Details      []detail `json:",omitempty"`
	Before       string   `json:",omitempty"` // JSON; secrets masked
	After        string   `json:",omitempty"` // JSON; secrets masked
}

// detail is one reason why a resource changes.
type detail struct {
	Attribute  string // such as Properties
	Name       string `json:",omitempty"` // of the property
	Recreation string // Never, Conditionally or Always
	Change     string `json:",omitempty"` // Add, Modify or Remove
	Before     string `json:",omitempty"`
	After      string `json:",omitempty"`
	Evaluation string // Static or Dynamic
	Source     string // such as DirectModification
	Cause      string `json:",omitempty"` // the parameter or resource
}

// planner compares a stack with a model without touching anything.
type planner struct {
	s       *Service
	st      *stack
	m       *model
	before  *template // of the stack as it is; nil if there is none
	retag   bool
	moving  map[string]bool // resources whose id or attributes only the deployment tells
	changes []change
}

// plan returns what deploying m would change, by logical id, and whether that
// is anything at all: a change of tags or outputs alone is one too. It is called
// with s.mu held.
func (s *Service) plan(st *stack, m *model) (changes []change, changed bool, err error) {
	p := &planner{s: s, st: st, m: m, moving: map[string]bool{}}
	if st.Current.Template != "" {
		if p.before, err = parse(st.Current.Template); err != nil {
			return nil, false, err
		}
		p.retag = !maps.Equal(st.Current.Tags, m.Tags)
	}
	for _, id := range m.order {
		if err := p.compare(id); err != nil {
			return nil, false, err
		}
	}
	for _, id := range sortedKeys(st.Resources) {
		if r := st.Resources[id]; !hasKey(m.resources, id) && r.exists() {
			p.changes = append(p.changes, change{
				Action: "Remove", LogicalID: id, PhysicalID: r.PhysicalID, Type: r.Type, PolicyAction: policyAction(r.DeletionPolicy, "Delete", "Retain"),
				Before: compactJSON(map[string]any{"Properties": p.masked(r)}),
			})
		}
	}
	slices.SortFunc(p.changes, func(a, b change) int { return cmp.Compare(a.LogicalID, b.LogicalID) })
	outputs, err := m.outputs(p.resolver(m.Parameters))
	if err != nil {
		return nil, false, err
	}
	changed = len(p.changes) > 0 || p.retag || !stable(st.Status) || !slices.Equal(outputs, st.Outputs)
	return p.changes, changed, nil
}

func policyAction(policy, otherwise, retain string) string {
	if policy == "Retain" || policy == "RetainExceptOnCreate" {
		return retain
	}
	return otherwise
}

// resolver returns a resolver that sees the resources as they are, and as
// unknown those that the deployment will make.
func (p *planner) resolver(parameters map[string]string) *resolver {
	r := p.m.resolver
	r.parameters, r.address = parameters, p.s.deps.Address
	r.ref = func(id string) (any, error) {
		if p.moving[id] {
			return unknown{map[string]any{"Ref": id}}, nil
		}
		return p.st.refOf(id)
	}
	r.attribute = func(id, name string) (any, error) {
		if p.moving[id] {
			return unknown{map[string]any{"Fn::GetAtt": []any{id, name}}}, nil
		}
		return p.st.attributeOf(id, name)
	}
	r.imported = func(name string) (any, error) {
		if value, ok := p.s.export(p.st.Scope, name); ok {
			return value, nil
		}
		return nil, invalidf("No export named %s found", name)
	}
	return &r
}

// compare plans one resource.
func (p *planner) compare(id string) error {
	definition := p.m.resources[id]
	t, modelled := p.s.resourceType(definition.typeName)
	if !modelled {
		return notModelled(definition.typeName, id)
	}
	properties, err := p.resolver(p.m.Parameters).properties(definition)
	if err != nil {
		return err
	}
	shown := replaceUnknown(properties, func(any) any { return afterApply }).(map[string]any)
	old := p.st.Resources[id]
	if old == nil || !old.exists() || old.Status == "CREATE_FAILED" {
		p.moving[id] = true
		p.changes = append(p.changes, change{
			Action: "Add", LogicalID: id, Type: definition.typeName,
			After: compactJSON(map[string]any{"Properties": p.maskedAfter(definition)}),
		})
		return nil
	}
	if old.Type != definition.typeName {
		return invalidf("Update of resource type is not permitted. The new template modifies resource type of the following resources: [%s]", id)
	}
	c := p.modify(t, old, definition, properties, shown)
	if len(c.Scope) == 0 {
		return nil
	}
	// A replaced resource gets a new id. A custom resource may answer anything.
	p.moving[id] = c.Replacement != "False" || isCustom(old.Type) && slices.Contains(c.Scope, "Properties")
	p.changes = append(p.changes, c)
	return nil
}

// modify compares a resource that exists with its definition.
func (p *planner) modify(t resource.Type, old *record, definition definition, properties, shown map[string]any) change {
	c := change{Action: "Modify", LogicalID: old.LogicalID, PhysicalID: old.PhysicalID, Type: old.Type, Replacement: "False"}
	if !reflect.DeepEqual(old.Properties, shown) {
		c.Scope = append(c.Scope, "Properties")
		c.Replacement = replacement(t, old.Properties, properties, shown)
		c.Details = p.details(t, old, definition, properties, shown)
	} else if old.Attempted != nil {
		c.Scope = append(c.Scope, "Properties")
	}
	if p.retag && tagged(t, shown) {
		c.Scope = append(c.Scope, "Tags")
		c.Details = append(c.Details, detail{Attribute: "Tags", Recreation: "Never", Evaluation: "Static", Source: "DirectModification"})
	}
	metadata, policy := "", ""
	if definition.metadata != nil {
		metadata = compactJSON(definition.metadata)
	}
	if definition.updatePolicy != nil {
		policy = compactJSON(definition.updatePolicy)
	}
	for _, other := range []struct{ attribute, before, after string }{
		{"Metadata", old.Metadata, metadata},
		{"UpdatePolicy", old.UpdatePolicy, policy},
		{"DeletionPolicy", old.DeletionPolicy, definition.deletionPolicy},
		{"UpdateReplacePolicy", old.UpdateReplacePolicy, definition.updateReplacePolicy},
	} {
		if other.before != other.after {
			c.Scope = append(c.Scope, other.attribute)
			c.Details = append(c.Details, detail{
				Attribute: other.attribute, Recreation: "Never", Evaluation: "Static", Source: "DirectModification",
				Change: attributeChange(other.before != "", other.after != ""), Before: other.before, After: other.after,
			})
		}
	}
	if len(c.Scope) > 0 {
		c.Before = compactJSON(map[string]any{"Properties": p.masked(old)})
		c.After = compactJSON(map[string]any{"Properties": p.maskedAfter(definition)})
	}
	if c.Replacement == "True" {
		c.PolicyAction = policyAction(definition.updateReplacePolicy, "ReplaceAndDelete", "ReplaceAndRetain")
	}
	return c
}

// replacement tells whether a change needs a new resource. It is conditional if
// that depends on a value that is not known yet and may turn out the same.
func replacement(t resource.Type, old, properties, shown map[string]any) string {
	if !t.Replaces(old, shown) {
		return "False"
	}
	certain := maps.Clone(shown)
	for name, value := range properties {
		if hasUnknown(value) {
			certain[name] = old[name]
		}
	}
	if t.Replaces(old, certain) {
		return "True"
	}
	return "Conditional"
}

func attributeChange(before, after bool) string {
	switch {
	case !before:
		return "Add"
	case !after:
		return "Remove"
	}
	return "Modify"
}
