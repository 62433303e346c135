// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"

	"gopkg.in/yaml.v3"

	"github.com/sparta-up/sparta/internal/diag"
)

// isMerge reports whether a key is the merge key of YAML 1.1: << without quotes.
func isMerge(key *yaml.Node) bool {
	return key.Kind == yaml.ScalarNode && key.Value == "<<" && key.Tag == "!!merge"
}

// merge adds the fields of the mapping or mappings that a merge key names.
func (c *converter) merge(n *node, y *yaml.Node, seen map[string]*node, depth int) {
	c.enter(y)
	defer c.leave()
	from := y
	if y.Kind == yaml.AliasNode {
		from = y.Alias
	}
	if c.values++; c.values > maxValues || depth > maxDepth {
		c.convert(n, from, depth) // says so
		return
	}
	switch {
	case c.open[from]:
		c.fault(n, c.markOf(y), diag.AliasInItself, fmt.Sprintf("alias *%s stands inside its own anchor", y.Value), "")
	case from.Kind == yaml.SequenceNode && y.Kind != yaml.AliasNode:
		for _, item := range from.Content {
			c.merge(n, item, seen, depth+1)
		}
	case from.Kind == yaml.MappingNode:
		c.mergeMapping(n, from, seen, depth)
	default:
		c.fault(n, c.markOf(y), diag.MergeKey, "the merge key << takes a map or a list of maps", "write <<: *anchor")
	}
}

func (c *converter) mergeMapping(n *node, from *yaml.Node, seen map[string]*node, depth int) {
	c.open[from] = true
	defer delete(c.open, from)
	var merged []*yaml.Node
	for i := 0; i+1 < len(from.Content); i += 2 {
		key, value := from.Content[i], from.Content[i+1]
		if isMerge(key) {
			merged = append(merged, value)
			continue
		}
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if seen[key.Value] != nil {
			c.values++ // it takes time, too
			continue
		}
		if f := c.newField(n, key, value); f != nil {
			seen[f.key] = f
			n.fields = append(n.fields, f)
			c.convert(f, value, depth+1)
		}
	}
	for _, m := range merged {
		c.merge(n, m, seen, depth+1)
	}
}
