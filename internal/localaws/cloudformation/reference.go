// SPDX-License-Identifier: MIT

package cloudformation

import (
	"slices"
	"strings"
)

// reference is one use of a name by Ref, Fn::GetAtt or Fn::Sub.
type reference struct {
	name      string
	attribute string // "" for Ref
}

// walker finds the references in a value.
type walker struct {
	// branch picks the part of Fn::If that applies; nil walks both.
	branch func(argument any) (any, error)
	visit  func(reference)
	// condition is told the conditions that Fn::If names; it may be nil.
	condition func(name string)
}

func (w *walker) walk(value any) error {
	switch v := value.(type) {
	case nil:
		return invalidf("Template format error: 'null' values are not allowed in templates")
	case []any:
		for _, item := range v {
			if err := w.walk(item); err != nil {
				return err
			}
		}
	case map[string]any:
		if name, argument, ok := functionOf(v); ok {
			return w.call(name, argument)
		}
		for _, key := range sortedKeys(v) {
			if err := w.walk(v[key]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *walker) call(name string, argument any) error {
	switch name {
	case "Ref":
		target, ok := argument.(string)
		if !ok {
			return invalidf("Template format error: All Ref values must be strings.")
		}
		w.visit(reference{name: target})
		return nil
	case "Fn::GetAtt":
		id, attribute, err := attributePath(argument)
		if err != nil {
			return err
		}
		text, _ := attribute.(string)
		w.visit(reference{id, text})
		return w.walk(attribute)
	case "Fn::Sub":
		return w.sub(argument)
	case "Fn::If":
		return w.choose(argument)
	}
	if !isFunction(name) {
		return invalidf("the embedded AWS does not model the intrinsic function %s", name)
	}
	return w.walk(argument)
}

func (w *walker) sub(argument any) error {
	text, variables, err := subArgument(argument)
	if err != nil {
		return err
	}
	list, err := pieces(text)
	if err != nil {
		return err
	}
	for _, p := range list {
		if !p.name || hasKey(variables, p.text) {
			continue
		}
		id, attribute, _ := strings.Cut(p.text, ".")
		w.visit(reference{id, attribute})
	}
	for _, key := range sortedKeys(variables) {
		if err := w.walk(variables[key]); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) choose(argument any) error {
	list, ok := argument.([]any)
	if !ok || len(list) != 3 {
		return invalidf("Template error: Fn::If requires a list argument with three elements")
	}
	if w.branch != nil {
		value, err := w.branch(argument)
		if err != nil {
			return err
		}
		return w.walk(value)
	}
	if name, isName := list[0].(string); isName && w.condition != nil {
		w.condition(name)
	}
	for _, value := range list[1:] {
		if err := w.walk(value); err != nil {
			return err
		}
	}
	return nil
}

// checkReferences refuses references to names that are not in the template.
func (t *template) checkReferences() error {
	var missing, conditions []string
	w := walker{
		visit: func(ref reference) {
			known := hasKey(t.resources, ref.name) || ref.attribute == "" && (hasKey(t.parameters, ref.name) || isPseudo(ref.name))
			if !known {
				missing = append(missing, ref.name)
			}
		},
		condition: func(name string) { conditions = append(conditions, name) },
	}
	for _, id := range sortedKeys(t.resources) {
		if err := t.checkDefinition(id, &w, &missing); err != nil {
			return err
		}
		if name := t.resources[id].condition; name != "" {
			conditions = append(conditions, name)
		}
	}
	if err := missingError(missing, "Resources"); err != nil {
		return err
	}
	for _, key := range sortedKeys(t.outputs) {
		o := t.outputs[key]
		if o.condition != "" {
			conditions = append(conditions, o.condition)
		}
		for _, value := range []any{o.value, o.exportName} {
			if value == nil {
				continue
			}
			if err := w.walk(value); err != nil {
				return err
			}
		}
	}
	if err := missingError(missing, "Outputs"); err != nil {
		return err
	}
	for _, name := range conditions {
		if !hasKey(t.conditions, name) {
			return invalidf("Template format error: Unresolved condition dependency %s in the Conditions block of the template", name)
		}
	}
	return nil
}

func (t *template) checkDefinition(id string, w *walker, missing *[]string) error {
	d := t.resources[id]
	for _, key := range sortedKeys(d.properties) {
		if d.properties[key] == nil {
			return invalidf("[/Resources/%s/Properties/%s] 'null' values are not allowed in templates", id, key)
		}
		if err := w.walk(d.properties[key]); err != nil {
			return err
		}
	}
	if d.updatePolicy != nil {
		if err := w.walk(d.updatePolicy); err != nil {
			return err
		}
	}
	for _, name := range d.dependsOn {
		if !hasKey(t.resources, name) {
			*missing = append(*missing, name)
		}
	}
	return nil
}

func missingError(missing []string, block string) error {
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return invalidf("Template format error: Unresolved resource dependencies [%s] in the %s block of the template", strings.Join(slices.Compact(missing), ", "), block)
}
