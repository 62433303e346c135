// SPDX-License-Identifier: MIT

package apidomain

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// mapping leads from what a path begins with to a stage of an API. It never
// changes: a change replaces it.
type mapping struct {
	ID    string
	Key   string // without slashes around it; "" is all that no other key has
	API   string
	Stage string // "", of REST APIs only: the first segment of the path behind the key
	HTTP  bool   // the API is an HTTP API
}

// keyPattern is the form of keys: letters, digits and $-_.+!*'() between
// slashes.
var keyPattern = lazy.MustCompile(`^[A-Za-z0-9$_.+!*'()/-]*$`)

// checkKey returns the fault of a key of several levels.
func checkKey(key string) error {
	switch {
	case len(key) > 300:
		return gateway.BadRequest("ApiMapping key must not be longer than 300 characters")
	case !keyPattern.MatchString(key):
		return gateway.BadRequest("An ApiMapping key may contain only letters, numbers and one of $-_.+!*'()/")
	case strings.HasPrefix(key, "/"), strings.HasSuffix(key, "/"), strings.Contains(key, "//"):
		return gateway.BadRequest("ApiMapping key should not start or end with a '/' or have consecutive '/'s.")
	}
	return nil
}

// takes returns why the domain name cannot have a mapping ("Restrictions" of
// "Map API stages to a custom domain name for HTTP APIs", API Gateway Developer
// Guide).
func (d *domain) takes(m *mapping) error {
	if d.Settings.Endpoint == regional && d.Settings.SecurityPolicy != "TLS_1_0" {
		return nil
	}
	switch {
	case m.HTTP:
		return gateway.BadRequest("HTTP APIs can be mapped only to a regional domain name with the security policy TLS_1_2, which %s is not", d.Name)
	case strings.Contains(m.Key, "/"):
		return gateway.BadRequest("Mappings with several levels need a regional domain name with the security policy TLS_1_2, which %s is not", d.Name)
	}
	return nil
}

// put makes a mapping, or replaces the one whose identifier is that of m.
func (s *Service) put(scope arn.Scope, name string, m mapping, taken string) (*mapping, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(scope, name)
	if err != nil {
		return nil, err
	}
	if err := d.takes(&m); err != nil {
		return nil, err
	}
	if slices.ContainsFunc(d.Mappings, func(other *mapping) bool { return other.Key == m.Key && other.ID != m.ID }) {
		return nil, gateway.Conflict("%s", taken)
	}
	if m.ID == "" {
		m.ID = gateway.NewID(6)
	}
	d.Mappings = append(slices.DeleteFunc(slices.Clone(d.Mappings), func(other *mapping) bool { return other.ID == m.ID }), &m)
	slices.SortFunc(d.Mappings, func(a, b *mapping) int { return strings.Compare(a.Key, b.Key) })
	s.changed()
	return &m, nil
}

// errNoMapping is the fault of a mapping that is not there.
func errNoMapping(what string) error {
	return gateway.NotFound("Invalid %s identifier specified", what)
}

// mapping returns the mapping of a domain name that fits; s.mu is held.
func (s *Service) mapping(scope arn.Scope, name, what string, fits func(m *mapping) bool) (*domain, *mapping, error) {
	d, err := s.find(scope, name)
	if err != nil {
		return nil, nil, err
	}
	i := slices.IndexFunc(d.Mappings, fits)
	if i < 0 {
		return nil, nil, errNoMapping(what)
	}
	return d, d.Mappings[i], nil
}

// unmap removes the mapping of a domain name that fits.
func (s *Service) unmap(scope arn.Scope, name, what string, fits func(m *mapping) bool) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, found, err := s.mapping(scope, name, what, fits)
	if err != nil {
		return err
	}
	d.Mappings = slices.DeleteFunc(slices.Clone(d.Mappings), func(m *mapping) bool { return m == found })
	s.changed()
	return nil
}

func withID(id string) func(*mapping) bool { return func(m *mapping) bool { return m.ID == id } }

// ofREST finds the mapping of a REST API by its base path, which is (none) if it
// is empty.
func ofREST(base string) func(*mapping) bool {
	return func(m *mapping) bool { return !m.HTTP && m.Key == baseOf(base) }
}

// none is how REST APIs write an empty base path.
const none = "(none)"

func baseOf(text string) string {
	if text == none {
		return ""
	}
	return text
}

// mapHTTP makes a mapping as HTTP APIs have it, which may lead to APIs of either
// kind, or changes the one with an identifier.
func (s *Service) mapHTTP(scope arn.Scope, name, id, api, stage, key string) (*mapping, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	m := mapping{ID: id, Key: key, API: api, Stage: stage}
	var found, staged bool
	if found, staged = s.deps.HTTP.Has(scope, api, stage); found {
		m.HTTP = true
	} else {
		found, staged = s.deps.REST.Has(scope, api, stage)
	}
	switch {
	case !found:
		return nil, gateway.BadRequest("Invalid API identifier specified")
	case !staged:
		return nil, gateway.BadRequest("Invalid stage identifier specified")
	}
	return s.put(scope, name, m, "ApiMapping key already exists for this domain name")
}

// mapREST makes a mapping as REST APIs have it: of one level, and with a stage or
// without, or changes the one with an identifier.
func (s *Service) mapREST(scope arn.Scope, name, id, api, stage, base string) (*mapping, error) {
	m := mapping{ID: id, Key: baseOf(base), API: api, Stage: stage}
	if strings.Contains(m.Key, "/") {
		return nil, gateway.BadRequest("API Gateway V1 doesn't support the slash character (/) in base path mappings. " +
			"To create a multi-level base path mapping, use API Gateway V2.")
	}
	if err := checkKey(m.Key); err != nil {
		return nil, gateway.BadRequest("A base path may contain only letters, numbers and one of $-_.+!*'()")
	}
	switch found, staged := s.deps.REST.Has(scope, api, stage); {
	case !found:
		return nil, gateway.BadRequest("Invalid REST API identifier specified")
	case !staged && stage != "":
		return nil, gateway.BadRequest("Invalid stage identifier specified")
	}
	return s.put(scope, name, m, "Base path already exists for this domain name")
}
