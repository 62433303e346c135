// SPDX-License-Identifier: MIT

// Package sns is the SNS of the embedded AWS: standard and FIFO topics, their
// subscriptions of functions and queues with filter policies and dead-letter
// queues, the query protocol of the API and the CloudFormation types
// AWS::SNS::Topic, AWS::SNS::Subscription and AWS::SNS::TopicPolicy.
//
// Topic policies decide what other services and accounts may publish, and roles
// with their own policies; other callers of the account may do everything. Encryption, tracing and signature settings are
// kept and shown, but have no effect: the signature of a notification is a
// placeholder. Subscriptions of e-mail, SMS, HTTP, mobile and Firehose endpoints,
// archives and data protection are refused by name.
package sns

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const (
	document  = "sns" // the name of the state document in the store
	namespace = "http://sns.amazonaws.com/doc/2010-03-31/"
	principal = "sns.amazonaws.com"
)

// Service is SNS. Its methods may be called concurrently.
type Service struct {
	env     service.Env
	table   *delivery.Table
	actions map[string]action
	needs   access.Table

	policies policy.Cache

	mu            sync.Mutex
	topics        map[string]*topic        // by ARN
	subscriptions map[string]*subscription // by ARN

	fanOut sync.Mutex // held while a FIFO topic delivers, so that order is kept
}

// state is what the document holds.
type state struct {
	Topics        []*topic
	Subscriptions []*subscription
}

// New opens the topics that env.Store keeps. Notifications go out by way of
// table.
func New(env service.Env, table *delivery.Table) (*Service, error) {
	s := &Service{env: env, table: table, actions: actions(), needs: needs(), topics: map[string]*topic{}, subscriptions: map[string]*subscription{}}
	var kept state
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, fmt.Errorf("open sns: %w", err)
	}
	for _, t := range kept.Topics {
		s.topics[t.arn()] = t
	}
	for _, sub := range kept.Subscriptions {
		if err := sub.parse(); err != nil {
			return nil, fmt.Errorf("open sns: %w", err)
		}
		s.subscriptions[sub.ARN] = sub
	}
	env.Store.Register(document, s.snapshot)
	return s, nil
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var kept state
	for _, t := range s.topics {
		kept.Topics = append(kept.Topics, t)
	}
	for _, sub := range s.subscriptions {
		kept.Subscriptions = append(kept.Subscriptions, sub)
	}
	return json.Marshal(kept)
}

// changed marks the state as to be written. The caller may hold the lock.
func (s *Service) changed() { s.env.Store.Changed(document) }

// topic returns a topic by its ARN; s.mu is held.
func (s *Service) topic(topicARN string) (*topic, error) {
	if a, ok := arn.Parse(topicARN); !ok || a.Service != "sns" || strings.Contains(a.Resource, ":") {
		return nil, invalid("TopicArn")
	}
	t := s.topics[topicARN]
	if t == nil {
		return nil, wire.Errorf(http.StatusNotFound, "NotFound", "Topic does not exist")
	}
	return t, nil
}

// of returns the subscriptions of a topic in the order of their ARNs; s.mu is
// held.
func (s *Service) of(topicARN string) []*subscription {
	var list []*subscription
	for _, sub := range s.subscriptions {
		if sub.Topic == topicARN {
			list = append(list, sub)
		}
	}
	slices.SortFunc(list, func(a, b *subscription) int { return strings.Compare(a.ARN, b.ARN) })
	return list
}

func invalid(format string, args ...any) error {
	return wire.Errorf(http.StatusBadRequest, "InvalidParameter", "Invalid parameter: "+format, args...)
}
