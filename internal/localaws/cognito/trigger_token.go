// SPDX-License-Identifier: MIT

package cognito

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// groupConfiguration is what PreTokenGeneration is told, and may answer, of
// groups.
type groupConfiguration struct {
	GroupsToOverride   []string `json:"groupsToOverride"`
	IAMRolesToOverride []string `json:"iamRolesToOverride"`
	PreferredRole      *string  `json:"preferredRole"`
}

// override is what PreTokenGeneration answers of one token.
type override struct {
	ClaimsToAddOrOverride map[string]any `json:"claimsToAddOrOverride"`
	ClaimsToSuppress      []string       `json:"claimsToSuppress"`
	ScopesToAdd           []string       `json:"scopesToAdd"`
	ScopesToSuppress      []string       `json:"scopesToSuppress"`
}

// tokenAnswer is the response of PreTokenGeneration: the first member in events
// of version 1, the second in those of 2 and 3.
type tokenAnswer struct {
	ClaimsOverrideDetails *struct {
		ClaimsToAddOrOverride map[string]string `json:"claimsToAddOrOverride"`
		ClaimsToSuppress      []string          `json:"claimsToSuppress"`
		GroupOverrideDetails  json.RawMessage   `json:"groupOverrideDetails"`
	} `json:"claimsOverrideDetails"`
	ClaimsAndScopeOverrideDetails *struct {
		IDTokenGeneration     *override       `json:"idTokenGeneration"`
		AccessTokenGeneration *override       `json:"accessTokenGeneration"`
		GroupOverrideDetails  json.RawMessage `json:"groupOverrideDetails"`
	} `json:"claimsAndScopeOverrideDetails"`
}

// tokenTrigger returns the function that is asked before tokens are made, and the
// version of its events: 1, 2 or 3.
func (c lambdaConfig) tokenTrigger() (function, version string) {
	if c.PreTokenGenerationConfig != nil {
		return c.PreTokenGenerationConfig.LambdaArn, c.PreTokenGenerationConfig.LambdaVersion[1:2]
	}
	return c.PreTokenGeneration, "1"
}

// beforeTokens has PreTokenGeneration change the claims of both tokens.
func (s *Service) beforeTokens(v party, who subject, source string, metadata map[string]string, access, id map[string]any) error {
	function, version := v.settings.LambdaConfig.tokenTrigger()
	if function == "" {
		return nil
	}
	groups := groupConfiguration{who.groups, who.roles, nil}
	if who.preferred != "" {
		groups.PreferredRole = &who.preferred
	}
	q := question{
		trigger: "PreTokenGeneration", function: function, version: version, source: "TokenGeneration_" + source, username: who.name,
		request: struct {
			UserAttributes     map[string]string  `json:"userAttributes"`
			GroupConfiguration groupConfiguration `json:"groupConfiguration"`
			Scopes             []string           `json:"scopes,omitempty"`
			ClientMetadata     map[string]string  `json:"clientMetadata,omitempty"`
		}{who.attributes, groups, scopesFor(version), metadata},
		response: map[string]any{"claimsOverrideDetails": nil},
	}
	if version != "1" {
		q.response = map[string]any{"claimsAndScopeOverrideDetails": nil}
	}
	var answer tokenAnswer
	if err := s.ask(v, q, &answer); err != nil {
		return err
	}
	return answer.apply(version, access, id)
}

// scopesFor are the scopes that an event tells: from version 2 on.
func scopesFor(version string) []string {
	if version == "1" {
		return nil
	}
	return []string{ownScope}
}

func (a tokenAnswer) apply(version string, access, id map[string]any) error {
	if version == "1" {
		d := a.ClaimsOverrideDetails
		if d == nil {
			return nil
		}
		own := override{ClaimsToAddOrOverride: map[string]any{}, ClaimsToSuppress: d.ClaimsToSuppress}
		for name, value := range d.ClaimsToAddOrOverride {
			own.ClaimsToAddOrOverride[name] = value
		}
		own.apply(id)
		return regroup(d.GroupOverrideDetails, access, id)
	}
	d := a.ClaimsAndScopeOverrideDetails
	if d == nil {
		return nil
	}
	if d.IDTokenGeneration != nil {
		d.IDTokenGeneration.apply(id)
	}
	if d.AccessTokenGeneration != nil {
		d.AccessTokenGeneration.apply(access)
		d.AccessTokenGeneration.rescope(access)
	}
	return regroup(d.GroupOverrideDetails, access, id)
}

// fixed are the claims that no trigger changes ("Pre token generation Lambda
// trigger", Amazon Cognito Developer Guide).
func fixed(claim string) bool {
	return strings.HasPrefix(claim, "cognito:") || strings.HasPrefix(claim, "dev:") || slices.Contains([]string{
		"acr", "amr", "at_hash", "aud", "auth_time", "azp", "client_id", "device_key", "event_id", "exp", "iat", "identities", "iss",
		"jti", "nbf", "nonce", "origin_jti", "scope", "sub", "token_use", "username", "version",
	}, claim)
}

// apply changes claims; what is to be added and suppressed is suppressed.
func (o override) apply(claims map[string]any) {
	for name, value := range o.ClaimsToAddOrOverride {
		if !fixed(name) {
			claims[name] = value
		}
	}
	maps.DeleteFunc(claims, func(name string, _ any) bool { return !fixed(name) && slices.Contains(o.ClaimsToSuppress, name) })
}

// rescope changes the scopes of an access token.
func (o override) rescope(access map[string]any) {
	scopes := []string{}
	for _, scope := range append([]string{ownScope}, o.ScopesToAdd...) {
		if !slices.Contains(o.ScopesToSuppress, scope) && !slices.Contains(scopes, scope) {
			scopes = append(scopes, scope)
		}
	}
	access["scope"] = strings.Join(scopes, " ")
}

// regroup puts other groups into the claims. An answer that is there and says
// nothing takes them away.
func regroup(answer json.RawMessage, access, id map[string]any) error {
	if len(answer) == 0 {
		return nil
	}
	var groups groupConfiguration
	if json.Unmarshal(answer, &groups) != nil {
		return refused("InvalidLambdaResponseException", "Unrecognizable lambda output")
	}
	set := func(claims map[string]any, name string, value any, there bool) {
		delete(claims, name)
		if there {
			claims[name] = value
		}
	}
	set(access, "cognito:groups", groups.GroupsToOverride, len(groups.GroupsToOverride) > 0)
	set(id, "cognito:groups", groups.GroupsToOverride, len(groups.GroupsToOverride) > 0)
	set(id, "cognito:roles", groups.IAMRolesToOverride, len(groups.IAMRolesToOverride) > 0)
	set(id, "cognito:preferred_role", groups.PreferredRole, groups.PreferredRole != nil && *groups.PreferredRole != "")
	return nil
}
