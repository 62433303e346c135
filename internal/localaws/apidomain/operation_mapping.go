// SPDX-License-Identifier: MIT

package apidomain

import (
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// mappingInput is what a caller says of a mapping.
type mappingInput struct {
	APIID         string `json:"apiId"`
	APIMappingKey string `json:"apiMappingKey"`
	Stage         string `json:"stage"`
}

// serveMap makes a mapping, or changes the one that the path names.
func (s *Service) serveMap(c gateway.Request) (any, error) {
	id, old := c.Path("id"), mappingInput{}
	if id != "" {
		s.mu.Lock()
		_, m, err := s.mapping(c.Scope, c.Path("name"), "API mapping", withID(id))
		s.mu.Unlock()
		if err != nil {
			return nil, err
		}
		old = mappingInput{m.API, m.Key, m.Stage}
	}
	in, err := gateway.Decode(c, old)
	if err != nil {
		return nil, err
	}
	m, err := s.mapHTTP(c.Scope, c.Path("name"), id, in.APIID, in.Stage, in.APIMappingKey)
	if err != nil {
		return nil, err
	}
	return m.output(), nil
}

// output returns a mapping as the API of HTTP APIs shows it.
func (m *mapping) output() map[string]any {
	return map[string]any{"apiId": m.API, "apiMappingId": m.ID, "apiMappingKey": m.Key, "stage": m.Stage}
}

func (s *Service) serveMapping(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, m, err := s.mapping(c.Scope, c.Path("name"), "API mapping", withID(c.Path("id")))
	if err != nil {
		return nil, err
	}
	return m.output(), nil
}

func (s *Service) serveMappings(c gateway.Request) (any, error) {
	list, err := s.mappings(c.Scope, c.Path("name"), func(m *mapping) map[string]any { return m.output() })
	if err != nil {
		return nil, err
	}
	return paging.Page(c, list)
}

// mappings returns the mappings of a domain name in the order of their keys, but
// for those that output returns nil for.
func (s *Service) mappings(scope arn.Scope, name string, output func(*mapping) map[string]any) ([]map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(scope, name)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, m := range d.Mappings {
		if shown := output(m); shown != nil {
			list = append(list, shown)
		}
	}
	return list, nil
}
