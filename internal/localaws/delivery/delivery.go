// SPDX-License-Identifier: MIT

// Package delivery carries messages between the services of the embedded AWS:
// from topics, rules, schedules, buckets and failed events to functions, queues,
// topics, streams, tables, event buses and log groups. Who receives checks whether the sender
// may send, as resource policies do on AWS.
package delivery

import (
	"context"
	"net/http"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// Message is what one service sends to a resource of another.
type Message struct {
	// Principal is the service that sends, such as sns.amazonaws.com. Empty: it
	// acts with a role of the account, whose policies are asked with the
	// target's.
	Principal string
	Role      string // ARN of that role; empty: it may do everything
	Session   string // name of the role's session
	Source    string // ARN of the resource that sends: aws:SourceArn
	Account   string // account of that resource: aws:SourceAccount
	Target    string // ARN of what receives
	Body      []byte // JSON for functions, event buses and tables, any text for the others

	Subject       string               // topics only
	Group         string               // message group of FIFO queues and topics; partition key of streams
	Deduplication string               // of FIFO queues and topics
	Attributes    map[string]Attribute // message attributes of queues and topics
	Key           string               // of the object that a bucket gets
	TraceHeader   string               // X-Ray trace header of functions and queues
	Cause         []string             // functions only: those whose log events led to the message

	EventSource string   // event buses only: source of the event
	DetailType  string   // event buses only
	Resources   []string // event buses only
}

// Attribute is a message attribute of SQS and SNS.
type Attribute struct {
	DataType    string // String, Number or Binary, also with a label such as Number.int; in SNS String.Array, too
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"` // Binary only
}

// Receiver is a service that takes messages. Its errors are *wire.Error.
type Receiver interface {
	// Deliver takes a message for a resource of the service. It returns once
	// the message is kept; what becomes of it is not awaited.
	Deliver(ctx context.Context, m Message) error
	// Admits returns the error that Deliver would return because the resource
	// does not exist or does not let the sender in.
	Admits(m Message) error
}

// Table knows the receivers by the service in their ARNs. The zero value is
// ready to be used; methods may be called concurrently.
type Table struct {
	mu        sync.RWMutex
	receivers map[string]Receiver
	authorize Authorizer
}

// Authorizer returns an error unless a role may do action on a resource, in a
// session of that name.
type Authorizer func(roleARN, session, action, resource string) error

// Guard sets who knows what roles may do. Without, they may do everything.
func (t *Table) Guard(a Authorizer) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.authorize = a
}

// Action returns what a role needs to send to a target, such as sqs:SendMessage;
// "" for targets of services that are not known.
func Action(target string) string {
	a, _ := arn.Parse(target)
	return map[string]string{
		"lambda": "lambda:InvokeFunction", "sqs": "sqs:SendMessage", "sns": "sns:Publish", "events": "events:PutEvents",
		"kinesis": "kinesis:PutRecord", "dynamodb": "dynamodb:PutItem", "s3": "s3:PutObject", "logs": "logs:PutLogEvents", "iot": "iot:Publish",
	}[a.Service]
}

// Allowed returns an error unless the role of a message, if it has one, may send
// it.
func (t *Table) Allowed(m Message) error {
	t.mu.RLock()
	authorize := t.authorize
	t.mu.RUnlock()
	if m.Role == "" || authorize == nil {
		return nil
	}
	action := Action(m.Target)
	if action == "" {
		return wire.Errorf(http.StatusForbidden, "AccessDeniedException", "the embedded AWS does not know which permission sending to %s needs", m.Target)
	}
	on := m.Target
	if m.Key != "" {
		on += "/" + m.Key
	}
	if err := authorize(m.Role, m.Session, action, on); err != nil {
		return wire.Errorf(http.StatusForbidden, "AccessDeniedException", "%v", err)
	}
	return nil
}

// Add names the receiver of a service, such as sqs.
func (t *Table) Add(service string, r Receiver) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.receivers == nil {
		t.receivers = map[string]Receiver{}
	}
	t.receivers[service] = r
}

// Send delivers a message to the service of its target.
func (t *Table) Send(ctx context.Context, m Message) error {
	r, err := t.receiver(m.Target)
	if err == nil {
		err = t.Allowed(m)
	}
	if err != nil {
		return err
	}
	return r.Deliver(ctx, m)
}

// Admits returns an error unless the target exists and lets the sender in.
func (t *Table) Admits(m Message) error {
	r, err := t.receiver(m.Target)
	if err == nil {
		err = t.Allowed(m)
	}
	if err != nil {
		return err
	}
	return r.Admits(m)
}

func (t *Table) receiver(target string) (Receiver, error) {
	a, ok := arn.Parse(target)
	if !ok {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidParameter", "%s is not an ARN", target)
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	r := t.receivers[a.Service]
	if r == nil {
		return nil, wire.Errorf(http.StatusBadRequest, "InvalidParameter", "the embedded AWS does not deliver to %s", target)
	}
	return r, nil
}

// Question returns what a resource policy is asked about a message: may its
// sender do action with its target.
func (m Message) Question(action string) policy.Request {
	return policy.Request{
		PrincipalType: "Service", Principal: m.Principal, Action: action, Resource: m.Target,
		Context: map[string]string{"aws:sourcearn": m.Source, "aws:sourceaccount": m.Account, "aws:principalisawsservice": "true"},
	}
}
