// SPDX-License-Identifier: MIT

package policy

import (
	"maps"
	"slices"
	"strings"
)

// condition is one key of the Condition element under one operator.
type condition struct {
	operator string // as it was written
	set      string // ForAllValues, ForAnyValue or ""
	key      string // in lower case
	values   []template
	null     bool // the operator is Null
	negated  bool
	optional bool       // the operator ends in IfExists
	compare  comparison // nil if there is no such operator
}

// parseConditions reads a Condition element, in a fixed order.
func parseConditions(operators map[string]map[string][]string, variables bool) []condition {
	var list []condition
	for _, operator := range slices.Sorted(maps.Keys(operators)) {
		form := parseOperator(operator)
		for _, key := range slices.Sorted(maps.Keys(operators[operator])) {
			c := form
			c.key = strings.ToLower(key)
			for _, value := range operators[operator][key] {
				c.values = append(c.values, parseTemplate(value, variables))
			}
			list = append(list, c)
		}
	}
	return list
}

func parseOperator(operator string) condition {
	c := condition{operator: operator}
	name := operator
	if set, rest, ok := strings.Cut(operator, ":"); ok && (set == "ForAllValues" || set == "ForAnyValue") {
		c.set, name = set, rest
	}
	if name == "Null" {
		c.null = true
		return c
	}
	name, c.optional = strings.CutSuffix(name, "IfExists")
	positive := strings.Replace(name, "Not", "", 1)
	c.negated = positive != name
	c.compare = comparisonOf(positive)
	if c.negated && (positive == "Bool" || positive == "BinaryEquals" || strings.Contains(positive, "Than")) {
		c.compare = nil // there is no such operator
	}
	return c
}

// known reports whether the operator is one.
func (c condition) known() bool { return c.null || c.compare != nil }

// met evaluates the condition as the IAM User Guide says under "IAM JSON policy
// elements: Condition operators": a missing key fails a positive operator and
// passes a negated one, one that ends in IfExists or one for all values.
func (c condition) met(q *Request) bool {
	if slices.Contains(q.Unknown, c.key) {
		return true
	}
	given, present := q.Lists[c.key]
	if value, single := q.Context[c.key]; single {
		given, present = []string{value}, true
	}
	switch {
	case c.null:
		return slices.ContainsFunc(c.values, func(t template) bool { return strings.EqualFold(t.text, "true") }) != present
	case !present && c.set == "ForAllValues":
		return true
	case !present && c.set == "ForAnyValue":
		return c.optional
	case !present:
		return c.negated || c.optional
	}
	fits := func(value string) bool {
		matched := slices.ContainsFunc(c.values, func(want template) bool { return c.compare(want, value, q) })
		return matched != c.negated
	}
	if c.set == "ForAllValues" || c.set == "" && c.negated {
		return !slices.ContainsFunc(given, func(value string) bool { return !fits(value) })
	}
	return slices.ContainsFunc(given, fits)
}

// met reports whether all conditions of the statement hold. fault is the
// operator, if any, that does not exist or is not known here.
func (s *Statement) met(q *Request) (met bool, fault string) {
	met = true
	for _, c := range s.conditions {
		if !c.known() {
			fault = c.operator
			continue
		}
		met = met && c.met(q)
	}
	return met, fault
}

// UnknownOperators returns the condition operators of a document that do not
// exist: IAM refuses such a document.
func (d Document) UnknownOperators() []string {
	var list []string
	for _, s := range d.Statements {
		for _, c := range s.conditions {
			if !c.known() {
				list = append(list, c.operator)
			}
		}
	}
	return list
}

// ConditionKeys returns the keys of all conditions of a document as they are
// written, each once.
func (d Document) ConditionKeys() []string {
	seen := map[string]bool{}
	for _, s := range d.Statements {
		for _, keys := range s.Conditions {
			for key := range keys {
				seen[key] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(seen))
}
