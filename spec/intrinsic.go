// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"strings"
	"sync"

	"gopkg.in/yaml.v3"

	"github.com/sparta-up/sparta/internal/diag"
)

// shape is what an intrinsic function takes, as far as it can be told without
// knowing the stack.
type shape struct {
	name     string // long form
	takes    string // in words
	scalar   bool   // text does
	min, max int    // length of a list; max 0: no list
	mapping  bool   // a map does
	logical  bool   // gives true or false, for the Conditions section only
}

// intrinsics are the functions of CloudFormation that a template may call. Source: "Intrinsic function reference",
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference.html
var intrinsics = sync.OnceValue(func() []shape {
	return []shape{
		{name: "Ref", takes: "a logical id or pseudo parameter", scalar: true},
		{name: "Condition", takes: "the name of a condition", scalar: true, logical: true},
		{name: "Fn::Base64", takes: "text", scalar: true, mapping: true},
		{name: "Fn::Cidr", takes: "a list of address block, count and bits", min: 2, max: 3},
		{name: "Fn::FindInMap", takes: "a list of mapping, top-level key and second-level key", min: 3, max: 4},
		{name: "Fn::GetAtt", takes: "a resource and an attribute, such as Table.Arn", scalar: true, min: 2, max: 2},
		{name: "Fn::GetAZs", takes: `a region, "" for the stack's own`, scalar: true, mapping: true},
		{name: "Fn::If", takes: "a list of condition, value if true and value if false", min: 3, max: 3},
		{name: "Fn::ImportValue", takes: "the name of an export", scalar: true, mapping: true},
		{name: "Fn::Join", takes: "a list of separator and list of values", min: 2, max: 2},
		{name: "Fn::Length", takes: "a list", mapping: true, max: unbounded},
		{name: "Fn::Select", takes: "a list of index and list of values", min: 2, max: 2},
		{name: "Fn::Split", takes: "a list of separator and text", min: 2, max: 2},
		{name: "Fn::Sub", takes: "text, or a list of text and a map of variables", scalar: true, min: 2, max: 2},
		{name: "Fn::ToJsonString", takes: "a map or a list", mapping: true, max: unbounded},
		{name: "Fn::Transform", takes: "a map of Name and Parameters", mapping: true},
		{name: "Fn::And", takes: "a list of 2 to 10 conditions", min: 2, max: 10, logical: true},
		{name: "Fn::Equals", takes: "a list of two values", min: 2, max: 2, logical: true},
		{name: "Fn::Not", takes: "a list of one condition", min: 1, max: 1, logical: true},
		{name: "Fn::Or", takes: "a list of 2 to 10 conditions", min: 2, max: 10, logical: true},
	}
})

const unbounded = 1 << 30

// intrinsicNamed finds a function by its long form.
func intrinsicNamed(name string) (shape, bool) {
	for _, s := range intrinsics() {
		if s.name == name {
			return s, true
		}
	}
	return shape{}, false
}

// tag is the short form of the function in YAML.
func (s shape) tag() string { return "!" + strings.TrimPrefix(s.name, "Fn::") }

// accepts reports whether the function takes n.
func (s shape) accepts(n *node) bool {
	switch n.kind {
	case list:
		return len(n.items) >= s.min && len(n.items) <= s.max
	case object:
		return s.mapping
	case null:
		return false
	}
	return s.scalar
}

// intrinsicOf returns the function that n calls, and what it is given. A map
// with the one key Condition is a call only if it was written !Condition, since
// policies have such a key too.
func intrinsicOf(n *node) (shape, *node, bool) {
	inner := n.only()
	if inner == nil || inner.key == "Condition" && n.short() == "" {
		return shape{}, nil, false
	}
	s, ok := intrinsicNamed(inner.key)
	return s, inner, ok
}

// shortForm makes n the long form of a value with a tag such as !Ref. It
// reports false if it has no such tag.
func (c *converter) shortForm(n *node, y *yaml.Node, depth int) bool {
	var tags []string
	for _, s := range intrinsics() {
		if s.tag() == y.Tag {
			c.call(n, s, y, depth)
			return true
		}
		tags = append(tags, s.tag())
	}
	if y.Tag == "!" {
		return false
	}
	hint := "the tags are those of CloudFormation's intrinsic functions, such as !Ref and !GetAtt"
	if near := nearest(y.Tag, tags); near != "" {
		hint = didYouMean(near)
	}
	c.fault(n, n.at, diag.UnknownTag, fmt.Sprintf("unknown tag %s", y.Tag), hint)
	c.plain(n, y, depth)
	return true
}

// call makes n a map of the function's long form and its argument.
func (c *converter) call(n *node, s shape, y *yaml.Node, depth int) {
	n.kind = object
	n.setShort(s.tag())
	inner := &node{key: s.name, parent: n, at: n.at, keyAt: n.keyAt}
	n.fields = []*node{inner}
	c.plain(inner, y, depth+1)
}

// longAttributes turns the text form of Fn::GetAtt arguments into the list that
// JSON templates have, all over the tree.
func longAttributes(n *node) {
	for _, f := range n.children() {
		longAttributes(f)
	}
	s, inner, ok := intrinsicOf(n)
	if !ok || s.name != "Fn::GetAtt" || inner.kind != text {
		return
	}
	id, attribute, ok := strings.Cut(inner.written, ".")
	if !ok || id == "" || attribute == "" {
		return
	}
	inner.kind = list
	for i, part := range []string{id, attribute} {
		key := string(rune('0' + i))
		inner.items = append(inner.items, &node{kind: text, written: part, key: key, parent: inner, at: inner.at, keyAt: inner.keyAt})
	}
}
