// SPDX-License-Identifier: MIT

package logs

import (
	"context"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Deliver writes what an EventBridge rule has for a log group, each event in a
// stream of its own, as EventBridge does. Policies of log groups are not
// modelled: every sender is let in.
func (s *Service) Deliver(_ context.Context, m delivery.Message) error {
	scope, group, err := s.target(m)
	if err != nil {
		return err
	}
	return s.Append(scope, group, wire.RequestID(), []Event{{Time: s.env.Now(), Message: string(m.Body)}})
}

// Admits returns an error unless the log group exists.
func (s *Service) Admits(m delivery.Message) error {
	_, _, err := s.target(m)
	return err
}

// target returns the log group that a message is for.
func (s *Service) target(m delivery.Message) (arn.Scope, string, error) {
	a, _ := arn.Parse(m.Target)
	scope := arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}
	group := strings.TrimSuffix(strings.TrimPrefix(a.Resource, "log-group:"), ":*")
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.groups[keyOf(scope, group)] == nil {
		return scope, group, notFound("group")
	}
	return scope, group, nil
}
