// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// kind is what a node is in JSON.
type kind int

const (
	null kind = iota
	boolean
	number
	text
	list
	object
)

// String names the kind as a reader of sparta.yaml would.
func (k kind) String() string {
	return [...]string{"nothing", "true or false", "a number", "text", "a list", "a map"}[k]
}

// node is a value of the file with aliases, merge keys and short forms of
// intrinsic functions written out. It keeps its place and how it was written.
type node struct {
	kind    kind
	written string  // a scalar as it stands in the file, without quotes and tag
	json    string  // of a number or boolean: its JSON form
	items   []*node // of a list
	fields  []*node // of an object, in file order; each has its key

	key    string // in the parent: a key, or an index in decimal
	parent *node  // nil for the root
	at     mark   // key and value of a field, else the value
	keyAt  mark   // the key of a field, else the value
	short  string // the tag if it is an intrinsic function in short form, such as !Ref
	quoted bool   // scalar in quotes or a block

	index map[string]*node // fields by key, if there are many

	faulty bool // has a problem of its own, so that nothing more is said about it

	overlay string // the environment whose overlay has the value; "" for the file's own
	raw     string // of a text with variables: how it was written; else ""
	masked  bool   // the value comes from outside of the file and stands in no message
}

// field returns the value of a key, or nil.
func (n *node) field(key string) *node {
	if n == nil {
		return nil
	}
	if n.index != nil {
		return n.index[key]
	}
	for _, f := range n.fields {
		if f.key == key {
			return f
		}
	}
	return nil
}

// child returns the value of a key or, in a list, of an index; or nil.
func (n *node) child(key string) *node {
	if n == nil {
		return nil
	}
	if n.kind != list {
		return n.field(key)
	}
	i, err := strconv.Atoi(key)
	if err != nil || i < 0 || i >= len(n.items) {
		return nil
	}
	return n.items[i]
}

// children are the items of a list or the values of an object.
func (n *node) children() []*node {
	if n.kind == list {
		return n.items
	}
	return n.fields
}

// only is the field of an object that has just this one, else nil.
func (n *node) only() *node {
	if n == nil || n.kind != object || len(n.fields) != 1 {
		return nil
	}
	return n.fields[0]
}

// path is where the node is, as the file says it: the long form of what was
// written in short form is left out.
func (n *node) path() []string {
	var path []string
	for ; n != nil && n.parent != nil; n = n.parent {
		if n.parent.short == "" {
			path = append(path, n.key)
		}
	}
	slices.Reverse(path)
	return path
}

// place is where the node is, for people: its dotted path from the top of the
// file.
func (n *node) place() string {
	path := n.path()
	if n.overlay != "" {
		path = slices.Concat([]string{environmentsKey, n.overlay}, path)
	}
	return strings.Join(path, ".")
}

// show is a scalar for messages: its value, or how it was written if the value
// comes from outside of the file.
func (n *node) show() string {
	if n.masked {
		return n.raw
	}
	return n.written
}

// quote is show in quotes, cut to what can be read.
func (n *node) quote() string { return strconv.Quote(shorten(n.show())) }

// variable reports whether a text in the tree has a variable.
func (n *node) variable() bool {
	return n.kind == text && strings.Contains(n.written, "${") || slices.ContainsFunc(n.children(), (*node).variable)
}

// sound reports whether neither the node nor a part of it is faulty.
func (n *node) sound() bool {
	return !n.faulty && !slices.ContainsFunc(n.children(), func(part *node) bool { return !part.sound() })
}

// within reports whether the node or one around it is faulty.
func (n *node) within() bool {
	for ; n != nil; n = n.parent {
		if n.faulty {
			return true
		}
	}
	return false
}

// value is the node as encoding/json makes values, with json.Number for
// numbers.
func (n *node) value() any {
	switch n.kind {
	case boolean:
		return n.json == "true"
	case number:
		return json.Number(n.json)
	case text:
		return n.written
	case list:
		values := make([]any, len(n.items))
		for i, item := range n.items {
			values[i] = item.value()
		}
		return values
	case object:
		values := make(map[string]any, len(n.fields))
		for _, f := range n.fields {
			values[f.key] = f.value()
		}
		return values
	}
	return nil
}
