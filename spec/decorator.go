// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// DefaultDecoratorTimeout is how long, in seconds, a decorator may take that
// says nothing.
const DefaultDecoratorTimeout = 60

// decorators decodes the decorators in their order.
func (d *decoder) decorators(s *Service) {
	n := d.root.field("decorators")
	if !usable(n) {
		return
	}
	seen := map[string]*node{}
	for _, item := range n.items {
		if !usable(item) {
			continue
		}
		one := d.decorator(item)
		if name := item.field("name"); usable(name) {
			if first := seen[one.Name]; first != nil {
				d.fault(name, diag.DecoratorTwice, fmt.Sprintf("the decorator in line %d has this name too", first.at.line), "give each a name of its own")
			}
			seen[one.Name] = name
		}
		s.Decorators = append(s.Decorators, one)
	}
}

func (d *decoder) decorator(n *node) Decorator {
	one := Decorator{
		Name:    d.literal(n.field("name")),
		Handler: d.handler(n.field("handler")),
		Exec:    d.texts(n.field("exec")),
		Timeout: or(d.duration(n.field("timeout")), DefaultDecoratorTimeout*time.Second),
	}
	if program := n.field("exec"); usable(program) && len(program.items) > 0 && usable(program.items[0]) {
		d.program(program.items[0])
	}
	patch := n.field("patch")
	if !usable(patch) {
		return one
	}
	d.callsIn(patch, true)
	one.Patch, _ = patch.value().(map[string]any)
	if limit := n.field("timeout"); usable(limit) {
		d.keyFault(limit, diag.PatchTimeout, "a patch takes no time", "remove timeout")
	}
	return one
}

// program checks the program of an exec decorator.
func (d *decoder) program(n *node) {
	if n.written == "" {
		d.fault(n, diag.Program, "names no program", "write the program first, then its arguments")
		return
	}
	d.executable(n)
}
