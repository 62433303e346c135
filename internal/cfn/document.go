// SPDX-License-Identifier: MIT

package cfn

import (
	"errors"
	"fmt"
	"strings"
)

// ClashError says that two parties made or wrote the same part of a template.
type ClashError struct {
	Part          string // such as resource "Table"
	Verb          string // what both did: "made" or "written"; empty means made
	Path          string // dotted path of the value, if only that is disputed
	First, Second Origin
}

// Error names both parties.
func (e *ClashError) Error() string {
	what, verb := e.Part, e.Verb
	if e.Path != "" {
		what = e.Path
	}
	if verb == "" {
		verb = "made"
	}
	return fmt.Sprintf("%s is %s by both %s and %s", what, verb, e.First, e.Second)
}

// Hint says what to do next.
func (e *ClashError) Hint() string {
	if e.Path != "" {
		return "let only one of them set it"
	}
	return "give one of them another name"
}

// String returns who, with the position in brackets where there is one:
// resources.Table (sparta.yaml:40:3).
func (o Origin) String() string {
	switch {
	case o.Position.IsZero():
		return o.By
	case o.By == "":
		return o.Position.String()
	}
	return fmt.Sprintf("%s (%s)", o.By, o.Position)
}

// Add puts resource r into the document under a logical id. It keeps r and
// brings its values into normal form. It returns a *ClashError if the id is
// taken, else an error only if r holds what JSON cannot say.
func (d *Document) Add(id string, r *Resource, o Origin) error {
	if r == nil {
		return fmt.Errorf("resource %q: %w", id, errNil)
	}
	d.prepare()
	if _, taken := d.Template.Resources[id]; taken {
		return &ClashError{Part: fmt.Sprintf("resource %q", id), First: d.Origins["Resources/"+id], Second: o}
	}
	if err := r.Normalize(); err != nil {
		return fmt.Errorf("resource %q: %w", id, err)
	}
	d.Template.Resources[id] = r
	d.Origins["Resources/"+id] = o
	return nil
}

// Credit notes who made a part of a resource, such as UpdatePolicy, if that is
// another place than that of the resource.
func (d *Document) Credit(id, part string, o Origin) {
	d.prepare()
	d.Origins["Resources/"+id+"/"+part] = o
}

// Maker returns who made a part of a resource, or else the resource.
func (d *Document) Maker(id, part string) Origin {
	if o, ok := d.Origins["Resources/"+id+"/"+part]; ok {
		return o
	}
	return d.Origins["Resources/"+id]
}

// AddOutput puts output out into the document. Its errors are those of Add.
func (d *Document) AddOutput(name string, out *Output, o Origin) error {
	if out == nil {
		return fmt.Errorf("output %q: %w", name, errNil)
	}
	d.prepare()
	if _, taken := d.Template.Outputs[name]; taken {
		return &ClashError{Part: fmt.Sprintf("output %q", name), First: d.Origins["Outputs/"+name], Second: o}
	}
	if err := out.Normalize(); err != nil {
		return fmt.Errorf("output %q: %w", name, err)
	}
	d.Template.Outputs[name] = out
	d.Origins["Outputs/"+name] = o
	return nil
}

var errNil = errors.New("nothing given")

func (d *Document) prepare() {
	if d.Template == nil {
		d.Template = &Template{}
	}
	if d.Template.Resources == nil {
		d.Template.Resources = map[string]*Resource{}
	}
	if d.Template.Outputs == nil {
		d.Template.Outputs = map[string]*Output{}
	}
	if d.Origins == nil {
		d.Origins = map[string]Origin{}
	}
}

// Origin returns who made the resource of a logical id.
func (d *Document) Origin(logicalID string) (Origin, bool) {
	o, ok := d.Origins["Resources/"+logicalID]
	return o, ok
}

// Writer returns who wrote the value at a path such as "Resources", "Table",
// "Properties", "BillingMode": the decorator that set it last, else who made
// the resource, output or other named part that holds it. A decorator counts
// for a whole value only if it wrote that value or one above it.
func (d *Document) Writer(path ...string) (Origin, bool) {
	if o := d.edits.writer(path); o != nil {
		return *o, true
	}
	if len(path) < 2 {
		return Origin{}, false
	}
	o, ok := d.Origins[strings.Join(path[:2], "/")]
	return o, ok
}
