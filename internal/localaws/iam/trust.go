// SPDX-License-Identifier: MIT

package iam

import (
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// AssumableBy reports whether a service acting in scope, such as
// lambda.amazonaws.com, may assume a role. It returns a *wire.Error: NoSuchEntity
// if there is no such role, AccessDenied if the role belongs to another account
// or its trust policy does not let the service in. Conditions on aws:SourceArn
// count as met: what the role is for is not known here.
func (s *Service) AssumableBy(scope arn.Scope, roleARN, principal string) error {
	return s.assumable(scope, roleARN, policy.Request{Principal: principal, Unknown: []string{"aws:sourcearn"}})
}

// AssumableFor is AssumableBy for a service that says for which of its resources
// it assumes the role, such as a deployment group: conditions on aws:SourceArn
// count.
func (s *Service) AssumableFor(scope arn.Scope, roleARN, principal, source string) error {
	return s.assumable(scope, roleARN, policy.Request{Principal: principal, Context: map[string]string{"aws:sourcearn": source}})
}

// assumable asks a role's trust policy a question of a service.
func (s *Service) assumable(scope arn.Scope, roleARN string, question policy.Request) error {
	r, err := s.Role(roleARN)
	if err != nil {
		return err
	}
	denied := func(why string) error {
		return wire.Errorf(http.StatusForbidden, "AccessDenied", "%s cannot assume %s: %s", question.Principal, roleARN, why)
	}
	if parsed, _ := arn.Parse(roleARN); parsed.Account != scope.Account {
		return denied("it belongs to another account")
	}
	if question.Context == nil {
		question.Context = map[string]string{}
	}
	question.PrincipalType, question.Action = "Service", "sts:AssumeRole"
	question.Context["aws:sourceaccount"] = scope.Account
	if !r.Trust.Allows(question) {
		return denied("its trust policy does not allow it")
	}
	return nil
}

// Role is a role as other services see it.
type Role struct {
	ID                string // such as AROA...
	Name              string
	ARN               string
	Trust             policy.Document
	MaxSessionSeconds int
}

// Role finds a role by its ARN. It returns a *wire.Error with the code
// NoSuchEntity if there is none.
func (s *Service) Role(roleARN string) (Role, error) {
	missing := noSuchEntity("The role with ARN %s cannot be found.", roleARN)
	parsed, ok := arn.Parse(roleARN)
	if !ok || parsed.Service != "iam" || !strings.HasPrefix(parsed.Resource, "role/") {
		return Role{}, missing
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.accounts[parsed.Account]
	if a == nil {
		return Role{}, missing
	}
	r := a.Roles[lastSegment(roleARN)]
	if r == nil || r.ARN != roleARN { // the path belongs to the ARN
		return Role{}, missing
	}
	trust, err := policy.Parse([]byte(r.Trust))
	if err != nil {
		return Role{}, err
	}
	return Role{ID: r.ID, Name: r.Name, ARN: r.ARN, Trust: trust, MaxSessionSeconds: r.MaxSessionSeconds}, nil
}
