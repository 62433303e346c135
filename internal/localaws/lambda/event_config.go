// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"
)

// eventConfig says how asynchronous events of a function are retried, and where
// their results go.
type eventConfig struct {
	Retries      *int // nil: two
	AgeSeconds   *int // nil: six hours
	Destinations destinations
	Modified     time.Time
}

type eventConfigInput struct {
	MaximumRetryAttempts     *int
	MaximumEventAgeInSeconds *int
	DestinationConfig        *destinations
}

func (in eventConfigInput) check() error {
	if n := in.MaximumRetryAttempts; n != nil && (*n < 0 || *n > 2) {
		return invalidMember(strconv.Itoa(*n), "maximumRetryAttempts", "Member must have value between 0 and 2")
	}
	if n := in.MaximumEventAgeInSeconds; n != nil && (*n < 60 || *n > 21600) {
		return invalidMember(strconv.Itoa(*n), "maximumEventAgeInSeconds", "Member must have value between 60 and 21600")
	}
	return nil
}

type eventConfigOutput struct {
	FunctionArn              string
	LastModified             float64 // seconds since 1970
	MaximumRetryAttempts     *int    `json:",omitempty"`
	MaximumEventAgeInSeconds *int    `json:",omitempty"`
	DestinationConfig        destinations
}

func (c *eventConfig) output(f *function, qualifier string) eventConfigOutput {
	if qualifier == "" {
		qualifier = "$LATEST"
	}
	return eventConfigOutput{f.arn(qualifier), float64(c.Modified.UnixMilli()) / 1000, c.Retries, c.AgeSeconds, c.Destinations}
}

func (s *Service) putEventConfig(_ context.Context, c call, in eventConfigInput) (any, error) {
	return s.storeEventConfig(c, in, &eventConfig{})
}

func (s *Service) updateEventConfig(_ context.Context, c call, in eventConfigInput) (any, error) {
	old, _, err := s.eventConfig(c)
	if err != nil {
		return nil, err
	}
	return s.storeEventConfig(c, in, old)
}

// storeEventConfig keeps base with what the caller said.
func (s *Service) storeEventConfig(c call, in eventConfigInput, base *eventConfig) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if d := in.DestinationConfig; d != nil {
		if err := s.checkResultDestinations(c.scope, c.function, *d); err != nil {
			return nil, err
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, _, err := s.find(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	config := *base
	config.Modified = s.env.Now()
	if in.MaximumRetryAttempts != nil {
		config.Retries = in.MaximumRetryAttempts
	}
	if in.MaximumEventAgeInSeconds != nil {
		config.AgeSeconds = in.MaximumEventAgeInSeconds
	}
	if in.DestinationConfig != nil {
		config.Destinations = *in.DestinationConfig
	}
	if f.Events == nil {
		f.Events = map[string]*eventConfig{}
	}
	f.Events[plain(c.function.qualifier)] = &config
	s.changed()
	return config.output(f, c.function.qualifier), nil
}

// eventConfig returns a configuration and its function.
func (s *Service) eventConfig(c call) (*eventConfig, *function, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, nil, err
	}
	config := f.Events[plain(c.function.qualifier)]
	if config == nil {
		return nil, nil, notFound("The function %s doesn't have an EventInvokeConfig", f.arn(c.function.qualifier))
	}
	return config, f, nil
}

func (s *Service) getEventConfig(_ context.Context, c call, _ none) (any, error) {
	config, f, err := s.eventConfig(c)
	if err != nil {
		return nil, err
	}
	return config.output(f, c.function.qualifier), nil
}

func (s *Service) deleteEventConfig(_ context.Context, c call, _ none) (any, error) {
	_, f, err := s.eventConfig(c)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(f.Events, plain(c.function.qualifier))
	s.changed()
	return nil, nil
}

type listEventConfigsOutput struct {
	FunctionEventInvokeConfigs []eventConfigOutput
	NextMarker                 string `json:",omitempty"`
}

func (s *Service) listEventConfigs(_ context.Context, c call, _ none) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(c.scope, c.function)
	if err != nil {
		return nil, err
	}
	list := []eventConfigOutput{}
	for _, qualifier := range slices.Sorted(maps.Keys(f.Events)) {
		list = append(list, f.Events[qualifier].output(f, qualifier))
	}
	list, next, err := page(list, c.query)
	return listEventConfigsOutput{list, next}, err
}
