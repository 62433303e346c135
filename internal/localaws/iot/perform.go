// SPDX-License-Identifier: MIT

package iot

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"net/url"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/iotsql"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// occasion is a message that a rule acts on.
type occasion struct {
	rule    *rule
	message iotsql.Message
	payload []byte // what is sent
	json    bool   // the payload is JSON
	through []string
}

// apply evaluates a rule for a message and performs its actions in the
// background.
func (s *Service) apply(r *rule, m iotsql.Message, through []string) {
	log := s.env.Log.With().Str("rule", r.arn()).Str("topic", m.Topic).Logger()
	out, err := r.statement.Evaluate(m)
	if err != nil { // error actions are for actions that fail
		log.Warn().Err(err).Msg("dropped message: the statement cannot be applied to it")
		return
	}
	if !out.Matched {
		return
	}
	o := occasion{r, m, out.Payload, out.JSON, append(append([]string{}, through...), r.Name)}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped.Err() == nil {
		s.work.Go(func() { s.perform(o) })
	}
}

// perform performs the actions of a rule one after the other. What failed goes to
// the error action.
func (s *Service) perform(o occasion) {
	log := s.env.Log.With().Str("rule", o.rule.arn()).Str("topic", o.message.Topic).Logger()
	var failures []failure
	for _, a := range o.rule.Payload.Actions {
		if err := s.act(a, o); err != nil {
			f := a.list()[0]
			log.Warn().Err(err).Str("action", f.name).Msg("could not perform action")
			failures = append(failures, o.failure(f, err))
		}
	}
	if len(failures) == 0 || o.rule.Payload.ErrorAction == nil {
		return
	}
	o.payload, o.json = o.report(failures), true
	if err := s.act(*o.rule.Payload.ErrorAction, o); err != nil {
		log.Warn().Err(err).Msg("could not perform error action")
	}
}

// patience bounds how an action is repeated that fails for a reason that may
// pass; AWS does not say how often it tries.
func patience() delivery.Retry { return delivery.Retry{Attempts: 3, Age: time.Minute} }

// act performs one action.
func (s *Service) act(a action, o occasion) error {
	f := a.list()[0]
	m := delivery.Message{Source: o.rule.arn(), Account: o.rule.Scope.Account, Body: o.payload}
	if a.Lambda != nil {
		m.Principal = principal
	} else {
		if err := s.deps.Assumable(o.rule.Scope, f.role, principal, o.rule.arn()); err != nil {
			return err
		}
		m.Role, m.Session = f.role, o.rule.Name
	}
	if err := s.address(a, o, &m); err != nil {
		return err
	}
	if a.Republish != nil {
		return s.republish(o, m)
	}
	_, err := s.deps.Table.SendRetry(s.stopped, m, patience())
	return err
}

// address completes a message with where it goes, and in which form.
func (s *Service) address(a action, o occasion, m *delivery.Message) error {
	f, scope := a.list()[0], o.rule.Scope
	resource, key := o.expand(f.resource), o.expand(f.key)
	switch {
	case a.Lambda != nil:
		m.Target = resource
		return o.event(m)
	case a.Sqs != nil:
		if a.Sqs.UseBase64 {
			m.Body = []byte(base64.StdEncoding.EncodeToString(o.payload))
		}
		return queueOf(resource, scope, m)
	case a.Sns != nil:
		m.Target = resource
	case a.Kinesis != nil:
		if m.Target, m.Group = scope.Regional("kinesis", "stream/"+resource), key; key == "" {
			m.Group = wire.RequestID() // AWS does not say which key it makes up
		}
	case a.DynamoDBv2 != nil:
		m.Target = scope.Regional("dynamodb", "table/"+resource)
		return o.item(m)
	case a.S3 != nil:
		m.Target, m.Key = scope.Bucket(resource), key
	case a.Republish != nil:
		topic := resource
		if reserved, ok := strings.CutPrefix(topic, "$$"); ok {
			topic = "$" + reserved
		}
		m.Target = scope.Regional("iot", "topic/"+topic)
	case a.CloudwatchLogs != nil:
		m.Target = scope.Regional("logs", "log-group:"+resource+":*")
	}
	return nil
}

// expand fills in a template of the rule.
func (o occasion) expand(text string) string {
	if t := o.rule.templates[text]; t != nil {
		return t.Expand(o.message)
	}
	return text
}

// event makes the payload the event of a function, which is JSON.
func (o occasion) event(m *delivery.Message) error {
	switch {
	case !o.json:
		return invalid("a Lambda action takes no binary payload: select encode(*, 'base64')")
	case len(o.payload) == 0: // SELECT VALUE of what is undefined
		m.Body = []byte("{}")
	}
	return nil
}

// queueOf addresses a queue by its URL, whose path ends with account and name.
func queueOf(address string, scope arn.Scope, m *delivery.Message) error {
	u, err := url.Parse(address)
	if err != nil {
		return invalid("%s is not the URL of a queue", address)
	}
	parts := strings.Split(strings.Trim(u.Path, "/"), "/")
	if len(parts) < 2 {
		return invalid("%s is not the URL of a queue", address)
	}
	scope.Account = parts[len(parts)-2]
	m.Target = scope.Regional("sqs", parts[len(parts)-1])
	return nil
}

// item makes the payload an item of DynamoDB, an attribute of each member.
func (o occasion) item(m *delivery.Message) error {
	d := json.NewDecoder(strings.NewReader(string(o.payload)))
	d.UseNumber()
	var members map[string]any
	if err := d.Decode(&members); err != nil || !o.json || members == nil {
		return invalid("a DynamoDBv2 action takes a JSON object only")
	}
	item, _ := attribute(members)["M"].(map[string]any)
	body, err := json.Marshal(item)
	m.Body = body
	return err
}

// attribute returns a JSON value as a value of DynamoDB.
func attribute(v any) map[string]any {
	switch v := v.(type) {
	case string:
		return map[string]any{"S": v}
	case json.Number:
		return map[string]any{"N": v.String()}
	case bool:
		return map[string]any{"BOOL": v}
	case []any:
		list := []any{}
		for _, item := range v {
			list = append(list, attribute(item))
		}
		return map[string]any{"L": list}
	case map[string]any:
		members := map[string]any{}
		for name, member := range v {
			members[name] = attribute(member)
		}
		return map[string]any{"M": members}
	}
	return map[string]any{"NULL": true}
}

// republish publishes what a rule selects on another topic, for whose rules it
// comes from no client.
func (s *Service) republish(o occasion, m delivery.Message) error {
	if err := s.deps.Table.Allowed(m); err != nil {
		return err
	}
	if err := context.Cause(s.stopped); err != nil {
		return err
	}
	a, _ := arn.Parse(m.Target)
	next := o.message
	next.Topic, next.Payload = strings.TrimPrefix(a.Resource, "topic/"), o.payload
	return s.publish(o.rule.Scope, next, o.through)
}
