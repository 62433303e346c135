// SPDX-License-Identifier: MIT

package sts

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Credentials are temporary credentials.
type Credentials struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// Lend makes credentials of a role for an execution environment of a function,
// whose ARN and name tell who acts. They hold until release is called and are
// not kept when the process ends.
func (s *Service) Lend(roleARN, functionARN, function string) (c Credentials, release func()) {
	lent := access.SessionOf(roleARN, function)
	lent.Function, lent.Issued = functionARN, s.env.Now().UTC()
	lent.UserID = ":" + function
	if r, err := s.roles.Role(roleARN); err == nil {
		lent.UserID = r.ID + ":" + function
	}
	role, _ := arn.Parse(roleARN)
	made := s.issue(role.Account, session{Session: lent, lent: true})
	release = func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		delete(s.sessions, made.AccessKeyID)
	}
	return Credentials{made.AccessKeyID, made.SecretAccessKey, made.SessionToken}, release
}

// Session returns what an access key id of temporary credentials stands for.
// Sessions of roles from before their ARN was kept are none.
func (s *Service) Session(accessKeyID string) (access.Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	held, ok := s.sessions[accessKeyID]
	return held.Session, ok && (held.ARN == "") == (held.Role == "")
}

// needs says which permissions the operations take. AssumeRole is up to the trust
// policy of the role and to those of the caller.
func needs() access.Table {
	return access.Table{Prefix: "sts", Rules: map[string]access.Rule{
		"GetCallerIdentity": access.Free,
		"GetSessionToken":   access.Free, // refused to sessions of roles
		"AssumeRole":        access.On(access.ARNIn("RoleArn")),
	}}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: "aws", Account: id.Account}), true
}
