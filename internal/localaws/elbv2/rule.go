// SPDX-License-Identifier: MIT

package elbv2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// rule is a rule of a listener, but for the default one.
type rule struct {
	Listener   string // ARN
	ID         string
	Priority   int
	Conditions []condition
	Actions    []action
}

func (r *rule) arn() string {
	return strings.Replace(r.Listener, ":listener/", ":listener-rule/", 1) + "/" + r.ID
}

// maxPriority is the priority of the last rule.
const maxPriority = 50000

// completeRule checks a rule and fills in what is not said; s.mu is held.
func (s *Service) completeRule(r *rule) error {
	l := s.listeners[r.Listener]
	if l == nil {
		return noListener(r.Listener)
	}
	if r.Priority < 1 || r.Priority > maxPriority {
		return invalid("Priority '%d' must be between '1' and '%d'", r.Priority, maxPriority)
	}
	for _, other := range s.rules {
		if other.Listener == r.Listener && other.Priority == r.Priority && other.ID != r.ID {
			return wire.Errorf(400, "PriorityInUse", "Priority '%d' is currently in use", r.Priority)
		}
	}
	var err error
	if r.Conditions, err = completeConditions(r.Conditions); err != nil {
		return err
	}
	if r.Actions, err = s.completeActions(r.Actions); err != nil {
		return err
	}
	return s.checkAssociation(l.Balancer, r.Actions)
}

// createRule makes a rule; s.mu is held.
func (s *Service) createRule(r rule) (*rule, error) {
	r.ID = newID()
	if err := s.completeRule(&r); err != nil {
		return nil, err
	}
	s.rules[r.arn()] = &r
	s.changed()
	return &r, nil
}

// updateRule gives a rule another priority, conditions and actions; s.mu is
// held.
func (s *Service) updateRule(ruleARN string, next rule) error {
	old := s.rules[ruleARN]
	if old == nil {
		return noRule(ruleARN)
	}
	next.Listener, next.ID = old.Listener, old.ID
	if err := s.completeRule(&next); err != nil {
		return err
	}
	s.rules[ruleARN] = &next
	s.changed()
	return nil
}

// deleteRule removes a rule; s.mu is held.
func (s *Service) deleteRule(ruleARN string) {
	if s.rules[ruleARN] != nil {
		delete(s.rules, ruleARN)
		s.changed()
	}
}

// rulesOf returns the rules of a listener in the order of their priorities; s.mu
// is held.
func (s *Service) rulesOf(listenerARN string) []*rule {
	var list []*rule
	for _, r := range s.rules {
		if r.Listener == listenerARN {
			list = append(list, r)
		}
	}
	slices.SortFunc(list, func(a, b *rule) int { return cmp.Compare(a.Priority, b.Priority) })
	return list
}
