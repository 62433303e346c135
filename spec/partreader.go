// SPDX-License-Identifier: MIT

package spec

import (
	"errors"
	"io"
	"slices"

	"gopkg.in/yaml.v3"
)

// partReader gives the parser each part as a document of its own: anchors are
// known in the documents after theirs.
type partReader struct {
	*source
	decoder *yaml.Decoder
	text    []byte // of the part that is being read
	rest    []byte // of that, what was not read yet
	queue   []part // that is not yet in text, in file order, keys alone without what is in them
	parsed  int    // documents
	begin   mark   // of the first
}

func newPartReader(s *source, parts []part) *partReader {
	r := &partReader{source: s, queue: flat(nil, parts)}
	r.decoder = yaml.NewDecoder(r)
	return r
}

// flat are the parts in file order, with keys alone before what is in them.
func flat(all, parts []part) []part {
	for _, p := range parts {
		if p.inner == nil {
			all = append(all, p)
			continue
		}
		all = append(all, part{line: p.line, end: p.inner[0].line})
		all = flat(all, p.inner)
	}
	return all
}

// Read implements io.Reader for the parser.
func (r *partReader) Read(p []byte) (int, error) {
	for len(r.rest) == 0 {
		if len(r.queue) == 0 {
			return 0, io.EOF
		}
		r.text = append(r.text[:0], "---\n"...)
		for line := r.queue[0].line; line < r.queue[0].end; line++ {
			r.text = append(r.text, r.line(line)...)
			if line < len(r.lines) {
				r.text = append(r.text, '\n')
			}
		}
		r.rest = r.text
		r.queue = r.queue[1:]
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// next parses the next part: a block map whose keys have its indentation. It
// reports false if the part is not that.
func (r *partReader) next(p part) (*yaml.Node, bool) {
	document, err := next(r.decoder)
	if err != nil || len(document.Content) != 1 {
		return nil, false
	}
	r.parsed++
	top := document.Content[0]
	lift(top, r.parsed)
	if r.parsed == 1 {
		r.begin = marked(top.Line, top.Column, 0)
	}
	ok := top.Kind == yaml.MappingNode && top.Style == 0 && top.Anchor == "" && top.Column == p.indent+1 &&
		!slices.ContainsFunc(top.Content, isMerge)
	return top, ok
}

// end reports whether nothing follows the last part.
func (r *partReader) end() bool {
	_, err := next(r.decoder)
	return errors.Is(err, io.EOF)
}

// lift moves what was parsed up by lines. What an alias stands for was moved
// with the part that it is in.
func lift(y *yaml.Node, lines int) {
	y.Line -= lines
	for _, inner := range y.Content {
		lift(inner, lines)
	}
}

// tree converts the file part by part. It reports false if it is better read as
// a whole.
func (s *source) tree(parts []part) (*converter, *node, bool) {
	c := newConverter(s)
	root := &node{kind: object}
	r := newPartReader(s, parts)
	if len(parts) == 0 || !c.parts(root, r, parts, 0) || !c.beyond && !r.end() {
		return nil, nil, false
	}
	root.keyAt = r.begin
	root.at = root.keyAt
	return c, root, true
}

// parts makes n the map whose entries the parts are.
func (c *converter) parts(n *node, r *partReader, parts []part, depth int) bool {
	if depth > maxDepth {
		return false
	}
	c.values++ // the map, of which no part tells
	n.kind = object
	seen := map[string]*node{}
	for _, p := range parts {
		if c.beyond {
			break
		}
		top, ok := r.next(p)
		if !ok {
			return false
		}
		if p.inner == nil {
			c.entries(n, top, seen, depth)
			continue
		}
		if len(top.Content) != 2 || top.Content[1].Tag != "!!null" || top.Content[1].Value != "" || top.Content[1].Anchor != "" {
			return false
		}
		below := &yaml.Node{Kind: yaml.MappingNode}
		f := c.newField(n, top.Content[0], below)
		if f == nil || seen[f.key] != nil {
			return false
		}
		seen[f.key] = f
		n.fields = append(n.fields, f)
		if !c.parts(f, r, p.inner, depth+1) {
			return false
		}
	}
	if len(n.fields) > manyFields {
		n.setIndex(seen)
	}
	return true
}
