// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"strings"
	"sync"

	"github.com/xeipuuv/gojsonschema"
)

// validator checks files that have no other keys than one has.
type validator struct {
	schema *gojsonschema.Schema
}

const (
	definitionsRef = "#/definitions/"
	// usedRef is where compiled definitions are: the library compiles all that
	// are in its own place, and those that are referred to once more.
	usedRef = "#/used/"
)

// newValidator compiles what the schema says of the keys that a file has: the
// rest, which is most of it, takes longer to compile than the file to check.
func newValidator(root *node) *validator {
	c := compilation{keys: map[string]bool{}, used: tree{}}
	c.note(root, keyNames())
	s := c.reduced(definition())
	s["used"] = c.used
	loader := gojsonschema.NewSchemaLoader()
	compiled, err := loader.Compile(gojsonschema.NewRawLoader(s))
	if err != nil {
		panic(fmt.Sprintf("compile service.schema.json: %v", err))
	}
	return &validator{schema: compiled}
}

// keyNames are all names of properties in the schema.
var keyNames = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				collect(item)
			}
		case tree:
			properties, _ := v["properties"].(tree)
			for name := range properties {
				names[name] = true
			}
			for _, part := range v {
				collect(part)
			}
		}
	}
	collect(definition())
	return names
})

// compilation makes the part of the schema that a file needs.
type compilation struct {
	keys map[string]bool // of the file, those that are names of properties somewhere
	used tree            // definitions that are referred to, by name
}

// note collects the keys of a tree that are among names.
func (c *compilation) note(n *node, names map[string]bool) {
	for _, part := range n.children() {
		if n.kind == object && names[part.key] {
			c.keys[part.key] = true
		}
		c.note(part, names)
	}
}

// reduced is a copy of a schema without properties that the file does not have,
// and without what is for editors.
func (c *compilation) reduced(s tree) tree {
	small := make(tree, len(s))
	for keyword, v := range s {
		switch keyword {
		case "title", "description", "examples", "default", "patternErrorMessage", "x-unit", "x-parsed", "$id", "definitions":
		case "$ref":
			name := strings.TrimPrefix(v.(string), definitionsRef)
			small[keyword] = usedRef + name
			c.use(name)
		case "properties":
			properties := tree{}
			for name, property := range v.(tree) {
				if c.keys[name] {
					properties[name] = c.reducedAny(property)
				}
			}
			small[keyword] = properties
		case "enum", "const", "required", "dependencies": // of keys, not schemas
			small[keyword] = v
		default:
			small[keyword] = c.reducedAny(v)
		}
	}
	return small
}

// reducedAny is reduced for the value of a keyword that may be a schema, a list
// of some or neither.
func (c *compilation) reducedAny(v any) any {
	switch v := v.(type) {
	case tree:
		return c.reduced(v)
	case []any:
		small := make([]any, len(v))
		for i, item := range v {
			small[i] = c.reducedAny(item)
		}
		return small
	}
	return v
}

// use adds a definition.
func (c *compilation) use(name string) {
	if _, ok := c.used[name]; ok {
		return
	}
	c.used[name] = nil // a definition may refer to itself
	c.used[name] = c.reducedAny(definition()["definitions"].(tree)[name])
}

const (
	// batch is how many entries of a section are checked at once.
	batch = 256
	// batchValues is how many values they have, if they are more than one.
	batchValues = 2_000
	// maxFound is after how many errors the rest is not checked any more.
	maxFound = 500
	// maxStray is how many keys at the top of the file are checked that it should
	// not have.
	maxStray = 100
)

// errors checks a file. Long sections are checked some entries at a time, so
// that not all of the file is there twice. What is wrong at the top of the file
// may be among them more than once. What is not checked since there are too many
// errors is marked faulty.
func (v *validator) errors(root *node, batch int) ([]gojsonschema.ResultError, error) {
	s := definition()
	whole := tree{}
	stray := 0
	rest := map[*node]int{} // sections of which entries are left, from one on
	for _, f := range root.fields {
		sub, known := s["properties"].(tree)[f.key]
		if !known {
			if stray++; stray > maxStray {
				f.faulty = true
				continue
			}
		}
		if first := upTo(f.fields, batch); listed(sub) && f.kind == object && first < len(f.fields) {
			rest[f] = first
			whole[f.key] = entries(f.fields[:first], sub)
			continue
		}
		whole[f.key] = needed(f, sub)
	}
	found, err := v.check(nil, whole)
	for _, f := range root.fields {
		for left := f.fields[rest[f]:]; rest[f] > 0 && len(left) > 0 && err == nil; {
			next := upTo(left, batch)
			if len(found) > maxFound {
				left[0].faulty, left = true, left[1:]
				continue
			}
			some := tree{f.key: entries(left[:next], s["properties"].(tree)[f.key])}
			for _, name := range words(s["required"]) {
				if value, ok := whole[name]; ok {
					some[name] = value
				}
			}
			found, err = v.check(found, some)
			left = left[next:]
		}
	}
	return found, err
}

// upTo is how many fields make a batch.
func upTo(fields []*node, batch int) int {
	values := 0
	for i, f := range fields {
		if values += f.size(); i > 0 && (i == batch || values > batchValues) {
			return i
		}
	}
	return len(fields)
}

func (v *validator) check(found []gojsonschema.ResultError, value tree) ([]gojsonschema.ResultError, error) {
	result, err := v.schema.Validate(gojsonschema.NewRawLoader(value))
	if err != nil {
		return nil, err
	}
	return append(found, result.Errors()...), nil
}
