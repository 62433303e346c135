// SPDX-License-Identifier: MIT

package kinesis

import (
	"context"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Deliver adds what another service has for a stream as a record, whose partition
// key is the message's group. The service acts with a role of the stream's
// account.
func (s *Service) Deliver(_ context.Context, m delivery.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.admitting(m)
	if err != nil {
		return err
	}
	r := outgoing{Data: m.Body, PartitionKey: m.Group}
	key, err := d.admit(r, "")
	if err != nil {
		return err
	}
	_, err = s.put(d, key, r)
	return err
}

// Admits returns an error unless the stream exists and belongs to the sender's
// account.
func (s *Service) Admits(m delivery.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.admitting(m)
	return err
}

// admitting returns the stream that a message is for; s.mu is held.
func (s *Service) admitting(m delivery.Message) (*dataStream, error) {
	d, err := s.findARN(m.Target)
	if err != nil {
		return nil, err
	}
	if m.Principal != "" || m.Account != d.Scope.Account {
		return nil, wire.Errorf(http.StatusBadRequest, "AccessDeniedException", "the embedded AWS does not model policies of streams: %s takes records of roles of its account only", m.Target)
	}
	return d, nil
}
