// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type createInput struct {
	configInput
	FunctionName string
	Code         codeInput
	PackageType  string
	Publish      bool
	Tags         map[string]string
}

func (s *Service) createFunction(ctx context.Context, c call, in createInput) (any, error) {
	f, v, err := s.create(ctx, c.scope, in)
	if err != nil {
		return nil, err
	}
	return f.configuration(v, qualifierOf(v)), nil
}

// qualifierOf returns the qualifier of an ARN that shows v: none for $LATEST.
func qualifierOf(v *settings) string {
	if v.Version == "$LATEST" {
		return ""
	}
	return v.Version
}

// create makes a function, and a first version of it if that was asked for.
func (s *Service) create(ctx context.Context, scope arn.Scope, in createInput) (*function, *settings, error) {
	r, err := parseReference(in.FunctionName, "")
	if err != nil {
		return nil, nil, err
	}
	if in.PackageType != "" && in.PackageType != "Zip" {
		return nil, nil, unmodelled("PackageType " + in.PackageType)
	}
	if in.Role == nil || *in.Role == "" {
		return nil, nil, invalidMember("", "role", "Member must not be null")
	}
	if s.exists(scope, r.name) {
		return nil, nil, conflict("Function already exist: %s", r.name)
	}
	if err := s.useLayers(scope, &in.configInput); err != nil {
		return nil, nil, err
	}
	v, err := in.apply(newSettings(r.name), r.name)
	if err != nil {
		return nil, nil, err
	}
	if err := s.checkRole(scope, v.Role); err != nil {
		return nil, nil, err
	}
	if err := s.checkDeadLetter(scope, r.name, in.configInput); err != nil {
		return nil, nil, err
	}
	got, err := s.fetch(ctx, scope, in.Code)
	if err != nil {
		return nil, nil, err
	}
	v.CodeSHA256, v.CodeSize = got.sha256, got.size
	if err := s.checkUnzipped(&v); err != nil {
		return nil, nil, err
	}
	s.stamp(&v)

	s.mu.Lock()
	defer s.mu.Unlock()
	key := keyOf(scope, r.name)
	if s.functions[key] != nil {
		return nil, nil, conflict("Function already exist: %s", r.name)
	}
	f := &function{Scope: scope, Name: r.name, Latest: &v, Tags: maps.Clone(in.Tags)}
	s.functions[key] = f
	s.changed()
	if in.Publish {
		return f, f.publish("", wire.RequestID()), nil
	}
	return f, &v, nil
}

func (s *Service) exists(scope arn.Scope, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.functions[keyOf(scope, name)] != nil
}

type codeOutput struct {
	RepositoryType, Location string
}

type getOutput struct {
	Configuration configuration
	Code          codeOutput
	Tags          map[string]string  `json:",omitempty"`
	Concurrency   *concurrencyOutput `json:",omitempty"`
}

func (s *Service) getFunction(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, v, err := s.find(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	out := getOutput{
		Configuration: f.configuration(v, c.function.qualifier),
		Code:          codeOutput{"S3", s.location(v.CodeSHA256)}, Tags: maps.Clone(f.Tags),
	}
	if f.Reserved != nil {
		out.Concurrency = &concurrencyOutput{*f.Reserved}
	}
	return out, nil
}

func (s *Service) getFunctionConfiguration(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, v, err := s.find(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	return f.configuration(v, c.function.qualifier), nil
}

type listOutput struct {
	Functions  []configuration
	NextMarker string `json:",omitempty"`
}

func (s *Service) listFunctions(_ context.Context, c call, _ none) (any, error) {
	all := c.query.Get("FunctionVersion")
	if all != "" && all != "ALL" {
		return nil, invalidMember(all, "functionVersion", "Member must satisfy enum value set: [ALL]")
	}
	s.mu.Lock()
	list := []configuration{}
	for _, f := range s.functions {
		if f.Scope.Account != c.scope.Account || f.Scope.Region != c.scope.Region {
			continue
		}
		if all == "" {
			list = append(list, f.configuration(f.Latest, ""))
			continue
		}
		list = append(list, f.configuration(f.Latest, "$LATEST"))
		for _, v := range f.Versions {
			list = append(list, f.configuration(v, v.Version))
		}
	}
	s.mu.Unlock()
	slices.SortFunc(list, func(a, b configuration) int { return strings.Compare(a.FunctionArn, b.FunctionArn) })
	list, next, err := page(list, c.query)
	return listOutput{list, next}, err
}

type updateCodeInput struct {
	codeInput
	Architectures []string
	Publish       bool
	DryRun        bool
	RevisionID    string
}

func (s *Service) updateFunctionCode(ctx context.Context, c call, in updateCodeInput) (any, error) {
	if err := s.known(c); err != nil {
		return nil, err
	}
	got, err := s.fetch(ctx, c.scope, in.codeInput)
	if err != nil {
		return nil, err
	}
	change := func(v settings) (settings, error) {
		v.CodeSHA256, v.CodeSize = got.sha256, got.size
		return configInput{Architectures: in.Architectures}.apply(v, c.function.name)
	}
	return s.update(c, in.RevisionID, in.DryRun, in.Publish, change)
}

type updateConfigInput struct {
	configInput
	RevisionID string
}

func (s *Service) updateFunctionConfiguration(_ context.Context, c call, in updateConfigInput) (any, error) {
	if in.Architectures != nil {
		return nil, unmodelled(`parameter "Architectures" of UpdateFunctionConfiguration`)
	}
	if in.Role != nil {
		if err := s.checkRole(c.scope, *in.Role); err != nil {
			return nil, err
		}
	}
	if err := s.checkDeadLetter(c.scope, c.function.name, in.configInput); err != nil {
		return nil, err
	}
	if err := s.useLayers(c.scope, &in.configInput); err != nil {
		return nil, err
	}
	change := func(v settings) (settings, error) { return in.apply(v, c.function.name) }
	return s.update(c, in.RevisionID, false, false, change)
}

// known returns the error for a function that does not exist.
func (s *Service) known(c call) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, _, err := s.find(c.scope, c.function)
	return err
}

// update puts changed settings into $LATEST and retires the environments of
// the old ones.
func (s *Service) update(c call, revision string, dry, publish bool, change func(settings) (settings, error)) (any, error) {
	out, err := s.updateLatest(c, revision, dry, publish, change)
	if err != nil {
		return nil, err
	}
	s.pool.retire(keyOf(c.scope, c.function.name), s.current)
	return out, nil
}

func (s *Service) updateLatest(c call, revision string, dry, publish bool, change func(settings) (settings, error)) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	if revision != "" && revision != f.Latest.RevisionID {
		return nil, errRevision()
	}
	v, err := change(*f.Latest)
	if err != nil {
		return nil, err
	}
	if err := s.checkUnzipped(&v); err != nil {
		return nil, err
	}
	if dry {
		return f.configuration(&v, ""), nil
	}
	s.stamp(&v)
	f.Latest = &v
	s.changed()
	if publish {
		return f.configuration(f.publish("", wire.RequestID()), f.newest().Version), nil
	}
	return f.configuration(&v, ""), nil
}

// current reports whether v is still what some version of the function is.
func (s *Service) current(key functionKey, v *settings) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.functions[key]
	return f != nil && f.uses(v)
}

func errRevision() error {
	return wire.Errorf(http.StatusPreconditionFailed, "PreconditionFailedException",
		"The Revision Id provided does not match the latest Revision Id. Call the GetFunction/GetAlias API to retrieve the latest Revision Id")
}

func (s *Service) deleteFunction(_ context.Context, c call, _ none) (any, error) {
	if q := c.function.qualifier; q != "" {
		return nil, s.deleteVersion(c, q)
	}
	return nil, s.remove(c.scope, c.function)
}

// remove deletes a function with all that belongs to it.
func (s *Service) remove(scope arn.Scope, r reference) error {
	s.mu.Lock()
	f, err := s.lookup(scope, r)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	for qualifier := range f.Provisioned {
		s.unprovision(f, qualifier)
	}
	delete(s.functions, f.key())
	s.changed()
	s.mu.Unlock()
	for qualifier := range f.URLs {
		s.env.Doors.Close(doorName(f.key(), qualifier))
	}
	s.pool.retire(f.key(), s.current)
	return nil
}
