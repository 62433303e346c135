// SPDX-License-Identifier: MIT

// Package iot is the AWS IoT Core of the embedded AWS, as far as rules need it:
// topic rules with their SQL, the actions Lambda, SQS, SNS, Kinesis, DynamoDBv2,
// S3, Republish and CloudWatch Logs, and error actions; the REST API of the rules,
// publishing by HTTPS, Basic Ingest too, and the CloudFormation type
// AWS::IoT::TopicRule.
//
// An action is performed with its role, which iot.amazonaws.com must be able to
// assume; functions let the rule in by their resource policy. Rules that republish
// in a circle end where a rule would get the same message again. There is no MQTT
// listener, nothing is retained, and things, shadows, jobs and certificates are
// not modelled: all of that is refused by name, like the other actions and the
// functions of the SQL that ask other services. On reserved topics AWS IoT itself
// says nothing here; who rehearses may publish there what it would say.
package iot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/iotsql"
	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "iot" // the name of the state document in the store
	principal = "iot.amazonaws.com"
)

// Deps are the other services that AWS IoT calls.
type Deps struct {
	Table *delivery.Table // what actions send to
	// Assumable returns an error unless the role exists and lets principal
	// assume it for source, the ARN of a rule.
	Assumable func(scope arn.Scope, roleARN, principal, source string) error
}

// Service is AWS IoT. Its methods may be called concurrently.
type Service struct {
	env   service.Env
	deps  Deps
	api   *wire.REST
	needs access.Routes

	mu    sync.Mutex
	rules map[string]*rule // by ARN

	stop    context.CancelCauseFunc // ends actions that wait
	stopped context.Context
	work    sync.WaitGroup // actions
}

// rule is a topic rule; a change makes another one. It is guarded by Service.mu.
type rule struct {
	Scope   arn.Scope
	Name    string
	Payload rulePayload
	Created time.Time
	Tags    map[string]string `json:",omitempty"`

	statement *iotsql.Statement
	templates map[string]*iotsql.Template // of all actions, by their text
}

var errClosed = errors.New("the embedded AWS is shutting down")

// New opens the rules that env.Store keeps.
func New(env service.Env, deps Deps) (*Service, error) {
	s := &Service{env: env, deps: deps, needs: needs(), rules: map[string]*rule{}}
	s.api = s.operations()
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	var kept []*rule
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open iot: %w", err)
	}
	for _, r := range kept {
		if err := r.parse(); err != nil {
			return nil, fmt.Errorf("open iot: %w", err)
		}
		s.rules[r.arn()] = r
	}
	env.Store.Register(document, s.snapshot)
	return s, nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*rule, 0, len(s.rules))
	for _, r := range s.rules {
		kept = append(kept, r)
	}
	return json.Marshal(kept)
}

func (s *Service) changed() { s.env.Store.Changed(document) }

// Close ends the actions that wait for another attempt.
func (s *Service) Close(context.Context) error {
	s.mu.Lock()
	s.stop(errClosed)
	s.mu.Unlock()
	s.work.Wait()
	return nil
}

func (r *rule) arn() string { return r.Scope.Regional("iot", "rule/"+r.Name) }

func invalid(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidRequestException", format, args...)
}

func badSQL(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "SqlParseException", format, args...)
}

// noRule is what AWS IoT says of rules that do not exist, too.
func noRule(name string) error {
	return wire.Errorf(http.StatusUnauthorized, "UnauthorizedException", "Access to topic rule '%s' was denied", name)
}
