// SPDX-License-Identifier: MIT

// Package scheduler is the EventBridge Scheduler of the embedded AWS: schedules
// in groups, with time zones and flexible windows, and their targets, functions,
// queues, topics and event buses; the REST API and the CloudFormation types
// AWS::Scheduler::Schedule and AWS::Scheduler::ScheduleGroup.
//
// A target is called with the schedule's role, which scheduler.amazonaws.com must
// be able to assume, and whose policies must allow the call. What falls due while
// nothing serves is not made up for. Universal targets and other services are
// refused by name, as are encryption keys.
package scheduler

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
	"github.com/sparta-up/sparta/internal/localaws/schedule"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "scheduler" // the name of the state document in the store
	principal = "scheduler.amazonaws.com"
	// defaultGroup is the group that every account has.
	defaultGroup = "default"
)

// Deps are the other services that the scheduler calls.
type Deps struct {
	Table *delivery.Table // the targets
	// Assumable returns an error unless the role exists and lets principal
	// assume it for source, the ARN of a schedule group.
	Assumable func(scope arn.Scope, roleARN, principal, source string) error
}

// Service is EventBridge Scheduler. Its methods may be called concurrently.
type Service struct {
	env    service.Env
	deps   Deps
	api    *wire.REST
	needs  access.Routes
	agenda *schedule.Agenda

	mu        sync.Mutex
	groups    map[string]*group // by ARN; without the default ones
	schedules map[string]*entry // by ARN

	stop    context.CancelCauseFunc // ends deliveries that wait
	stopped context.Context
	work    sync.WaitGroup // deliveries
}

// group is a schedule group; guarded by Service.mu.
type group struct {
	Scope             arn.Scope
	Name              string
	Tags              map[string]string `json:",omitempty"`
	Created, Modified time.Time
}

// entry is a schedule; a change makes another one. It is guarded by Service.mu.
type entry struct {
	Scope             arn.Scope
	Group, Name       string
	Expression        string
	Zone              string
	Start, End        time.Time `json:",omitzero"`
	WindowMinutes     int       `json:",omitempty"` // 0: none
	Disabled          bool      `json:",omitempty"`
	Description       string    `json:",omitempty"`
	Once              bool      `json:",omitempty"` // ActionAfterCompletion is DELETE
	Target            target
	Created, Modified time.Time
	Since             time.Time // when the expression was set: rates without a start count from it
	Token             string    `json:",omitempty"` // of the call that made it

	parsed *cron.Expression
	zone   *time.Location
}

var errClosed = errors.New("the embedded AWS is shutting down")

// state is what the document holds.
type state struct {
	Groups    []*group
	Schedules []*entry
}

// New opens the schedules that env.Store keeps and begins to follow them.
func New(env service.Env, deps Deps) (*Service, error) {
	s := &Service{
		env: env, deps: deps, agenda: schedule.NewAgenda(env.Now), groups: map[string]*group{}, schedules: map[string]*entry{},
	}
	s.api, s.needs = s.operations(), needs()
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	var kept state
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open scheduler: %w", err)
	}
	for _, g := range kept.Groups {
		s.groups[g.arn()] = g
	}
	for _, e := range kept.Schedules {
		if err := e.parse(); err != nil {
			return nil, fmt.Errorf("open scheduler: %w", err)
		}
		s.schedules[e.arn()] = e
	}
	env.Store.Register(document, s.snapshot)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.schedules {
		s.plan(e)
	}
	return s, nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept state
	for _, g := range s.groups {
		kept.Groups = append(kept.Groups, g)
	}
	for _, e := range s.schedules {
		kept.Schedules = append(kept.Schedules, e)
	}
	return json.Marshal(kept)
}

func (s *Service) changed() { s.env.Store.Changed(document) }

// Close ends the schedules and the deliveries that wait.
func (s *Service) Close(context.Context) error {
	s.mu.Lock()
	s.stop(errClosed)
	s.mu.Unlock()
	s.agenda.Close()
	s.work.Wait()
	return nil
}

func (g *group) arn() string { return groupARN(g.Scope, g.Name) }

func groupARN(scope arn.Scope, name string) string {
	return scope.Regional("scheduler", "schedule-group/"+name)
}

func (e *entry) arn() string { return e.Scope.Regional("scheduler", "schedule/"+e.Group+"/"+e.Name) }

func invalid(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "ValidationException", format, args...)
}

func notFound(format string, args ...any) error {
	return wire.Errorf(http.StatusNotFound, "ResourceNotFoundException", format, args...)
}

func conflict(format string, args ...any) error {
	return wire.Errorf(http.StatusConflict, "ConflictException", format, args...)
}
