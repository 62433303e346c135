// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// operators are the condition operators of IAM, without qualifiers. Source: "IAM JSON policy elements: Condition operators",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
func operators() []string {
	return []string{
		"StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", "StringLike", "StringNotLike",
		"NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals", "NumericGreaterThan", "NumericGreaterThanEquals",
		"DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals",
		"Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "Null",
	}
}

// permissions decodes the statements of a role.
func (d *decoder) permissions(n *node) []Permission {
	if !usable(n) {
		return nil
	}
	var all []Permission
	for _, item := range n.items {
		if !usable(item) {
			continue
		}
		when := d.when(item.field("when"))
		if intent := intentOf(item); intent != nil {
			all = append(all, d.intent(intent, when)...)
			continue
		}
		one := Permission{Allow: d.texts(item.field("allow")), On: d.valuesOf(item.field("on")), When: when}
		d.wide(one, item)
		all = append(all, one)
	}
	d.policySize(all, n)
	return all
}

// valuesOf are one or several values, each as text or an intrinsic.
func (d *decoder) valuesOf(n *node) []any {
	if !usable(n) {
		return nil
	}
	items := []*node{n}
	if n.kind == list {
		items = n.items
	}
	var all []any
	for _, item := range items {
		if usable(item) {
			all = append(all, d.scalarOrCall(item))
		}
	}
	return all
}

// when decodes a condition block; its values are text, intrinsics, or lists of
// these.
func (d *decoder) when(n *node) map[string]any {
	if !usable(n) {
		return nil
	}
	block := make(map[string]any, len(n.fields))
	for _, operator := range n.fields {
		if !usable(operator) || !d.operator(operator) {
			continue
		}
		keys := make(map[string]any, len(operator.fields))
		for _, key := range operator.fields {
			values := d.valuesOf(key)
			switch {
			case key.kind == list:
				keys[key.key] = values
			case len(values) == 1:
				keys[key.key] = values[0]
			}
		}
		block[operator.key] = keys
	}
	return block
}

// operator checks the name of a condition operator: IAM takes them in any case,
// with IfExists behind and ForAllValues: or ForAnyValue: before them.
func (d *decoder) operator(n *node) bool {
	name := n.key
	for _, prefix := range []string{"ForAllValues:", "ForAnyValue:"} {
		name = strings.TrimPrefix(name, prefix)
	}
	name = strings.TrimSuffix(name, "IfExists")
	if slices.ContainsFunc(operators(), func(o string) bool { return strings.EqualFold(o, name) }) {
		return true
	}
	hint := "operators are StringEquals, ArnLike, Bool and so on"
	if near := nearest(name, operators()); near != "" {
		hint = didYouMean(strings.Replace(n.key, name, near, 1))
	}
	d.keyFault(n, diag.ConditionOperator, strconv.Quote(shorten(n.key))+" is no condition operator of IAM", hint)
	return false
}
