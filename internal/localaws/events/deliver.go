// SPDX-License-Identifier: MIT

package events

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// plan follows the schedule of a rule, or no longer; s.mu is held.
func (s *Service) plan(r *rule) {
	if r.expression == nil || r.Disabled {
		s.agenda.Remove(r.arn())
		return
	}
	next := func(after time.Time) (time.Time, bool) { return r.expression.Next(after, r.Since, time.UTC) }
	s.agenda.Set(r.arn(), next, func(due time.Time) {
		e := s.newEvent(r.Scope, "aws.events", "Scheduled Event", []byte("{}"), []string{r.arn()})
		e.Time = due.UTC().Format(timeFormat)
		s.send(r, e, "", 0)
	})
}

// publish sends an event to the targets of the rules of a bus that match it.
// hops is through how many other buses it came.
func (s *Service) publish(scope arn.Scope, bus string, e event, trace string, hops int) {
	data, err := encode(e)
	if err != nil {
		s.env.Log.Warn().Err(err).Msg("encode event")
		return
	}
	v, err := eventpattern.Decode(data)
	if err != nil {
		s.env.Log.Warn().Err(err).Msg("decode event")
		return
	}
	s.mu.Lock()
	rules := s.rulesOf(scope, bus)
	s.mu.Unlock()
	for _, r := range rules {
		if !r.Disabled && r.pattern != nil && r.pattern.MatchesValue(v) {
			s.send(r, e, trace, hops)
		}
	}
}

// send delivers an event to all targets of a rule, in the background.
func (s *Service) send(r *rule, e event, trace string, hops int) {
	data, err := encode(e)
	if err != nil {
		s.env.Log.Warn().Err(err).Msg("encode event")
		return
	}
	o := occasion{rule: r, event: data, at: s.env.Now()}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped.Err() != nil {
		return
	}
	for _, t := range r.Targets {
		s.work.Go(func() { s.deliver(t, o, e, trace, hops) })
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

// deliver sends an event to a target. What cannot be delivered goes to the
// target's dead-letter queue.
func (s *Service) deliver(t target, o occasion, e event, trace string, hops int) {
	log := s.env.Log.With().Str("rule", o.rule.arn()).Str("target", t.Arn).Str("event_id", e.ID).Logger()
	retries, err := s.attempt(t, o, e, trace, hops)
	if err == nil {
		return
	}
	if t.DeadLetterConfig == nil {
		log.Warn().Err(err).Int("retries", retries).Msg("dropped event: it cannot be delivered")
		return
	}
	log.Warn().Err(err).Int("retries", retries).Msg("moved event to the dead-letter queue")
	if err := s.deps.Table.Send(s.stopped, dead(t, o, err, retries)); err != nil {
		log.Warn().Err(err).Msg("dropped event: the dead-letter queue does not take it")
	}
}

func (s *Service) attempt(t target, o occasion, e event, trace string, hops int) (retries int, err error) {
	if a, _ := arn.Parse(t.Arn); a.Service == "events" {
		if err := s.mayForward(t, o.rule); err != nil {
			return 0, err
		}
		return 0, s.forward(a, e, trace, hops)
	}
	body, err := t.input(o)
	if err != nil {
		return 0, invalid("%v", err)
	}
	m := delivery.Message{
		Principal: principal, Source: o.rule.arn(), Account: o.rule.Scope.Account, Target: t.Arn, Body: body, TraceHeader: trace,
	}
	if t.SqsParameters != nil {
		m.Group, m.Deduplication = t.SqsParameters.MessageGroupID, e.ID
	}
	if t.RoleArn != "" {
		if err := s.deps.Assumable(o.rule.Scope, t.RoleArn, principal, o.rule.arn()); err != nil {
			return 0, err
		}
		m.Principal, m.Role, m.Session = "", t.RoleArn, o.rule.Name
	}
	return s.deps.Table.SendRetry(s.stopped, m, t.retry())
}

// mayForward returns an error unless the role of a target that is a bus, if it
// has one, lets the rule send there.
func (s *Service) mayForward(t target, r *rule) error {
	if t.RoleArn == "" {
		return nil
	}
	if err := s.deps.Assumable(r.Scope, t.RoleArn, principal, r.arn()); err != nil {
		return err
	}
	return s.deps.Table.Allowed(delivery.Message{Target: t.Arn, Role: t.RoleArn, Session: r.Name})
}

// forward puts an event on another bus. It goes no further from there ("Sending
// and receiving events between event buses").
func (s *Service) forward(a arn.ARN, e event, trace string, hops int) error {
	scope := arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}
	if hops > 0 {
		return invalid("an event that came from another event bus is not forwarded again")
	}
	if a.Account != e.Account {
		return invalid("the embedded AWS does not model policies of event buses: %s is in another account", a.Resource)
	}
	s.mu.Lock()
	bus, err := s.bus(scope, strings.TrimPrefix(a.Resource, "event-bus/"))
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.publish(scope, bus, e, trace, hops+1)
	return nil
}

// dead returns what goes to a dead-letter queue for an event that could not be
// delivered ("Using dead-letter queues to process undelivered events").
func dead(t target, o occasion, cause error, retries int) delivery.Message {
	code, condition := "SDK_CLIENT_ERROR", ""
	if e, ok := errors.AsType[*wire.Error](cause); ok {
		code = e.Code
		switch {
		case e.HTTPStatus() == http.StatusForbidden:
			code = "NO_PERMISSIONS"
		case e.HTTPStatus() == http.StatusNotFound, strings.Contains(e.Code, "NotFound"), strings.Contains(e.Code, "NotExist"):
			code = "NO_RESOURCE"
		}
	}
	if delivery.Transient(cause) {
		condition = "MaximumRetryAttempts"
	}
	attributes := map[string]delivery.Attribute{}
	for name, value := range map[string]string{
		"RULE_ARN": o.rule.arn(), "TARGET_ARN": t.Arn, "ERROR_CODE": code, "ERROR_MESSAGE": cause.Error(), "EXHAUSTED_RETRY_CONDITION": condition,
	} {
		if value != "" {
			attributes[name] = delivery.Attribute{DataType: "String", StringValue: value}
		}
	}
	if retries > 0 {
		attributes["RETRY_ATTEMPTS"] = delivery.Attribute{DataType: "Number", StringValue: strconv.Itoa(retries)}
	}
	return delivery.Message{
		Principal: principal, Source: o.rule.arn(), Account: o.rule.Scope.Account, Target: t.DeadLetterConfig.Arn, Body: o.event, Attributes: attributes,
	}
}

// Deliver puts an event of another service on a bus. The body is the detail;
// services of the bus's own account are always let in.
func (s *Service) Deliver(_ context.Context, m delivery.Message) error {
	if err := s.Admits(m); err != nil {
		return err
	}
	a, _ := arn.Parse(m.Target)
	scope := arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}
	if !json.Valid(m.Body) {
		return invalid("the detail of the event is not JSON")
	}
	s.publish(scope, strings.TrimPrefix(a.Resource, "event-bus/"), s.newEvent(scope, m.EventSource, m.DetailType, m.Body, m.Resources), m.TraceHeader, 0)
	return nil
}

// Admits returns an error unless the bus exists and belongs to the sender's
// account.
func (s *Service) Admits(m delivery.Message) error {
	a, ok := arn.Parse(m.Target)
	name, isBus := strings.CutPrefix(a.Resource, "event-bus/")
	if !ok || !isBus {
		return invalid("%s is not the ARN of an event bus", m.Target)
	}
	if m.Account != a.Account {
		return wire.Errorf(http.StatusForbidden, "AccessDeniedException", "the embedded AWS does not model policies of event buses: %s is in another account", m.Target)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.bus(arn.Scope{Partition: a.Partition, Account: a.Account, Region: a.Region}, name)
	return err
}
