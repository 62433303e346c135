// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Deliver has a function handle an event of another service, asynchronously. The
// function's resource policy must let that service in, unless it acts with a
// role.
func (s *Service) Deliver(ctx context.Context, m delivery.Message) error {
	scope, r, err := s.admitting(m)
	if err != nil {
		return err
	}
	_, err = s.invoke(ctx, scope, r, m.Body, InvokeOptions{Type: Event, TraceID: m.TraceHeader, Cause: m.Cause})
	return err
}

// Admits returns an error unless the function exists and its resource policy
// lets the sender in.
func (s *Service) Admits(m delivery.Message) error {
	_, _, err := s.admitting(m)
	return err
}

func (s *Service) admitting(m delivery.Message) (arn.Scope, reference, error) {
	a, _ := arn.Parse(m.Target)
	scope := arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}
	r, err := parseReference(m.Target, "")
	if err != nil {
		return scope, r, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.find(scope, r)
	if err != nil {
		return scope, r, err
	}
	if m.Principal != "" && !f.lets(m, plain(r.qualifier)) {
		return scope, r, wire.Errorf(http.StatusForbidden, "AccessDeniedException",
			"User: %s is not authorized to perform: lambda:InvokeFunction on resource: %s because no resource-based policy allows the lambda:InvokeFunction action", m.Principal, m.Target)
	}
	return scope, r, nil
}

// lets reports whether the resource policy lets the sender of a message invoke
// the function; s.mu is held.
func (f *function) lets(m delivery.Message, qualifier string) bool {
	d := f.Policies[qualifier]
	if d == nil {
		return false
	}
	document, err := policy.Parse([]byte(d.text()))
	if err != nil {
		return false
	}
	question := m.Question("lambda:InvokeFunction")
	question.Resource = f.arn(qualifier)
	return document.Allows(question)
}
