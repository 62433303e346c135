// SPDX-License-Identifier: MIT

package sns

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/eventpattern"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// subscription is a subscription of a topic; an attribute that changes makes
// another one. It is guarded by Service.mu.
type subscription struct {
	ARN, Topic, Owner, Protocol, Endpoint string
	Attributes                            map[string]string `json:",omitempty"` // those that callers set

	filter *eventpattern.Pattern // nil: everything
	dead   string                // ARN of the dead-letter queue
}

// parse checks the attributes and prepares them for use.
func (sub *subscription) parse() error {
	sub.filter, sub.dead = nil, ""
	for _, name := range slices.Sorted(maps.Keys(sub.Attributes)) {
		if err := sub.parseAttribute(name, sub.Attributes[name]); err != nil {
			return err
		}
	}
	if sub.filter != nil && sub.Attributes["FilterPolicyScope"] != "MessageBody" {
		if err := sub.filter.Flat(); err != nil {
			return invalid("Attributes Reason: FilterPolicy: %v", err)
		}
	}
	return nil
}

func (sub *subscription) parseAttribute(name, value string) error {
	switch name {
	case "RawMessageDelivery":
		if !slices.Contains([]string{"true", "false"}, strings.ToLower(value)) {
			return invalid("Attributes Reason: RawMessageDelivery: Invalid value [%s]. Must be true or false.", value)
		}
		if sub.Protocol == "lambda" && strings.EqualFold(value, "true") {
			return invalid("Attributes Reason: RawMessageDelivery: Delivery protocol [lambda] does not support raw message delivery.")
		}
	case "FilterPolicyScope":
		if value != "MessageAttributes" && value != "MessageBody" {
			return invalid("Attributes Reason: FilterPolicyScope: Invalid value [%s]. Please use either MessageBody or MessageAttributes", value)
		}
	case "FilterPolicy":
		if value == "" || value == "{}" {
			return nil
		}
		filter, err := eventpattern.Parse([]byte(value))
		if err != nil {
			return invalid("Attributes Reason: FilterPolicy: %v", err)
		}
		sub.filter = filter
	case "RedrivePolicy":
		return sub.parseRedrive(value)
	default:
		return invalid("the embedded AWS does not model the subscription attribute %s", name)
	}
	return nil
}

func (sub *subscription) parseRedrive(value string) error {
	if value == "" || value == "{}" {
		return nil
	}
	var in struct {
		Target string `json:"deadLetterTargetArn"`
	}
	if err := json.Unmarshal([]byte(value), &in); err != nil {
		return invalid("Attributes Reason: RedrivePolicy: failed to parse JSON.")
	}
	if a, ok := arn.Parse(in.Target); !ok || a.Service != "sqs" {
		return invalid("Attributes Reason: RedrivePolicy: deadLetterTargetArn is an invalid arn")
	}
	if strings.HasSuffix(sub.Topic, ".fifo") && !strings.HasSuffix(in.Target, ".fifo") {
		return invalid("Attributes Reason: RedrivePolicy: the dead-letter queue of a FIFO topic must be a FIFO queue")
	}
	sub.dead = in.Target
	return nil
}

// subscribe makes a subscription, or returns the one that there is; s.mu is
// held.
func (s *Service) subscribe(t *topic, owner, protocol, endpoint string, attributes map[string]string) (*subscription, error) {
	if err := checkEndpoint(t, protocol, endpoint); err != nil {
		return nil, err
	}
	for _, other := range s.of(t.arn()) {
		if other.Protocol != protocol || other.Endpoint != endpoint {
			continue
		}
		if len(attributes) > 0 && !maps.Equal(attributes, other.Attributes) {
			return nil, invalid("Attributes Reason: Subscription already exists with different attributes")
		}
		return other, nil
	}
	sub := &subscription{
		ARN: t.arn() + ":" + wire.RequestID(), Topic: t.arn(), Owner: owner, Protocol: protocol, Endpoint: endpoint, Attributes: maps.Clone(attributes),
	}
	if err := sub.parse(); err != nil {
		return nil, err
	}
	s.subscriptions[sub.ARN] = sub
	s.changed()
	return sub, nil
}

func checkEndpoint(t *topic, protocol, endpoint string) error {
	a, ok := arn.Parse(endpoint)
	switch {
	case protocol != "lambda" && protocol != "sqs":
		known := []string{"http", "https", "email", "email-json", "sms", "application", "firehose"}
		if slices.Contains(known, protocol) {
			return invalid("the embedded AWS does not model subscriptions with the protocol %s: only lambda and sqs", protocol)
		}
		return invalid("Amazon SNS does not support this protocol string: %s", protocol)
	case protocol == "lambda" && (!ok || a.Service != "lambda" || !strings.HasPrefix(a.Resource, "function:")):
		return invalid("Lambda endpoint ARN")
	case protocol == "sqs" && (!ok || a.Service != "sqs" || a.Resource == ""):
		return invalid("SQS endpoint ARN")
	case t.fifo() && protocol == "lambda":
		return invalid("Invalid parameter: Endpoint Reason: Please use a queue: FIFO topics deliver to Amazon SQS only")
	case !t.fifo() && strings.HasSuffix(endpoint, ".fifo"):
		return invalid("Invalid parameter: Endpoint Reason: FIFO SQS Queues can not be subscribed to standard SNS topics")
	}
	return nil
}

// change replaces a subscription by one with other attributes; s.mu is held.
func (s *Service) change(sub *subscription, attributes map[string]string) error {
	next := *sub
	next.Attributes = attributes
	if err := next.parse(); err != nil {
		return err
	}
	s.subscriptions[sub.ARN] = &next
	s.changed()
	return nil
}

// raw reports whether a queue gets the message without an envelope.
func (sub *subscription) raw() bool {
	return strings.EqualFold(sub.Attributes["RawMessageDelivery"], "true")
}

// wants reports whether the filter policy admits a message ("Amazon SNS
// subscription filter policies", SNS Developer Guide).
func (sub *subscription) wants(m message) bool {
	switch {
	case sub.filter == nil:
		return true
	case sub.Attributes["FilterPolicyScope"] == "MessageBody":
		return sub.filter.Matches([]byte(m.text(sub.Protocol)))
	}
	return sub.filter.MatchesValue(filterable(m.Attributes))
}

// filterable returns message attributes as filter policies see them.
func filterable(attributes map[string]delivery.Attribute) any {
	values := map[string]any{}
	for name, a := range attributes {
		switch kind, _, _ := strings.Cut(a.DataType, "."); {
		case a.DataType == "String.Array":
			if list, err := eventpattern.Decode([]byte(a.StringValue)); err == nil {
				values[name] = list
			}
		case kind == "Number":
			values[name] = json.Number(a.StringValue)
		case kind == "String":
			values[name] = a.StringValue
		}
	}
	return values
}
