// SPDX-License-Identifier: MIT

package dynamodb

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Deliver puts what another service has for a table: the body is an item in the
// form of the API. The service acts with a role of the table's account.
func (s *Service) Deliver(ctx context.Context, m delivery.Message) error {
	if err := s.Admits(m); err != nil {
		return err
	}
	scope, name := tableOf(m)
	in := putInput{mutationInput: mutationInput{TableName: &name}}
	if err := json.Unmarshal(m.Body, &in.Item); err != nil {
		return wire.Errorf(http.StatusBadRequest, "SerializationException", "%v", err)
	}
	_, err := s.putItem(call{ctx, scope}, in)
	return err
}

// Admits returns an error unless the table exists and belongs to the sender's
// account.
func (s *Service) Admits(m delivery.Message) error {
	scope, name := tableOf(m)
	if m.Principal != "" || m.Account != scope.Account {
		return wire.Errorf(http.StatusBadRequest, "AccessDeniedException", "the embedded AWS does not model policies of tables: %s takes items of roles of its account only", m.Target)
	}
	s.mu.RLock()
	defer s.mu.RUnlock()
	_, err := s.find(scope, name, true)
	return err
}

// tableOf returns the table that a message is for.
func tableOf(m delivery.Message) (arn.Scope, string) {
	a, _ := arn.Parse(m.Target)
	return arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}, strings.TrimPrefix(a.Resource, "table/")
}
