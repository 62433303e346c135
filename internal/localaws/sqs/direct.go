// SPDX-License-Identifier: MIT

package sqs

import (
	"context"
	"errors"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

// Message is a message that was received.
type Message struct {
	ID                string
	Receipt           string
	Body              string
	MD5OfBody         string
	MD5OfAttributes   string            // empty without attributes
	Attributes        map[string]string // such as ApproximateReceiveCount and, of FIFO queues, MessageGroupId
	MessageAttributes map[string]delivery.Attribute
}

// Description says of a queue what its consumers have to know.
type Description struct {
	FIFO       bool
	Visibility time.Duration // how long received messages are hidden
}

// Describe describes a queue. It returns a *wire.Error with the code
// QueueDoesNotExist if there is none.
func (s *Service) Describe(queueARN string) (Description, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.findARN(queueARN)
	if err != nil {
		return Description{}, err
	}
	return Description{FIFO: q.Settings.FIFO, Visibility: time.Duration(q.Settings.VisibilitySeconds) * time.Second}, nil
}

// Receive takes up to most messages from a queue, with all attributes, and hides
// them for the queue's visibility timeout. If there are none it waits for them;
// it returns none when the time is over, ctx ends or the service closes.
func (s *Service) Receive(ctx context.Context, queueARN string, most int, wait time.Duration) ([]Message, error) {
	list, err := s.receive(ctx, queueARN, most, nil, wait)
	out := make([]Message, len(list))
	for i, m := range list {
		out[i] = Message{
			ID: m.ID, Receipt: m.Receipt, Body: m.Body, MD5OfBody: digest(m.Body), MD5OfAttributes: digestAttributes(m.Attributes),
			Attributes: m.system(), MessageAttributes: m.Attributes,
		}
	}
	return out, err
}

// Delete deletes received messages by their receipt handles.
func (s *Service) Delete(queueARN string, receipts ...string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.findARN(queueARN)
	if err != nil {
		return err
	}
	var errs []error
	for _, receipt := range receipts {
		errs = append(errs, s.settle(q, receipt))
	}
	return errors.Join(errs...)
}

// Deliver sends a message that another service has for a queue. The queue's
// policy must let that service in, unless it acts with a role.
func (s *Service) Deliver(_ context.Context, m delivery.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.admitting(m)
	if err != nil {
		return err
	}
	out := outgoing{
		MessageBody: string(m.Body), MessageAttributes: m.Attributes, MessageGroupID: m.Group, MessageDeduplicationID: m.Deduplication,
	}
	if m.TraceHeader != "" {
		out.MessageSystemAttributes = map[string]delivery.Attribute{"AWSTraceHeader": {DataType: "String", StringValue: m.TraceHeader}}
	}
	if !q.Settings.FIFO {
		out.MessageDeduplicationID = "" // a FIFO topic may have subscribed a standard queue
	}
	sender := localSender
	if m.Principal != "" {
		sender = m.Principal
	}
	_, err = s.send(q, out, sender)
	return err
}

// Admits returns an error unless the queue exists and its policy lets the sender
// in.
func (s *Service) Admits(m delivery.Message) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.admitting(m)
	return err
}

func (s *Service) admitting(m delivery.Message) (*queue, error) {
	q, err := s.findARN(m.Target)
	if err != nil {
		return nil, err
	}
	if m.Principal != "" && !q.allows(m.Question("sqs:SendMessage")) {
		return nil, denied(m.Principal, "sqs:SendMessage", q.arn())
	}
	return q, nil
}
