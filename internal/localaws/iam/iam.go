// SPDX-License-Identifier: MIT

// Package iam is the IAM of the embedded AWS: roles with their trust policies,
// inline and managed policies, SimulatePrincipalPolicy, and the CloudFormation
// types AWS::IAM::Role, AWS::IAM::Policy and AWS::IAM::ManagedPolicy. Policies
// restrict what is done with the credentials of a role, permissions boundaries
// included; other callers may do everything. Of the policies that AWS manages
// those that functions usually have are known.
package iam

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "iam" // the name of the state document in the store
	namespace = "https://iam.amazonaws.com/doc/2010-05-08/"
)

// Service is the embedded IAM. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	actions map[string]action
	table   access.Table

	mu       sync.RWMutex
	accounts map[string]*account
	// grants are the parsed policies of roles by ARN; emptied by every change.
	grants map[string]*access.Grants
}

// account is what one account has.
type account struct {
	Roles    map[string]*role    // by name
	Policies map[string]*managed // by ARN
}

// role is a role with its policies.
type role struct {
	Name, Path, ID, ARN string
	Created             time.Time
	Trust               string            // JSON
	Description         string            `json:",omitempty"`
	MaxSessionSeconds   int               `json:",omitempty"`
	Boundary            string            `json:",omitempty"` // ARN of a policy
	Tags                map[string]string `json:",omitempty"`
	Inline              map[string]string `json:",omitempty"` // JSON by policy name
	Attached            []string          `json:",omitempty"` // ARNs in the order of attachment
}

// managed is a customer managed policy. It has one version.
type managed struct {
	Name, Path, ID, ARN string
	Created, Updated    time.Time
	Document            string
	Description         string            `json:",omitempty"`
	Tags                map[string]string `json:",omitempty"`
}

// New opens the IAM whose state is in env.Store.
func New(env service.Env) (*Service, error) {
	s := &Service{env: env, actions: actions(), accounts: map[string]*account{}}
	s.table = s.needs()
	if err := env.Store.Load(document, &s.accounts); err != nil {
		return nil, fmt.Errorf("open iam: %w", err)
	}
	env.Store.Register(document, s.snapshot)
	return s, nil
}

// changed marks the state as to be written. The caller holds the lock for
// writing.
func (s *Service) changed() {
	s.grants = nil
	s.env.Store.Changed(document)
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return json.Marshal(s.accounts)
}

// in returns what an account has. The caller holds the lock for writing.
func (s *Service) in(id string) *account {
	a := s.accounts[id]
	if a == nil {
		a = &account{Roles: map[string]*role{}, Policies: map[string]*managed{}}
		s.accounts[id] = a
	}
	return a
}

// call is one request of the API.
type call struct {
	url.Values
	id wire.Identity
}

// action is one action of the API. It runs with the lock held for writing and
// returns the content of its result element, or nil.
type action struct {
	run        func(*Service, *account, call) (any, error)
	parameters []string // that it accepts; others are refused rather than ignored
}

func actions() map[string]action {
	roleName := "RoleName"
	return map[string]action{
		"CreateRole":                  {(*Service).createRole, []string{roleName, "Path", "AssumeRolePolicyDocument", "Description", "MaxSessionDuration", "PermissionsBoundary", "Tags"}},
		"GetRole":                     {(*Service).getRole, []string{roleName}},
		"ListRoles":                   {(*Service).listRoles, []string{"PathPrefix", "Marker", "MaxItems"}},
		"UpdateRole":                  {(*Service).updateRole, []string{roleName, "Description", "MaxSessionDuration"}},
		"UpdateRoleDescription":       {(*Service).updateRole, []string{roleName, "Description"}},
		"UpdateAssumeRolePolicy":      {(*Service).updateTrust, []string{roleName, "PolicyDocument"}},
		"DeleteRole":                  {(*Service).deleteRole, []string{roleName}},
		"TagRole":                     {(*Service).tagRole, []string{roleName, "Tags"}},
		"UntagRole":                   {(*Service).untagRole, []string{roleName, "TagKeys"}},
		"ListRoleTags":                {(*Service).listRoleTags, []string{roleName, "Marker", "MaxItems"}},
		"PutRolePolicy":               {(*Service).putRolePolicy, []string{roleName, "PolicyName", "PolicyDocument"}},
		"GetRolePolicy":               {(*Service).getRolePolicy, []string{roleName, "PolicyName"}},
		"DeleteRolePolicy":            {(*Service).deleteRolePolicy, []string{roleName, "PolicyName"}},
		"ListRolePolicies":            {(*Service).listRolePolicies, []string{roleName, "Marker", "MaxItems"}},
		"AttachRolePolicy":            {(*Service).attachRolePolicy, []string{roleName, "PolicyArn"}},
		"DetachRolePolicy":            {(*Service).detachRolePolicy, []string{roleName, "PolicyArn"}},
		"ListAttachedRolePolicies":    {(*Service).listAttached, []string{roleName, "PathPrefix", "Marker", "MaxItems"}},
		"ListInstanceProfilesForRole": {(*Service).listInstanceProfiles, []string{roleName, "Marker", "MaxItems"}},
		"CreatePolicy":                {(*Service).createPolicy, []string{"PolicyName", "Path", "PolicyDocument", "Description", "Tags"}},
		"GetPolicy":                   {(*Service).getPolicy, []string{"PolicyArn"}},
		"GetPolicyVersion":            {(*Service).getPolicyVersion, []string{"PolicyArn", "VersionId"}},
		"ListPolicyVersions":          {(*Service).listPolicyVersions, []string{"PolicyArn", "Marker", "MaxItems"}},
		"ListPolicies":                {(*Service).listPolicies, []string{"Scope", "OnlyAttached", "PathPrefix", "Marker", "MaxItems"}},
		"DeletePolicy":                {(*Service).deletePolicy, []string{"PolicyArn"}},
		"SimulatePrincipalPolicy": {(*Service).simulate, []string{
			"PolicySourceArn", "ActionNames", "ResourceArns", "PolicyInputList", "PermissionsBoundaryPolicyInputList", "ContextEntries",
		}},
	}
}

// ServeAPI answers one request of the IAM query protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	form, err := wire.QueryForm(r)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	name := form.Get("Action")
	result, err := s.perform(name, call{form, id})
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	wire.WriteQuery(w, namespace, name, result)
}

func (s *Service) perform(name string, c call) (any, error) {
	act, ok := s.actions[name]
	if !ok {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidAction", "the embedded AWS does not model the IAM action %s", name)
	}
	for _, parameter := range slices.Sorted(maps.Keys(c.Values)) {
		parameter, _, _ = strings.Cut(parameter, ".")
		if parameter != "Action" && parameter != "Version" && !strings.HasPrefix(parameter, "X-Amz-") && !slices.Contains(act.parameters, parameter) {
			return nil, invalid("the embedded AWS does not model the parameter %s of %s", parameter, name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	result, err := act.run(s, s.in(c.id.Account), c)
	if err == nil && !readOnly(name) {
		s.changed()
	}
	return result, err
}

func readOnly(name string) bool {
	return strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "List") || name == "SimulatePrincipalPolicy"
}
