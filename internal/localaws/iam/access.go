// SPDX-License-Identifier: MIT

package iam

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for AWS Identity and Access Management", Service Authorization
// Reference). Of a role that is named, the path is that of the role, if there is
// one.
func (s *Service) needs() access.Table {
	role, policyOf := access.On(s.roleIn), access.On(access.ARNIn("PolicyArn"))
	rules := map[string]access.Rule{
		"CreatePolicy":            access.On(newPolicy),
		"SimulatePrincipalPolicy": access.On(access.ARNIn("PolicySourceArn")),
	}
	for name := range s.actions {
		switch name {
		case "ListRoles", "ListPolicies":
			rules[name] = access.On(access.Any)
		case "GetPolicy", "GetPolicyVersion", "ListPolicyVersions", "DeletePolicy":
			rules[name] = policyOf
		case "CreatePolicy", "SimulatePrincipalPolicy":
		default:
			rules[name] = role
		}
	}
	return access.Table{Prefix: "iam", Rules: rules}
}

// roleIn is the role that a request names.
func (s *Service) roleIn(in *access.Input) []string {
	name := in.Text("RoleName")
	s.mu.RLock()
	defer s.mu.RUnlock()
	if a := s.accounts[in.Scope.Account]; a != nil && a.Roles[name] != nil {
		return []string{a.Roles[name].ARN}
	}
	path := in.Text("Path")
	if path == "" {
		path = "/"
	}
	return []string{in.Scope.Global("iam", "role"+path+name)}
}

func newPolicy(in *access.Input) []string {
	path := in.Text("Path")
	if path == "" {
		path = "/"
	}
	return []string{in.Scope.Global("iam", "policy"+path+in.Text("PolicyName"))}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.table.Needs(r, arn.Scope{Partition: "aws", Account: id.Account}), true
}
