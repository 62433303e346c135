// SPDX-License-Identifier: MIT

package pipeline

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// WriteMermaid writes the flowchart of p in the Mermaid language
// (https://mermaid.js.org/syntax/flowchart.html): a line per stage, then a line
// per arrow, both in order of Add and, within a stage, of its fields. An arrow
// that a longer way implies is left out: the chart shows what a stage waits for
// last. The same wiring always gives the same bytes. The error is that of w.
func (p *Pipeline) WriteMermaid(w io.Writer) error {
	var b strings.Builder
	b.WriteString("graph TD\n")
	for _, n := range p.nodes {
		fmt.Fprintf(&b, "  %s[%s]\n", n.name, label(n.title))
	}
	gap := "\n"
	for _, n := range p.nodes {
		for _, input := range n.arrows() {
			fmt.Fprintf(&b, "%s  %s-->%s\n", gap, input.name, n.name)
			gap = ""
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// arrows returns the inputs of n that no other input of n waits for itself.
func (n *node) arrows() []*node {
	return slices.DeleteFunc(slices.Clone(n.inputs), func(input *node) bool {
		return slices.ContainsFunc(n.inputs, func(other *node) bool { return other.waitsFor(input) })
	})
}

// waitsFor reports whether n gets results, straight or by others, from another
// stage. Stages are added after their inputs, so that this ends.
func (n *node) waitsFor(other *node) bool {
	return slices.ContainsFunc(n.inputs, func(input *node) bool { return input == other || input.waitsFor(other) })
}

var plain = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9 /,.:_-]*$`)

// label returns title as the text of a box, quoted where Mermaid would take
// parts of it for syntax.
func label(title string) string {
	if plain.MatchString(title) && !strings.HasSuffix(title, "/") {
		return title
	}
	title = strings.Join(strings.Fields(title), " ")
	return `"` + strings.NewReplacer("#", "#35;", `"`, "#quot;", "<", "#lt;", ">", "#gt;").Replace(title) + `"`
}

// reserved returns the words that Mermaid does not take as the name of a box.
func reserved() []string {
	return []string{
		"call", "class", "classDef", "click", "default", "direction", "end", "flowchart",
		"graph", "href", "interpolate", "linkStyle", "style", "subgraph",
	}
}
