// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type aliasInput struct {
	Name            string
	FunctionVersion *string
	Description     *string
	RoutingConfig   json.RawMessage
	RevisionID      string
}

type aliasOutput struct {
	AliasArn, Name, FunctionVersion, Description string
	RevisionID                                   string `json:"RevisionId"`
}

func (f *function) aliasOutput(a *alias) aliasOutput {
	return aliasOutput{f.arn(a.Name), a.Name, a.Version, a.Description, a.RevisionID}
}

func (in aliasInput) check(f *function) error {
	switch string(in.RoutingConfig) {
	case "", "null", "{}", `{"AdditionalVersionWeights":{}}`:
	default:
		return unmodelled("RoutingConfig: an alias leads to one version")
	}
	if in.FunctionVersion != nil && (f.version(*in.FunctionVersion) == nil || f.Aliases[*in.FunctionVersion] != nil) {
		return notFound("Function not found: %s", f.arn(*in.FunctionVersion))
	}
	return nil
}

func (s *Service) createAlias(_ context.Context, c call, in aliasInput) (any, error) {
	if !aliasName.MatchString(in.Name) || allDigits.MatchString(in.Name) {
		return nil, invalidMember(in.Name, "name", `Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)`)
	}
	if in.FunctionVersion == nil {
		return nil, invalidMember("", "functionVersion", "Member must not be null")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	if err := in.check(f); err != nil {
		return nil, err
	}
	if f.Aliases[in.Name] != nil {
		return nil, conflict("Alias already exists: %s", f.arn(in.Name))
	}
	if f.Aliases == nil {
		f.Aliases = map[string]*alias{}
	}
	a := &alias{Name: in.Name, Version: *in.FunctionVersion, RevisionID: wire.RequestID()}
	set(&a.Description, in.Description)
	f.Aliases[a.Name] = a
	s.changed()
	return f.aliasOutput(a), nil
}

// alias returns the alias of the path; s.mu is held.
func (s *Service) alias(c call, name string) (*function, *alias, error) {
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, nil, err
	}
	a := f.Aliases[name]
	if a == nil {
		return nil, nil, notFound("Cannot find alias arn: %s", f.arn(name))
	}
	return f, a, nil
}

func (s *Service) getAlias(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, a, err := s.alias(c, c.path("Name"))
	if err != nil {
		return nil, err
	}
	return f.aliasOutput(a), nil
}

func (s *Service) updateAlias(_ context.Context, c call, in aliasInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, a, err := s.alias(c, c.path("Name"))
	if err != nil {
		return nil, err
	}
	if in.RevisionID != "" && in.RevisionID != a.RevisionID {
		return nil, errRevision()
	}
	if err := in.check(f); err != nil {
		return nil, err
	}
	set(&a.Version, in.FunctionVersion)
	set(&a.Description, in.Description)
	a.RevisionID = wire.RequestID()
	s.changed()
	return f.aliasOutput(a), nil
}

func (s *Service) deleteAlias(_ context.Context, c call, _ none) (any, error) {
	name := c.path("Name")
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	if f.URLs[name] != nil {
		s.env.Doors.Close(doorName(f.key(), name))
	}
	delete(f.Aliases, name) // one that is not there is no error
	delete(f.URLs, name)
	delete(f.Policies, name)
	delete(f.Events, name)
	s.changed()
	return nil, nil
}

type listAliasesOutput struct {
	Aliases    []aliasOutput
	NextMarker string `json:",omitempty"`
}

func (s *Service) listAliases(_ context.Context, c call, _ none) (any, error) {
	version := c.query.Get("FunctionVersion")
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	list := []aliasOutput{}
	for _, name := range slices.Sorted(maps.Keys(f.Aliases)) {
		if a := f.Aliases[name]; version == "" || a.Version == version {
			list = append(list, f.aliasOutput(a))
		}
	}
	list, next, err := page(list, c.query)
	return listAliasesOutput{list, next}, err
}
