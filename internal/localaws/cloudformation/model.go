// SPDX-License-Identifier: MIT

package cloudformation

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// revision is what a client asked a stack to be.
type revision struct {
	Template     string
	Parameters   map[string]string // resolved, defaults applied
	Tags         map[string]string
	Capabilities []string
	RoleARN      string
	Description  string   `json:",omitempty"` // of the template
	Secrets      []string `json:",omitempty"` // names of the NoEcho parameters
}

// model is a revision made ready to be deployed: the template parsed, its
// conditions evaluated and its resources ordered.
type model struct {
	revision
	template  *template
	resolver  resolver // without functions for resources
	resources map[string]definition
	needs     map[string][]string // of each resource: those that must be there before
	order     []string            // every resource after those it needs
}

// newModel parses and evaluates a revision for a stack.
func newModel(scope arn.Scope, stackID, stackName string, rev revision) (*model, error) {
	t, err := parse(rev.Template)
	if err != nil {
		return nil, err
	}
	return newParsedModel(t, scope, stackID, stackName, rev)
}

func newParsedModel(t *template, scope arn.Scope, stackID, stackName string, rev revision) (*model, error) {
	m := &model{revision: rev, template: t}
	m.resolver = resolver{template: t, scope: scope, stackID: stackID, stackName: stackName, parameters: rev.Parameters}
	if err := m.resolver.evaluateConditions(); err != nil {
		return nil, err
	}
	m.resources = make(map[string]definition, len(t.resources))
	for id, d := range t.resources {
		if d.condition == "" || m.resolver.conditions[d.condition] {
			m.resources[id] = d
		}
	}
	if err := m.link(); err != nil {
		return nil, err
	}
	order, cycle := sorted(m.needs)
	if len(cycle) > 0 {
		return nil, invalidf("Circular dependency between resources: [%s]", strings.Join(cycle, ", "))
	}
	m.order = order
	return m, nil
}

// link finds what each resource needs. DependsOn of a resource that its
// condition leaves out is ignored; a reference to one is a fault.
func (m *model) link() error {
	m.needs = make(map[string][]string, len(m.resources))
	var missing []string
	for _, id := range sortedKeys(m.resources) {
		d := m.resources[id]
		needs := map[string]bool{}
		w := walker{branch: m.resolver.branch, visit: func(ref reference) {
			switch {
			case hasKey(m.resources, ref.name):
				needs[ref.name] = true
			case hasKey(m.template.resources, ref.name):
				missing = append(missing, ref.name)
			}
		}}
		for _, key := range sortedKeys(d.properties) {
			if err := w.walk(d.properties[key]); err != nil {
				return err
			}
		}
		if d.updatePolicy != nil {
			if err := w.walk(d.updatePolicy); err != nil {
				return err
			}
		}
		for _, other := range d.dependsOn {
			if hasKey(m.resources, other) {
				needs[other] = true
			}
		}
		m.needs[id] = slices.Sorted(maps.Keys(needs))
	}
	if err := missingError(missing, "Resources"); err != nil {
		return err
	}
	return m.linkOutputs()
}

// linkOutputs refuses outputs that need a resource which its condition leaves
// out.
func (m *model) linkOutputs() error {
	var missing []string
	w := walker{branch: m.resolver.branch, visit: func(ref reference) {
		if hasKey(m.template.resources, ref.name) && !hasKey(m.resources, ref.name) {
			missing = append(missing, ref.name)
		}
	}}
	for _, key := range sortedKeys(m.template.outputs) {
		o := m.template.outputs[key]
		if o.condition != "" && !m.resolver.conditions[o.condition] {
			continue
		}
		if err := w.walk(o.value); err != nil {
			return err
		}
	}
	return missingError(missing, "Outputs")
}

// sorted returns the nodes of a graph so that each comes after those it needs.
// Nodes on a cycle, or behind one, are returned in cycle instead.
func sorted(needs map[string][]string) (order, cycle []string) {
	const visiting, done = 1, 2
	state := make(map[string]int, len(needs))
	var visit func(id string) bool
	visit = func(id string) bool {
		switch state[id] {
		case visiting:
			return false
		case done:
			return true
		}
		state[id] = visiting
		for _, need := range needs[id] {
			if hasKey(needs, need) && !visit(need) {
				return false // id stays in the state visiting: it is on a cycle or behind it
			}
		}
		state[id] = done
		order = append(order, id)
		return true
	}
	for _, id := range sortedKeys(needs) {
		if !visit(id) {
			cycle = append(cycle, id)
		}
	}
	if len(cycle) == 0 {
		return order, nil
	}
	cycle = cycle[:0]
	for _, id := range sortedKeys(state) {
		if state[id] == visiting {
			cycle = append(cycle, id)
		}
	}
	return order, cycle
}

// output is one resolved output of a stack.
type output struct {
	Key         string
	Value       string
	Description string `json:",omitempty"`
	Export      string `json:",omitempty"`
}

// outputs resolves the Outputs section with r, in the order of their keys. A
// value that is not known yet is shown as CloudFormation does in change sets.
func (m *model) outputs(r *resolver) ([]output, error) {
	var list []output
	for _, key := range sortedKeys(m.template.outputs) {
		d := m.template.outputs[key]
		if d.condition != "" && !r.conditions[d.condition] {
			continue
		}
		o := output{Key: key, Description: d.description}
		var err error
		if o.Value, err = r.text(d.value); err != nil {
			return nil, invalidf("Template error: output %s: %s", key, message(err))
		}
		if d.exportName != nil {
			if o.Export, err = r.text(d.exportName); err != nil {
				return nil, invalidf("Template error: export of output %s: %s", key, message(err))
			}
		}
		list = append(list, o)
	}
	return list, nil
}

// text resolves a value that must be a string in the end.
func (r *resolver) text(value any) (string, error) {
	resolved, err := r.resolve(value)
	if err != nil {
		return "", err
	}
	if hasUnknown(resolved) {
		return afterApply, nil
	}
	if text, ok := scalarText(resolved); ok {
		return text, nil
	}
	return "", invalidf("the value must be a string, it is %s", compactJSON(resolved))
}
