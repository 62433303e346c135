// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// kind is what a node is in JSON.
type kind uint8

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
// A large file has a hundred thousand of them, so that what few have is apart.
type node struct {
	kind   kind
	quoted bool // scalar in quotes or a block
	faulty bool // has a problem of its own, so that nothing more is said about it
	masked bool // the value comes from outside of the file and stands in no message

	at      mark    // key and value of a field, else the value
	keyAt   mark    // the key of a field, else the value
	key     string  // in the parent: a key, or an index in decimal
	parent  *node   // nil for the root
	written string  // a scalar as it stands in the file, without quotes and tag
	items   []*node // of a list
	fields  []*node // of an object, in file order; each has its key
	rare    *rare   // nil: all of it is empty
}

// rare is what few nodes have. It may be shared, so that it is never changed.
type rare struct {
	json    string           // of a number or boolean: its JSON form, if it is written otherwise
	short   string           // the tag if it is an intrinsic function in short form, such as !Ref
	overlay string           // the environment whose overlay has the value; "" for the file's own
	raw     string           // of a text with variables: how it was written; else ""
	index   map[string]*node // fields by key, if there are many
}

// few is what n has of that.
func (n *node) few() rare {
	if n.rare == nil {
		return rare{}
	}
	return *n.rare
}

// json is the JSON form of a number or boolean.
func (n *node) json() string {
	if n.kind != number && n.kind != boolean {
		return ""
	}
	return or(n.few().json, n.written)
}

// short is the tag if n is an intrinsic function in short form, else "".
func (n *node) short() string { return n.few().short }

// raw is how a text with variables was written, else "".
func (n *node) raw() string { return n.few().raw }

// overlay is the environment whose overlay has the value; "" for the file's own.
func (n *node) overlay() string { return n.few().overlay }

func (n *node) setJSON(form string) {
	if form != n.json() {
		few := n.few()
		few.json = form
		n.rare = &few
	}
}

func (n *node) setShort(tag string) {
	few := n.few()
	few.short = tag
	n.rare = &few
}

func (n *node) setRaw(written string) {
	few := n.few()
	few.raw = written
	n.rare = &few
}

func (n *node) setOverlay(environment string) {
	if environment != n.overlay() {
		few := n.few()
		few.overlay = environment
		n.rare = &few
	}
}

func (n *node) setIndex(index map[string]*node) {
	if n.rare != nil || index != nil {
		few := n.few()
		few.index = index
		n.rare = &few
	}
}

// field returns the value of a key, or nil.
func (n *node) field(key string) *node {
	if n == nil {
		return nil
	}
	if index := n.few().index; index != nil {
		return index[key]
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
		if n.parent.short() == "" {
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
	if overlay := n.overlay(); overlay != "" {
		path = slices.Concat([]string{environmentsKey, overlay}, path)
	}
	return strings.Join(path, ".")
}

// show is a scalar for messages: its value, or how it was written if the value
// comes from outside of the file.
func (n *node) show() string {
	if n.masked {
		return n.raw()
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
		return n.json() == "true"
	case number:
		return json.Number(n.json())
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
