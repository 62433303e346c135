// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/xeipuuv/gojsonschema"

	"github.com/sparta-up/sparta/internal/diag"
)

// structure validates the file against the JSON Schema and words what it finds
// for people. Nodes with a fault are marked faulty.
func (d *decoder) structure() {
	o := outlined()
	d.literals(d.root, o.root, o)
	found, err := d.validator.errors(d.root, batch)
	if err != nil {
		d.fault(d.root, diag.WrongKind, "is no value that JSON can hold: "+err.Error(), "")
		return
	}
	if len(found) == 0 {
		return
	}
	w := &wording{decoder: d, outline: o, meant: map[string]bool{}}
	slices.SortStableFunc(found, func(a, b gojsonschema.ResultError) int { return weight(a) - weight(b) })
	for _, e := range found {
		w.say(e, w.node(e))
	}
}

// literals refuses short forms of intrinsic functions where a map has to stand:
// written out they look like one.
func (d *decoder) literals(n *node, r *rule, o *outline) {
	if n.faulty {
		return
	}
	free := r.Properties == nil && r.AdditionalProperties.rule == nil && slices.Equal(r.Type, types{"object"})
	switch {
	case n.short() == "" && free:
		return // intrinsic functions may stand in it
	case n.short() != "" && free && n.short() == "!Transform" && n.path()[0] == "resources":
		return // the one that CloudFormation takes in place of Properties
	case n.short() != "" && slices.Contains(r.Type, "object") && !o.intrinsic(r):
		d.fault(n, diag.WrongKind, "takes "+o.expected(r)+", not "+n.short(), "")
		return
	}
	for _, part := range n.children() {
		d.literals(part, o.within(r, part), o)
	}
}

// weight orders errors: those that make others pointless come first.
func weight(e gojsonschema.ResultError) int {
	switch e.Type() {
	case "additional_property_not_allowed":
		return 0
	case "invalid_property_name":
		return 1
	case "required":
		return 3
	}
	return 2
}

// wording turns errors of the validator into problems.
type wording struct {
	*decoder
	outline *outline
	meant   map[string]bool // dotted paths that an unknown key was meant to be
}

// node finds what an error is about.
func (w *wording) node(e gojsonschema.ResultError) *node {
	n := w.root
	for i, key := range strings.Split(e.Context().String("\x00"), "\x00") {
		if i == 0 {
			continue // (root)
		}
		next := n.child(key)
		if next == nil {
			break
		}
		n = next
	}
	return n
}

func (w *wording) say(e gojsonschema.ResultError, n *node) {
	r := w.outline.at(n)
	property, _ := e.Details()["property"].(string)
	switch e.Type() {
	case "additional_property_not_allowed":
		w.unknownKey(n, r, property)
	case "invalid_property_name":
		w.badName(n, r, property)
	case "required":
		if !r.inWays(property) { // else part of "exactly one of"
			w.missing(n, property)
		}
	case "number_not":
		w.both(n)
	case "number_one_of":
		w.notOne(n)
	case "missing_dependency":
		w.stray(n)
	case "condition_then", "condition_else", "number_any_of", "number_all_of":
		// their parts are errors of their own
	default:
		if n.within() || n.kind == object && isText(e) {
			return // said already; or about a key, which invalid_property_name says
		}
		if r.oneOf() && !n.sound() || e.Type() == "pattern" && r.Parsed {
			return // a key that is no source; or text that its parser has better words for
		}
		code, message, hint := w.badValue(e, n, r)
		w.fault(n, code, message, hint)
	}
}

// isText reports whether an error can only be about text.
func isText(e gojsonschema.ResultError) bool {
	return slices.Contains([]string{"pattern", "enum", "string_gte", "string_lte"}, e.Type())
}

// unknownKey reports a key that the schema does not have.
func (w *wording) unknownKey(n *node, r *rule, key string) {
	f := n.field(key)
	if f == nil || f.within() {
		return
	}
	hint := or(misplaced(n.key, key), needless(key))
	free := slices.DeleteFunc(r.keys(), func(k string) bool { return n.field(k) != nil })
	near := nearestKey(key, free)
	if near != "" {
		w.meant[strings.Join(append(n.path(), near), ".")] = true
	}
	switch {
	case hint != "":
	case near != "":
		hint = didYouMean(near)
	case len(free) > 0:
		hint = "the keys that may stand here: " + strings.Join(r.keys(), ", ")
	}
	w.keyFault(f, diag.UnknownKey, "unknown key", hint)
}

// badName reports a name that the user chose and that is not well formed.
func (w *wording) badName(n *node, r *rule, key string) {
	f := n.field(key)
	if f == nil || f.within() || r.PropertyNames == nil {
		return
	}
	if w.outline.intrinsic(r) {
		if n.within() || r.Else != nil {
			return
		}
		if s, ok := intrinsicNamed(key); ok && s.logical {
			w.fault(n, diag.ConditionFunction, s.tag()+" gives true or false, which only conditions take", "use !If with the name of a condition")
			return
		}
		w.fault(n, diag.WrongKind, "expected "+w.outline.expected(r)+", found a map", intrinsicHint(key))
		return
	}
	if n.key == "environment" && slices.Contains(reservedVariables(), key) {
		return // said with the other reserved names
	}
	names := w.outline.resolve(r.PropertyNames)
	w.problems.Add(w.problem(f.keyAt, f.place(), diag.BadName, "the name "+names.PatternErrorMessage+lengthNote(names), ""))
}

// intrinsicHint suggests the function that a key was meant to be.
func intrinsicHint(key string) string {
	var names []string
	for _, s := range intrinsics() {
		if !s.logical {
			names = append(names, s.name)
		}
	}
	if near := nearest(key, names); near != "" {
		return didYouMean(near)
	}
	return ""
}

// missing reports a key that must be there, unless it is there misspelt.
func (w *wording) missing(n *node, key string) {
	if n.within() || w.meant[strings.Join(append(n.path(), key), ".")] {
		return
	}
	hint := ""
	switch key {
	case "serviceName":
		hint = "add serviceName: my-service, the name of the stack"
	case "handler":
		hint = "add handler: ./handlers.Hello, the directory and the Go function"
	case "Type":
		hint = "add Type: AWS::<service>::<resource>"
	case "on":
		hint = "name the ARNs, such as on: !GetAtt Table.Arn; or on: \"*\" where an action takes no resource"
	default:
		hint = w.exampleHint(n, key)
	}
	w.problems.Add(w.problem(n.keyAt, n.place(), diag.MissingKey, "`"+key+"` is missing", hint))
}

// exampleHint shows how a key is written, by the shortest example of the schema.
func (w *wording) exampleHint(n *node, key string) string {
	r := w.outline.within(w.outline.at(n), &node{key: key, parent: n})
	best := ""
	for _, example := range r.Examples {
		if text := inYAML(example); best == "" || len(text) < len(best) {
			best = text
		}
	}
	if best == "" {
		return ""
	}
	return "add " + key + ": " + best
}

// bareText is text that YAML needs no quotes for.
var bareText = regexp.MustCompile(`^[A-Za-z./][A-Za-z0-9./:_-]*$`)

// inYAML is a value as it stands in a file.
func inYAML(v any) string {
	if text, ok := v.(string); ok && bareText.MatchString(text) {
		return text
	}
	var b strings.Builder
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return "" // values of JSON always have a form
	}
	return strings.ReplaceAll(strings.ReplaceAll(strings.TrimSpace(b.String()), `":`, `": `), `,"`, `, "`)
}

// both reports keys that exclude each other.
func (w *wording) both(n *node) {
	f := n.field("permissions")
	if f == nil || n.within() {
		return
	}
	w.keyFault(f, diag.ExclusiveKeys, "cannot stand beside role", "a static role has its own policies: keep either role or permissions")
}

// ways are the keys of which a map has exactly one, with what else each needs.
func (r *rule) ways() (names []string, needs map[string][]string) {
	needs = map[string][]string{}
	for _, way := range r.OneOf {
		if len(way.Required) > 0 {
			names = append(names, way.Required[0])
			needs[way.Required[0]] = way.Required[1:]
		}
	}
	return names, needs
}

// inWays reports whether a key is required by one of the ways.
func (r *rule) inWays(key string) bool {
	return slices.ContainsFunc(r.OneOf, func(way *rule) bool { return slices.Contains(way.Required, key) })
}

// notOne reports a map that has none or several of its ways.
func (w *wording) notOne(n *node) {
	if n.within() {
		return
	}
	if n.path()[0] == "api" {
		return // authorizerWay says it
	}
	names, needs := w.outline.at(n).ways()
	var given []string
	for _, way := range names {
		if n.field(way) != nil {
			given = append(given, way)
		}
		if w.meant[strings.Join(append(n.path(), way), ".")] {
			return
		}
	}
	decorator := n.path()[0] == "decorators"
	switch {
	case len(given) == 0 && decorator:
		w.problems.Add(w.problem(n.keyAt, n.place(), diag.MissingKey, "one of handler, exec, patch and use is missing", "handler is a Go function, exec a program, patch a map that is merged in, use a decorator that is built in"))
	case len(given) == 0:
		if on := n.field("on"); on != nil {
			w.missing(n, "allow")
			return
		}
		w.problems.Add(w.problem(n.keyAt, n.place(), diag.MissingKey, "one of "+strings.Join(names, ", ")+" is missing", "allow IAM actions on ARNs, or say what the code does, such as read: Table"))
	case len(given) == 1:
		for _, key := range needs[given[0]] {
			if n.field(key) == nil {
				w.missing(n, key)
			}
		}
	case decorator:
		w.keyFault(n.field(given[1]), diag.ExclusiveKeys, "cannot stand beside "+given[0], "make two decorators of it: they run in order")
	default:
		w.keyFault(n.field(given[1]), diag.ExclusiveKeys, "cannot stand beside "+given[0], "make an item of each")
	}
}

// stray reports `on` beside what the code does with a resource, which says
// itself what it is on. What else a key goes with is said where it is decoded.
func (w *wording) stray(n *node) {
	on := n.field("on")
	if on == nil || n.within() {
		return
	}
	for _, f := range n.fields {
		if slices.Contains(Intents(), f.key) {
			w.keyFault(on, diag.ExclusiveKeys, "cannot stand beside "+f.key, f.key+" names the resource itself; `on` goes with allow")
			return
		}
	}
}
