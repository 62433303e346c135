// SPDX-License-Identifier: MIT

package iam

import (
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// Grants returns what the policies of a role give. They are parsed once for
// each change. A role that does not exist is given nothing.
func (s *Service) Grants(roleARN string) *access.Grants {
	s.mu.RLock()
	found := s.grants[roleARN]
	s.mu.RUnlock()
	if found != nil {
		return found
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found = &access.Grants{}
	if a, r := s.find(roleARN); r != nil {
		found = a.grants(r)
	}
	if s.grants == nil {
		s.grants = map[string]*access.Grants{}
	}
	s.grants[roleARN] = found
	return found
}

// ResourcePolicy returns the trust policy of a role.
func (s *Service) ResourcePolicy(roleARN string) (policy.Document, bool) {
	r, err := s.Role(roleARN)
	return r.Trust, err == nil
}

// find returns a role by its ARN, nil if there is none; s.mu is held.
func (s *Service) find(roleARN string) (*account, *role) {
	parsed, _ := arn.Parse(roleARN)
	a := s.accounts[parsed.Account]
	if a == nil || parsed.Service != "iam" {
		return nil, nil
	}
	r := a.Roles[lastSegment(roleARN)]
	if r == nil || r.ARN != roleARN { // the path belongs to the ARN
		return nil, nil
	}
	return a, r
}

// grants parses the policies of a role. They were checked when they were put on
// it.
func (a *account) grants(r *role) *access.Grants {
	g := &access.Grants{Tags: maps.Clone(r.Tags)}
	add := func(document string) {
		if d, err := policy.Parse([]byte(document)); err == nil {
			g.Identity = append(g.Identity, d)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(r.Inline)) {
		add(r.Inline[name])
	}
	for _, policyARN := range r.Attached {
		document, ok := a.document(policyARN)
		if !ok {
			g.Missing = append(g.Missing, policyARN)
			continue
		}
		add(document)
	}
	if r.Boundary != "" {
		g.Boundary = &policy.Document{} // allows nothing
		if document, ok := a.document(r.Boundary); !ok {
			g.Missing = append(g.Missing, r.Boundary)
		} else if d, err := policy.Parse([]byte(document)); err == nil {
			g.Boundary = &d
		}
	}
	return g
}

// document returns the content of a managed policy of the account or of AWS.
func (a *account) document(policyARN string) (string, bool) {
	if p := a.Policies[policyARN]; p != nil {
		return p.Document, true
	}
	return documentOfAWS(policyARN)
}
