// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type aliasInput struct {
	Name            string
	FunctionVersion *string
	Description     *string
	RoutingConfig   *routing
	RevisionID      string
}

type aliasOutput struct {
	AliasArn, Name, FunctionVersion, Description string
	RoutingConfig                                *routing `json:",omitempty"`
	RevisionID                                   string   `json:"RevisionId"`
}

func (f *function) aliasOutput(a *alias) aliasOutput {
	out := aliasOutput{f.arn(a.Name), a.Name, a.Version, a.Description, nil, a.RevisionID}
	if len(a.Weights) > 0 {
		out.RoutingConfig = &routing{maps.Clone(a.Weights)}
	}
	return out
}

// apply returns a with what the caller said, checked; s.mu is held.
func (in aliasInput) apply(f *function, a alias) (alias, error) {
	if in.FunctionVersion != nil && (f.version(*in.FunctionVersion) == nil || f.Aliases[*in.FunctionVersion] != nil) {
		return a, notFound("Function not found: %s", f.arn(*in.FunctionVersion))
	}
	set(&a.Version, in.FunctionVersion)
	set(&a.Description, in.Description)
	if in.RoutingConfig != nil {
		a.Weights = maps.Clone(in.RoutingConfig.AdditionalVersionWeights)
	}
	a.RevisionID = wire.RequestID()
	return a, routing{a.Weights}.check(f, a.Version)
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
	a, err := in.apply(f, alias{Name: in.Name})
	if err != nil {
		return nil, err
	}
	if f.Aliases[in.Name] != nil {
		return nil, conflict("Alias already exists: %s", f.arn(in.Name))
	}
	if f.Aliases == nil {
		f.Aliases = map[string]*alias{}
	}
	f.Aliases[a.Name] = &a
	s.changed()
	return f.aliasOutput(&a), nil
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
	return s.changeAlias(c, c.path("Name"), in)
}

func (s *Service) changeAlias(c call, name string, in aliasInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, a, err := s.alias(c, name)
	if err != nil {
		return nil, err
	}
	if in.RevisionID != "" && in.RevisionID != a.RevisionID {
		return nil, errRevision()
	}
	changed, err := in.apply(f, *a)
	if err != nil {
		return nil, err
	}
	f.Aliases[name] = &changed
	if len(f.Provisioned) > 0 {
		s.supply(f.key())
	}
	s.changed()
	return f.aliasOutput(&changed), nil
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
	s.unprovision(f, name)
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
		if a := f.Aliases[name]; version == "" || a.leadsTo(version) {
			list = append(list, f.aliasOutput(a))
		}
	}
	list, next, err := page(list, c.query)
	return listAliasesOutput{list, next}, err
}
