// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
	"github.com/sparta-up/sparta/internal/localaws/sqs"
)

// mappingDocument is the name of the store's document that holds the event
// source mappings.
const mappingDocument = "lambda-mappings"

// Queues are the queues that event source mappings read; *sqs.Service is one.
type Queues interface {
	Describe(queueARN string) (sqs.Description, error)
	Receive(ctx context.Context, queueARN string, most int, wait time.Duration) ([]sqs.Message, error)
	Delete(queueARN string, receipts ...string) error
}

// mapping is an event source mapping. All but what the last batch gave does not
// change: an update stores another mapping. It is guarded by Service.mu.
type mapping struct {
	ID             string // UUID
	Scope          arn.Scope
	Source         string    // ARN of the queue, stream, consumer of a stream or cluster; empty: Topic has servers
	Function       reference `json:"-"`
	FunctionARN    string    // qualified if the caller did so
	BatchSize      int
	WindowSeconds  int
	Filters        []string        // patterns; one has to match
	ReportFailures bool            // ReportBatchItemFailures
	MaxConcurrency int             // 0: none was given
	Stream         *streamSettings `json:",omitempty"` // nil: the source is a queue
	Topic          *topicSettings  `json:",omitempty"` // nil: the source is no Kafka; if there are any, Stream has settings, too
	Enabled        bool
	Tags           map[string]string
	Modified       time.Time
	LastResult     string

	patterns []*eventpattern.Pattern
	cancel   context.CancelFunc // ends its poller
	ended    chan struct{}      // closed when the poller of a stream has ended; nil: there was none
	before   <-chan struct{}    // what has to be closed before a stream is read; nil: nothing
}

// mappingInput is what a caller says of a mapping. What is nil was not said. It
// serves the API and AWS::Lambda::EventSourceMapping alike.
type mappingInput struct {
	EventSourceArn                 string
	FunctionName                   string
	BatchSize                      *int
	Enabled                        *bool
	FilterCriteria                 *filterCriteria
	FunctionResponseTypes          []string
	MaximumBatchingWindowInSeconds *int
	ScalingConfig                  *scalingConfig
	streamInput
	topicInput
}

type filterCriteria struct {
	Filters []filter `json:",omitempty"`
}

type filter struct{ Pattern string }

type scalingConfig struct {
	MaximumConcurrency *int `json:",omitempty"`
}

// apply changes a mapping to what the caller said and checks it. created says that
// it is a new one.
func (in mappingInput) apply(m *mapping, src eventSource, created bool) error {
	set(&m.BatchSize, in.BatchSize)
	set(&m.WindowSeconds, in.MaximumBatchingWindowInSeconds)
	set(&m.Enabled, in.Enabled)
	if in.FunctionResponseTypes != nil {
		m.ReportFailures = len(in.FunctionResponseTypes) > 0
		if len(in.FunctionResponseTypes) > 1 || m.ReportFailures && in.FunctionResponseTypes[0] != "ReportBatchItemFailures" {
			return invalidMember(joined(in.FunctionResponseTypes), "functionResponseTypes", "Member must satisfy enum value set: [ReportBatchItemFailures]")
		}
	}
	if in.FilterCriteria != nil {
		m.Filters = nil
		for _, f := range in.FilterCriteria.Filters {
			m.Filters = append(m.Filters, f.Pattern)
		}
	}
	if in.ScalingConfig != nil {
		if m.Stream != nil {
			return invalidValue("ScalingConfig is valid for SQS event sources only.")
		}
		m.MaxConcurrency = 0
		if n := in.ScalingConfig.MaximumConcurrency; n != nil {
			if m.MaxConcurrency = *n; *n < 2 || *n > 1000 {
				return invalidMember(strconv.Itoa(*n), "scalingConfig.maximumConcurrency", "Member must have value between 2 and 1000")
			}
		}
	}
	if err := in.streamInput.apply(m); err != nil {
		return err
	}
	if err := in.topicInput.apply(m, created); err != nil {
		return err
	}
	if err := m.checkBatch(src.fifo); err != nil {
		return err
	}
	return m.parseFilters()
}

func (m *mapping) checkBatch(fifo bool) error {
	switch {
	case m.BatchSize < 1 || m.BatchSize > 10000:
		return invalidMember(strconv.Itoa(m.BatchSize), "batchSize", "Member must have value between 1 and 10000")
	case m.WindowSeconds < 0 || m.WindowSeconds > 300:
		return invalidMember(strconv.Itoa(m.WindowSeconds), "maximumBatchingWindowInSeconds", "Member must have value between 0 and 300")
	case fifo && m.WindowSeconds > 0:
		return invalidValue("Batching window is not supported for FIFO queues.")
	case fifo && m.BatchSize > 10:
		return invalidValue("BatchSize must be less than or equal to 10 for FIFO queues.")
	case m.Stream == nil && m.BatchSize > 10 && m.WindowSeconds == 0:
		return invalidValue("Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10")
	}
	return nil
}

// maxFilters is how many filters a mapping may have ("Lambda event filtering",
// Lambda Developer Guide).
const maxFilters = 5

func (m *mapping) parseFilters() error {
	if len(m.Filters) > maxFilters {
		return invalidValue("Filter criteria can have at most %d filters.", maxFilters)
	}
	m.patterns = nil
	for _, text := range m.Filters {
		p, err := eventpattern.Parse([]byte(text))
		if err != nil {
			return invalidValue("Invalid filter pattern definition. %v", err)
		}
		if m.Topic != nil {
			if err := filtersValueOnly([]byte(text)); err != nil {
				return err
			}
		}
		m.patterns = append(m.patterns, p)
	}
	return nil
}

// admits reports whether one of the filters matches a record.
func (m *mapping) admits(record any) bool {
	return len(m.patterns) == 0 || slices.ContainsFunc(m.patterns, func(p *eventpattern.Pattern) bool { return p.MatchesValue(record) })
}

func (m *mapping) arn() string { return m.Scope.Regional("lambda", "event-source-mapping:"+m.ID) }

// loadMappings reads the mappings and begins to poll for those that are enabled.
func (s *Service) loadMappings() error {
	var kept []*mapping
	if err := s.env.Store.Load(mappingDocument, &kept); err != nil {
		return err
	}
	for _, m := range kept {
		if err := m.parseFilters(); err != nil {
			return err
		}
		var err error
		if m.Function, err = parseReference(m.FunctionARN, ""); err != nil {
			return err
		}
		s.mappings[m.ID] = m
	}
	if err := s.env.Store.Load(positionDocument, &s.positions); err != nil {
		return err
	}
	s.env.Store.Register(mappingDocument, s.snapshotMappings)
	if err := s.env.Store.Load(windowDocument, &s.windows); err != nil {
		return err
	}
	s.env.Store.Register(positionDocument, s.snapshotPositions)
	s.env.Store.Register(windowDocument, s.snapshotWindows)
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, m := range s.mappings {
		s.startPolling(m)
	}
	return nil
}

func (s *Service) snapshotMappings() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	kept := make([]*mapping, 0, len(s.mappings))
	for _, m := range s.mappings {
		kept = append(kept, m)
	}
	return json.Marshal(kept)
}
