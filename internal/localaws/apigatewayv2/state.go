// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// api is an HTTP API as it is kept, guarded by Service.mu.
type api struct {
	gateway.API
	Settings    apiSettings
	Current     definition // what the next deployment holds
	Stages      map[string]*stage
	Deployments map[string]*deployment
}

// definition is what a deployment takes a snapshot of. What the pointers lead
// to never changes.
type definition struct {
	Routes       map[string]*route
	Integrations map[string]*integration
	Authorizers  map[string]*authorizer
	CORS         *corsSettings
}

func (d definition) clone() definition {
	d.Routes, d.Integrations, d.Authorizers = maps.Clone(d.Routes), maps.Clone(d.Integrations), maps.Clone(d.Authorizers)
	return d
}

// deployment is a snapshot of an API. It never changes but for its description.
type deployment struct {
	ID          string
	Description string
	Auto        bool
	Created     time.Time
	Definition  definition
	table       table // of Definition
}

func (s *Service) load() error {
	var kept []*api
	if err := s.env.Store.Load(document, &kept); err != nil {
		return err
	}
	for _, a := range kept {
		for _, d := range a.Deployments {
			var err error
			if d.table, err = newTable(d.Definition); err != nil {
				return fmt.Errorf("read deployment %s of API %s: %w", d.ID, a.ID, err)
			}
		}
		s.apis[a.ID] = a
	}
	s.env.Store.Register(document, s.snapshot)
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*api, 0, len(s.apis))
	for _, a := range s.apis {
		kept = append(kept, a)
	}
	return json.Marshal(kept)
}

// changed has the APIs written; s.mu may be held.
func (s *Service) changed() { s.env.Store.Changed(document) }

// find returns an API of the scope; s.mu is held.
func (s *Service) find(scope arn.Scope, id string) (*api, error) {
	a := s.apis[id]
	if a == nil || a.Scope != scope {
		return nil, gateway.NotFound("Invalid API identifier specified %s:%s", scope.Account, id)
	}
	return a, nil
}

func doorName(id string) string { return "apigatewayv2/" + id }

// openDoors opens the addresses of all APIs, on the ports they had if these are
// free.
func (s *Service) openDoors() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.apis {
		port, err := s.env.Doors.Open(doorName(a.ID), a.Port, s.visitor(a.ID))
		if err != nil {
			return fmt.Errorf("open HTTP API %s: %w", a.Settings.Name, err)
		}
		if port == a.Port {
			continue
		}
		s.deps.Notice(door.Moved("HTTP API "+a.Settings.Name, a.Port, port))
		a.Port = port
		s.changed()
	}
	return nil
}
