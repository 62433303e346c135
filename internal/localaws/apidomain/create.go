// SPDX-License-Identifier: MIT

package apidomain

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// find returns a domain name of a scope; s.mu is held.
func (s *Service) find(scope arn.Scope, name string) (*domain, error) {
	d := s.domains[scope.Region+"/"+strings.ToLower(name)]
	if d == nil || d.Scope != scope {
		return nil, gateway.NotFound("Invalid domain name identifier specified")
	}
	return d, nil
}

// errTaken makes the error of a name that is taken: REST APIs call it a bad
// request, and HTTP APIs a conflict.
type errTaken func(format string, args ...any) error

// create makes a domain name and opens its address. Names are unique in a
// region, whoever has them.
func (s *Service) create(scope arn.Scope, name string, in settings, taken errTaken) (*domain, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if err := s.check(scope, in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d := &domain{Scope: scope, Name: name, Settings: in}
	if s.domains[d.key()] != nil {
		return nil, taken("The domain name you provided already exists.")
	}
	if err := s.openDoor(d); err != nil {
		return nil, err
	}
	s.domains[d.key()] = d
	s.changed()
	s.tell(scope, in.Certificate)
	return d, nil
}

// update gives a domain name other settings; its address and its mappings stay.
func (s *Service) update(scope arn.Scope, name string, edit func(old settings) (settings, error)) (*domain, error) {
	s.mu.Lock()
	d, err := s.find(scope, name)
	if err != nil {
		s.mu.Unlock()
		return nil, err
	}
	next, old := *d, d.Settings
	s.mu.Unlock()
	if next.Settings, err = edit(old); err != nil {
		return nil, err
	}
	if err := s.check(scope, next.Settings); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if d, err = s.find(scope, name); err != nil {
		return nil, err
	}
	for _, m := range d.Mappings {
		if err := next.takes(m); err != nil {
			return nil, err
		}
	}
	next.Mappings = slices.Clone(d.Mappings)
	s.domains[d.key()] = &next
	s.changed()
	if next.Settings.Certificate != old.Certificate {
		s.tell(scope, next.Settings.Certificate)
	}
	return &next, nil
}

// remove closes the address of a domain name and forgets it with its mappings.
func (s *Service) remove(scope arn.Scope, name string) error {
	s.mu.Lock()
	d, err := s.find(scope, name)
	if err == nil {
		delete(s.domains, d.key())
		s.changed()
	}
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.env.Doors.Close(doorName(d)) // not under the lock, which requests under way take
	return nil
}
