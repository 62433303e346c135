// SPDX-License-Identifier: MIT

package cfn

import (
	"slices"
	"strconv"
	"strings"
)

// references checks that what is referred to is there.
func (c *check) references() {
	if c.t.Transform != nil {
		return
	}
	for _, ref := range References(c.t) {
		switch ref.Kind {
		case KindRef:
			c.ref(ref)
		case KindGetAtt:
			c.getAtt(ref)
		case KindDependsOn:
			named(c, ref, "resource", c.t.Resources)
		case KindCondition:
			named(c, ref, "condition", c.t.Conditions)
		case KindMapping:
			named(c, ref, "mapping", c.t.Mappings)
		}
	}
}

// named reports a reference to what is not among the entries of a section.
func named[V any](c *check, ref Reference, what string, entries map[string]V) {
	if _, ok := entries[ref.ID]; !ok {
		c.missing(ref, what, sortedKeys(entries))
	}
}

func (c *check) missing(ref Reference, what string, names []string) {
	c.add(ref.Path, didYouMean(ref.ID, names), "%s %q: not in the template", what, ref.ID)
}

func (c *check) ref(ref Reference) {
	_, isResource := c.t.Resources[ref.ID]
	_, isParameter := c.t.Parameters[ref.ID]
	switch {
	case isResource, isParameter, slices.Contains(pseudoParameters(), ref.ID):
	case strings.Contains(ref.ID, "::"):
		c.missing(ref, "pseudo parameter", pseudoParameters())
	default:
		names := slices.Concat(sortedKeys(c.t.Resources), sortedKeys(c.t.Parameters), pseudoParameters())
		slices.Sort(names)
		c.missing(ref, "resource or parameter", names)
	}
}

func (c *check) getAtt(ref Reference) {
	if _, ok := c.t.Parameters[ref.ID]; ok {
		c.add(ref.Path, "use Ref", "parameter %q has no attributes", ref.ID)
		return
	}
	named(c, ref, "resource", c.t.Resources)
}

// circles reports circular dependencies of resources and of conditions.
func (c *check) circles() {
	for _, cycle := range cycles(dependencies(c.t)) {
		if len(cycle) == 2 && slices.Contains(c.t.Resources[cycle[0]].DependsOn, cycle[0]) {
			continue // reported as depending on itself
		}
		c.add([]string{"Resources", cycle[0]}, "", "circular dependency: %s", strings.Join(cycle, " -> "))
	}
	edges := map[string][]string{}
	for name, condition := range c.t.Conditions {
		edges[name] = nil
		var w referenceWalk
		w.value(nil, condition, true)
		for _, ref := range w.found {
			if _, ok := c.t.Conditions[ref.ID]; ok && ref.Kind == KindCondition && !slices.Contains(edges[name], ref.ID) {
				edges[name] = append(edges[name], ref.ID)
			}
		}
		slices.Sort(edges[name])
	}
	for _, cycle := range cycles(edges) {
		c.add([]string{"Conditions", cycle[0]}, "", "circular condition: %s", strings.Join(cycle, " -> "))
	}
}

// values looks at every value for what JSON can say and CloudFormation refuses.
func (c *check) values() {
	tree, err := c.t.Value()
	if err != nil {
		c.add(nil, "", "%v", err)
		return
	}
	if n := len(encode(tree, "")); n > maxTemplate {
		c.add(nil, "split the service", "%d bytes where CloudFormation takes %d", n, maxTemplate)
	}
	c.value(nil, tree)
}

func (c *check) value(path []string, v any) {
	switch v := v.(type) {
	case nil:
		c.add(path, "remove the key, or use Ref AWS::NoValue", "null is not allowed")
	case []any:
		for i, item := range v {
			c.value(append(path, strconv.Itoa(i)), item)
		}
	case map[string]any:
		if name, argument := intrinsic(v); name != "" {
			c.intrinsic(append(path, name), name, argument)
		}
		for _, key := range sortedKeys(v) {
			c.value(append(path, key), v[key])
		}
	}
}

// intrinsic checks the arguments of the functions that refer to something; a
// malformed one would make no reference and pass unseen.
func (c *check) intrinsic(path []string, name string, argument any) {
	args, isList := argument.([]any)
	switch name {
	case "Ref":
		if _, ok := argument.(string); !ok {
			c.add(path, "", "needs a name, not %s", describe(argument))
		}
	case "Fn::GetAtt":
		text, isText := argument.(string)
		if isText && strings.Contains(text, ".") || isList && len(args) == 2 && isString(args[0]) {
			return
		}
		c.add(path, `such as ["Table", "Arn"]`, "needs a logical id and an attribute")
	case "Fn::Sub":
		format, ok := argument.(string)
		if isList && len(args) == 2 {
			format, ok = args[0].(string)
			_, isMap := args[1].(map[string]any)
			ok = ok && isMap
		}
		if !ok {
			c.add(path, "", "needs a text, or a text and an object")
			return
		}
		if _, err := SubNames(format); err != nil {
			c.add(path, "", "%v", err)
		}
	}
}

func isString(v any) bool {
	_, ok := v.(string)
	return ok
}
