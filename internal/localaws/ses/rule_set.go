// SPDX-License-Identifier: MIT

package ses

import (
	"slices"
	"strings"
	"time"
)

// ruleSet is a receipt rule set; guarded by Service.mu.
type ruleSet struct {
	Name    string
	Created time.Time
	Rules   []*rule // in the order in which they are applied
}

// maxRuleSets is how many rule sets an account may have in a region.
const maxRuleSets = 40

// find returns a rule set by name, or an error.
func (p *place) find(name string) (*ruleSet, error) {
	for _, set := range p.RuleSets {
		if set.Name == name {
			return set, nil
		}
	}
	return nil, refused("RuleSetDoesNotExist", "Rule set does not exist: %s", name)
}

// make adds a rule set.
func (p *place) make(name string, now time.Time) error {
	if !setName.MatchString(name) {
		return invalid("Rule set name must only contain alphanumeric characters, '_', '.', and '-', start and end with an alphanumeric character and have at most 64 characters: %s", name)
	}
	if _, err := p.find(name); err == nil {
		return refused("AlreadyExists", "Rule set already exists: %s", name)
	}
	if len(p.RuleSets) >= maxRuleSets {
		return refused("LimitExceeded", "An account can have at most %d rule sets.", maxRuleSets)
	}
	p.RuleSets = append(p.RuleSets, &ruleSet{Name: name, Created: now.UTC()})
	slices.SortFunc(p.RuleSets, func(a, b *ruleSet) int { return strings.Compare(a.Name, b.Name) })
	return nil
}

// drop removes a rule set with its rules. The active one stays; one that is gone
// is no error.
func (p *place) drop(name string) error {
	if p.Active == name && name != "" {
		return refused("CannotDelete", "Cannot delete active rule set: %s", name)
	}
	p.RuleSets = slices.DeleteFunc(p.RuleSets, func(set *ruleSet) bool { return set.Name == name })
	return nil
}

// index returns where a rule stands, or an error.
func (set *ruleSet) index(name string) (int, error) {
	n := slices.IndexFunc(set.Rules, func(r *rule) bool { return r.Name == name })
	if n < 0 {
		return 0, refused("RuleDoesNotExist", "Rule does not exist: %s", name)
	}
	return n, nil
}

// insert puts a rule behind the one called after, or first of all.
func (set *ruleSet) insert(r *rule, after string) error {
	if _, err := set.index(r.Name); err == nil {
		return refused("AlreadyExists", "Rule already exists: %s", r.Name)
	}
	if len(set.Rules) >= maxRules {
		return refused("LimitExceeded", "A rule set can have at most %d rules.", maxRules)
	}
	at := 0
	if after != "" {
		n, err := set.index(after)
		if err != nil {
			return err
		}
		at = n + 1
	}
	set.Rules = slices.Insert(slices.Clone(set.Rules), at, r)
	return nil
}

// replace puts a rule in the place of the one of its name.
func (set *ruleSet) replace(r *rule) error {
	n, err := set.index(r.Name)
	if err != nil {
		return err
	}
	set.Rules = slices.Clone(set.Rules)
	set.Rules[n] = r
	return nil
}

// remove deletes a rule; one that is gone is no error.
func (set *ruleSet) remove(name string) {
	set.Rules = slices.DeleteFunc(slices.Clone(set.Rules), func(r *rule) bool { return r.Name == name })
}

// move puts a rule behind another, or first of all.
func (set *ruleSet) move(name, after string) error {
	n, err := set.index(name)
	if err != nil {
		return err
	}
	if name == after {
		return invalid("A rule cannot be placed after itself: %s", name)
	}
	if after != "" {
		if _, err := set.index(after); err != nil {
			return err
		}
	}
	r := set.Rules[n]
	set.remove(name)
	return set.insert(r, after)
}
