// SPDX-License-Identifier: MIT

package lambda

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/kafka"
)

// eventSource is what a mapping reads.
type eventSource struct {
	streams Streams        // nil: a queue, or Kafka
	fifo    bool           // a FIFO queue
	cluster *kafka.Cluster // of MSK; nil: something else
	servers []string       // of another Kafka cluster; nil: something else
}

func (src eventSource) isKafka() bool { return src.cluster != nil || src.servers != nil }

// sourceOf finds the source of a mapping that is made.
func (s *Service) sourceOf(scope arn.Scope, in newMapping) (eventSource, error) {
	given := in.SelfManagedEventSource
	switch {
	case given == nil:
		return s.source(scope, in.EventSourceArn)
	case in.EventSourceArn != "":
		return eventSource{}, invalidValue("EventSourceArn and SelfManagedEventSource cannot both be specified.")
	case len(given.Endpoints) != 1 || len(in.servers()) == 0:
		return eventSource{}, invalidValue("SelfManagedEventSource must have the endpoint type %s with at least one server.", serversName)
	}
	return eventSource{servers: in.servers()}, nil
}

// sourceOfMapping finds the source of a mapping that there is.
func (s *Service) sourceOfMapping(m *mapping) (eventSource, error) {
	if m.Topic != nil && m.Topic.Servers != nil {
		return eventSource{servers: m.Topic.Servers}, nil
	}
	return s.source(m.Scope, m.Source)
}

// source finds the source that an ARN names.
func (s *Service) source(scope arn.Scope, sourceARN string) (eventSource, error) {
	a, ok := arn.Parse(sourceARN)
	switch {
	case sourceARN == "":
		return eventSource{}, unmodelled("event source mappings without EventSourceArn and SelfManagedEventSource: only queues, streams and Kafka are sources")
	case !ok:
		return eventSource{}, invalidMember(sourceARN, "eventSourceArn", "Member must be an ARN")
	case (a.Service != "sqs" || s.deps.Queues == nil) && (a.Service != "kafka" || s.deps.Clusters == nil) && s.deps.Streams[a.Service] == nil:
		return eventSource{}, unmodelled("event source mappings of " + a.Service)
	case a.Region != scope.Region:
		return eventSource{}, invalidValue("The event source and the function must be in the same region: %s", sourceARN)
	}
	if a.Service == "kafka" {
		cluster, err := s.cluster(scope, sourceARN)
		return eventSource{cluster: cluster}, err
	}
	if streams := s.deps.Streams[a.Service]; streams != nil {
		if a.Account != scope.Account {
			return eventSource{}, unmodelled("event source mappings of streams of other accounts")
		}
		if _, err := streams.Shards(context.Background(), sourceARN); err != nil {
			return eventSource{}, invalidValue("Stream not found: %s", sourceARN)
		}
		return eventSource{streams: streams}, nil
	}
	d, err := s.deps.Queues.Describe(sourceARN)
	if err != nil {
		return eventSource{}, invalidValue("Error occurred while ReceiveMessage. SQS Error Code: QueueDoesNotExist. SQS Error Message: The specified queue does not exist.")
	}
	return eventSource{fifo: d.FIFO}, nil
}

// checkVisibility checks that a queue hides messages for as long as a function
// may work on them.
func (s *Service) checkVisibility(queueARN string, timeout time.Duration) error {
	d, err := s.deps.Queues.Describe(queueARN)
	if err != nil {
		return err
	}
	if d.Visibility < timeout {
		return invalidValue("Queue visibility timeout: %d seconds is less than Function timeout: %d seconds", d.Visibility/time.Second, timeout/time.Second)
	}
	return nil
}

// The batch sizes unless a mapping says otherwise ("CreateEventSourceMapping",
// Lambda API reference).
const (
	defaultBatch       = 10
	defaultStreamBatch = 100
)

// setDefaults brings all that an update may change to what it is when nothing
// is said.
func (m *mapping) setDefaults() {
	m.BatchSize, m.WindowSeconds, m.Filters, m.ReportFailures, m.MaxConcurrency, m.Enabled = defaultBatch, 0, nil, false, 0, true
	if m.Stream != nil {
		m.BatchSize = defaultStreamBatch
		m.Stream = &streamSettings{Start: m.Stream.Start, At: m.Stream.At, Parallel: 1, Retries: unlimited, AgeSeconds: unlimited}
	}
	if m.Topic != nil {
		m.Topic.Access, m.Topic.Pollers = nil, nil
	}
}

// next returns a copy of a mapping to be changed, whose polling waits for that
// of the mapping.
func (m *mapping) next(now time.Time) *mapping {
	out := *m
	out.cancel, out.ended, out.Modified = nil, nil, now
	if m.ended != nil {
		out.before = m.ended
	}
	if m.Stream != nil {
		out.Stream = new(*m.Stream)
	}
	if m.Topic != nil {
		out.Topic = new(*m.Topic)
	}
	return &out
}

// same reports whether two mappings read the same for the same function.
func (m *mapping) same(other *mapping) bool {
	if m.Source != other.Source || m.FunctionARN != other.FunctionARN {
		return false
	}
	return m.Topic == nil || m.Topic.Name == other.Topic.Name && slices.Equal(slices.Sorted(slices.Values(m.Topic.Servers)), slices.Sorted(slices.Values(other.Topic.Servers)))
}

// conflict is the error of a second mapping of the same source and function.
func (m *mapping) conflict(id string) error {
	if m.Topic != nil {
		return conflict("An event source mapping with event source (\" %s \"), topic (\" %s \") and function (\" %s \") already exists. "+
			"Please update or delete the existing mapping with UUID %s", cmp.Or(m.Source, joined(m.Topic.Servers)), m.Topic.Name, m.Function.name, id)
	}
	if m.Stream != nil {
		return conflict("The event source arn (\" %s \") and function (\" %s \") provided mapping already exists. "+
			"Please update or delete the existing mapping with UUID %s", m.Source, m.Function.name, id)
	}
	return conflict("An event source mapping with SQS arn (\" %s \") and function (\" %s \") already exists. "+
		"Please update or delete the existing mapping with UUID %s", m.Source, m.Function.name, id)
}

// inRange checks a number of a request.
func inRange(n int, member string, least, most int) error {
	if n < least || n > most {
		return invalidMember(strconv.Itoa(n), member, "Member must have value between "+strconv.Itoa(least)+" and "+strconv.Itoa(most))
	}
	return nil
}
