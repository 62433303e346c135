// SPDX-License-Identifier: MIT

package cloudformation

import "testing"

// Every operation says which permission it needs.
func TestRulesAreOfOperations(t *testing.T) {
	t.Parallel()
	s := &Service{}
	for name := range needs().Rules {
		if handle, _ := s.action(name); handle == nil {
			t.Errorf("there is a rule for %s, which is no operation", name)
		}
	}
}
