// SPDX-License-Identifier: MIT

// Package sqs is the SQS of the embedded AWS: standard and FIFO queues with
// their messages, dead-letter queues, the JSON protocol of the API and the
// CloudFormation types AWS::SQS::Queue and AWS::SQS::QueuePolicy.
//
// Queue policies decide what other services and accounts may do, and roles with
// their own policies; other callers of the account may do everything. Encryption settings are kept and shown, but
// have no effect. A queue's name may be used again at once after its deletion,
// for which SQS wants 60 seconds to pass. Moving messages back from dead-letter
// queues, AddPermission and the retired query protocol are not modelled and
// refused by name.
package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// The names of the store's documents: queues change seldom, messages often.
const (
	document        = "sqs"
	contentDocument = "sqs-messages"
)

// Service is SQS. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	actions wire.Actions[*Service, call]
	needs   access.Table

	policies policy.Cache

	mu     sync.Mutex
	queues map[queueKey]*queue

	stop    context.CancelCauseFunc // ends what waits for messages
	stopped context.Context
}

type queueKey struct{ account, region, name string }

func keyOf(scope arn.Scope, name string) queueKey { return queueKey{scope.Account, scope.Region, name} }

var errClosed = errors.New("the embedded AWS is shutting down")

// New opens the queues that env.Store keeps.
func New(env service.Env) (*Service, error) {
	s := &Service{env: env, actions: actions(), needs: needs(), queues: map[queueKey]*queue{}}
	s.stopped, s.stop = context.WithCancelCause(context.Background())
	if err := s.load(); err != nil {
		return nil, fmt.Errorf("open sqs: %w", err)
	}
	return s, nil
}

func (s *Service) load() error {
	var kept []definition
	if err := s.env.Store.Load(document, &kept); err != nil {
		return err
	}
	contents := map[string]content{}
	if err := s.env.Store.Load(contentDocument, &contents); err != nil {
		return err
	}
	for _, d := range kept {
		q := &queue{definition: d, content: contents[d.arn()], changed: make(chan struct{})}
		s.queues[keyOf(d.Scope, d.Name)] = q
	}
	s.env.Store.Register(document, s.snapshot)
	s.env.Store.Register(contentDocument, s.snapshotContent)
	return nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]definition, 0, len(s.queues))
	for _, q := range s.queues {
		kept = append(kept, q.definition)
	}
	return json.Marshal(kept)
}

// snapshotContent encodes copies, so that nobody waits for it when there are
// many messages.
func (s *Service) snapshotContent() ([]byte, error) {
	s.mu.Lock()
	contents := make(map[string]content, len(s.queues))
	for _, q := range s.queues {
		c := q.content
		c.Messages, c.Seen = make([]*message, len(q.Messages)), maps.Clone(q.Seen)
		for i, m := range q.Messages {
			c.Messages[i] = new(*m)
		}
		contents[q.arn()] = c
	}
	s.mu.Unlock()
	return json.Marshal(contents)
}

// Close ends the calls that wait for messages.
func (s *Service) Close(context.Context) error {
	s.stop(errClosed)
	return nil
}

// find returns a queue; s.mu is held.
func (s *Service) find(scope arn.Scope, name string) (*queue, error) {
	q := s.queues[keyOf(scope, name)]
	if q == nil {
		return nil, wire.Errorf(http.StatusBadRequest, "QueueDoesNotExist", "The specified queue does not exist.")
	}
	return q, nil
}

// findARN returns a queue by its ARN; s.mu is held.
func (s *Service) findARN(queueARN string) (*queue, error) {
	a, ok := arn.Parse(queueARN)
	if !ok || a.Service != "sqs" {
		return nil, invalidParameter("%s is not the ARN of a queue", queueARN)
	}
	return s.find(arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}, a.Resource)
}

func invalidParameter(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidParameterValue", format, args...)
}

func invalidAttribute(name, value, why string) error {
	text := fmt.Sprintf("Invalid value for the parameter %s.", name)
	if why != "" {
		text = fmt.Sprintf("Value %s for parameter %s is invalid. Reason: %s", value, name, why)
	}
	return wire.Errorf(http.StatusBadRequest, "InvalidAttributeValue", "%s", text)
}

func missing(parameter string) error {
	return wire.Errorf(http.StatusBadRequest, "MissingParameter", "The request must contain the parameter %s.", parameter)
}
