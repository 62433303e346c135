// SPDX-License-Identifier: MIT

// Package policy reads IAM policy documents and answers the questions that the
// embedded AWS asks of them: may this principal do this, and is this document
// open to the world. The grammar is that of the IAM User Guide, "Grammar of the
// IAM JSON policy language".
package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// Document is a parsed policy, as Parse makes it. It may be evaluated
// concurrently.
type Document struct {
	Version    string
	Statements []Statement
}

// Statement is one statement of a policy. Of each pair such as Actions and
// NotActions at most one is set.
type Statement struct {
	Sid           string
	Effect        string              // Allow or Deny
	Principals    map[string][]string // by type: AWS, Service, Federated, CanonicalUser; "*" becomes AWS: ["*"]
	NotPrincipals map[string][]string
	Actions       []string
	NotActions    []string
	Resources     []string
	NotResources  []string
	Conditions    map[string]map[string][]string // operator, key, values

	// The same in the form in which it is evaluated; nil where there is none.
	actions, notActions     []pattern
	resources, notResources []template
	conditions              []condition
}

// compile prepares a statement for evaluation. Only documents of the version
// 2012-10-17 have variables.
func (s *Statement) compile(variables bool) {
	for _, action := range s.Actions {
		s.actions = append(s.actions, compile(strings.ToLower(action)))
	}
	for _, action := range s.NotActions {
		s.notActions = append(s.notActions, compile(strings.ToLower(action)))
	}
	for _, resource := range s.Resources {
		s.resources = append(s.resources, parseTemplate(resource, variables))
	}
	for _, resource := range s.NotResources {
		s.notResources = append(s.notResources, parseTemplate(resource, variables))
	}
	s.conditions = parseConditions(s.Conditions, variables)
}

// Parse reads a policy document. The error says what is wrong with it in one
// sentence; callers give it the code of their service.
func Parse(data []byte) (Document, error) {
	var raw struct {
		Version   string
		ID        string `json:"Id"`
		Statement json.RawMessage
	}
	if err := strict(data, &raw); err != nil {
		return Document{}, err
	}
	if raw.Version != "" && raw.Version != "2012-10-17" && raw.Version != "2008-10-17" {
		return Document{}, fmt.Errorf("the policy version %q is not 2012-10-17 or 2008-10-17", raw.Version)
	}
	statements, err := parseStatements(raw.Statement)
	if err != nil {
		return Document{}, err
	}
	for i := range statements {
		statements[i].compile(raw.Version == "2012-10-17")
	}
	return Document{Version: raw.Version, Statements: statements}, nil
}

func parseStatements(data json.RawMessage) ([]Statement, error) {
	data = bytes.TrimSpace(data)
	if len(data) == 0 || string(data) == "null" {
		return nil, errors.New("the policy has no Statement")
	}
	list := []json.RawMessage{data}
	if data[0] == '[' {
		if err := json.Unmarshal(data, &list); err != nil {
			return nil, err
		}
	}
	statements := make([]Statement, 0, len(list))
	for i, item := range list {
		statement, err := parseStatement(item)
		if err != nil {
			return nil, fmt.Errorf("statement %d: %w", i+1, err)
		}
		statements = append(statements, statement)
	}
	return statements, nil
}

func parseStatement(data json.RawMessage) (Statement, error) {
	var raw struct {
		Sid, Effect             string
		Principal, NotPrincipal principals
		Action, NotAction       texts
		Resource, NotResource   texts
		Condition               map[string]map[string]texts
	}
	if err := strict(data, &raw); err != nil {
		return Statement{}, err
	}
	if raw.Effect != "Allow" && raw.Effect != "Deny" {
		return Statement{}, fmt.Errorf("the Effect %q is not Allow or Deny", raw.Effect)
	}
	switch {
	case (len(raw.Action) == 0) == (len(raw.NotAction) == 0):
		return Statement{}, errors.New("it needs either Action or NotAction")
	case raw.Principal != nil && raw.NotPrincipal != nil:
		return Statement{}, errors.New("it has both Principal and NotPrincipal")
	case len(raw.Resource) > 0 && len(raw.NotResource) > 0:
		return Statement{}, errors.New("it has both Resource and NotResource")
	}
	conditions := make(map[string]map[string][]string, len(raw.Condition))
	for operator, keys := range raw.Condition {
		conditions[operator] = make(map[string][]string, len(keys))
		for key, values := range keys {
			conditions[operator][key] = values
		}
	}
	return Statement{
		Sid: raw.Sid, Effect: raw.Effect,
		Principals: raw.Principal, NotPrincipals: raw.NotPrincipal,
		Actions: raw.Action, NotActions: raw.NotAction,
		Resources: raw.Resource, NotResources: raw.NotResource,
		Conditions: conditions,
	}, nil
}

// strict decodes one JSON object and refuses unknown members and anything after
// it.
func strict(data []byte, v any) error {
	trimmed := bytes.TrimSpace(data)
	if len(trimmed) == 0 || trimmed[0] != '{' {
		return errors.New("policies must be valid JSON and the first byte must be '{'")
	}
	decoder := json.NewDecoder(bytes.NewReader(trimmed))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(v); err != nil {
		return err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the policy goes on after its closing brace")
	}
	return nil
}

// texts is a JSON scalar or a list of them, as text.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, item := range list {
		switch item := item.(type) {
		case string:
			*t = append(*t, item)
		case bool, float64:
			*t = append(*t, fmt.Sprint(item))
		default:
			return fmt.Errorf("%s is neither text nor a list of texts", data)
		}
	}
	return nil
}

// principals is "*" or an object of principal types.
type principals map[string][]string

func (p *principals) UnmarshalJSON(data []byte) error {
	if string(data) == `"*"` {
		*p = principals{"AWS": {"*"}}
		return nil
	}
	var kinds map[string]texts
	if err := json.Unmarshal(data, &kinds); err != nil {
		return errors.New(`the Principal is neither "*" nor an object`)
	}
	*p = principals{}
	for _, kind := range slices.Sorted(maps.Keys(kinds)) {
		if !slices.Contains([]string{"AWS", "Service", "Federated", "CanonicalUser"}, kind) {
			return fmt.Errorf("the principal type %q is unknown", kind)
		}
		(*p)[kind] = kinds[kind]
	}
	return nil
}
