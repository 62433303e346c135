// SPDX-License-Identifier: MIT

package spec

import (
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// accounts decodes which accounts the environment may go to; nil: any. An
// environment that is not in the file is a fault, so that no guard is off by a
// misspelling.
func (d *decoder) accounts(n *node) []string {
	if !usable(n) || n.kind != object {
		return nil
	}
	var allowed []string
	for _, f := range n.fields {
		if !usable(f) {
			continue
		}
		if !slices.Contains(d.environmentNames, f.key) {
			hint := "environments of this service: " + strings.Join(d.environmentNames, ", ")
			if near := nearest(f.key, d.environmentNames); near != "" {
				hint = didYouMean(near)
			}
			d.keyFault(f, diag.UnknownEnvironment, "there is no such environment", hint)
			continue
		}
		ids := d.accountIDs(f)
		if f.key == d.environmentName {
			allowed = ids
		}
	}
	return allowed
}

// accountIDs decodes one account or a list of them, as they are written.
func (d *decoder) accountIDs(n *node) []string {
	items := []*node{n}
	if n.kind == list {
		items = n.items
	}
	var ids []string
	for _, item := range items {
		switch {
		case !usable(item):
		case !accountID.MatchString(item.written):
			d.fault(item, diag.AccountID, "must be the twelve digits of an AWS account, not "+item.quote(), "")
		default:
			ids = append(ids, item.written)
		}
	}
	return ids
}
