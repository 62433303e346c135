// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"io"
	"strings"

	"gopkg.in/yaml.v3"
)

// hidden stands for a value that seems to be a secret.
const hidden = "********"

// WriteResolved writes the file as its environment has it, as YAML that means
// the same without environments: the overlay is merged in, variables are
// resolved, and intrinsic functions have their short form. A value that seems
// to be a secret is not shown: it is written as its variable if it came from
// one, else as asterisks. A Service that was not read from a file has none.
func (s *Service) WriteResolved(w io.Writer) error {
	if s.positions == nil || s.positions.root == nil {
		return fmt.Errorf("print %s: the service was not read from a file", s.File)
	}
	if _, err := fmt.Fprintf(w, "# %s in environment %s\n", s.File, s.Environment); err != nil {
		return fmt.Errorf("print %s: %w", s.File, err)
	}
	e := yaml.NewEncoder(w)
	e.SetIndent(2)
	if err := e.Encode(s.positions.root.yaml()); err != nil {
		return fmt.Errorf("print %s: %w", s.File, err)
	}
	if err := e.Close(); err != nil {
		return fmt.Errorf("print %s: %w", s.File, err)
	}
	return nil
}

// yaml is the tree as YAML.
func (n *node) yaml() *yaml.Node {
	if s, inner, ok := intrinsicOf(n); ok && inner.short() == "" {
		y := inner.argument(s)
		y.Tag = s.tag()
		return y
	}
	switch n.kind {
	case list:
		y := &yaml.Node{Kind: yaml.SequenceNode}
		for _, item := range n.items {
			y.Content = append(y.Content, item.yaml())
		}
		return y
	case object:
		y := &yaml.Node{Kind: yaml.MappingNode}
		for _, f := range n.fields {
			key := &yaml.Node{}
			key.SetString(f.key)
			y.Content = append(y.Content, key, f.yaml())
		}
		return y
	}
	return n.scalarYAML(false)
}

// argument is what an intrinsic function is given, as YAML that can carry its
// tag.
func (n *node) argument(s shape) *yaml.Node {
	if s.name == "Fn::GetAtt" && n.kind == list && len(n.items) == 2 && n.items[0].kind == text && n.items[1].kind == text {
		return &yaml.Node{Kind: yaml.ScalarNode, Value: n.items[0].written + "." + n.items[1].written}
	}
	if n.kind == list || n.kind == object {
		y := n.yaml()
		if s.name == "Fn::Sub" && n.kind == list && len(n.items) > 0 {
			y.Content[0] = n.items[0].scalarYAML(true)
		}
		return y
	}
	return n.scalarYAML(s.name == "Fn::Sub")
}

// scalarYAML is a scalar as YAML that is read as the same value. In the text of
// Fn::Sub a ${ has a meaning of its own.
func (n *node) scalarYAML(sub bool) *yaml.Node {
	switch n.kind {
	case null:
		return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"}
	case boolean, number:
		return &yaml.Node{Kind: yaml.ScalarNode, Value: n.written}
	}
	y := &yaml.Node{}
	switch value := n.written; {
	case secretIn(n.key, value) != "" && n.raw() != "":
		y.SetString(n.raw())
	case secretIn(n.key, value) != "":
		y.SetString(hidden)
	case sub:
		y.SetString(value)
	default:
		y.SetString(strings.ReplaceAll(value, "${", "$${"))
	}
	if truth(y.Value) != "" { // true or false to older readers of YAML
		y.Style = yaml.DoubleQuotedStyle
	}
	if truth(y.Value) != "" { // true or false to older readers of YAML
		y.Style = yaml.DoubleQuotedStyle
	}
	return y
}
