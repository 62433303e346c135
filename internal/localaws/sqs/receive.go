// SPDX-License-Identifier: MIT

package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/delivery"
)

type receiveInput struct {
	queueInput
	AttributeNames              []string // the old name of the next
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
}

type receivedMessage struct {
	MessageID              string `json:"MessageId"`
	ReceiptHandle          string
	MD5OfBody              string
	Body                   string
	Attributes             map[string]string             `json:",omitempty"`
	MD5OfMessageAttributes string                        `json:",omitempty"`
	MessageAttributes      map[string]delivery.Attribute `json:",omitempty"`
}

type receiveOutput struct {
	Messages []receivedMessage `json:",omitempty"`
}

func (in receiveInput) check() error {
	for _, member := range []struct {
		name        string
		value       *int
		least, most int
	}{
		{"MaxNumberOfMessages", in.MaxNumberOfMessages, 1, 10},
		{"VisibilityTimeout", in.VisibilityTimeout, 0, 43200},
		{"WaitTimeSeconds", in.WaitTimeSeconds, 0, 20},
	} {
		if n := member.value; n != nil && (*n < member.least || *n > member.most) {
			return invalidParameter("Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided.", *n, member.name, member.least, member.most)
		}
	}
	return nil
}

func (s *Service) receiveMessage(c call, in receiveInput) (receiveOutput, error) {
	if err := in.check(); err != nil {
		return receiveOutput{}, err
	}
	s.mu.Lock()
	q, err := s.at(c, in.QueueURL, "sqs:ReceiveMessage")
	if err != nil {
		s.mu.Unlock()
		return receiveOutput{}, err
	}
	queueARN, wait := q.arn(), q.Settings.WaitSeconds
	s.mu.Unlock()
	most := 1
	for _, set := range []struct{ to, from *int }{{&most, in.MaxNumberOfMessages}, {&wait, in.WaitTimeSeconds}} {
		if set.from != nil {
			*set.to = *set.from
		}
	}
	list, err := s.receive(c.ctx, queueARN, most, in.VisibilityTimeout, time.Duration(wait)*time.Second)
	if err != nil {
		return receiveOutput{}, err
	}
	var out receiveOutput
	for _, m := range list {
		out.Messages = append(out.Messages, m.shown(append(in.AttributeNames, in.MessageSystemAttributeNames...), in.MessageAttributeNames))
	}
	return out, nil
}

// receive takes up to most messages, which are hidden for so many seconds, or as
// long as the queue says when they are taken if hide is nil. If there are none it
// waits until there are, or the time is over, or ctx ends, or the service closes.
func (s *Service) receive(ctx context.Context, queueARN string, most int, hide *int, wait time.Duration) ([]message, error) {
	deadline := s.env.Now().Add(wait)
	for {
		s.mu.Lock()
		q, err := s.findARN(queueARN)
		if err != nil {
			s.mu.Unlock()
			return nil, err
		}
		list, next := s.take(q, most, hide)
		changed, now := q.changed, s.env.Now()
		s.mu.Unlock()
		if len(list) > 0 || !now.Before(deadline) {
			return list, nil
		}
		pause := deadline.Sub(now)
		if !next.IsZero() {
			pause = min(pause, next.Sub(now))
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-changed:
		case <-ctx.Done():
			deadline = now
		case <-s.stopped.Done():
			deadline = now
		}
		timer.Stop()
		if ctx.Err() != nil || s.stopped.Err() != nil {
			return nil, nil
		}
	}
}

// take receives what is visible now. next is when a hidden message will become
// visible, or zero; s.mu is held.
func (s *Service) take(q *queue, most int, hide *int) (list []message, next time.Time) {
	seconds := q.Settings.VisibilitySeconds
	if hide != nil {
		seconds = *hide
	}
	now := s.env.Now().UTC()
	touched := q.sweep(now)
	blocked := map[string]bool{} // groups of a FIFO queue of which an earlier message is not done
	for _, m := range slices.Clone(q.Messages) {
		switch {
		case m.Visible.After(now):
			if next.IsZero() || m.Visible.Before(next) {
				next = m.Visible
			}
			blocked[m.Group] = true
		case q.Settings.FIFO && blocked[m.Group]:
		case s.giveUp(q, m, now):
			touched = true
		case len(list) < most:
			m.receive(q.Name, now, time.Duration(seconds)*time.Second)
			list, touched = append(list, *m), true
		default:
			blocked[m.Group] = true
		}
	}
	if touched {
		s.env.Store.Changed(contentDocument)
	}
	return list, next
}

func (m *message) receive(queue string, now time.Time, hide time.Duration) {
	m.Received++
	m.ReceivedHere++
	if m.FirstReceived.IsZero() {
		m.FirstReceived = now
	}
	m.Visible = now.Add(hide)
	m.Receipt = newReceipt(queue, m.ID)
}

// giveUp moves a message to the dead-letter queue if it was received too often;
// s.mu is held.
func (s *Service) giveUp(q *queue, m *message, now time.Time) bool {
	r := q.Settings.Redrive
	if r == nil || m.ReceivedHere < r.MaxReceives {
		return false
	}
	target, err := s.findARN(r.Target)
	if err != nil { // deleted since: the message stays, as on AWS
		return false
	}
	q.remove(m)
	dead := *m
	dead.ReceivedHere, dead.Receipt, dead.DeadFrom, dead.Visible = 0, "", q.arn(), now
	if target.Settings.FIFO {
		dead.Sent = now // FIFO queues start the retention period anew
		target.deduplicate(&dead, m.Deduplication)
	}
	target.Messages = append(target.Messages, &dead)
	target.wake()
	return true
}

// shown returns a message as the API shows it, with the attributes asked for.
func (m message) shown(system, attributes []string) receivedMessage {
	out := receivedMessage{MessageID: m.ID, ReceiptHandle: m.Receipt, MD5OfBody: digest(m.Body), Body: m.Body, Attributes: m.system()}
	if !slices.Contains(system, "All") {
		maps.DeleteFunc(out.Attributes, func(name, _ string) bool { return !slices.Contains(system, name) })
	}
	out.MessageAttributes = maps.Clone(m.Attributes)
	maps.DeleteFunc(out.MessageAttributes, func(name string, _ delivery.Attribute) bool { return !wanted(name, attributes) })
	out.MD5OfMessageAttributes = digestAttributes(out.MessageAttributes)
	return out
}

// wanted reports whether one of the names that a caller gave is that of an
// attribute: itself, the start of it, or all.
func wanted(name string, names []string) bool {
	return slices.ContainsFunc(names, func(n string) bool {
		prefix, open := strings.CutSuffix(n, ".*")
		return n == name || n == "All" || n == ".*" || open && strings.HasPrefix(name, prefix)
	})
}

// system returns the attributes that SQS gives a message.
func (m message) system() map[string]string {
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	out := map[string]string{
		"SenderId": m.Sender, "SentTimestamp": millis(m.Sent), "ApproximateReceiveCount": strconv.Itoa(m.Received),
		"ApproximateFirstReceiveTimestamp": millis(m.FirstReceived),
	}
	for name, value := range map[string]string{
		"SequenceNumber": m.Sequence, "MessageDeduplicationId": m.Deduplication, "MessageGroupId": m.Group,
		"AWSTraceHeader": m.TraceHeader, "DeadLetterQueueSourceArn": m.DeadFrom,
	} {
		if value != "" {
			out[name] = value
		}
	}
	return out
}
