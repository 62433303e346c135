// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// kind is a kind of parts that the definition of an API is made of: routes,
// integrations or authorizers.
type kind[P any] struct {
	name string // such as Route
	id   string // name of its identifier in the API, such as routeId
	list func(*definition) map[string]*P
	// complete fills in what is not said and checks the rest; id is "" for a
	// new part.
	complete func(d *definition, id string, p *P) error
	// used returns why the part must stay; nil if it may go.
	used func(d *definition, id string) error
}

// putPart makes a part, or gives it other settings if id is not empty.
func putPart[P any](s *Service, k kind[P], scope arn.Scope, apiID, id string, edit func(old P) (P, error)) (string, P, error) {
	var part P
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(scope, apiID)
	if err != nil {
		return "", part, err
	}
	list := k.list(&a.Current)
	if id != "" {
		old := list[id]
		if old == nil {
			return "", part, k.missing(id)
		}
		part = *old
	}
	if part, err = edit(part); err != nil {
		return "", part, err
	}
	if err := k.complete(&a.Current, id, &part); err != nil {
		return "", part, err
	}
	if id == "" {
		id = gateway.NewID(7)
	}
	list[id] = &part
	return id, part, s.edited(a)
}

// deletePart removes a part.
func deletePart[P any](s *Service, k kind[P], scope arn.Scope, apiID, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(scope, apiID)
	if err != nil {
		return err
	}
	if k.list(&a.Current)[id] == nil {
		return k.missing(id)
	}
	if k.used != nil {
		if err := k.used(&a.Current, id); err != nil {
			return err
		}
	}
	delete(k.list(&a.Current), id)
	return s.edited(a)
}

// getPart returns a part.
func getPart[P any](s *Service, k kind[P], scope arn.Scope, apiID, id string) (P, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var none P
	a, err := s.find(scope, apiID)
	if err != nil {
		return none, err
	}
	part := k.list(&a.Current)[id]
	if part == nil {
		return none, k.missing(id)
	}
	return *part, nil
}

// listParts returns all parts in the order of their identifiers.
func listParts[P any](s *Service, k kind[P], scope arn.Scope, apiID string) ([]map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(scope, apiID)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	parts := k.list(&a.Current)
	for _, id := range slices.Sorted(maps.Keys(parts)) {
		out, err := k.output(id, *parts[id])
		if err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	return list, nil
}

func (k kind[P]) missing(id string) error {
	return gateway.NotFound("Invalid %s identifier specified %s", k.name, id)
}

// output returns a part as the API shows it.
func (k kind[P]) output(id string, part P) (map[string]any, error) {
	out, err := gateway.Members(part)
	if err != nil {
		return nil, err
	}
	out[k.id] = id
	return out, nil
}
