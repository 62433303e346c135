// SPDX-License-Identifier: MIT

package iam

import (
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
)

// simulated is the result of one action on one resource.
type simulated struct {
	EvalActionName, EvalResourceName, EvalDecision string
	MatchedStatements                              []struct{} `xml:"MatchedStatements>member"`
	MissingContextValues                           []string   `xml:"MissingContextValues>member"`
	PermissionsBoundaryDecisionDetail              *boundaryDetail
}

type boundaryDetail struct{ AllowedByPermissionsBoundary bool }

// simulate answers SimulatePrincipalPolicy for a role: what its policies, and
// those that the caller adds, say of actions on resources. The statements that
// decide are not told.
func (s *Service) simulate(a *account, c call) (any, error) {
	source := c.Get("PolicySourceArn")
	parsed, ok := arn.Parse(source)
	if !ok || parsed.Service != "iam" || !strings.HasPrefix(parsed.Resource, "role/") {
		return nil, invalid("the embedded AWS simulates the policies of roles only: %s", source)
	}
	_, r := s.find(source)
	if r == nil {
		return nil, noSuchEntity("The role with ARN %s cannot be found.", source)
	}
	grants, err := c.with(a.grants(r))
	if err != nil {
		return nil, err
	}
	q, err := c.context(source)
	if err != nil {
		return nil, err
	}
	actions, resources := c.members("ActionNames"), c.members("ResourceArns")
	if len(actions) == 0 {
		return nil, invalid("1 validation error detected: Value null at 'actionNames' failed to satisfy constraint: Member must not be null")
	}
	if len(resources) == 0 {
		resources = []string{"*"}
	}
	out := struct {
		EvaluationResults []simulated `xml:"EvaluationResults>member"`
		IsTruncated       bool
	}{}
	for _, action := range actions {
		if !strings.Contains(action, ":") {
			return nil, invalid("Invalid Input action: %s", action)
		}
		for _, resource := range resources {
			q.Action, q.Resource = action, resource
			out.EvaluationResults = append(out.EvaluationResults, outcome(grants, q))
		}
	}
	return out, nil
}

func outcome(grants *access.Grants, q *policy.Request) simulated {
	out := simulated{EvalActionName: q.Action, EvalResourceName: q.Resource, EvalDecision: "implicitDeny", MissingContextValues: missingKeys(grants, q)}
	v := access.Evaluate(grants, nil, q)
	switch {
	case v.Allowed:
		out.EvalDecision = "allowed"
	case v.Explicit:
		out.EvalDecision = "explicitDeny"
	}
	if grants.Boundary != nil {
		out.PermissionsBoundaryDecisionDetail = &boundaryDetail{grants.Boundary.Decide(q).Effect == policy.Allowed}
	}
	return out
}

// missingKeys returns the condition keys of the role's policies that the caller
// gave no value for.
func missingKeys(grants *access.Grants, q *policy.Request) []string {
	var list []string
	seen := map[string]bool{}
	for _, d := range grants.Identity {
		for _, key := range d.ConditionKeys() {
			_, single := q.Context[strings.ToLower(key)]
			_, several := q.Lists[strings.ToLower(key)]
			if !single && !several && !seen[key] {
				list, seen[key] = append(list, key), true
			}
		}
	}
	return list
}

// with adds the policies that the caller gives, and takes its boundary for that
// of the role.
func (c call) with(g *access.Grants) (*access.Grants, error) {
	for _, text := range c.members("PolicyInputList") {
		d, err := policy.Parse([]byte(text))
		if err != nil {
			return nil, invalid("Syntax errors in policy: %v", err)
		}
		g.Identity = append(g.Identity, d)
	}
	for _, text := range c.members("PermissionsBoundaryPolicyInputList") {
		d, err := policy.Parse([]byte(text))
		if err != nil {
			return nil, invalid("Syntax errors in policy: %v", err)
		}
		g.Boundary = &d
	}
	return g, nil
}

// context reads ContextEntries.member.N.
func (c call) context(source string) (*policy.Request, error) {
	q := &policy.Request{
		PrincipalType: "AWS", Principal: source, Role: source, Own: true,
		Context: map[string]string{"aws:principalarn": source}, Lists: map[string][]string{},
	}
	for i := 1; ; i++ {
		at := "ContextEntries.member." + strconv.Itoa(i)
		if !c.Has(at + ".ContextKeyName") {
			return q, nil
		}
		name := strings.ToLower(c.Get(at + ".ContextKeyName"))
		values := c.members(at + ".ContextKeyValues")
		if strings.HasSuffix(c.Get(at+".ContextKeyType"), "List") || len(values) > 1 {
			q.Lists[name] = values
			continue
		}
		if len(values) == 0 {
			return nil, invalid("The context key %s has no value.", name)
		}
		q.Context[name] = values[0]
	}
}
