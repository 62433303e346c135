// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// wide warns of a statement that allows everything, or all of a service, on
// everything. A condition may narrow the latter.
func (d *decoder) wide(p Permission, n *node) {
	if !slices.Contains(p.On, any("*")) {
		return
	}
	for _, action := range p.Allow {
		service, all := strings.CutSuffix(action, ":*")
		switch {
		case action == "*", action == "*:*":
			d.warn(n, diag.WidePermission, "allows everything on everything", "list the actions that the code calls, and the ARNs that it calls them on")
			return
		case all && len(p.When) == 0:
			d.warn(n, diag.WidePermission, "allows all actions of "+service+" on everything", "list the actions that the code calls, or the ARNs that it calls them on")
			return
		}
	}
}
