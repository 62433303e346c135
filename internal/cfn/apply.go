// SPDX-License-Identifier: MIT

package cfn

import (
	"errors"
	"fmt"
	"maps"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// Apply returns d after a decorator has turned its template into edited, and
// records what the decorator wrote. d and edited stay as they are.
//
// A decorator may add anything and may change or remove what Sparta or
// sparta.yaml made. It may not give an existing logical id another type, nor
// change, remove or set again what another decorator wrote, changed or removed:
// that is a *ClashError. List elements are compared by content, so that two
// decorators may both add to one list. The template must stay valid: problems
// that [Document.Check] finds in edited but not in d are a *diag.Fault, wrapped
// with the decorator's name.
func Apply(d Document, by Origin, edited *Template) (Document, error) {
	if d.Template == nil {
		d.Template = &Template{}
	}
	before, err := d.Template.Value()
	if err != nil {
		return Document{}, fmt.Errorf("template: %w", err)
	}
	after, err := edited.Value()
	if err != nil {
		return Document{}, fmt.Errorf("%s: %w", by, err)
	}
	if err := d.sameTypes(by, edited); err != nil {
		return Document{}, err
	}
	e := &edit{by: by}
	edits := e.value(before, after, d.edits)
	if len(e.clashes) > 0 {
		return Document{}, e.clashes[0]
	}
	template, faults := build(after)
	if err := faults.err(); err != nil {
		return Document{}, fmt.Errorf("%s: %w", by, err)
	}
	result := Document{Template: template, Origins: origins(d.Origins, by, before, after), edits: edits}
	if err := newProblems(d.Check(), result.Check()).Err(); err != nil {
		return Document{}, fmt.Errorf("%s: %w", by, err)
	}
	return result, nil
}

// sameTypes refuses another type for an existing logical id.
func (d *Document) sameTypes(by Origin, edited *Template) error {
	for _, id := range sortedKeys(edited.Resources) {
		old, now := d.Template.Resources[id], edited.Resources[id]
		if old == nil || now == nil || old.Type == now.Type {
			continue
		}
		first, _ := d.Writer("Resources", id)
		return &ClashError{
			Part:  fmt.Sprintf("resource %q (%s, then %s)", id, old.Type, now.Type),
			First: first, Second: by,
		}
	}
	return nil
}

// origins carries the origins of named parts over: new ones are by's, gone ones
// are forgotten.
func origins(old map[string]Origin, by Origin, before, after map[string]any) map[string]Origin {
	result := maps.Clone(old)
	if result == nil {
		result = map[string]Origin{}
	}
	for _, section := range []string{"Conditions", "Mappings", "Outputs", "Parameters", "Resources"} {
		was, _ := before[section].(map[string]any)
		is, _ := after[section].(map[string]any)
		for name := range is {
			if _, ok := was[name]; !ok {
				result[section+"/"+name] = by
			}
		}
		for name := range was {
			if _, ok := is[name]; !ok {
				delete(result, section+"/"+name)
			}
		}
	}
	return result
}

// newProblems returns the errors of after that before did not have.
func newProblems(before, after diag.List) diag.List {
	type key struct{ path, message string }
	known := map[key]bool{}
	for _, p := range before {
		known[key{p.Path, p.Message}] = true
	}
	var l diag.List
	for _, p := range after.Errors() {
		if !known[key{p.Path, p.Message}] {
			l.Add(p)
		}
	}
	return l
}

func dotted(path []string) string { return strings.Join(path, ".") }

// partOf names the section's part that path leads into: resource "Table".
func partOf(path []string) string {
	if len(path) < 2 {
		return dotted(path)
	}
	section := map[string]string{
		"Resources": "resource", "Outputs": "output", "Parameters": "parameter",
		"Conditions": "condition", "Mappings": "mapping",
	}[path[0]]
	if section == "" {
		return dotted(path)
	}
	return fmt.Sprintf("%s %q", section, path[1])
}

// errEmpty is what CloudFormation says of a template without resources.
var errEmpty = errors.New("a template needs at least one resource")
