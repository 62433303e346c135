// SPDX-License-Identifier: MIT

package events

import "testing"

// Every operation says which permission it needs, and no other one does.
func TestEveryOperationHasARule(t *testing.T) {
	t.Parallel()
	rules := needs().Rules
	for name := range actions() {
		if rules[name] == nil {
			t.Errorf("%s has no rule", name)
		}
		delete(rules, name)
	}
	for name := range rules {
		t.Errorf("there is a rule for %s, which is no operation", name)
	}
}
