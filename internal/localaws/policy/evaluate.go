// SPDX-License-Identifier: MIT

package policy

import (
	"slices"
	"strings"
)

// Request is a question to a policy.
type Request struct {
	PrincipalType string            // AWS or Service
	Principal     string            // an ARN, a service such as lambda.amazonaws.com, or "*" for the anonymous
	Action        string            // such as s3:GetObject
	Resource      string            // an ARN; ignored by statements without Resource
	Context       map[string]string // condition keys in lower case, such as aws:sourceaccount
	Unknown       []string          // keys in lower case whose value the caller cannot know: conditions on them count as met
}

// Allows reports whether the document grants the request: some statement allows
// it and none denies it.
func (d Document) Allows(q Request) bool {
	allowed := false
	for _, statement := range d.Statements {
		if !statement.concerns(q) {
			continue
		}
		met, known := statement.met(q)
		if statement.Effect == "Deny" && (met || !known) {
			return false
		}
		if statement.Effect == "Allow" && met && known {
			allowed = true
		}
	}
	return allowed
}

// concerns reports whether principal, action and resource match.
func (s Statement) concerns(q Request) bool {
	switch {
	case s.Principals != nil && !names(s.Principals, q):
		return false
	case s.NotPrincipals != nil && names(s.NotPrincipals, q):
		return false
	case len(s.Actions) > 0 && !anyMatch(s.Actions, q.Action, true):
		return false
	case len(s.NotActions) > 0 && anyMatch(s.NotActions, q.Action, true):
		return false
	case len(s.Resources) > 0 && !anyMatch(s.Resources, q.Resource, false):
		return false
	case len(s.NotResources) > 0 && anyMatch(s.NotResources, q.Resource, false):
		return false
	}
	return true
}

// names reports whether the principals include the one that asks.
func names(principals map[string][]string, q Request) bool {
	if slices.Contains(principals["AWS"], "*") {
		return true
	}
	for _, principal := range principals[q.PrincipalType] {
		if principal == q.Principal {
			return true
		}
		if q.PrincipalType == "AWS" && q.Principal != "*" && isAccountOf(principal, q.Principal) {
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

func anyMatch(patterns []string, text string, fold bool) bool {
	if fold {
		text = strings.ToLower(text)
	}
	return slices.ContainsFunc(patterns, func(pattern string) bool {
		if fold {
			pattern = strings.ToLower(pattern)
		}
		return Match(pattern, text)
	})
}

// Match reports whether text fits pattern, in which * stands for any run of
// characters and ? for exactly one byte.
func Match(pattern, text string) bool {
	p, t, star, mark := 0, 0, -1, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0: // let the last star take one more byte
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
