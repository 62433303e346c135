// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// pseudoParameters are the parameters that every template has. Source: "Get AWS values using pseudo parameters",
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/pseudo-parameter-reference.html
func pseudoParameters() []string {
	return []string{
		"AWS::AccountId", "AWS::NoValue", "AWS::NotificationARNs", "AWS::Partition",
		"AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix",
	}
}

// identities reports logical ids that two parts of the file make. What clashes
// with an id of resources is found with the template.
func (d *decoder) identities(s *Service) {
	made := map[string][]string{}
	said := map[string]bool{}
	for _, g := range s.generated() {
		first, clash := made[g.id]
		if !clash {
			made[g.id] = g.path
			continue
		}
		a, b := d.find(first), d.find(g.path)
		if b.keyAt.line < a.keyAt.line || b.keyAt.line == a.keyAt.line && b.keyAt.column < a.keyAt.column {
			a, b = b, a
		}
		if a.parent.key == "events" && b.faulty {
			continue // takes a name that is taken
		}
		if pair := fmt.Sprintf("%p %p", a, b); !said[pair] {
			said[pair] = true
			message := fmt.Sprintf("makes the logical id %s, as %s does in line %d", g.id, strings.Join(a.path(), "."), a.keyAt.line)
			hint := "rename one of them: -, _ and the case of a word's first letter make no difference"
			if a.parent.key == "events" && a.parent == b.parent {
				message, hint = "is the same source as "+strings.Join(a.path(), ".")+" in line "+strconv.Itoa(int(a.keyAt.line)), "leave one of them out"
				if kind := b.only(); kind != nil && slices.Contains([]string{"schedule", "eventBridge"}, kind.key) {
					hint += ", or give each a name"
				}
			}
			d.problems.Add(d.problem(b.keyAt, b.place(), diag.LogicalIDTwice, message, hint))
		}
	}
}

// scope is what a reference may name.
type scope struct {
	ids       []string          // logical ids, sorted
	functions map[string]string // logical id by name of a function
	variables []string          // what may stand there too
}

// withVariables is the scope in the text of Fn::Sub, where a name may have been
// meant to be one of Sparta's variables.
func (in scope) withVariables() scope {
	in.variables = variableWords()
	return in
}

// maxTold is after how many problems no more references are looked at.
const maxTold = 1_000

// references checks that what intrinsic functions name exists. With decorators
// that is not known before they have run.
func (d *decoder) references(s *Service) {
	if d.decorated() {
		return
	}
	in := scope{ids: append(s.GeneratedIDs(), s.alarmIDs()...), functions: map[string]string{}}
	for _, section := range []string{"resources", "customResources"} {
		if n := d.root.field(section); n != nil {
			for _, f := range n.fields {
				in.ids = append(in.ids, f.key)
			}
		}
	}
	slices.Sort(in.ids)
	in.ids = slices.Compact(in.ids) // a name given twice is another fault
	for _, f := range s.Functions {
		in.functions[f.Name] = FunctionID(f.Name)
	}
	for _, section := range []string{"defaults", "functions", "api", "customResources", "resources", "outputs"} {
		if n := d.root.field(section); n != nil {
			d.referencesIn(n, in)
		}
	}
	for _, f := range d.root.field("resources").fieldsOf() {
		d.attributes(f, in)
	}
}

// fieldsOf are the fields of an object, none of nil.
func (n *node) fieldsOf() []*node {
	if n == nil {
		return nil
	}
	return n.fields
}

// referencesIn checks the calls in a tree.
func (d *decoder) referencesIn(n *node, in scope) {
	if n.faulty {
		return
	}
	if s, inner, ok := intrinsicOf(n); ok {
		d.call(n, s, inner, in)
	}
	for _, part := range n.children() {
		d.referencesIn(part, in)
	}
}

// call checks what one call names.
func (d *decoder) call(n *node, s shape, inner *node, in scope) {
	switch {
	case inner.faulty:
	case s.name == "Ref" && inner.kind == text:
		d.refer(n, inner.written, in, true)
	case s.name == "Fn::GetAtt" && inner.kind == list && len(inner.items) > 0:
		d.refer(n, inner.items[0].written, in, false)
	case s.name == "Fn::Sub":
		for _, name := range substituted(inner) {
			id, _, attribute := strings.Cut(name, ".")
			d.refer(n, id, in.withVariables(), !attribute)
		}
	case s.name == "Fn::If" && inner.kind == list && len(inner.items) > 0:
		d.undefined(n, "condition", inner.items[0].written)
	case s.name == "Fn::FindInMap" && inner.kind == list && len(inner.items) > 0 && inner.items[0].kind == text:
		d.undefined(n, "mapping", inner.items[0].written)
	}
}

// attributes checks what a resource names outside of calls.
func (d *decoder) attributes(n *node, in scope) {
	if depends := n.field("DependsOn"); usable(depends) {
		items := []*node{depends}
		if depends.kind == list {
			items = depends.items
		}
		for _, item := range items {
			if usable(item) {
				d.refer(item, item.written, in, false)
			}
		}
	}
	if condition := n.field("Condition"); usable(condition) {
		d.undefined(condition, "condition", condition.written)
	}
}

// undefined reports what only a decorator could define, and there is none.
func (d *decoder) undefined(n *node, what, name string) {
	d.say(n, diag.UnknownCondition, fmt.Sprintf("there is no %s %q", what, shorten(name)), "sparta.yaml has none: a decorator can add it to the template")
}

// refer reports a name that is no resource and, where those do, no pseudo
// parameter.
func (d *decoder) refer(n *node, name string, in scope, parameter bool) {
	if slices.Contains(in.ids, name) || parameter && slices.Contains(pseudoParameters(), name) || len(d.problems) > maxTold {
		return
	}
	candidates := in.ids
	if parameter {
		candidates = slices.Concat(in.ids, pseudoParameters(), in.variables)
	}
	hint := "resources of this service: " + strings.Join(in.ids, ", ")
	switch near := nearestReference(name, candidates); {
	case in.functions[name] != "":
		hint = didYouMean(in.functions[name])
	case near != "":
		hint = didYouMean(near)
	case len(in.ids) == 0:
		hint = "add it under resources"
	case len(in.ids) > 12:
		hint = "add it under resources, or correct the name"
	}
	d.say(n, diag.UnknownResource, fmt.Sprintf("there is no resource %q", shorten(name)), hint)
}

// nearestReference suggests a logical id or pseudo parameter, the latter also
// for its name without AWS::.
func nearestReference(name string, candidates []string) string {
	for _, c := range candidates {
		if strings.EqualFold(strings.TrimPrefix(c, "AWS::"), name) {
			return c
		}
	}
	return nearest(name, candidates)
}

// substituted are the names that the text of Fn::Sub refers to, each once:
// ${Name} and ${Name.Attribute}, but not ${!Literal} nor its own variables.
func substituted(inner *node) []string {
	format, variables := inner, (*node)(nil)
	if inner.kind == list && len(inner.items) == 2 {
		format, variables = inner.items[0], inner.items[1]
	}
	if format.faulty {
		return nil
	}
	var names []string
	for rest := format.written; ; {
		_, after, _ := strings.Cut(rest, "${")
		name, tail, ok := strings.Cut(after, "}")
		if !ok {
			slices.Sort(names)
			return slices.Compact(names)
		}
		rest = tail
		name = strings.TrimSpace(name)
		if name != "" && !strings.HasPrefix(name, "!") && variables.field(name) == nil {
			names = append(names, name)
		}
	}
}

// itemsOf are the items of a list, none of nil.
func (n *node) itemsOf() []*node {
	if n == nil {
		return nil
	}
	return n.items
}
