// SPDX-License-Identifier: MIT

// Package codedeploy is the CodeDeploy of the embedded AWS, as far as functions
// need it: applications and deployment groups of the compute platform Lambda,
// and deployments, which shift the traffic of a function's alias from one
// version to another in steps, call hooks before and after, and go back when a
// hook fails or an alarm is raised. CloudFormation begins them, for an alias
// with the update policy CodeDeployLambdaAliasUpdate; CreateDeployment, servers,
// ECS, deployment configurations of one's own and triggers are refused by name.
//
// A rehearsal must not take as long as the real thing: a minute between two
// steps takes a second here. A hook has as much time as its function takes, and
// then a minute to tell its status, where AWS waits an hour; one whose function
// fails has failed at once.
package codedeploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "codedeploy" // the name of the state document in the store
	principal = "codedeploy.amazonaws.com"
)

// minute is what a minute of traffic shifting takes.
const minute = time.Second

// Aliases are the aliases of functions; *lambda.Service has them. Its errors are
// *wire.Error.
type Aliases interface {
	AliasVersion(scope arn.Scope, function, alias string) (string, error)
	ShiftAlias(scope arn.Scope, function, alias, version, other string, share float64) error
}

// Deps are the other services that CodeDeploy calls.
type Deps struct {
	Aliases Aliases
	// Invoke runs a function, given by name or ARN, and waits for its end. It
	// returns an error if the function cannot be run or fails.
	Invoke func(ctx context.Context, scope arn.Scope, function string, payload []byte) error
	// Assumable returns an error unless the role exists and lets principal
	// assume it for source, the ARN of a deployment group.
	Assumable func(scope arn.Scope, roleARN, principal, source string) error
	// AlarmState returns the state of a CloudWatch alarm, such as ALARM, and
	// false if there is no such alarm.
	AlarmState func(scope arn.Scope, name string) (string, bool)
	// Notice tells the user something. It may be nil.
	Notice func(text string)
}

// Service is CodeDeploy. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	deps    Deps
	actions wire.Actions[*Service, arn.Scope]
	table   access.Table

	mu           sync.Mutex
	applications map[string]*application // by ARN
	deployments  []*deployment           // oldest first

	stop    context.CancelCauseFunc // ends the deployments under way
	stopped context.Context
	work    sync.WaitGroup // deployments under way
}

var errClosed = errors.New("the embedded AWS is shutting down")

// state is what the document holds.
type state struct {
	Applications []*application
	Deployments  []*deployment
}

// New opens what env.Store keeps. Deployments that the last process left under
// way have failed.
func New(env service.Env, deps Deps) (*Service, error) {
	if deps.Notice == nil {
		deps.Notice = func(string) {}
	}
	s := &Service{env: env, deps: deps, actions: actions(), applications: map[string]*application{}}
	s.table = s.needs()
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	var kept state
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open codedeploy: %w", err)
	}
	for _, a := range kept.Applications {
		s.applications[a.arn()] = a
	}
	s.deployments = kept.Deployments
	for _, d := range s.deployments {
		if d.underWay() {
			d.Status, d.Code, d.Message, d.Ended = "Failed", "INTERNAL_ERROR", "the embedded AWS stopped while this was in progress", env.Now()
		}
	}
	env.Store.Register(document, s.snapshot)
	return s, nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := state{Deployments: s.deployments}
	for _, a := range s.applications {
		kept.Applications = append(kept.Applications, a)
	}
	return json.Marshal(kept)
}

// changed has the state written; s.mu may be held.
func (s *Service) changed() { s.env.Store.Changed(document) }

// Close ends the deployments under way: their aliases go back. It waits until
// ctx ends.
func (s *Service) Close(ctx context.Context) error {
	s.stop(errClosed)
	done := make(chan struct{})
	go func() { s.work.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close codedeploy: %w", context.Cause(ctx))
	}
}

func unmodelled(format string, args ...any) error {
	return wire.Errorf(400, "ValidationException", "the embedded AWS does not model "+format, args...)
}
