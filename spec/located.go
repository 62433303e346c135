// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// located is an ARN of a resource that has to be where the stack is.
type located struct {
	path    []string
	at      mark
	what    string
	region  string
	account string // "" where that of the stack is not demanded, or is not written out
}

// locate keeps where a resource is, if that has to be the stack's region.
func (d *decoder) locate(n *node, k sourceKind, written string) {
	parts := strings.SplitN(written, ":", 6)
	if !k.here || len(parts) < 6 || n.masked || strings.Contains(parts[3], hole) {
		return
	}
	one := located{path: n.path(), at: n.at, what: k.what, region: parts[3]}
	if k.own && !strings.Contains(parts[4], hole) {
		one.account = parts[4]
	}
	d.located = append(d.located, one)
}

// regions refuses resources of two regions which both have to be that of the
// stack.
func (d *decoder) regions() {
	slices.SortStableFunc(d.located, func(a, b located) int { return a.at.compare(b.at) })
	for _, l := range d.located {
		if first := d.located[0]; l.region != first.region {
			d.problems.Add(d.problem(l.at, strings.Join(l.path, "."), diag.ElsewhereARN,
				fmt.Sprintf("is %s in %s, while %s in line %d is in %s: both have to be in the region of the stack", l.what, l.region, strings.Join(first.path, "."), first.at.line, first.region),
				"name resources of one region, and deploy to it"))
		}
	}
}

// Elsewhere returns the problems of resources, named by ARN, that have to be in
// the stack's region and are in another one, or in another account where that
// matters.
func (s *Service) Elsewhere(region, account string) diag.List {
	var problems diag.List
	for _, l := range s.located {
		message, hint := "", ""
		switch {
		case l.region != region:
			message = fmt.Sprintf("is %s in %s, and the stack goes to %s: it has to be in the same region", l.what, l.region, region)
			hint = "deploy to " + l.region + " with --region, or name one of " + region
		case l.account != "" && l.account != account:
			message = fmt.Sprintf("is %s of account %s, and the stack goes to account %s: it has to be the same one", l.what, l.account, account)
			hint = "choose another profile with --profile, or name one of account " + account
		default:
			continue
		}
		problems.Add(s.Problem(diag.ElsewhereARN, message, hint, l.path...))
	}
	return problems
}
