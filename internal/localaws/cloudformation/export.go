// SPDX-License-Identifier: MIT

package cloudformation

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// neighbours returns the live stacks of an account and region by name.
func (s *Service) neighbours(scope arn.Scope) []*stack {
	var list []*stack
	for _, key := range sortedKeys(s.live) {
		if st := s.live[key]; st.Scope.Account == scope.Account && st.Scope.Region == scope.Region {
			list = append(list, st)
		}
	}
	return list
}

// export returns the value of an export.
func (s *Service) export(scope arn.Scope, name string) (string, bool) {
	for _, st := range s.neighbours(scope) {
		for _, o := range st.Outputs {
			if o.Export != "" && o.Export == name {
				return o.Value, true
			}
		}
	}
	return "", false
}

// importers returns the names of the stacks that import an export, other than
// the one that exports it.
func (s *Service) importers(exporter *stack, name string) []string {
	var names []string
	for _, st := range s.neighbours(exporter.Scope) {
		if st != exporter && slices.Contains(st.Imports, name) {
			names = append(names, st.Name)
		}
	}
	return names
}

// checkExports refuses outputs that export a name twice, or that drop or change
// an export in use.
func (s *Service) checkExports(st *stack, outputs []output) error {
	exported := map[string]string{}
	for _, o := range outputs {
		if o.Export == "" {
			continue
		}
		if hasKey(exported, o.Export) {
			return invalidf("Duplicate Export names. More than one outputs have been given the same Export name: %s", o.Export)
		}
		exported[o.Export] = o.Value
		for _, other := range s.neighbours(st.Scope) {
			if other != st && slices.ContainsFunc(other.Outputs, func(theirs output) bool { return theirs.Export == o.Export }) {
				return invalidf("Export with name %s is already exported by stack %s. Please specify a different name in the template outputs", o.Export, other.Name)
			}
		}
	}
	for _, o := range st.Outputs {
		if o.Export == "" {
			continue
		}
		value, still := exported[o.Export]
		if still && value == o.Value {
			continue
		}
		if users := s.importers(st, o.Export); len(users) > 0 {
			verb := "updated"
			if !still {
				verb = "deleted"
			}
			return invalidf("Export %s cannot be %s as it is in use by %s", o.Export, verb, strings.Join(users, " and "))
		}
	}
	return nil
}

// exportInUse returns why a stack cannot be deleted, or "".
func (s *Service) exportInUse(st *stack) string {
	for _, o := range st.Outputs {
		if o.Export == "" {
			continue
		}
		if users := s.importers(st, o.Export); len(users) > 0 {
			return "Export " + o.Export + " cannot be deleted as it is in use by " + strings.Join(users, " and ")
		}
	}
	return ""
}
