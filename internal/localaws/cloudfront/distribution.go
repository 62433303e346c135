// SPDX-License-Identifier: MIT

package cloudfront

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/door"
)

// distribution is a distribution as it is kept, guarded by Service.mu. Its
// Config is replaced as a whole.
type distribution struct {
	Scope         arn.Scope // without a region
	ID            string
	ARN           string
	Domain        string // as on AWS; no name of this machine
	Port          int    // of the door; 0 before it was first open
	Reference     string // that the caller gave
	Modified      time.Time
	Config        *config
	Tags          map[string]string `json:",omitempty"`
	Invalidations []*invalidation   `json:",omitempty"` // oldest first
}

func doorName(id string) string { return "cloudfront/" + id }

// url is the address on this machine, without a final slash.
func (d *distribution) url() string { return strings.TrimSuffix(door.URL(d.Port), "/") }

// createDistribution makes a distribution and opens its door.
func (s *Service) createDistribution(scope arn.Scope, c *config, tags map[string]string, reference string) (*distribution, error) {
	scope.Region = ""
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.check(scope, c); err != nil {
		return nil, err
	}
	d := &distribution{
		Scope: scope, ID: newID("E"), Domain: newDomain(), Reference: reference, Modified: s.env.Now(), Config: c, Tags: tags,
	}
	d.ARN = scope.Global("cloudfront", "distribution/"+d.ID)
	if err := s.openDoor(d); err != nil {
		return nil, err
	}
	s.distributions[d.ID], s.caches[d.ID] = d, newCache(s.env.Now)
	s.changed()
	return d, nil
}

// updateDistribution gives a distribution another configuration. What it has
// cached stays.
func (s *Service) updateDistribution(scope arn.Scope, id string, c *config, tags map[string]string) (*distribution, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.find(scope, id)
	if err != nil {
		return nil, err
	}
	if err := s.check(d.Scope, c); err != nil {
		return nil, err
	}
	d.Config, d.Tags, d.Modified = c, tags, s.env.Now()
	s.changed()
	if !c.Enabled {
		s.env.Doors.Close(doorName(id))
		return d, nil
	}
	return d, s.openDoor(d)
}

// deleteDistribution removes a distribution. CloudFormation disables it first,
// as the API wants it.
func (s *Service) deleteDistribution(scope arn.Scope, id string) error {
	s.mu.Lock()
	_, err := s.find(scope, id)
	if err == nil {
		delete(s.distributions, id)
		delete(s.caches, id)
		s.changed()
	}
	s.mu.Unlock()
	if err == nil {
		s.env.Doors.Close(doorName(id))
	}
	return err
}

// find returns a distribution of an account; s.mu is held.
func (s *Service) find(scope arn.Scope, id string) (*distribution, error) {
	if d := s.distributions[id]; d != nil && d.Scope.Account == scope.Account {
		return d, nil
	}
	return nil, noSuchDistribution()
}

// openDoor serves a distribution that is enabled, on the port it had before if
// that is free. s.mu is held.
func (s *Service) openDoor(d *distribution) error {
	if !d.Config.Enabled || s.env.Doors.IsOpen(doorName(d.ID)) {
		return nil
	}
	port, err := s.env.Doors.Open(doorName(d.ID), d.Port, s.visitor(d.ID))
	if err != nil {
		return fmt.Errorf("open distribution %s: %w", d.ID, err)
	}
	if d.Port != 0 && port != d.Port {
		s.deps.Notice(fmt.Sprintf("the URL of distribution %s is now %s: port %d is in use", d.ID, door.URL(port), d.Port))
	}
	if d.Port != port {
		d.Port = port
		s.changed()
	}
	return nil
}

// openDoors opens those of all distributions.
func (s *Service) openDoors() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.distributions {
		if err := s.openDoor(d); err != nil {
			return err
		}
	}
	return nil
}

// Address returns a text in which the https URLs of distributions are those on
// this machine.
func (s *Service) Address(text string) string {
	if !strings.Contains(text, ".cloudfront.net") {
		return text
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, d := range s.distributions {
		if d.Port != 0 {
			text = strings.ReplaceAll(text, "https://"+d.Domain, d.url())
		}
	}
	return text
}

// ServeInternal answers /_sparta/cloudfront/addresses with the live addresses of
// all distributions by identifier.
func (s *Service) ServeInternal(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/cloudfront/addresses") {
		http.NotFound(w, r)
		return
	}
	s.mu.Lock()
	list := map[string]string{}
	for id, d := range s.distributions {
		list[id] = d.url()
	}
	s.mu.Unlock()
	writeAddresses(w, list)
}
