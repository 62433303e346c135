// SPDX-License-Identifier: MIT

package ui

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Resource is a resource of the service's stack.
type Resource struct {
	LogicalID  string    `json:"logicalId"`
	PhysicalID string    `json:"physicalId,omitempty"` // empty before it is made
	Type       string    `json:"type"`
	Status     string    `json:"status"`
	Reason     string    `json:"reason,omitempty"` // why; may be empty
	Updated    time.Time `json:"updated,omitzero"` // UTC
}

// writeResources writes a line for each resource: what sparta.yaml calls it, its
// type, and what AWS calls it. A state other than done follows.
func writeResources(w io.Writer, resources []Resource) {
	const widest = 40
	if len(resources) > 0 {
		fmt.Fprintln(w)
	}
	id, kind := 0, 0
	for _, r := range resources {
		id, kind = max(id, min(len(r.LogicalID), widest)), max(kind, min(len(r.Type), widest))
	}
	for _, r := range resources {
		line := fmt.Sprintf("  %-*s  %-*s  %s", id, r.LogicalID, kind, r.Type, r.PhysicalID)
		if !strings.HasSuffix(r.Status, "E_COMPLETE") { // of CREATE, UPDATE or DELETE
			line += "  " + strings.TrimSpace(r.Status+" "+r.Reason)
		}
		fmt.Fprintln(w, strings.TrimRight(Sanitize(line), " "))
	}
}
