// SPDX-License-Identifier: MIT

package policy

import (
	"slices"
	"strings"
)

// Request is a question to a policy.
type Request struct {
	PrincipalType string              // AWS or Service
	Principal     string              // an ARN, a service such as lambda.amazonaws.com, or "*" for the anonymous
	Role          string              // ARN of the role whose session the principal is; "" if it is none
	Action        string              // such as s3:GetObject
	Resource      string              // an ARN; ignored by statements without Resource
	Context       map[string]string   // condition keys in lower case, such as aws:sourceaccount
	Lists         map[string][]string // condition keys in lower case that have several values
	Unknown       []string            // keys in lower case whose value the caller cannot know: conditions on them count as met
	// Own says that the principal is of the account that the policy belongs to.
	// There a statement that names the whole account delegates to the policies
	// of its identities, and allows nothing by itself.
	Own bool
	// Anywhere says that the resource is not known: an Allow on any resource
	// counts, and only a Deny on all of them.
	Anywhere bool
}

// Effect is what a policy says of a request.
type Effect int

// The effects.
const (
	Silent  Effect = iota // nothing: not allowed
	Allowed               // some statement allows it, none denies it
	Denied                // some statement denies it
)

// Decision is the answer to a request.
type Decision struct {
	Effect Effect
	// Session says that what allows it names the very session of a role, which
	// a permissions boundary does not limit.
	Session bool
	// Fault is a condition operator that is not known: it made a statement not
	// allow, or deny.
	Fault string
}

// Allows reports whether the document grants the request: some statement allows
// it and none denies it.
func (d Document) Allows(q Request) bool { return d.Decide(&q).Effect == Allowed }

// Decide returns what the document says of a request. A statement with a
// condition operator that is not known allows nothing and denies everything that
// it is about.
func (d Document) Decide(q *Request) Decision {
	var out Decision
	action := strings.ToLower(q.Action)
	for i := range d.Statements {
		s := &d.Statements[i]
		if !s.concerns(q, action) {
			continue
		}
		met, fault := s.met(q)
		if fault != "" {
			out.Fault = fault
		}
		switch {
		case s.Effect == "Deny" && met:
			return Decision{Effect: Denied, Fault: fault}
		case s.Effect == "Allow" && met && fault == "":
			out.Effect = Allowed
			out.Session = out.Session || q.Role != "" && slices.Contains(s.Principals["AWS"], q.Principal)
		}
	}
	return out
}

// concerns reports whether principal, action and resource match.
func (s *Statement) concerns(q *Request, action string) bool {
	delegates := !(q.Own && s.Effect == "Allow") // naming the account is enough
	switch {
	case s.Principals != nil && !names(s.Principals, q, delegates):
		return false
	case s.NotPrincipals != nil && names(s.NotPrincipals, q, true):
		return false
	case s.actions != nil && !anyMatch(s.actions, action):
		return false
	case s.notActions != nil && anyMatch(s.notActions, action):
		return false
	case q.Anywhere:
		return s.Effect == "Allow" || s.everywhere()
	case s.resources != nil && !on(s.resources, q):
		return false
	case s.notResources != nil && on(s.notResources, q):
		return false
	}
	return true
}

// everywhere reports whether the statement is about all resources.
func (s *Statement) everywhere() bool {
	return s.notResources == nil && (s.resources == nil || slices.Contains(s.Resources, "*"))
}

// on reports whether one of the resources is that of the request. A variable
// without a value fits nothing.
func on(resources []template, q *Request) bool {
	for i := range resources {
		if p, ok := resources[i].pattern(q); ok && p.match(q.Resource) {
			return true
		}
	}
	return false
}

// names reports whether the principals include the one that asks; account says
// that its account stands for it.
func names(principals map[string][]string, q *Request, account bool) bool {
	if slices.Contains(principals["AWS"], "*") {
		return true
	}
	for _, principal := range principals[q.PrincipalType] {
		if principal == q.Principal || q.Role != "" && principal == q.Role {
			return true
		}
		if account && q.PrincipalType == "AWS" && q.Principal != "*" && isAccountOf(principal, q.Principal) {
			return true
		}
	}
	return false
}

// isAccountOf reports whether principal names the whole account that owns arn,
// as twelve digits or as its root.
func isAccountOf(principal, arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) != 6 || parts[4] == "" {
		return false
	}
	account := parts[4]
	return principal == account || strings.HasSuffix(principal, "::"+account+":root")
}

func anyMatch(patterns []pattern, text string) bool {
	return slices.ContainsFunc(patterns, func(p pattern) bool { return p.match(text) })
}
