// SPDX-License-Identifier: MIT

// Package logs is CloudWatch Logs of the embedded AWS: log groups and streams
// kept as append-only files, subscription filters whose destinations are
// functions, their API, and the CloudFormation types AWS::Logs::LogGroup and
// AWS::Logs::SubscriptionFilter. Retention is applied when events are read;
// memory use does not grow with the logs. Metric filters, other destinations,
// queries and encryption keys are not modelled and refused by name.
//
// A function may subscribe to its own log group, alone or in a circle with
// others. On AWS such functions invoke each other for ever. Here a log event
// does not reach a function that has led to it: what a function logs while it
// handles log events goes to others only.
package logs

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// document is the name of the store's document that holds groups and streams.
const document = "logs"

// Event is one log event to be written.
type Event struct {
	Time    time.Time // kept to the millisecond
	Message string    // at most 1 MB; Lambda ends it with a line feed
	// Cause are the ARNs of the functions, without versions, whose log events
	// have led to this one by subscription filters. It is not kept.
	Cause []string
}

// Service is CloudWatch Logs. Its methods may be called concurrently.
type Service struct {
	env   service.Env
	table *delivery.Table // knows the functions that subscribe
	root  string          // directory of the events' files
	needs access.Table
	hear  func(Record) // may be nil

	mu      sync.Mutex
	groups  map[groupKey]*group
	pending map[pendingKey]*pending // batches that are being gathered
	broken  map[pendingKey]bool     // filters of which a loop was told
	closing bool

	stop    context.CancelFunc // ends what waits
	stopped context.Context
	work    sync.WaitGroup // batches that wait or are being sent
}

type groupKey struct{ account, region, name string }

// New opens the logs that env.Store keeps. Log events go to functions by way of
// table, which may be filled later.
func New(env service.Env, table *delivery.Table) (*Service, error) {
	s := &Service{
		env: env, table: table, needs: needs(), groups: map[groupKey]*group{},
		pending: map[pendingKey]*pending{}, broken: map[pendingKey]bool{},
	}
	s.stopped, s.stop = context.WithCancel(context.Background())
	var kept []*group
	if err := env.Store.Load(document, &kept); err != nil {
		return nil, err
	}
	var err error
	if s.root, err = env.Store.Dir("logs"); err != nil {
		return nil, err
	}
	for _, g := range kept {
		s.groups[keyOf(g.Scope, g.Name)] = g
		for _, sub := range g.Subscriptions {
			if err := sub.parse(); err != nil {
				return nil, fmt.Errorf("open logs: subscription filter %q of %q: %w", sub.Name, g.Name, err)
			}
		}
	}
	env.Store.Register(document, s.snapshot)
	return s, s.sweep()
}

// Close gives up the log events that have not been sent to functions yet: these
// have ended before.
func (s *Service) Close(context.Context) error {
	s.mu.Lock()
	s.closing = true
	s.mu.Unlock()
	s.stop()
	s.work.Wait()
	return nil
}

// sweep removes what is on disk but in no document: the files of a process that
// was killed, and streams whose last event is past retention.
func (s *Service) sweep() error {
	known := map[string]bool{}
	for _, g := range s.groups {
		known[g.ID] = true
		s.expire(g)
	}
	entries, err := os.ReadDir(s.root)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if !known[entry.Name()] {
			if err := os.RemoveAll(filepath.Join(s.root, entry.Name())); err != nil {
				return fmt.Errorf("remove stale logs: %w", err)
			}
		}
	}
	return nil
}

func (s *Service) expire(g *group) {
	cutoff := s.cutoff(g)
	for name, st := range g.Streams {
		if st.Bytes > 0 && st.Last < cutoff {
			_ = os.Remove(filepath.Join(s.dir(g), st.File)) // read as an empty stream anyway
			delete(g.Streams, name)
			s.env.Store.Changed(document)
		}
	}
}

func (s *Service) snapshot() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*group, 0, len(s.groups))
	for _, g := range s.groups {
		kept = append(kept, g)
	}
	return json.Marshal(kept)
}

func keyOf(scope arn.Scope, name string) groupKey {
	return groupKey{scope.Account, scope.Region, name}
}

func invalid(format string, args ...any) error {
	return wire.Errorf(400, "InvalidParameterException", format, args...)
}

func notFound(what string) error {
	return wire.Errorf(400, "ResourceNotFoundException", "The specified log %s does not exist.", what)
}
