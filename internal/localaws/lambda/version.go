// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type publishInput struct {
	CodeSha256, Description, RevisionID string

	fresh bool // a version that there is already will not do
}

func (s *Service) publishVersion(_ context.Context, c call, in publishInput) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	if in.RevisionID != "" && in.RevisionID != f.Latest.RevisionID {
		return nil, errRevision()
	}
	if in.CodeSha256 != "" && in.CodeSha256 != f.Latest.CodeSHA256 {
		return nil, invalidValue("CodeSHA256 (%s) is different from current CodeSHA256 in $LATEST (%s). "+
			"Please try again with the CodeSHA256 in $LATEST.", in.CodeSha256, f.Latest.CodeSHA256)
	}
	before := len(f.Versions)
	v := s.publish(f, in.Description)
	if in.fresh && len(f.Versions) == before {
		return nil, wire.Errorf(http.StatusConflict, "AlreadyExists",
			"A version for this Lambda function exists ( %s ). Modify the function to create a new version.", v.Version)
	}
	return f.configuration(v, v.Version), nil
}

// publish makes a version of $LATEST, or returns the last one if nothing has
// changed since, as Lambda does; s.mu is held.
func (s *Service) publish(f *function, description string) *settings {
	if last := f.newest(); last != f.Latest && same(*last, *f.Latest, description) {
		return last
	}
	v := f.publish(description, wire.RequestID())
	s.changed()
	return v
}

// same reports whether publishing latest would give last again.
func same(last, latest settings, description string) bool {
	if description != "" && description != last.Description {
		return false
	}
	return last.Modified == latest.Modified && last.CodeSHA256 == latest.CodeSHA256
}

type listVersionsOutput struct {
	Versions   []configuration
	NextMarker string `json:",omitempty"`
}

func (s *Service) listVersions(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	list := []configuration{f.configuration(f.Latest, "$LATEST")}
	for _, v := range f.Versions {
		list = append(list, f.configuration(v, v.Version))
	}
	list, next, err := page(list, c.query)
	return listVersionsOutput{list, next}, err
}

// deleteVersion removes a published version that no alias names.
func (s *Service) deleteVersion(c call, version string) error {
	if !allDigits.MatchString(version) {
		return invalidValue("$LATEST version cannot be deleted without deleting the function.")
	}
	s.mu.Lock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		s.mu.Unlock()
		return err
	}
	for _, a := range f.Aliases {
		if a.leadsTo(version) {
			s.mu.Unlock()
			return conflict("Function version %s is still in use by alias %s", version, a.Name)
		}
	}
	s.unprovision(f, version)
	f.Versions = slices.DeleteFunc(slices.Clone(f.Versions), func(v *settings) bool { return v.Version == version })
	delete(f.Policies, version)
	delete(f.Events, version)
	s.changed()
	s.mu.Unlock()
	s.pool.retire(f.key(), s.current)
	return nil
}
