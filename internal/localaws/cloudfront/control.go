// SPDX-License-Identifier: MIT

package cloudfront

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// signAlways has distributions sign what they ask of buckets.
const signAlways = "always"

// control is an origin access control. It never changes once it is kept: a
// change replaces it.
type control struct {
	Account     string
	ID          string
	Name        string
	Description string `json:",omitempty"`
	Behavior    string // always or never
}

// putControl keeps an origin access control; one without an id is new.
func (s *Service) putControl(c control) (*control, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.controls[c.ID]
	if c.ID != "" && (old == nil || old.Account != c.Account) {
		return nil, noSuchControl()
	}
	for _, other := range s.controls {
		if other.Account == c.Account && other.Name == c.Name && other.ID != c.ID {
			return nil, wire.Errorf(http.StatusConflict, "OriginAccessControlAlreadyExists", "An origin access control with the same name already exists.")
		}
	}
	if c.ID == "" {
		c.ID = newID("E")
	}
	s.controls[c.ID] = &c
	s.changed()
	return &c, nil
}

func noSuchControl() error {
	return wire.Errorf(http.StatusNotFound, "NoSuchOriginAccessControl", "The specified origin access control does not exist.")
}

// deleteControl removes an origin access control that no distribution uses.
func (s *Service) deleteControl(account, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if c := s.controls[id]; c == nil || c.Account != account {
		return noSuchControl()
	}
	for _, d := range s.distributions {
		for _, o := range d.Config.Origins {
			if o.OriginAccessControlID == id {
				return wire.Errorf(http.StatusConflict, "OriginAccessControlInUse", "Cannot delete the origin access control because it's in use by one or more distributions.")
			}
		}
	}
	delete(s.controls, id)
	s.changed()
	return nil
}
