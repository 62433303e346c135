// SPDX-License-Identifier: MIT

// Package cloudwatch is the CloudWatch of the embedded AWS, as far as alarms go:
// their API, in the three protocols that clients speak, and the type
// AWS::CloudWatch::Alarm. There are no metrics: an alarm stays in the state
// INSUFFICIENT_DATA until SetAlarmState sets another one, which is how a
// rehearsal raises an alarm. A change of state notifies the topics among the
// alarm's actions, those of its own account whatever their policy says; other actions, composite alarms, dashboards and everything
// about metrics are refused by name.
package cloudwatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "cloudwatch" // the name of the state document in the store
	principal = "cloudwatch.amazonaws.com"
)

// Service is CloudWatch. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	table   *delivery.Table
	actions map[string]action
	needs   access.Table

	mu     sync.Mutex
	alarms map[string]*alarm // by ARN

	stop    context.CancelCauseFunc // ends notifications that wait
	stopped context.Context
	work    sync.WaitGroup // notifications
}

var errClosed = errors.New("the embedded AWS is shutting down")

// New opens the alarms that env.Store keeps. Topics are notified through table.
func New(env service.Env, table *delivery.Table) (*Service, error) {
	s := &Service{env: env, table: table, actions: actions(), needs: needs(), alarms: map[string]*alarm{}}
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	var kept []*alarm
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open cloudwatch: %w", err)
	}
	for _, a := range kept {
		s.alarms[a.arn()] = a
	}
	env.Store.Register(document, s.snapshot)
	return s, nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := []*alarm{}
	for _, a := range s.alarms {
		kept = append(kept, a)
	}
	return json.Marshal(kept)
}

// changed has the alarms written; s.mu may be held.
func (s *Service) changed() { s.env.Store.Changed(document) }

// Close ends what waits to be sent.
func (s *Service) Close(context.Context) error {
	s.stop(errClosed)
	s.work.Wait()
	return nil
}

// AlarmState returns the state of an alarm: OK, ALARM or INSUFFICIENT_DATA. It
// returns false if there is no alarm of that name.
func (s *Service) AlarmState(scope arn.Scope, name string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.alarms[alarmARN(scope, name)]
	if a == nil {
		return "", false
	}
	return a.State, true
}

func invalid(format string, args ...any) error {
	return wire.Errorf(400, "ValidationError", format, args...)
}
