// SPDX-License-Identifier: MIT

package apidomain

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ServeHost answers a request whose Host is a domain name. It reports false if
// there is none.
func (s *Service) ServeHost(w http.ResponseWriter, r *http.Request) bool {
	key, ok := s.lookup(hostOf(r.Host))
	if ok {
		s.serve(w, r, key)
	}
	return ok
}

// Address returns the address on this machine, without a final slash, of a
// domain name.
func (s *Service) Address(host string) (string, bool) {
	key, ok := s.lookup(strings.ToLower(host))
	s.mu.Lock()
	defer s.mu.Unlock()
	if d := s.domains[key]; ok && d != nil && d.Name == host {
		return d.address(), true
	}
	return "", false
}

// lookup finds the domain name that a host is: the whole name before *, and of
// several regions the default one, or else the first in the alphabet.
func (s *Service) lookup(host string) (key string, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var best *domain
	for _, d := range s.domains {
		if matches(d.Name, host) && (best == nil || s.before(d, best, host)) {
			best = d
		}
	}
	if best == nil {
		return "", false
	}
	return best.key(), true
}

func (s *Service) before(a, b *domain, host string) bool {
	if exact := a.Name == host; exact != (b.Name == host) {
		return exact
	}
	if home := s.env.Default.Region; (a.Scope.Region == home) != (b.Scope.Region == home) {
		return a.Scope.Region == home
	}
	return a.Scope.Region < b.Scope.Region
}

// serve answers a request to a domain name.
func (s *Service) serve(w http.ResponseWriter, r *http.Request, key string) {
	s.mu.Lock()
	d := s.domains[key]
	if d == nil { // deleted meanwhile
		s.mu.Unlock()
		refuse(w, false)
		return
	}
	m := d.choose(r.URL.Path)
	via := &gateway.Mapping{Domain: d.Name, Port: d.Port}
	if host := hostOf(r.Host); strings.HasPrefix(d.Name, "*") && d.answersTo(host) {
		via.Domain = host
	}
	onlyHTTP := len(d.Mappings) > 0 && !slices.ContainsFunc(d.Mappings, func(m *mapping) bool { return !m.HTTP })
	s.mu.Unlock()
	if m == nil {
		refuse(w, onlyHTTP)
		return
	}
	via.Key, via.Stage = m.Key, m.Stage
	apis := s.deps.REST
	if m.HTTP {
		apis = s.deps.HTTP
	}
	if !apis.Serve(w, r, m.API, via) { // deleted meanwhile
		refuse(w, onlyHTTP)
	}
}

// choose returns the mapping with the longest key that the path begins with, nil
// if there is none. Where all keys have one level the first segment is compared
// as a whole ("Use API mappings to connect API stages to a custom domain name
// for REST APIs", API Gateway Developer Guide).
func (d *domain) choose(path string) *mapping {
	path = strings.TrimPrefix(path, "/")
	first, _, _ := strings.Cut(path, "/")
	levels := slices.ContainsFunc(d.Mappings, func(m *mapping) bool { return strings.Contains(m.Key, "/") })
	var best *mapping
	for _, m := range d.Mappings {
		fits := m.Key == "" || m.Key == first
		if levels {
			fits = strings.HasPrefix(path, m.Key)
		}
		if fits && (best == nil || len(m.Key) > len(best.Key)) {
			best = m
		}
	}
	return best
}

// refuse answers where no mapping leads: like a REST API without the stage, or
// like an HTTP API where the domain name has nothing else.
func refuse(w http.ResponseWriter, onlyHTTP bool) {
	response := httpevent.Response{Status: http.StatusForbidden, Headers: http.Header{"Content-Type": {"application/json"}}, Body: []byte(`{"message":"Forbidden"}`)}
	if onlyHTTP {
		response.Status, response.Body = http.StatusNotFound, []byte(`{"message":"Not Found"}`)
	} else {
		response.Headers.Set("X-Amzn-Errortype", "ForbiddenException")
	}
	response.Headers.Set("X-Amzn-Requestid", wire.RequestID())
	response.Write(w)
}
