// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type mappingOutput struct {
	UUID                           string
	EventSourceMappingArn          string
	EventSourceArn                 string `json:",omitempty"`
	FunctionArn                    string
	BatchSize                      int
	MaximumBatchingWindowInSeconds int
	FilterCriteria                 *filterCriteria `json:",omitempty"`
	FunctionResponseTypes          []string        `json:",omitempty"`
	ScalingConfig                  *scalingConfig  `json:",omitempty"`
	*streamOutput
	*topicOutput
	State                 string
	StateTransitionReason string
	LastModified          float64 // seconds since 1970
	LastProcessingResult  string
}

// output shows a mapping; a state other than "" is that of a change under way.
func (m *mapping) output(state string) mappingOutput {
	out := mappingOutput{
		UUID: m.ID, EventSourceMappingArn: m.arn(), EventSourceArn: m.Source, FunctionArn: m.FunctionARN, BatchSize: m.BatchSize,
		MaximumBatchingWindowInSeconds: m.WindowSeconds, State: state, StateTransitionReason: "USER_INITIATED",
		LastModified: float64(m.Modified.UnixMilli()) / 1000, LastProcessingResult: m.LastResult,
	}
	switch {
	case state == "" && m.Enabled:
		out.State = "Enabled"
	case state == "":
		out.State = "Disabled"
	}
	if len(m.Filters) > 0 {
		out.FilterCriteria = &filterCriteria{}
		for _, pattern := range m.Filters {
			out.FilterCriteria.Filters = append(out.FilterCriteria.Filters, filter{pattern})
		}
	}
	if m.ReportFailures {
		out.FunctionResponseTypes = []string{"ReportBatchItemFailures"}
	}
	if m.MaxConcurrency > 0 {
		out.ScalingConfig = &scalingConfig{new(m.MaxConcurrency)}
	}
	if m.Stream != nil {
		out.StateTransitionReason, out.streamOutput = "User action", m.Stream.output()
	}
	if m.Topic != nil {
		out.topicOutput, out.ParallelizationFactor, out.TumblingWindowInSeconds = m.Topic.output(), nil, nil
	}
	return out
}

// shown is output of a mapping that is read meanwhile.
func (s *Service) shown(m *mapping, state string) mappingOutput {
	s.mu.Lock()
	defer s.mu.Unlock()
	return m.output(state)
}

// otherSources are members that only sources have that are not modelled: the
// error names the source rather than them.
type otherSources struct {
	DocumentDBEventSourceConfig, Queues json.RawMessage
}

func (s *Service) createMapping(_ context.Context, c call, in struct {
	newMapping
	otherSources
	Tags map[string]string
}) (any, error) {
	if _, err := s.sourceOf(c.scope, in.newMapping); err != nil {
		return nil, err
	}
	if !reflect.ValueOf(in.otherSources).IsZero() {
		return nil, invalidValue("The settings of brokers and databases are not valid for SQS, Kinesis and DynamoDB event sources.")
	}
	m, err := s.addMapping(c.scope, in.newMapping, in.Tags)
	if err != nil {
		return nil, err
	}
	return s.shown(m, "Creating"), nil
}

// newMapping is what a caller says of a mapping that is made.
type newMapping struct {
	mappingInput
	startInput
	newTopicInput
}

// addMapping makes a mapping and begins to poll.
func (s *Service) addMapping(scope arn.Scope, in newMapping, tags map[string]string) (*mapping, error) {
	src, err := s.sourceOf(scope, in)
	if err != nil {
		return nil, err
	}
	m := &mapping{
		ID: wire.RequestID(), Scope: scope, Source: in.EventSourceArn, Tags: maps.Clone(tags), Modified: s.env.Now(), LastResult: "No records processed",
	}
	if err := s.begin(m, src, in.startInput); err != nil {
		return nil, err
	}
	if src.isKafka() {
		if err := in.startTopic(m, m.Modified); err != nil {
			return nil, err
		}
	} else if len(in.Topics) > 0 {
		return nil, invalidValue("The settings of brokers and databases are not valid for SQS, Kinesis and DynamoDB event sources.")
	}
	m.setDefaults()
	if err := in.apply(m, src, true); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.aim(m, src, in.FunctionName); err != nil {
		return nil, err
	}
	if err := s.checkStream(m); err != nil {
		return nil, err
	}
	for _, other := range s.mappings {
		if m.same(other) {
			return nil, m.conflict(other.ID)
		}
	}
	s.mappings[m.ID] = m
	s.env.Store.Changed(mappingDocument)
	s.startPolling(m)
	return m, nil
}

// aim sets the function of a mapping; s.mu is held.
func (s *Service) aim(m *mapping, src eventSource, function string) error {
	r, err := parseReference(function, "")
	if err != nil {
		return err
	}
	f, v, err := s.find(m.Scope, r)
	if err != nil {
		return err
	}
	if m.Stream == nil {
		if err := s.checkVisibility(m.Source, v.timeout()); err != nil {
			return err
		}
	}
	if m.Topic != nil {
		err = s.checkTopicRights(v, m, src)
	} else {
		err = s.checkSourceRights(v, m.Source)
	}
	if err != nil {
		return err
	}
	m.Function, m.FunctionARN = r, f.arn(r.qualifier)
	return nil
}

// mapping returns a mapping of the caller; s.mu is held.
func (s *Service) mapping(scope arn.Scope, id string) (*mapping, error) {
	m := s.mappings[id]
	if m == nil || m.Scope.Account != scope.Account || m.Scope.Region != scope.Region {
		return nil, notFound("The resource you requested does not exist.")
	}
	return m, nil
}

func (s *Service) getMapping(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.mapping(c.scope, c.path("UUID"))
	if err != nil {
		return nil, err
	}
	return m.output(""), nil
}

func (s *Service) updateMapping(_ context.Context, c call, in mappingInput) (any, error) {
	if in.EventSourceArn != "" {
		return nil, unmodelled(`parameter "EventSourceArn" of UpdateEventSourceMapping`)
	}
	m, err := s.changeMapping(c.scope, c.path("UUID"), in, func(*mapping) {})
	if err != nil {
		return nil, err
	}
	return s.shown(m, "Updating"), nil
}

// changeMapping stores a changed copy of a mapping and polls as that says. reset
// changes the copy before what the caller said does.
func (s *Service) changeMapping(scope arn.Scope, id string, in mappingInput, reset func(*mapping)) (*mapping, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.mapping(scope, id)
	if err != nil {
		return nil, err
	}
	src, err := s.sourceOfMapping(old)
	if err != nil {
		return nil, err
	}
	m := old.next(s.env.Now())
	reset(m)
	if err := in.apply(m, src, false); err != nil {
		return nil, err
	}
	if in.FunctionName != "" {
		if err := s.aim(m, src, in.FunctionName); err != nil {
			return nil, err
		}
	}
	if err := s.checkStream(m); err != nil {
		return nil, err
	}
	old.stopPolling()
	s.mappings[id] = m
	s.env.Store.Changed(mappingDocument)
	s.startPolling(m)
	return m, nil
}

func (s *Service) deleteMapping(_ context.Context, c call, _ none) (any, error) {
	m, err := s.dropMapping(c.scope, c.path("UUID"))
	if err != nil {
		return nil, err
	}
	return s.shown(m, "Deleting"), nil
}

func (s *Service) dropMapping(scope arn.Scope, id string) (*mapping, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.mapping(scope, id)
	if err != nil {
		return nil, err
	}
	m.stopPolling()
	delete(s.mappings, id)
	delete(s.positions, id)
	s.dropWindows(id)
	s.env.Store.Changed(mappingDocument)
	s.env.Store.Changed(positionDocument)
	return m, nil
}

type listMappingsOutput struct {
	EventSourceMappings []mappingOutput
	NextMarker          string `json:",omitempty"`
}

func (s *Service) listMappings(_ context.Context, c call, _ none) (any, error) {
	source, function := c.query.Get("EventSourceArn"), c.query.Get("FunctionName")
	s.mu.Lock()
	defer s.mu.Unlock()
	if function != "" {
		r, err := parseReference(function, "")
		if err != nil {
			return nil, err
		}
		f, err := s.lookup(c.scope, r)
		if err != nil {
			return nil, err
		}
		function = f.arn(r.qualifier)
	}
	list := []mappingOutput{}
	for _, m := range s.mappings {
		if m.Scope.Account == c.scope.Account && m.Scope.Region == c.scope.Region && (source == "" || m.Source == source) && (function == "" || m.FunctionARN == function) {
			list = append(list, m.output(""))
		}
	}
	slices.SortFunc(list, func(a, b mappingOutput) int { return strings.Compare(a.UUID, b.UUID) })
	list, next, err := page(list, c.query)
	return listMappingsOutput{list, next}, err
}

// routeMappings adds the operations on event source mappings.
func (s *Service) routeMappings(mux *http.ServeMux, paging []string) {
	const mappings = "/2015-03-31/event-source-mappings"
	filters := append(slices.Clone(paging), "EventSourceArn", "FunctionName")
	for _, path := range []string{mappings, mappings + "/{$}"} {
		mux.HandleFunc("POST "+path, operation(s, "CreateEventSourceMapping", 202, nil, s.createMapping))
		mux.HandleFunc("GET "+path, operation(s, "ListEventSourceMappings", 200, filters, s.listMappings))
	}
	mux.HandleFunc("GET "+mappings+"/{UUID}", operation(s, "GetEventSourceMapping", 200, nil, s.getMapping))
	mux.HandleFunc("PUT "+mappings+"/{UUID}", operation(s, "UpdateEventSourceMapping", 202, nil, s.updateMapping))
	mux.HandleFunc("DELETE "+mappings+"/{UUID}", operation(s, "DeleteEventSourceMapping", 202, nil, s.deleteMapping))
}
