// SPDX-License-Identifier: MIT

package access

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// request makes the question that policies are asked about a need ("AWS global
// condition context keys", IAM User Guide).
func (g *Guard) request(session Session, region string, grants *Grants, need Need) *policy.Request {
	who, _ := arn.Parse(session.ARN)
	on, _ := arn.Parse(need.Resource)
	now := g.now().UTC()
	context := map[string]string{
		"aws:principalarn": session.Role, "aws:principalaccount": who.Account, "aws:principaltype": "AssumedRole",
		"aws:userid": session.UserID, "aws:currenttime": now.Format(time.RFC3339), "aws:epochtime": strconv.FormatInt(now.Unix(), 10),
		"aws:securetransport": "true", "aws:sourceip": "127.0.0.1", "aws:requestedregion": region,
		"aws:viaawsservice": "false", "aws:principalisawsservice": "false", "aws:resourceaccount": who.Account,
	}
	if on.Account != "" {
		context["aws:resourceaccount"] = on.Account
	}
	if session.Function != "" {
		context["lambda:sourcefunctionarn"] = session.Function
	}
	if !session.Issued.IsZero() {
		context["aws:tokenissuetime"] = session.Issued.UTC().Format(time.RFC3339)
	}
	for key, value := range grants.Tags {
		context["aws:principaltag/"+strings.ToLower(key)] = value
	}
	maps.Copy(context, need.Context)
	return &policy.Request{
		PrincipalType: "AWS", Principal: session.ARN, Role: session.Role, Action: need.Action, Resource: need.Resource,
		Context: context, Lists: need.Lists, Own: on.Account == "" || on.Account == who.Account, Anywhere: need.Assumed,
	}
}

// Verdict is what the policies of a role and of a resource say together.
type Verdict struct {
	Allowed  bool
	Explicit bool   // a statement denies it
	By       string // the kind of policy that denies, or does not allow
	Fault    string // a condition operator that is not known and may have decided
}

// The kinds of policies.
const (
	identityBased = "identity-based policy"
	resourceBased = "resource-based policy"
	boundary      = "permissions boundary"
)

// Evaluate follows the page "Policy evaluation logic": any Deny counts; within
// an account, the role's policies or the resource's have to allow it, across
// accounts both; a permissions boundary limits all but what a resource's policy
// gives to the very session. d is nil for a resource without a policy.
func Evaluate(grants *Grants, d *policy.Document, q *policy.Request) Verdict {
	identity, limit, resource := decideAll(grants.Identity, q), policy.Decision{Effect: policy.Allowed}, policy.Decision{}
	if grants.Boundary != nil {
		limit = decideAll([]policy.Document{*grants.Boundary}, q)
	}
	if d != nil {
		resource = d.Decide(q)
	}
	switch policy.Denied {
	case identity.Effect:
		return Verdict{Explicit: true, By: identityBased, Fault: identity.Fault}
	case resource.Effect:
		return Verdict{Explicit: true, By: resourceBased, Fault: resource.Fault}
	case limit.Effect:
		return Verdict{Explicit: true, By: boundary, Fault: limit.Fault}
	}
	fault := identity.Fault + resource.Fault
	byIdentity, byResource := identity.Effect == policy.Allowed, resource.Effect == policy.Allowed
	switch {
	case q.Own && byResource && resource.Session:
		return Verdict{Allowed: true}
	case !q.Own && byIdentity && !byResource:
		return Verdict{By: resourceBased, Fault: fault}
	case !q.Own && !byIdentity, !byIdentity && !byResource:
		return Verdict{By: identityBased, Fault: fault}
	case limit.Effect != policy.Allowed:
		return Verdict{By: boundary, Fault: limit.Fault}
	}
	return Verdict{Allowed: true}
}

// decideAll returns what several documents say together.
func decideAll(documents []policy.Document, q *policy.Request) policy.Decision {
	var out policy.Decision
	for _, d := range documents {
		one := d.Decide(q)
		if one.Effect == policy.Denied {
			return one
		}
		out.Effect = max(out.Effect, one.Effect)
		if one.Fault != "" {
			out.Fault = one.Fault
		}
	}
	return out
}

// denial words a verdict.
func (v Verdict) denial(session Session, grants *Grants, need Need) *Denial {
	d := &Denial{Who: session.ARN, Action: need.shown(), Resource: need.Resource}
	d.Why = fmt.Sprintf("because no %s allows the %s action", v.By, d.Action)
	if v.Explicit {
		article := "a"
		if v.By == identityBased {
			article = "an"
		}
		d.Why = fmt.Sprintf("with an explicit deny in %s %s", article, v.By)
	}
	var notes []string
	if v.Fault != "" {
		notes = append(notes, fmt.Sprintf("a policy has the condition operator %q, which the embedded AWS does not know", v.Fault))
	}
	if len(grants.Missing) > 0 && !v.Explicit {
		notes = append(notes, "the embedded AWS does not hold the role's policy "+strings.Join(grants.Missing, ", ")+
			": what that one allows has to be in a policy of your own")
	}
	if need.Assumed {
		notes = append(notes, "the embedded AWS does not know which permission this operation needs and takes its name for the action")
	}
	d.Note = strings.Join(notes, "; ")
	return d
}
