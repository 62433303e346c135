// SPDX-License-Identifier: MIT

package lambda

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/kafka"
	"github.com/sparta-up/sparta/internal/localaws/stream"
)

// kafkaWindow is how long a batch of Kafka is gathered unless a mapping says
// otherwise ("Batching behavior", Lambda Developer Guide).
const kafkaWindow = 500 * time.Millisecond

// startConsuming begins to read the topic of a mapping; s.mu is held.
func (s *Service) startConsuming(m *mapping) {
	if m.Topic.Servers == nil && s.deps.Clusters == nil {
		return
	}
	ctx, cancel := context.WithCancel(s.stopped)
	m.cancel, m.ended = cancel, make(chan struct{})
	s.work.Go(func() {
		defer close(m.ended)
		if m.before != nil {
			<-m.before // the group would have to wait for its member
		}
		s.consume(ctx, m)
	})
}

// consume reads a topic until ctx ends.
func (s *Service) consume(ctx context.Context, m *mapping) {
	for ctx.Err() == nil {
		if err := s.join(ctx, m); err != nil && ctx.Err() == nil {
			s.troubled(m, err)
			sleep(ctx, pollPause)
		}
	}
}

// join reads a topic as a member of the mapping's group, each partition in its
// order, until ctx ends or there is an error.
func (s *Service) join(ctx context.Context, m *mapping) error {
	cluster := kafka.Cluster{Servers: m.Topic.Servers}
	if m.Topic.Servers == nil {
		var err error
		if cluster, err = s.deps.Clusters.Cluster(m.Source); err != nil {
			return err
		}
	}
	switch {
	case cluster.Secret:
		return fmt.Errorf("%s the cluster lets in who has a secret, which the embedded AWS does not model: enable IAM for a rehearsal", unauthenticated)
	case cluster.IAM:
		if err := s.mayJoin(ctx, m); err != nil {
			return err
		}
	}
	start := stream.Start{Position: m.Stream.Start, At: m.Stream.At}
	if start.Position == stream.Latest {
		start.At = m.Topic.Since
	}
	subscription := kafka.Subscription{
		Servers: cluster.Servers, Topic: m.Topic.Name, Group: m.Topic.Group, Start: start, Trouble: func(err error) { s.troubled(m, err) },
	}
	return kafka.Follow(ctx, subscription, func(ctx context.Context, p *kafka.Partition) {
		s.follow(ctx, lane{m: m, streams: p, shard: p.Name(), topic: &topicLane{p, strings.Join(cluster.Servers, ","), cluster.IAM}})
	})
}

// troubled notes what keeps a mapping from reading, and tells the user when it is
// something new: topics and brokers are theirs, and are asked for again and again.
func (s *Service) troubled(m *mapping, err error) {
	s.mu.Lock()
	known := m.LastResult == problem(err)
	s.mu.Unlock()
	if known {
		return
	}
	s.env.Log.Debug().Err(err).Str("mapping", m.ID).Msg("poll topic")
	s.processed(m, problem(err))
	text := fmt.Sprintf("function %s gets no records of topic %s: %v", m.Function.name, m.Topic.Name, err)
	if advice, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		text += "; " + advice.Hint()
	}
	s.notice(text)
}

// topicLane is what a lane that reads a partition of a topic has.
type topicLane struct {
	*kafka.Partition
	servers string // host:port of brokers, with commas
	iam     bool   // the role has to be let in
}

// window returns how long a batch is gathered.
func (m *mapping) window() time.Duration {
	window := time.Duration(m.WindowSeconds) * time.Second
	if m.Topic != nil {
		return cmp.Or(window, kafkaWindow)
	}
	return window
}

// retriesBeforeDestination is how often a batch of Kafka is tried again when
// nothing limits it but failures have somewhere to go ("Configuring error handling
// controls for Kafka event sources", Lambda Developer Guide).
const retriesBeforeDestination = 10

// retries returns how often a failed batch is tried again, or unlimited.
func (m *mapping) retries() int {
	if m.Topic != nil && m.Stream.Retries == unlimited && m.Stream.OnFailure != "" {
		return retriesBeforeDestination
	}
	return m.Stream.Retries
}

// mayReadLane returns an error unless the role of the function may read what the
// lane reads.
func (s *Service) mayReadLane(ctx context.Context, l lane) error {
	switch {
	case l.topic == nil:
		return s.mayRead(ctx, l.m, readAction(l.m.Source))
	case l.topic.iam:
		return s.mayJoin(ctx, l.m)
	}
	return nil
}
