// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"

	"github.com/sparta-up/sparta/internal/diag"
)

// maxValues is how many maps, lists and scalars a file may have, aliases written
// out. A stack has 500 resources, so that there are 40 values for each; whole
// templates have a dozen. Reading more would take more memory than the rest of
// Sparta.
const maxValues = 20_000

// maxPart is how many of them a function may have, or another part of the file
// that Sparta reads itself. The most that makes sense are 500 sources of events.
const maxPart = 5_000

// crowd refuses, before anything else is read, what is beyond all that AWS takes:
// far more resources than a stack has, and parts with too many values.
func (s *source) crowd(root *node) *diag.Problem {
	if p := s.crowdedStack(root); p != nil {
		return p
	}
	for _, f := range root.fields {
		parts := []*node{f}
		switch {
		case slices.Contains([]string{"resources", "outputs", "decorators", environmentsKey}, f.key):
			parts = nil // CloudFormation's, or each for itself
		case f.key == "functions" || f.key == "customResources":
			parts = f.fieldsOf()
		}
		for _, part := range parts {
			if size := part.size(); size > maxPart {
				return new(s.problem(part.keyAt, part.place(), diag.ManyValues,
					fmt.Sprintf("%d values, %d more than Sparta takes", size, size-maxPart), "leave out what is there more than once, or split it in several"))
			}
		}
	}
	for _, f := range root.field(environmentsKey).fieldsOf() {
		if p := s.crowd(f); p != nil {
			return p
		}
	}
	return nil
}

// crowdedStack refuses what makes more than four times of what a stack takes.
// What makes less is counted exactly, after all else that is wrong was found.
func (s *source) crowdedStack(root *node) *diag.Problem {
	resources, at := 0, root.keyAt
	for _, section := range []string{"customResources", "resources", "functions"} {
		n := root.field(section)
		for _, f := range n.fieldsOf() {
			resources += 1 + len(f.field("events").itemsOf())
			at = n.keyAt
		}
	}
	outputs := root.field("outputs")
	switch {
	case resources > 4*maxResources:
		return new(s.problem(at, "", diag.ManyResources,
			fmt.Sprintf("%d functions, sources of events and resources, and AWS takes %d resources", resources, maxResources), "split the service in several"))
	case len(outputs.fieldsOf()) > 4*maxOutputs:
		return new(s.problem(outputs.keyAt, outputs.place(), diag.ManyOutputs,
			fmt.Sprintf("%d outputs, and AWS takes %d", len(outputs.fields), maxOutputs), "leave out what nobody reads"))
	}
	return nil
}

// manyValues is the problem of a file with too many.
func (s *source) manyValues(at mark) diag.Problem {
	return s.problem(at, "", diag.ManyValues, fmt.Sprintf("more than %d values up to here", maxValues),
		fmt.Sprintf("split the service in several: a stack takes %d resources", maxResources))
}
