// SPDX-License-Identifier: MIT

package stage

import (
	"encoding/json"
	"fmt"
	"net/url"
	"path"
	"slices"
)

// trustPolicy is a role's AssumeRolePolicyDocument.
type trustPolicy struct {
	Statement oneOrMany[trustStatement]
}

type trustStatement struct {
	Effect    string
	Action    oneOrMany[string]
	NotAction oneOrMany[string]
	Principal trustPrincipal
	Condition map[string]any
}

// parseTrust decodes a policy as IAM returns it: JSON in URL encoding (RFC
// 3986). Some endpoints leave the encoding out.
func parseTrust(document string) (trustPolicy, error) {
	var policy trustPolicy
	if err := json.Unmarshal([]byte(document), &policy); err == nil {
		return policy, nil
	}
	decoded, err := url.PathUnescape(document)
	if err != nil {
		return trustPolicy{}, err
	}
	return policy, json.Unmarshal([]byte(decoded), &policy)
}

// allows reports whether the service may assume the role, and whether that
// depends on conditions. A Deny without conditions outweighs every Allow.
func (p trustPolicy) allows(service string) (allowed, conditional bool) {
	conditional = true
	for _, s := range p.Statement {
		if !s.covers(service) {
			continue
		}
		switch {
		case s.Effect == "Deny" && len(s.Condition) == 0:
			return false, false
		case s.Effect == "Allow":
			allowed = true
			conditional = conditional && len(s.Condition) > 0
		}
	}
	return allowed, allowed && conditional
}

func (s trustStatement) covers(service string) bool {
	if len(s.NotAction) > 0 || !slices.ContainsFunc(s.Action, func(pattern string) bool {
		match, _ := path.Match(pattern, "sts:AssumeRole")
		return match
	}) {
		return false
	}
	return s.Principal.any || slices.Contains(s.Principal.services, service)
}

// trustPrincipal is "*" or a map whose Service entry counts here.
type trustPrincipal struct {
	any      bool
	services []string
}

// UnmarshalJSON takes both forms.
func (p *trustPrincipal) UnmarshalJSON(data []byte) error {
	var star string
	if json.Unmarshal(data, &star) == nil {
		p.any = star == "*"
		return nil
	}
	var kinds map[string]oneOrMany[string]
	if err := json.Unmarshal(data, &kinds); err != nil {
		return fmt.Errorf("principal: %w", err)
	}
	p.services = kinds["Service"]
	p.any = slices.Contains(kinds["AWS"], "*")
	return nil
}

// oneOrMany is a list that JSON policies may write as its only element.
type oneOrMany[T any] []T

// UnmarshalJSON takes both forms.
func (l *oneOrMany[T]) UnmarshalJSON(data []byte) error {
	var many []T
	if json.Unmarshal(data, &many) == nil {
		*l = many
		return nil
	}
	var one T
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*l = oneOrMany[T]{one}
	return nil
}
