// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"errors"
	"net/http"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// retryDelay is how long an event waits before its nth retry: one minute, then
// two ("Error handling for asynchronous invocation", Lambda Developer Guide).
func retryDelay(n int) time.Duration { return time.Duration(n) * time.Minute }

const (
	defaultRetries  = 2
	defaultEventAge = 6 * time.Hour
	// throttleDelay is the first pause of an event for which there was no
	// environment; it doubles up to throttleLimit.
	throttleDelay = time.Second
	throttleLimit = 5 * time.Minute
)

// enqueue has an event handled in the background.
func (s *Service) enqueue(in invocation) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped.Err() != nil {
		return errUnavailable()
	}
	began := s.env.Now()
	s.work.Go(func() { s.deliver(in, began) })
	return nil
}

// deliver runs an event until the function succeeds, its retries or its age are
// used up, or the service closes.
func (s *Service) deliver(in invocation, began time.Time) {
	log := s.env.Log.With().Str("function", in.function.name).Str("request_id", in.requestID).Logger()
	failures, attempts, pause := 0, 0, throttleDelay
	var last Response
	for {
		response, err := s.run(context.Background(), in) // the pool ends it when the service closes
		retries, age := s.eventLimits(in)
		if err == nil {
			last, attempts = response, attempts+1
		}
		var wait time.Duration
		switch {
		case err == nil && response.FunctionError == "":
			s.conclude(in, outcome{succeeded, attempts, last})
			return
		case throttled(err):
			wait, pause = pause, min(2*pause, throttleLimit)
		case failures >= retries:
			log.Warn().Err(err).Int("attempts", failures+1).Msg("gave up event: the function failed")
			s.conclude(in, outcome{retriesExhausted, attempts, last})
			return
		default:
			failures++
			wait = s.retryAfter(failures)
		}
		if s.env.Now().Add(wait).Sub(began) > age {
			log.Warn().Msg("gave up event: it is too old")
			s.conclude(in, outcome{ageExceeded, attempts, last})
			return
		}
		select {
		case <-time.After(wait):
		case <-s.stopped.Done():
			log.Warn().Msg("dropped event: the embedded AWS ends before its retry")
			return
		}
	}
}

func throttled(err error) bool {
	e, ok := errors.AsType[*wire.Error](err)
	return ok && e.HTTPStatus() == http.StatusTooManyRequests
}

// eventLimits returns how often an event is retried and how old it may get.
func (s *Service) eventLimits(in invocation) (retries int, age time.Duration) {
	retries, age = defaultRetries, defaultEventAge
	s.mu.Lock()
	defer s.mu.Unlock()
	f := s.functions[keyOf(in.scope, in.function.name)]
	if f == nil {
		return 0, age
	}
	c := f.Events[plain(in.function.qualifier)]
	if c == nil {
		return retries, age
	}
	if c.Retries != nil {
		retries = *c.Retries
	}
	if c.AgeSeconds != nil {
		age = time.Duration(*c.AgeSeconds) * time.Second
	}
	return retries, age
}

// plain returns a qualifier as the keys of a function's maps have it: nothing
// for $LATEST.
func plain(qualifier string) string {
	if qualifier == "$LATEST" {
		return ""
	}
	return qualifier
}
