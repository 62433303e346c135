// SPDX-License-Identifier: MIT

package access

import (
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Session is what temporary credentials of a role stand for.
type Session struct {
	ARN      string    // arn:aws:sts::account:assumed-role/role/session
	Role     string    // ARN of the role
	UserID   string    // id of the role and name of the session
	Function string    // ARN of the function whose credentials they are; "" if they are no function's
	Issued   time.Time // zero if not known
	Expires  time.Time // zero: they do not
}

// Sessions knows the temporary credentials by access key id. It reports false
// for what it did not issue; the zero Session is one that acts as its account.
type Sessions interface {
	Session(accessKeyID string) (Session, bool)
}

// Grants is what the policies of a role give. It does not change.
type Grants struct {
	Identity []policy.Document // inline and attached policies
	Boundary *policy.Document  // permissions boundary; nil if there is none
	Tags     map[string]string // of the role
	// Missing are the ARNs of attached policies whose content is not known.
	Missing []string
}

// Roles knows the policies of roles. A role that does not exist has none.
type Roles interface {
	Grants(roleARN string) *Grants
}

// Holder knows the resource-based policies of a service. It reports false if
// the resource has none.
type Holder interface {
	ResourcePolicy(resource string) (policy.Document, bool)
}

// Guard decides. A nil Guard lets everybody do everything. Its methods may be
// called concurrently.
type Guard struct {
	now func() time.Time

	mu       sync.RWMutex
	roles    Roles
	sessions Sessions
	holders  map[string]Holder // by service in ARNs
}

// NewGuard returns a Guard without roles and sessions, which are given later.
func NewGuard(now func() time.Time) *Guard { return &Guard{now: now, holders: map[string]Holder{}} }

// Use sets who knows roles and sessions.
func (g *Guard) Use(roles Roles, sessions Sessions) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.roles, g.sessions = roles, sessions
}

// Hold sets who knows the policies of the resources of a service, such as sqs.
func (g *Guard) Hold(service string, h Holder) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.holders[service] = h
}

// Restricted reports whether a caller acts with the credentials of a role, and
// returns their session. The error is a *TokenError.
func (g *Guard) Restricted(id wire.Identity) (Session, bool, error) {
	if g == nil || id.Anonymous || !wire.IsTemporary(id.AccessKeyID) {
		return Session{}, false, nil
	}
	g.mu.RLock()
	sessions := g.sessions
	g.mu.RUnlock()
	if sessions == nil {
		return Session{}, false, nil
	}
	session, ok := sessions.Session(id.AccessKeyID)
	switch {
	case !ok:
		return Session{}, false, &TokenError{}
	case !session.Expires.IsZero() && session.Expires.Before(g.now()):
		return Session{}, false, &TokenError{Expired: true}
	}
	return session, session.ARN != "", nil
}

// Check returns an error unless the caller may do what is needed: a *Denial or a
// *TokenError.
func (g *Guard) Check(id wire.Identity, needs ...Need) error {
	session, restricted, err := g.Restricted(id)
	if err != nil || !restricted {
		return err
	}
	return g.May(session, id.Region, needs...)
}

// Caller returns the ARN and the user id of who signs, as functions see them:
// those of a session, else those of the account's root.
func (g *Guard) Caller(id wire.Identity) (userARN, userID string) {
	if session, restricted, err := g.Restricted(id); err == nil && restricted {
		return session.ARN, session.UserID
	}
	return arn.Scope{Partition: "aws", Account: id.Account}.Global("iam", "root"), id.Account
}

// May returns a *Denial unless a session may do what is needed in a region.
func (g *Guard) May(session Session, region string, needs ...Need) error {
	if g == nil || len(needs) == 0 {
		return nil
	}
	g.mu.RLock()
	roles := g.roles
	g.mu.RUnlock()
	if roles == nil {
		return nil
	}
	grants := roles.Grants(session.Role)
	for _, need := range needs {
		v := Evaluate(grants, g.policyOf(need.Resource), g.request(session, region, grants, need))
		if !v.Allowed {
			return v.denial(session, grants, need)
		}
	}
	return nil
}

// Authorize returns a *Denial unless a role may do something, which a service
// does on its behalf in a session of that name.
func (g *Guard) Authorize(roleARN, session, action, resource string) error {
	a, _ := arn.Parse(resource)
	return g.May(SessionOf(roleARN, session), a.Region, Need{Action: action, Resource: resource})
}

// SessionOf returns a session of a role as which a service acts.
func SessionOf(roleARN, name string) Session {
	a, _ := arn.Parse(roleARN)
	role := roleARN[strings.LastIndex(roleARN, "/")+1:]
	scope := arn.Scope{Partition: a.Partition, Account: a.Account}
	return Session{ARN: scope.Global("sts", "assumed-role/"+role+"/"+name), Role: roleARN}
}

// policyOf returns the policy of a resource, nil if it has none.
func (g *Guard) policyOf(resource string) *policy.Document {
	a, ok := arn.Parse(resource)
	if !ok {
		return nil
	}
	g.mu.RLock()
	holder := g.holders[a.Service]
	g.mu.RUnlock()
	if holder == nil {
		return nil
	}
	if d, ok := holder.ResourcePolicy(resource); ok {
		return &d
	}
	return nil
}
