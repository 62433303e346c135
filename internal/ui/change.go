// SPDX-License-Identifier: MIT

package ui

import (
	"fmt"
	"io"
	"strings"
)

// Change is what would happen to a resource of the service's stack.
type Change struct {
	Kind       string        `json:"kind"` // add, modify, replace, may replace, remove
	LogicalID  string        `json:"logicalId"`
	Type       string        `json:"type"`
	PhysicalID string        `json:"physicalId,omitempty"`
	LosesData  bool          `json:"losesData,omitempty"` // up asks before
	Retained   bool          `json:"retained,omitempty"`  // stays in AWS
	Values     []ValueChange `json:"values,omitempty"`
}

// ValueChange is a value of a resource that would change.
type ValueChange struct {
	Path     string `json:"path"`             // such as Properties.MemorySize
	Before   string `json:"before,omitempty"` // empty: there is none, or it is not shown
	After    string `json:"after,omitempty"`
	Replaces bool   `json:"replaces,omitempty"` // it is why the resource is replaced
}

// longestValue is how much of a value is shown, in columns.
const longestValue = 60

// writeChanges writes a line for each resource that changes, and below it what
// of it does.
func (u *UI) writeChanges(w io.Writer, changes []Change) {
	const widest = 40
	kind, id := 0, 0
	for _, c := range changes {
		kind, id = max(kind, len(c.Kind)), max(id, min(len(c.LogicalID), widest))
	}
	for _, c := range changes {
		line := fmt.Sprintf("  %-*s  %-*s  %s", kind, c.Kind, id, c.LogicalID, c.Type)
		switch {
		case c.LosesData:
			line += "  its data is lost"
		case c.Retained:
			line += "  it stays in AWS"
		}
		fmt.Fprintln(w, Sanitize(line))
		for _, v := range c.Values {
			fmt.Fprintln(w, strings.Repeat(" ", kind+6)+Sanitize(v.text()))
		}
	}
}

func (v ValueChange) text() string {
	text := v.Path
	switch before, after := cut(v.Before, longestValue), cut(v.After, longestValue); {
	case before != "" && after != "":
		text += ": " + before + " -> " + after
	case after != "":
		text += ": " + after
	case before != "":
		text += ": no longer " + before
	}
	if v.Replaces {
		text += " (replaces it)"
	}
	return text
}
