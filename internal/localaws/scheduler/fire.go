// SPDX-License-Identifier: MIT

package scheduler

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

const timeFormat = "2006-01-02T15:04:05Z"

// next returns when a schedule falls due after a moment, within its start and
// end. One-time schedules have neither.
func (e *entry) next(after time.Time) (time.Time, bool) {
	if e.parsed.Once() {
		return e.parsed.Next(after, time.Time{}, e.zone)
	}
	anchor := e.Since
	if !e.Start.IsZero() {
		anchor = e.Start
		if after.Before(e.Start) {
			after = e.Start.Add(-1)
		}
	}
	due, ok := e.parsed.Next(after, anchor, e.zone)
	if !e.End.IsZero() && due.After(e.End) {
		return time.Time{}, false
	}
	return due, ok
}

// plan follows a schedule, or no longer; s.mu is held.
func (s *Service) plan(e *entry) {
	if e.Disabled {
		s.agenda.Remove(e.arn())
		return
	}
	s.agenda.Set(e.arn(), e.next, func(due time.Time) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.schedules[e.arn()] != e {
			return
		}
		s.fire(e, due)
		if _, more := e.next(due); !more && e.Once {
			s.drop(e)
		}
	})
}

// fire invokes the target of a schedule in the background, at some time in its
// window; s.mu is held.
func (s *Service) fire(e *entry, due time.Time) {
	if s.stopped.Err() != nil {
		return
	}
	s.work.Go(func() {
		if e.WindowMinutes > 0 && !s.sleep(rand.N(time.Duration(e.WindowMinutes)*time.Minute)) {
			return
		}
		s.invoke(e, due)
	})
}

// sleep waits and reports false if the service closes before the end.
func (s *Service) sleep(d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-s.stopped.Done():
		return false
	}
}

// The defaults of a target's retry policy.
const (
	defaultAttempts = 185
	defaultAge      = 24 * time.Hour
)

func (t target) retry() delivery.Retry {
	out := delivery.Retry{Attempts: defaultAttempts, Age: defaultAge}
	if p := t.RetryPolicy; p != nil {
		if p.MaximumRetryAttempts != nil {
			out.Attempts = *p.MaximumRetryAttempts
		}
		if p.MaximumEventAgeInSeconds != nil {
			out.Age = time.Duration(*p.MaximumEventAgeInSeconds) * time.Second
		}
	}
	return out
}

// invoke calls the target of a schedule. What fails for good goes to the
// target's dead-letter queue.
func (s *Service) invoke(e *entry, due time.Time) {
	id := strings.ReplaceAll(wire.RequestID(), "-", "")[:16]
	log := s.env.Log.With().Str("schedule", e.arn()).Str("target", e.Target.Arn).Logger()
	m := delivery.Message{Role: e.Target.RoleArn, Session: e.Name, Target: e.Target.Arn, Source: e.arn(), Account: e.Scope.Account, Body: e.input(due, id)}
	if p := e.Target.SqsParameters; p != nil {
		m.Group, m.Deduplication = p.MessageGroupID, id
	}
	if p := e.Target.EventBridgeParameters; p != nil {
		m.EventSource, m.DetailType, m.Resources = p.Source, p.DetailType, []string{e.arn()}
	}
	retries := 0
	err := s.deps.Assumable(e.Scope, e.Target.RoleArn, principal, groupARN(e.Scope, e.Group))
	if err == nil {
		retries, err = s.deps.Table.SendRetry(s.stopped, m, e.Target.retry())
	}
	if err == nil {
		return
	}
	if e.Target.DeadLetterConfig == nil {
		log.Warn().Err(err).Int("retries", retries).Msg("dropped scheduled event: the target cannot be invoked")
		return
	}
	log.Warn().Err(err).Int("retries", retries).Msg("moved scheduled event to the dead-letter queue")
	if err := s.deps.Table.Send(s.stopped, e.dead(m, due, id, err, retries)); err != nil {
		log.Warn().Err(err).Msg("dropped scheduled event: the dead-letter queue does not take it")
	}
}

// dead returns what goes to the dead-letter queue ("Configuring a dead-letter
// queue for EventBridge Scheduler").
func (e *entry) dead(m delivery.Message, due time.Time, id string, cause error, retries int) delivery.Message {
	code := "InternalServerException"
	if failure, ok := errors.AsType[*wire.Error](cause); ok {
		code = failure.Code
	}
	out := delivery.Message{Role: m.Role, Session: m.Session, Target: e.Target.DeadLetterConfig.Arn, Source: m.Source, Account: m.Account, Body: m.Body, Attributes: map[string]delivery.Attribute{}}
	for name, value := range map[string]string{
		"ERROR_CODE": code, "ERROR_MESSAGE": cause.Error(), "EXECUTION_ID": id, "IS_PAYLOAD_TRUNCATED": "false",
		"SCHEDULED_TIME": due.UTC().Format(timeFormat), "SCHEDULE_ARN": e.arn(), "TARGET_ARN": e.Target.Arn, "RETRY_ATTEMPTS": strconv.Itoa(retries),
	} {
		out.Attributes[name] = delivery.Attribute{DataType: "String", StringValue: value}
	}
	if delivery.Transient(cause) {
		out.Attributes["EXHAUSTED_RETRY_CONDITION"] = delivery.Attribute{DataType: "String", StringValue: "MaximumRetryAttempts"}
	}
	return out
}

// scheduledEvent is the input of a target whose schedule has none. Unlike that
// of rules its detail is a text.
type scheduledEvent struct {
	Version    string   `json:"version"`
	ID         string   `json:"id"`
	DetailType string   `json:"detail-type"`
	Source     string   `json:"source"`
	Account    string   `json:"account"`
	Time       string   `json:"time"`
	Region     string   `json:"region"`
	Resources  []string `json:"resources"`
	Detail     string   `json:"detail"`
}

// input returns what the target gets: the input with the context attributes
// replaced ("Adding context attributes"), or an event. A repeated attempt sends
// what the first one did, its number included.
func (e *entry) input(due time.Time, id string) []byte {
	at := due.UTC().Format(timeFormat)
	if e.Target.Input != "" {
		return []byte(strings.NewReplacer(
			"<aws.scheduler.schedule-arn>", e.arn(), "<aws.scheduler.scheduled-time>", at, "<aws.scheduler.execution-id>", id, "<aws.scheduler.attempt-number>", "1",
		).Replace(e.Target.Input))
	}
	if a, _ := arn.Parse(e.Target.Arn); a.Service == "events" {
		return []byte("{}")
	}
	data, err := json.Marshal(scheduledEvent{
		Version: "0", ID: wire.RequestID(), DetailType: "Scheduled Event", Source: "aws.scheduler", Account: e.Scope.Account, Time: at,
		Region: e.Scope.Region, Resources: []string{e.arn()}, Detail: "{}",
	})
	if err != nil {
		panic("scheduler: encode event: " + err.Error()) // our own struct always can be
	}
	return data
}
