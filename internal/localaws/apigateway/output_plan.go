// SPDX-License-Identifier: MIT

package apigateway

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// output returns an API key as the API shows it, with its value if asked for.
func (k *apiKey) output(value bool) (map[string]any, error) {
	out, err := gateway.Members(k.Settings)
	if err != nil {
		return nil, err
	}
	if !value {
		delete(out, "value")
	}
	delete(out, "generateDistinctId")
	rename(out, "tagMap", "tags")
	out["id"], out["createdDate"], out["lastUpdatedDate"], out["stageKeys"] = k.ID, seconds(k.Created), seconds(k.Updated), []string{}
	return out, nil
}

func (s *Service) getKeys(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.state.Keys)) {
		k := s.state.Keys[id]
		customer := c.Query.Get("customerId")
		if k.Scope != c.Scope || !strings.HasPrefix(k.Settings.Name, c.Query.Get("name")) || customer != "" && k.Settings.CustomerId != customer {
			continue
		}
		out, err := k.output(c.Query.Get("includeValues") == "true")
		if err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	return paging.Page(c, list)
}

func (s *Service) getKey(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := s.state.Keys[c.Path("id")]
	if k == nil || k.Scope != c.Scope {
		return nil, gateway.NotFound("Invalid API Key identifier specified")
	}
	return k.output(c.Query.Get("includeValue") == "true")
}

// output returns a usage plan as the API shows it.
func (p *usagePlan) output() (map[string]any, error) {
	out, err := gateway.Members(p.Settings)
	if err != nil {
		return nil, err
	}
	rename(out, "tagMap", "tags")
	rename(out, "usagePlanName", "name")
	out["id"] = p.ID
	return out, nil
}

func (s *Service) getPlans(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.state.Plans)) {
		p := s.state.Plans[id]
		if key := c.Query.Get("keyId"); p.Scope != c.Scope || key != "" && p.Keys[key] == nil {
			continue
		}
		out, err := p.output()
		if err != nil {
			return nil, err
		}
		list = append(list, out)
	}
	return paging.Page(c, list)
}

// plan returns the plan that a call names; s.mu is held.
func (s *Service) plan(c gateway.Request) (*usagePlan, error) {
	p := s.state.Plans[c.Path("id")]
	if p == nil || p.Scope != c.Scope {
		return nil, gateway.NotFound("Invalid Usage Plan ID specified")
	}
	return p, nil
}

func (s *Service) getPlan(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.plan(c)
	if err != nil {
		return nil, err
	}
	return p.output()
}

func (s *Service) getPlanKeys(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, err := s.plan(c)
	if err != nil {
		return nil, err
	}
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(p.Keys)) {
		if k := s.state.Keys[id]; k != nil && strings.HasPrefix(k.Settings.Name, c.Query.Get("name")) {
			list = append(list, map[string]any{"id": id, "type": "API_KEY", "name": k.Settings.Name, "value": k.Settings.Value})
		}
	}
	return paging.Page(c, list)
}
