// SPDX-License-Identifier: MIT

package cloudformation

import (
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// mask stands for a secret value in what clients are shown.
const mask = "****"

// details explains each property that differs, by name.
func (p *planner) details(t resource.Type, old *record, definition definition, properties, shown map[string]any) []detail {
	names := slices.Sorted(maps.Keys(shown))
	for name := range old.Properties {
		if !hasKey(shown, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	before, after := p.masked(old), p.maskedAfter(definition)
	var list []detail
	for _, name := range names {
		if reflect.DeepEqual(old.Properties[name], shown[name]) {
			continue
		}
		d := detail{
			Attribute: "Properties", Name: name, Evaluation: "Static",
			Change:     attributeChange(hasKey(old.Properties, name), hasKey(shown, name)),
			Recreation: recreation(t, old.Properties, name, shown, hasUnknown(properties[name])),
		}
		if hasUnknown(properties[name]) {
			d.Evaluation = "Dynamic"
		}
		if hasKey(old.Properties, name) {
			d.Before = display(before[name])
		}
		if hasKey(shown, name) {
			d.After = display(after[name])
		}
		d.Source, d.Cause = p.source(old.LogicalID, name, definition)
		list = append(list, d)
	}
	return list
}

// recreation tells whether the change of one property alone needs a new
// resource.
func recreation(t resource.Type, old map[string]any, name string, shown map[string]any, uncertain bool) string {
	changed := maps.Clone(old)
	if changed == nil {
		changed = map[string]any{}
	}
	delete(changed, name)
	if value, ok := shown[name]; ok {
		changed[name] = value
	}
	switch {
	case !t.Replaces(old, changed):
		return "Never"
	case uncertain:
		return "Conditionally"
	}
	return "Always"
}

// source tells what makes a property change: the template itself, or something
// that the unchanged template refers to.
func (p *planner) source(id, name string, definition definition) (source, cause string) {
	if p.before == nil || !reflect.DeepEqual(p.before.resources[id].properties[name], definition.properties[name]) {
		return "DirectModification", ""
	}
	w := walker{branch: p.m.resolver.branch, visit: func(ref reference) {
		_, isParameter := p.m.template.parameters[ref.name]
		switch {
		case isParameter && p.st.Current.Parameters[ref.name] != p.m.Parameters[ref.name]:
			source, cause = "ParameterReference", ref.name
		case !p.moving[ref.name] || source != "":
		case ref.attribute == "":
			source, cause = "ResourceReference", ref.name
		default:
			source, cause = "ResourceAttribute", ref.name+"."+ref.attribute
		}
	}}
	if err := w.walk(definition.properties[name]); err != nil || source == "" {
		return "DirectModification", ""
	}
	return source, cause
}

// display returns a value as Before and After values are shown: strings as they
// are, everything else as JSON.
func display(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	return compactJSON(value)
}

// maskedAfter returns the properties that a definition resolves to, with the
// values of NoEcho parameters masked.
func (p *planner) maskedAfter(definition definition) map[string]any {
	return p.resolveMasked(p.m.template, p.m.Parameters, definition)
}

// masked returns the present properties of a resource, with the values of NoEcho
// parameters masked.
func (p *planner) masked(r *record) map[string]any {
	if p.before == nil {
		return r.Properties
	}
	definition, ok := p.before.resources[r.LogicalID]
	if !ok || len(p.before.secrets()) == 0 {
		return p.withoutEcho(r)
	}
	secret := p.resolveMasked(p.before, p.st.Current.Parameters, definition)
	result := p.withoutEcho(r)
	for name, value := range secret {
		if holds(value, mask) {
			result[name] = value
		}
	}
	return result
}

// withoutEcho returns the properties of a resource with the attributes masked
// that come from a custom resource which asked for that.
func (p *planner) withoutEcho(r *record) map[string]any {
	result := maps.Clone(r.Properties)
	if p.before == nil || result == nil {
		return result
	}
	for name, value := range p.before.resources[r.LogicalID].properties {
		w := walker{visit: func(ref reference) {
			if other := p.st.Resources[ref.name]; other != nil && ref.attribute != "" && other.Attributes[noEchoKey] == true {
				result[name] = mask
			}
		}}
		if err := w.walk(value); err != nil {
			return map[string]any{} // the template was walked before, so this cannot happen
		}
	}
	return result
}

func (p *planner) resolveMasked(t *template, parameters map[string]string, definition definition) map[string]any {
	values := maps.Clone(parameters)
	for name, parameter := range t.parameters {
		if parameter.noEcho {
			values[name] = mask
		}
	}
	r := p.resolver(values)
	r.template = t
	if t != p.m.template {
		r.parameters = parameters
		if r.evaluateConditions() != nil {
			return nil
		}
		r.parameters = values
	}
	attributes := r.attribute
	r.attribute = func(id, name string) (any, error) {
		if other := p.st.Resources[id]; other != nil && other.Attributes[noEchoKey] == true {
			return mask, nil
		}
		return attributes(id, name)
	}
	resolved, err := r.properties(definition)
	if err != nil {
		return nil // shown as empty; the deployment reports the error
	}
	return replaceUnknown(resolved, func(any) any { return afterApply }).(map[string]any)
}

// holds reports whether a value contains text anywhere.
func holds(value any, text string) bool {
	switch v := value.(type) {
	case string:
		return strings.Contains(v, text)
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return holds(item, text) })
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), func(item any) bool { return holds(item, text) })
	}
	return false
}
