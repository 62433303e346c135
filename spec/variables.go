// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"

	"github.com/sparta-up/sparta/internal/diag"
)

// variables puts values in the place of ${...} in a tree.
type variables struct {
	*decoder
	options Options
	chosen  bool               // what lies outside of the file is looked up
	files   map[string]content // that were read, by absolute path
	outside map[string]string  // values from outside of the file, by the variable as it is written
}

// resolveAll resolves the variables of the whole tree.
func (v *variables) resolveAll() {
	for _, f := range v.root.fields {
		if f.key != accountsKey || f.kind != object {
			v.resolve(f, f.key == "resources" || f.key == "decorators")
			continue
		}
		for _, guard := range f.fields {
			if guard.key == v.environmentName {
				v.resolve(guard, false)
			} else if guard.variable() { // not needed now
				guard.faulty = true
			}
		}
	}
}

// resolve resolves the variables in a tree. In raw parts, which other tools may
// fill in later, a ${...} that is like none of Sparta's stays as it is.
func (v *variables) resolve(n *node, raw bool) {
	switch {
	case n.faulty:
	case n.kind == text:
		v.text(n, raw)
	default:
		if s, inner, ok := intrinsicOf(n); ok && s.name == "Fn::Sub" {
			v.format(inner)
			return
		}
		for _, part := range n.children() {
			v.resolve(part, raw || part.key == "permissions" || part.key == "properties")
		}
	}
}

// text resolves the variables in a text that CloudFormation takes as it is.
func (v *variables) text(n *node, raw bool) {
	if !strings.Contains(n.written, "${") {
		return
	}
	if v.crammed(n) {
		return
	}
	r := &resolution{variables: v, node: n, raw: raw}
	parts, open := pieces(n.written, true)
	if open != "" && !raw {
		r.fault(diag.UnclosedVariable, open, quoteShort(open)+" is not closed", "close it with }, or write $${ for the text ${")
		return
	}
	stack := false // a part that only the stack knows
	for i, p := range parts {
		if p.variable {
			parts[i] = r.piece(p)
			stack = stack || parts[i].pseudo
		}
	}
	if n.faulty {
		return
	}
	n.setRaw(n.written)
	n.masked = r.foreign
	if !stack {
		n.written = join(parts)
		if len(parts) == 1 && r.plain && !n.quoted {
			retype(n)
		}
		return
	}
	v.toSub(n, parts)
}

// maxVariables is how many variables a text may have.
const maxVariables = 5_000

// crammed refuses a text with more variables than anybody writes.
func (v *variables) crammed(n *node) bool {
	many := strings.Count(n.written, "${") > maxVariables
	if many {
		v.fault(n, diag.ManyValues, fmt.Sprintf("has more than %d variables", maxVariables), "put the text into a file, and read it with ${file:...}")
	}
	return many
}

// format resolves the variables in the text of !Sub: those of Sparta, which are
// lower case and nobody else's there.
func (v *variables) format(inner *node) {
	format, names := inner, (*node)(nil)
	if inner.kind == list && len(inner.items) > 0 {
		format = inner.items[0]
		if len(inner.items) > 1 {
			names = inner.items[1]
			v.resolve(names, true)
		}
	}
	if format.kind != text || format.faulty || !strings.Contains(format.written, "${") {
		return
	}
	if v.crammed(format) {
		return
	}
	r := &resolution{variables: v, node: format, raw: true, sub: names, inSub: true}
	parts, _ := pieces(format.written, false)
	for i, p := range parts {
		if p.variable {
			p = r.piece(p)
		} else {
			p.asIs = true
		}
		if p.kept {
			p = piece{text: "${" + p.text + "}", asIs: true}
		}
		parts[i] = p
	}
	if format.faulty {
		return
	}
	raw := format.written
	if format.written = joinSub(parts); format.written != raw {
		format.setRaw(raw)
		format.masked = r.foreign
	}
}

// toSub makes a call of a text that has parts which only the stack knows.
func (v *variables) toSub(n *node, parts []piece) {
	inner := &node{kind: text, parent: n, at: n.at, keyAt: n.keyAt, rare: n.rare, masked: n.masked, quoted: n.quoted}
	tag := "!Sub"
	inner.key, inner.written = "Fn::Sub", joinSub(parts)
	if len(parts) == 1 {
		inner.key, inner.written, tag = "Ref", parts[0].text, "!Ref"
	}
	n.kind, n.fields, n.masked = object, []*node{inner}, false
	n.setRaw("")
	n.setShort(tag)
}

// retype gives a value that stands alone, without quotes, the kind that it has
// when it is written in the file.
func retype(n *node) {
	y := &yaml.Node{Kind: yaml.ScalarNode, Value: n.written}
	switch y.ShortTag() {
	case "!!bool":
		if form := strings.ToLower(n.written); form == "true" || form == "false" {
			n.kind = boolean
			n.setJSON(form)
		}
	case "!!int", "!!float":
		if form := numberJSON(n.written); form != "" {
			n.kind = number
			n.setJSON(form)
		}
	}
}

// conceal takes values from outside of the file out of messages, where they
// came by a way that does not know about them.
func (v *variables) conceal(problems diag.List) diag.List {
	const least = 6 // shorter ones are words of messages too
	for _, written := range slices.Sorted(maps.Keys(v.outside)) {
		value := v.outside[written]
		if len(value) < least {
			continue
		}
		for i := range problems {
			for _, form := range []string{value, shorten(value)} {
				problems[i].Message = strings.ReplaceAll(problems[i].Message, form, written)
				problems[i].Hint = strings.ReplaceAll(problems[i].Hint, form, written)
			}
		}
	}
	return problems
}

// placeOf is where a variable stands: its own characters if they can be found
// in the lines of the value, else the value.
func (d *decoder) placeOf(n *node, variable string) mark {
	const most = 200 // lines of one text
	first := int(n.at.line)
	for line := first; line > 0 && line < first+most && line <= len(d.lines); line++ {
		text, from := d.line(line), 0
		if len(text) > maxMarked {
			break
		}
		if line == first {
			from = byteOffset(text, int(n.at.column))
		}
		if i := strings.Index(text[from:], variable); i >= 0 {
			at := d.columnOf(line, from+i)
			at.width = int32(utf8.RuneCountInString(variable))
			return at
		}
	}
	return n.at
}
