// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// What the function behind a custom resource has if the file says nothing.
const (
	DefaultCustomResourceMemoryMB = 256
	DefaultCustomResourceTimeout  = 120 // seconds
)

// customResources decodes the custom resources, sorted by name.
func (d *decoder) customResources(s *Service) {
	n := d.root.field("customResources")
	if !usable(n) {
		return
	}
	for _, f := range n.fields {
		if !usable(f) {
			continue
		}
		if raw := d.root.field("resources").field(f.key); raw != nil {
			d.keyFault(f, diag.LogicalIDTwice, fmt.Sprintf("the resource in line %d has this logical id too", raw.keyAt.line), "rename one of them")
		}
		s.CustomResources = append(s.CustomResources, d.customResource(f))
	}
	slices.SortFunc(s.CustomResources, func(a, b CustomResource) int { return strings.Compare(a.Name, b.Name) })
}

func (d *decoder) customResource(n *node) CustomResource {
	r := CustomResource{
		Name:        n.key,
		Handler:     d.handler(n.field("handler")),
		Environment: d.environment(n.field("environment")),
		Role:        d.role(n.field("role")),
		Permissions: d.permissions(n.field("permissions")),
		MemoryMB:    or(d.memory(n.field("memory")), DefaultCustomResourceMemoryMB),
		Timeout:     or(d.duration(n.field("timeout")), DefaultCustomResourceTimeout*time.Second),
	}
	d.checkSize(r.Environment, n.field("environment"))
	properties := n.field("properties")
	if !usable(properties) {
		return r
	}
	if token := properties.field("ServiceToken"); token != nil {
		d.keyFault(token, diag.ReservedProperty, "Sparta sets this property itself", "remove it")
	}
	d.callsIn(properties, false)
	r.Properties, _ = properties.value().(map[string]any)
	return r
}
