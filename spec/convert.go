// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sparta-up/sparta/internal/diag"
)

const (
	// manyFields is from how many fields on an index of them pays.
	manyFields = 16
	// maxDepth is how deep maps and lists may be nested.
	maxDepth = 100
)

// converter turns YAML nodes into nodes.
type converter struct {
	*source
	problems diag.List
	open     map[*yaml.Node]bool // anchored nodes around the one being converted
	values   int                 // that were converted so far
	inAlias  int                 // how many aliases are around the value
	outer    mark                // the outermost of them
	beyond   bool                // a limit is exceeded, and that is said
}

func newConverter(s *source) *converter {
	return &converter{source: s, open: map[*yaml.Node]bool{}}
}

func (c *converter) fault(n *node, at mark, code diag.Code, message, hint string) {
	n.faulty = true
	c.problems.Add(c.problem(at, n.place(), code, message, hint))
	c.beyond = c.beyond || len(c.problems) > maxTold
}

// convert makes the value of y the node n, which has its place already.
func (c *converter) convert(n *node, y *yaml.Node, depth int) {
	switch c.values++; {
	case c.values > maxValues && c.inAlias > 0:
		c.exceed(c.outer, diag.TooManyAliases, fmt.Sprintf("aliases and merge keys make more than %d values of this file", maxValues), "write fewer aliases of aliases")
		n.faulty = true
		return
	case c.values > maxValues:
		if !c.beyond {
			c.beyond = true
			c.problems.Add(c.manyValues(n.at))
		}
		n.faulty = true
		return
	case depth > maxDepth:
		c.exceed(n.at, diag.TooDeep, fmt.Sprintf("maps and lists are nested more than %d deep", maxDepth), "")
		n.faulty = true
		return
	case y.Kind == yaml.AliasNode:
		c.values-- // what it stands for is counted
		c.alias(n, y, depth)
		return
	}
	if strings.HasPrefix(y.Tag, "!") && !strings.HasPrefix(y.Tag, "!!") {
		if c.shortForm(n, y, depth) {
			return
		}
	}
	c.plain(n, y, depth)
}

// exceed reports the first limit that is exceeded. Nothing else is then said of
// the file but what was found before.
func (c *converter) exceed(at mark, code diag.Code, message, hint string) {
	if !c.beyond {
		c.beyond = true
		c.problems.Add(c.problem(at, "", code, message, hint))
	}
}

// enter notes that what follows comes through an alias; leave ends that.
func (c *converter) enter(y *yaml.Node) {
	if c.inAlias == 0 {
		c.outer = c.markOf(y)
	}
	c.inAlias++
}

func (c *converter) leave() { c.inAlias-- }

// plain converts a value without regard to a short form tag.
func (c *converter) plain(n *node, y *yaml.Node, depth int) {
	if y.Anchor != "" {
		c.open[y] = true
		defer delete(c.open, y)
	}
	switch y.Kind {
	case yaml.ScalarNode:
		c.scalar(n, y)
	case yaml.SequenceNode:
		n.kind = list
		n.items = make([]*node, len(y.Content))
		for i, item := range y.Content {
			if c.beyond {
				n.items = n.items[:i]
				return
			}
			at := c.markOf(item)
			n.items[i] = &node{key: strconv.Itoa(i), parent: n, at: at, keyAt: at}
			c.convert(n.items[i], item, depth+1)
		}
	case yaml.MappingNode:
		n.kind = object
		c.mapping(n, y, depth)
	}
}

// alias converts what an alias stands for.
func (c *converter) alias(n *node, y *yaml.Node, depth int) {
	if c.open[y.Alias] {
		c.fault(n, c.markOf(y), diag.AliasInItself, fmt.Sprintf("alias *%s stands inside its own anchor", y.Value), "")
		return
	}
	c.enter(y)
	c.convert(n, y.Alias, depth)
	c.leave()
}

// mapping adds the fields of a YAML mapping to n: first its own, then those
// that come by a merge key and are not given by itself.
func (c *converter) mapping(n *node, y *yaml.Node, depth int) {
	n.fields = make([]*node, 0, len(y.Content)/2)
	var seen map[string]*node // none if there are few: n has them
	if len(y.Content)/2 > manyFields || slices.ContainsFunc(y.Content, isMerge) {
		seen = make(map[string]*node, len(y.Content)/2)
	}
	for _, m := range c.entries(n, y, seen, depth) {
		c.merge(n, m, seen, depth)
	}
	if len(n.fields) > manyFields {
		n.setIndex(seen)
	}
}

// entries adds the fields that a YAML mapping has itself, and returns the values
// of its merge keys.
func (c *converter) entries(n *node, y *yaml.Node, seen map[string]*node, depth int) (merged []*yaml.Node) {
	for i := 0; i+1 < len(y.Content) && !c.beyond; i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		if isMerge(key) {
			merged = append(merged, value)
			continue
		}
		f := c.newField(n, key, value)
		if f == nil {
			continue
		}
		first := seen[f.key]
		if seen == nil {
			first = n.field(f.key)
		}
		if first != nil {
			f.parent = n
			c.fault(f, f.keyAt, diag.DuplicateKey, fmt.Sprintf("is given twice, first in line %d, column %d", first.keyAt.line, first.keyAt.column), "keep one of them")
			continue
		}
		if seen != nil {
			seen[f.key] = f
		}
		n.fields = append(n.fields, f)
		c.convert(f, value, depth+1)
	}
	return merged
}

// newField makes the node of a key that is text, or reports the key.
func (c *converter) newField(n *node, key, value *yaml.Node) *node {
	at := c.markOf(key)
	if key.Kind == yaml.AliasNode {
		key = key.Alias
	}
	if key.Kind != yaml.ScalarNode || strings.HasPrefix(key.Tag, "!") && !strings.HasPrefix(key.Tag, "!!") {
		c.fault(n, at, diag.KeyNotText, "a key is text, not a list, a map or an intrinsic function", "")
		return nil
	}
	return &node{key: c.written(key), parent: n, keyAt: at, at: c.span(at, value)}
}
