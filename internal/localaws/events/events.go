// SPDX-License-Identifier: MIT

// Package events is the EventBridge of the embedded AWS: event buses, rules with
// patterns and schedules, and their targets, functions, queues, topics, log
// groups and other buses; the JSON protocol of the API and the CloudFormation
// types AWS::Events::Rule and AWS::Events::EventBus.
//
// A target's resource policy decides whether a rule may send to it, unless the
// target has a role; log groups let every rule in. What falls due while nothing
// serves is not made up for, and events that wait for a retry when the process
// ends are lost. Archives, replays, API destinations, partner sources, schemas,
// bus policies and other targets are refused by name.
package events

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/cron"
	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
	"github.com/sparta-up/sparta/internal/localaws/schedule"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "events" // the name of the state document in the store
	principal = "events.amazonaws.com"
)

// Deps are the other services that EventBridge calls.
type Deps struct {
	Table *delivery.Table // the targets
	// Assumable returns an error unless the role exists and lets principal
	// assume it for source, the ARN of a rule.
	Assumable func(scope arn.Scope, roleARN, principal, source string) error
}

// Service is EventBridge. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	deps    Deps
	actions wire.Actions[*Service, arn.Scope]
	needs   access.Table
	agenda  *schedule.Agenda

	mu    sync.Mutex
	buses map[string]*bus  // by ARN; without the default ones
	rules map[string]*rule // by ARN

	stop    context.CancelCauseFunc // ends deliveries that wait
	stopped context.Context
	work    sync.WaitGroup // deliveries
}

// bus is an event bus; guarded by Service.mu.
type bus struct {
	Scope             arn.Scope
	Name              string
	Description       string            `json:",omitempty"`
	DeadLetter        string            `json:",omitempty"` // ARN of a queue; kept, without effect: nothing fails before it meets a rule
	Tags              map[string]string `json:",omitempty"`
	Created, Modified time.Time
}

// rule is a rule with its targets; a change makes another one. It is guarded by
// Service.mu.
type rule struct {
	Scope       arn.Scope
	Bus, Name   string
	Pattern     string            `json:",omitempty"` // JSON
	Schedule    string            `json:",omitempty"`
	Disabled    bool              `json:",omitempty"`
	Description string            `json:",omitempty"`
	Role        string            `json:",omitempty"`
	Tags        map[string]string `json:",omitempty"`
	Targets     []target          `json:",omitempty"`
	Since       time.Time         // when the schedule was set: rates count from it

	pattern    *eventpattern.Pattern
	expression *cron.Expression
}

var errClosed = errors.New("the embedded AWS is shutting down")

// state is what the document holds.
type state struct {
	Buses []*bus
	Rules []*rule
}

// New opens the buses and rules that env.Store keeps and begins to follow their
// schedules.
func New(env service.Env, deps Deps) (*Service, error) {
	s := &Service{
		env: env, deps: deps, actions: actions(), needs: needs(), agenda: schedule.NewAgenda(env.Now), buses: map[string]*bus{}, rules: map[string]*rule{},
	}
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	var kept state
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open events: %w", err)
	}
	for _, b := range kept.Buses {
		s.buses[b.arn()] = b
	}
	for _, r := range kept.Rules {
		if err := r.parse(); err != nil {
			return nil, fmt.Errorf("open events: %w", err)
		}
		s.rules[r.arn()] = r
	}
	env.Store.Register(document, s.snapshot)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.rules {
		s.plan(r)
	}
	return s, nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept state
	for _, b := range s.buses {
		kept.Buses = append(kept.Buses, b)
	}
	for _, r := range s.rules {
		kept.Rules = append(kept.Rules, r)
	}
	return json.Marshal(kept)
}

func (s *Service) changed() { s.env.Store.Changed(document) }

// Close ends the schedules and the deliveries that wait for a retry.
func (s *Service) Close(context.Context) error {
	s.mu.Lock()
	s.stop(errClosed)
	s.mu.Unlock()
	s.agenda.Close()
	s.work.Wait()
	return nil
}

func (b *bus) arn() string { return b.Scope.Regional("events", "event-bus/"+b.Name) }

// arn returns the ARN of the rule, which names its bus unless that is the
// default one.
func (r *rule) arn() string {
	if r.Bus == defaultBus {
		return r.Scope.Regional("events", "rule/"+r.Name)
	}
	return r.Scope.Regional("events", "rule/"+r.Bus+"/"+r.Name)
}

func invalid(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationException", format, args...)
}

func notFound(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ResourceNotFoundException", format, args...)
}
