// SPDX-License-Identifier: MIT

package apigateway

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// state is all that is kept, guarded by Service.mu.
type state struct {
	APIs  map[string]*api
	Keys  map[string]*apiKey
	Plans map[string]*usagePlan
	// LogRoles are the roles as which API Gateway logs, by account and region.
	LogRoles map[string]string
}

func newState() state {
	return state{APIs: map[string]*api{}, Keys: map[string]*apiKey{}, Plans: map[string]*usagePlan{}, LogRoles: map[string]string{}}
}

// api is a REST API.
type api struct {
	gateway.API
	Root        string // identifier of the resource /
	Current     definition
	Stages      map[string]*stage
	Deployments map[string]*deployment
}

// definition is what a deployment takes a snapshot of. What the pointers lead
// to never changes.
type definition struct {
	Settings    apiSettings
	Resources   map[string]*node
	Methods     map[string]*method // by resource and HTTP method, "ID GET"
	Authorizers map[string]*authorizer
	Answers     map[string]*gatewayResponse // by response type
	Validators  map[string]*validator
}

func (d definition) clone() definition {
	d.Resources, d.Methods, d.Authorizers = maps.Clone(d.Resources), maps.Clone(d.Methods), maps.Clone(d.Authorizers)
	d.Answers, d.Validators = maps.Clone(d.Answers), maps.Clone(d.Validators)
	return d
}

// deployment is a snapshot of an API.
type deployment struct {
	ID          string
	Description string
	Created     time.Time
	Definition  definition
	table       table // of Definition
}

func (s *Service) load() error {
	if err := s.env.Store.Load(document, &s.state); err != nil {
		return err
	}
	for _, a := range s.state.APIs {
		for _, d := range a.Deployments {
			var err error
			if d.table, err = newTable(d.Definition); err != nil {
				return fmt.Errorf("read deployment %s of API %s: %w", d.ID, a.ID, err)
			}
		}
	}
	s.env.Store.Register(document, func() ([]byte, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return json.Marshal(s.state)
	})
	return nil
}

// changed has the state written; s.mu may be held.
func (s *Service) changed() { s.env.Store.Changed(document) }

// find returns an API of the scope; s.mu is held.
func (s *Service) find(scope arn.Scope, id string) (*api, error) {
	a := s.state.APIs[id]
	if a == nil || a.Scope != scope {
		return nil, gateway.NotFound("Invalid API identifier specified %s:%s", scope.Account, id)
	}
	return a, nil
}

// edit changes an API under the lock.
func (s *Service) edit(scope arn.Scope, id string, change func(a *api) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(scope, id)
	if err != nil {
		return err
	}
	if err := change(a); err != nil {
		return err
	}
	s.changed()
	return nil
}

// now returns the time as it is kept, in seconds.
func (s *Service) now() time.Time { return s.env.Now().UTC().Truncate(time.Second) }

func doorName(id string) string { return "apigateway/" + id }

// openDoors opens the addresses of all APIs, on the ports they had if these are
// free.
func (s *Service) openDoors() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.state.APIs {
		port, err := s.env.Doors.Open(doorName(a.ID), a.Port, s.visitor(a.ID))
		if err != nil {
			return fmt.Errorf("open REST API %s: %w", a.Current.Settings.Name, err)
		}
		if port == a.Port {
			continue
		}
		s.deps.Notice(door.Moved("REST API "+a.Current.Settings.Name, a.Port, port))
		a.Port = port
		s.changed()
	}
	return nil
}
