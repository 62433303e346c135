// SPDX-License-Identifier: MIT

package sns

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// notification is a message as subscribers get it ("Amazon SNS message and JSON
// formats"); functions get the URLs under other names.
type notification struct {
	Type              string
	MessageID         string `json:"MessageId"`
	SequenceNumber    string `json:",omitempty"` // FIFO topics only
	TopicArn          string
	Subject           *string `json:",omitempty"`
	Message           string
	Timestamp         string
	SignatureVersion  string               `json:",omitempty"`
	Signature         string               `json:",omitempty"`
	SigningCertURL    string               `json:",omitempty"`
	UnsubscribeURL    string               `json:",omitempty"`
	MessageAttributes map[string]attribute `json:",omitempty"`
}

// attribute is a message attribute as subscribers see it.
type attribute struct{ Type, Value string }

// entity is the notification of a function ("Invoking Lambda functions with
// Amazon SNS notifications").
type entity struct {
	Type              string
	MessageID         string `json:"MessageId"`
	TopicArn          string
	Subject           *string
	Message           string
	Timestamp         string
	SignatureVersion  string
	Signature         string
	SigningCertURL    string `json:"SigningCertUrl"`
	UnsubscribeURL    string `json:"UnsubscribeUrl"`
	MessageAttributes map[string]attribute
}

type record struct {
	EventSource          string
	EventVersion         string
	EventSubscriptionArn string
	Sns                  entity
}

type event struct{ Records []record }

// unsigned stands where AWS has a signature.
const unsigned = "dGhlIGVtYmVkZGVkIEFXUyBkb2VzIG5vdCBzaWdu"

// notify delivers a message to a subscriber who wants it. What cannot be
// delivered goes to the subscription's dead-letter queue.
func (s *Service) notify(ctx context.Context, sub *subscription, m message) {
	if !sub.wants(m) {
		return
	}
	log := s.env.Log.With().Str("subscription", sub.ARN).Str("message_id", m.ID).Logger()
	out := s.addressed(sub, m)
	err := s.table.Send(ctx, out)
	if err == nil {
		return
	}
	if sub.dead == "" {
		log.Warn().Err(err).Msg("dropped notification: it cannot be delivered")
		return
	}
	log.Warn().Err(err).Msg("moved notification to the dead-letter queue")
	if err := s.table.Send(ctx, dead(sub, out, s.envelope(sub, m), err)); err != nil {
		log.Warn().Err(err).Msg("dropped notification: the dead-letter queue does not take it")
	}
}

// addressed returns what is sent to a subscriber.
func (s *Service) addressed(sub *subscription, m message) delivery.Message {
	a, _ := arn.Parse(sub.Topic)
	out := delivery.Message{
		Principal: principal, Source: sub.Topic, Account: a.Account, Target: sub.Endpoint, Group: m.Group, Deduplication: m.Deduplication,
		TraceHeader: m.TraceHeader,
	}
	switch {
	case sub.Protocol == "lambda":
		out.Body = s.functionEvent(sub, m)
	case sub.raw():
		out.Body, out.Attributes = []byte(m.text(sub.Protocol)), m.Attributes
	default:
		out.Body = s.envelope(sub, m)
	}
	return out
}

// dead returns what goes to the dead-letter queue for a delivery that failed.
func dead(sub *subscription, out delivery.Message, envelope []byte, cause error) delivery.Message {
	code := "InternalFailure"
	if e, ok := errors.AsType[*wire.Error](cause); ok {
		code = e.Code
	}
	text := func(value string) delivery.Attribute {
		return delivery.Attribute{DataType: "String", StringValue: value}
	}
	out.Target = sub.dead
	if sub.Protocol == "lambda" {
		out.Body = envelope
	}
	out.Attributes = maps.Clone(out.Attributes)
	if out.Attributes == nil {
		out.Attributes = map[string]delivery.Attribute{}
	}
	for name, value := range map[string]string{"RequestID": wire.RequestID(), "ErrorCode": code, "ErrorMessage": cause.Error()} {
		if len(out.Attributes) < 10 { // as many as a queue takes
			out.Attributes[name] = text(value)
		}
	}
	return out
}

const timeFormat = "2006-01-02T15:04:05.000Z"

// links returns the addresses in a notification.
func (s *Service) links(sub *subscription) (certificate, unsubscribe string) {
	base := strings.TrimSuffix(s.env.Endpoint(), "/")
	return base + "/_sparta/sns/certificate.pem", base + "/?Action=Unsubscribe&SubscriptionArn=" + url.QueryEscape(sub.ARN)
}

func (m message) subject() *string {
	if m.Subject == "" {
		return nil
	}
	return &m.Subject
}

func (m message) shownAttributes() map[string]attribute {
	out := map[string]attribute{}
	for name, a := range m.Attributes {
		value := a.StringValue
		if a.BinaryValue != nil {
			value = base64.StdEncoding.EncodeToString(a.BinaryValue)
		}
		out[name] = attribute{a.DataType, value}
	}
	return out
}

// envelope returns the notification of a queue as JSON.
func (s *Service) envelope(sub *subscription, m message) []byte {
	certificate, unsubscribe := s.links(sub)
	n := notification{
		Type: "Notification", MessageID: m.ID, SequenceNumber: m.Sequence, TopicArn: sub.Topic, Subject: m.subject(),
		Message: m.text(sub.Protocol), Timestamp: m.At.Format(timeFormat), UnsubscribeURL: unsubscribe, MessageAttributes: m.shownAttributes(),
	}
	if m.Sequence == "" { // FIFO topics do not sign
		n.SignatureVersion, n.Signature, n.SigningCertURL = "1", unsigned, certificate
	}
	return encode(n)
}

// functionEvent returns the event of a function as JSON.
func (s *Service) functionEvent(sub *subscription, m message) []byte {
	certificate, unsubscribe := s.links(sub)
	return encode(event{[]record{{
		EventSource: "aws:sns", EventVersion: "1.0", EventSubscriptionArn: sub.ARN,
		Sns: entity{
			Type: "Notification", MessageID: m.ID, TopicArn: sub.Topic, Subject: m.subject(), Message: m.text(sub.Protocol),
			Timestamp: m.At.Format(timeFormat), SignatureVersion: "1", Signature: unsigned, SigningCertURL: certificate,
			UnsubscribeURL: unsubscribe, MessageAttributes: m.shownAttributes(),
		},
	}}})
}

// encode writes JSON as SNS does, without escaping <, > and &.
func encode(v any) []byte {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		panic("sns: encode notification: " + err.Error()) // our own structs always can be
	}
	return []byte(strings.TrimSuffix(b.String(), "\n"))
}

// Deliver publishes what another service has for a topic. The topic's policy
// must let that service in, unless it acts with a role.
func (s *Service) Deliver(ctx context.Context, m delivery.Message) error {
	if err := s.Admits(m); err != nil {
		return err
	}
	out := message{
		Text: string(m.Body), Subject: m.Subject, Attributes: m.Attributes, Group: m.Group, Deduplication: m.Deduplication, TraceHeader: m.TraceHeader,
	}
	if err := out.check(); err != nil {
		return err
	}
	_, err := s.publish(ctx, m.Target, out)
	return err
}

// Admits returns an error unless the topic exists and its policy lets the sender
// in.
func (s *Service) Admits(m delivery.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(m.Target)
	if err != nil {
		return err
	}
	question := m.Question("sns:Publish")
	if m.Principal == "ses.amazonaws.com" { // acts for the account, which the policy of new topics lets in
		question.Context["aws:sourceowner"] = m.Account
	}
	if m.Principal != "" && !t.allows(question) {
		return denied(m.Principal, "SNS:Publish", m.Target)
	}
	return nil
}
