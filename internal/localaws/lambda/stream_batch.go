// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/stream"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// maxPause is the longest pause before a failed batch is tried again: the first
// one is pollPause, and each is twice the one before.
const maxPause = 10 * time.Second

// attempt is what became of the attempts at a batch so far.
type attempt struct {
	count int      // invocations that failed, since the last progress
	last  Response // of the last one
}

// settleBatch has records handled in their order: it tries until the function
// succeeds or they are given up, by the rules of "Retain discarded batch
// records" of the Lambda Developer Guide. It reports false if ctx ends before
// all are settled.
func (s *Service) settleBatch(ctx context.Context, l lane, records []stream.Record) bool {
	var a attempt
	for pause := pollPause; ; pause = min(2*pause, maxPause) {
		if records = s.dropOld(ctx, l, records, a, pause > pollPause); len(records) == 0 {
			return true
		}
		s.endWindowEarly(ctx, l)
		handled, tried, err := s.try(l, records, &a)
		s.settled(l, records[:handled])
		if records = records[handled:]; len(records) == 0 {
			return true
		}
		limit := l.m.retries()
		switch {
		case ctx.Err() != nil:
			return false
		case !tried && tooLarge(err): // trying again is in vain
			s.giveUp(l, records, l.tooLargeCondition(), a)
			return true
		case tried && l.m.Stream.Bisect && handled == 0 && len(records) > 1: // "splitting a batch doesn't consume the retry quota"
			half := len(records) / 2
			return s.settleBatch(ctx, l, records[:half]) && s.settleBatch(ctx, l, records[half:])
		case tried && limit != unlimited && a.count > limit:
			s.giveUp(l, records, retryAttemptsExhausted, a)
			return true
		case handled > 0:
			pause = pollPause / 2 // progress: the rest is tried at once
		default:
			sleep(ctx, pause)
		}
		if ctx.Err() != nil {
			return false
		}
	}
}

// try has the function handle records and returns how many of the first of them
// need not be handled again. tried is false if the function could not be
// invoked.
func (s *Service) try(l lane, records []stream.Record, a *attempt) (handled int, tried bool, err error) {
	payload, w, err := s.payload(l, records)
	if err != nil {
		return 0, false, err
	}
	response, err := s.invoke(context.Background(), l.m.Scope, l.m.Function, payload, InvokeOptions{}) // the pool ends it when the service closes
	if err != nil {
		s.env.Log.Warn().Err(err).Str("mapping", l.m.ID).Msg("invoke function with records")
		s.processed(l.m, "PROBLEM: Function call failed")
		return 0, false, err
	}
	if handled = s.handledIn(l, w, response, records); handled == len(records) {
		s.processed(l.m, "OK")
		return handled, true, nil
	}
	if a.last = response; handled > 0 {
		a.count = 0
	}
	a.count++
	s.processed(l.m, "PROBLEM: Function call failed")
	return handled, true, nil
}

// streamEvent is the event of a stream for a function.
func streamEvent(records []stream.Record) ([]byte, error) {
	var event sqsEvent
	for _, r := range records {
		event.Records = append(event.Records, r.Event)
	}
	return json.Marshal(event)
}

// handled returns how many of the first records an answer says to be handled:
// those before the first one that it names ("Configuring partial batch response
// with Kinesis Data Streams and Lambda").
func (l lane) handled(response Response, records []stream.Record) int {
	if response.FunctionError != "" {
		return 0
	}
	if !l.m.ReportFailures {
		return len(records)
	}
	sequences := make([]string, len(records))
	for i, r := range records {
		sequences[i] = r.Sequence
	}
	failed, err := l.failed(response.Payload, sequences)
	if err != nil {
		return 0
	}
	if i := slices.IndexFunc(sequences, func(sequence string) bool { return failed[sequence] }); i >= 0 {
		return i
	}
	return len(records)
}

// settled notes that records need not be handled any more.
func (s *Service) settled(l lane, records []stream.Record) {
	if len(records) > 0 {
		s.advance(l, records[len(records)-1].Sequence)
	}
}

// dropOld gives up those of the first records that are too old and, before a
// retry, those that are gone from the stream. It returns the rest.
func (s *Service) dropOld(ctx context.Context, l lane, records []stream.Record, a attempt, again bool) []stream.Record {
	fresh := func(r stream.Record) bool {
		limit := l.m.Stream.AgeSeconds
		return limit == unlimited || s.env.Now().Sub(r.Arrived) <= time.Duration(limit)*time.Second
	}
	if again {
		page, err := l.streams.Read(ctx, stream.Request{Source: l.m.Source, Shard: l.shard, After: s.position(l), Most: 1})
		if err == nil && ctx.Err() == nil {
			young := fresh
			fresh = func(r stream.Record) bool {
				return young(r) && len(page.Records) > 0 && stream.Compare(page.Records[0].Sequence, r.Sequence) <= 0
			}
		}
	}
	n := slices.IndexFunc(records, fresh)
	if n < 0 {
		n = len(records)
	}
	if n > 0 {
		s.giveUp(l, records[:n], recordAgeExceeded, a)
	}
	return records[n:]
}

// tooLarge reports whether an event is too large for an invocation.
func tooLarge(err error) bool {
	e, ok := errors.AsType[*wire.Error](err)
	return ok && e.HTTPStatus() == http.StatusRequestEntityTooLarge
}
