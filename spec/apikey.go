// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/diag"
)

// UsagePlan is what the holders of API keys may use.
type UsagePlan struct {
	Name     string    // key in sparta.yaml
	APIKeys  []string  `key:"apiKeys"`  // names of the API's keys
	Throttle *Throttle `key:"throttle"` // of each key; nil: no limit but the API's
	Quota    *Quota    `key:"quota"`    // of each key; nil: none
}

// Quota is how many requests there are in a period.
type Quota struct {
	Limit  int    `key:"limit"`
	Period string `key:"period"` // day, week or month
}

// DefaultUsagePlan is the plan of all keys where none is given.
const DefaultUsagePlan = "all"

// usagePlans decodes the plans of keys, sorted by name: one without limits if
// there are keys only.
func (d *decoder) usagePlans(n *node, keys []string) []UsagePlan {
	if !usable(n) {
		if len(keys) == 0 || n != nil {
			return nil
		}
		return []UsagePlan{{Name: DefaultUsagePlan, APIKeys: keys}}
	}
	var all []UsagePlan
	plans := map[string]string{} // by key
	for _, f := range n.fields {
		if !usable(f) {
			continue
		}
		p := UsagePlan{Name: f.key, APIKeys: d.texts(f.field("apiKeys")), Throttle: d.throttle(f.field("throttle"))}
		if quota := f.field("quota"); usable(quota) {
			p.Quota = &Quota{Limit: d.number(quota.field("limit"), 0), Period: d.literal(quota.field("period"))}
		}
		if list := f.field("apiKeys"); usable(list) {
			d.planKeys(list, keys, plans)
		}
		all = append(all, p)
	}
	if at := d.root.field("api").field("apiKeys"); usable(at) && n.sound() {
		for _, item := range at.items {
			if usable(item) && plans[item.written] == "" {
				d.fault(item, diag.APIKeys, "the key is in no usage plan, so that no route takes it", "add it to the apiKeys of a plan")
			}
		}
	}
	slices.SortFunc(all, func(a, b UsagePlan) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// planKeys checks the keys of one plan, and notes whose they are.
func (d *decoder) planKeys(n *node, keys []string, plans map[string]string) {
	for _, item := range n.items {
		if !usable(item) {
			continue
		}
		switch other := plans[item.written]; {
		case !slices.Contains(keys, item.written):
			hint := "add it to apiKeys"
			if near := nearest(item.written, keys); near != "" {
				hint = didYouMean(near)
			}
			d.fault(item, diag.APIKeys, "there is no API key "+strconv.Quote(shorten(item.written)), hint)
		case other != "":
			d.fault(item, diag.APIKeys, "the key has the usage plan "+other+" already", "a key has one plan: take it from one of them")
		default:
			plans[item.written] = n.parent.key
		}
	}
}
