// SPDX-License-Identifier: MIT

package ses

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lambda"
)

// incoming is a mail that runs through the rules of a rule set.
type incoming struct {
	scope      arn.Scope
	id         string // 40 letters and digits
	source     string // address of the envelope
	recipients []string
	message    message
	at         time.Time
	set        string // name of the rule set
	rules      []*rule
	domains    []string // verified
}

// incoming takes a mail in; s.mu is held, and p has an active rule set.
func (s *Service) incoming(p *place, o outgoing, recipients []string, now time.Time) incoming {
	in := incoming{
		scope: o.scope, id: newID(), source: o.source, recipients: recipients, at: now, set: p.Active, domains: p.domains(),
	}
	if set, err := p.find(p.Active); err == nil {
		in.rules = set.Rules
	}
	in.message = o.message.
		prepend("Received", fmt.Sprintf("from localhost (localhost [127.0.0.1]) by inbound-smtp.%s.amazonaws.com with SMTP id %s for %s; %s",
			o.scope.Region, in.id, recipients[0], now.UTC().Format("Mon, 2 Jan 2006 15:04:05 -0700 (MST)"))).
		prepend("Return-Path", "<"+o.source+">")
	return in
}

// newID returns a message id as those of mail that SES receives.
func newID() string {
	const letters = "0123456789abcdefghijklmnopqrstuvwxyz"
	id := make([]byte, 40)
	for i := range id {
		id[i] = letters[rand.IntN(len(letters))]
	}
	return string(id)
}

// disposition says how it goes on after an action.
type disposition int

const (
	proceed disposition = iota
	stopRule
	stopRuleSet
)

// receive applies the rules to a mail, one after the other.
func (s *Service) receive(in incoming) {
	log := s.env.Log.With().Str("message_id", in.id).Str("rule_set", in.set).Logger()
	for _, r := range in.rules {
		matched := r.matches(in.recipients, in.domains)
		if !r.Enabled || len(matched) == 0 {
			continue
		}
		log := log.With().Str("rule", r.Name).Logger()
		log.Info().Strs("recipients", matched).Msg("received mail")
		if s.apply(log.WithContext(s.stopped), &in, r, matched) == stopRuleSet {
			return
		}
	}
}

// apply carries the actions of a rule out. What an action cannot do is logged;
// the others are carried out nevertheless.
func (s *Service) apply(ctx context.Context, in *incoming, r *rule, recipients []string) disposition {
	for _, a := range r.Actions {
		if ctx.Err() != nil {
			return stopRuleSet
		}
		next := proceed
		var err error
		switch {
		case a.AddHeaderAction != nil:
			in.message = in.message.prepend(a.AddHeaderAction.HeaderName, a.AddHeaderAction.HeaderValue)
		case a.S3Action != nil:
			err = s.toBucket(ctx, *in, r, recipients, a.S3Action)
		case a.SNSAction != nil:
			err = s.toTopic(ctx, *in, r, recipients, a.SNSAction)
		case a.LambdaAction != nil:
			next, err = s.toFunction(ctx, *in, r, recipients, a.LambdaAction)
		case a.StopAction != nil:
			next = stopRuleSet
			err = s.tell(ctx, *in, r, recipients, actionObject{Type: "Stop", TopicARN: a.StopAction.TopicARN})
		}
		if err != nil {
			zerolog.Ctx(ctx).Warn().Err(err).Msg("skipped action of a receipt rule")
		}
		if next != proceed {
			return next
		}
	}
	return proceed
}

// tell notifies the topic of an action, if it has one.
func (s *Service) tell(ctx context.Context, in incoming, r *rule, recipients []string, a actionObject) error {
	if a.TopicARN == "" {
		return nil
	}
	n := notification{NotificationType: "Received", receipt: in.receipt(r, recipients, a, s.env.Now())}
	if err := s.deps.Table.Send(ctx, s.message(in.scope, in.set, r, a.TopicARN, encode(n))); err != nil {
		return fmt.Errorf("notify %s: %w", a.TopicARN, err)
	}
	return nil
}

func (s *Service) toBucket(ctx context.Context, in incoming, r *rule, recipients []string, a *s3Action) error {
	key := a.key(in.id)
	if err := s.store(ctx, in.scope, in.set, r, a, key, in.raw(r)); err != nil {
		return fmt.Errorf("put mail into bucket %q: %w", a.BucketName, err)
	}
	return s.tell(ctx, in, r, recipients, actionObject{
		Type: "S3", TopicARN: a.TopicARN, BucketName: a.BucketName, ObjectKeyPrefix: a.ObjectKeyPrefix, ObjectKey: key,
	})
}

// raw returns the mail with the results of scanning, as actions see it.
func (in incoming) raw(r *rule) []byte {
	status := "DISABLED"
	if r.ScanEnabled {
		status = "PASS"
	}
	m := in.message.prepend("X-SES-Virus-Verdict", status).prepend("X-SES-Spam-Verdict", status)
	return m.bytes()
}

// maxPublished is the largest mail that an SNS action publishes, in bytes.
const maxPublished = 150 << 10

func (s *Service) toTopic(ctx context.Context, in incoming, r *rule, recipients []string, a *snsAction) error {
	raw := in.raw(r)
	if len(raw) > maxPublished {
		return fmt.Errorf("notify %s: the mail has %d bytes, SES publishes at most %d", a.TopicARN, len(raw), maxPublished)
	}
	n := notification{NotificationType: "Received", Content: strings.ToValidUTF8(string(raw), "\ufffd")}
	if a.Encoding == "Base64" {
		n.Content = base64.StdEncoding.EncodeToString(raw)
	}
	n.receipt = in.receipt(r, recipients, actionObject{Type: "SNS", TopicARN: a.TopicARN, Encoding: strings.ToUpper(strings.ReplaceAll(a.Encoding, "-", ""))}, s.env.Now())
	if err := s.deps.Table.Send(ctx, s.message(in.scope, in.set, r, a.TopicARN, encode(n))); err != nil {
		return fmt.Errorf("notify %s: %w", a.TopicARN, err)
	}
	return nil
}

// syncTimeout is how long SES waits for a function it invokes synchronously.
const syncTimeout = 30 * time.Second

// toFunction invokes a function; what one that is invoked synchronously returns
// may end the rule or the rule set.
func (s *Service) toFunction(ctx context.Context, in incoming, r *rule, recipients []string, a *lambdaAction) (disposition, error) {
	about := actionObject{Type: "Lambda", TopicARN: a.TopicARN, FunctionARN: a.FunctionARN, InvocationType: a.InvocationType}
	body := encode(event{[]eventRecord{{"aws:ses", "1.0", in.receipt(r, recipients, about, s.env.Now())}}})
	out := s.message(in.scope, in.set, r, a.FunctionARN, body)
	if a.InvocationType == lambda.Event {
		if err := s.deps.Table.Send(ctx, out); err != nil {
			return proceed, fmt.Errorf("invoke %s: %w", a.FunctionARN, err)
		}
		return proceed, s.tell(ctx, in, r, recipients, about)
	}
	if err := s.deps.Table.Admits(out); err != nil {
		return proceed, fmt.Errorf("invoke %s: %w", a.FunctionARN, err)
	}
	next, err := s.ask(ctx, in.scope, a.FunctionARN, body)
	if err != nil {
		return proceed, fmt.Errorf("invoke %s: %w", a.FunctionARN, err)
	}
	return next, s.tell(ctx, in, r, recipients, about)
}

// ask invokes a function and returns what it decides.
func (s *Service) ask(ctx context.Context, scope arn.Scope, function string, body []byte) (disposition, error) {
	ctx, cancel := context.WithTimeout(ctx, syncTimeout)
	defer cancel()
	response, err := s.deps.Functions.Invoke(ctx, scope, function, body, lambda.InvokeOptions{Type: lambda.RequestResponse})
	if err != nil {
		return proceed, err
	}
	if response.FunctionError != "" {
		return proceed, fmt.Errorf("the function failed: %s", response.Payload)
	}
	var answer struct{ Disposition any }
	_ = json.Unmarshal(response.Payload, &answer) // any other answer means to go on
	switch answer.Disposition {
	case "STOP_RULE":
		return stopRule, nil
	case "STOP_RULE_SET":
		return stopRuleSet, nil
	}
	return proceed, nil
}
