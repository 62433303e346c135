// SPDX-License-Identifier: MIT

package sns

import (
	"context"
	"encoding/json"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// subscriptionType is AWS::SNS::Subscription.
type subscriptionType struct{ service *Service }

func (t subscriptionType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"Endpoint":            shape.String,
		"FilterPolicy":        shape.Document,
		"FilterPolicyScope":   shape.Enum("MessageAttributes", "MessageBody"),
		"Protocol":            shape.String,
		"RawMessageDelivery":  shape.Boolean,
		"RedrivePolicy":       shape.Document,
		"Region":              shape.String,
		"TopicArn":            shape.String,
		"DeliveryPolicy":      shape.Unmodelled,
		"ReplayPolicy":        shape.Unmodelled,
		"SubscriptionRoleArn": shape.Unmodelled,
	}, "Protocol", "TopicArn"), properties)
}

func (t subscriptionType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "Endpoint", "Protocol", "TopicArn", "Region")
}

// subscriptionAttributes returns the attributes of the API that properties stand
// for.
func subscriptionAttributes(properties map[string]any) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"} {
		value, given := properties[name]
		if !given {
			continue
		}
		text, scalar := shape.Text(value)
		if !scalar {
			document, _ := json.Marshal(value) // came from JSON
			text = string(document)
		}
		out[name] = text
	}
	return out
}

func (t subscriptionType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	topicARN := shape.Member(r.Properties, "TopicArn")
	if a, _ := arn.Parse(topicARN); shape.Member(r.Properties, "Region") != "" && a.Region != shape.Member(r.Properties, "Region") {
		return resource.Instance{}, wire.FromService(serviceName, invalid("TopicArn Reason: the topic is not in the Region that the subscription names"))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.at(call{account: r.Scope.Account, region: r.Scope.Region}, topicARN, "SNS:Subscribe")
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	sub, err := s.subscribe(found, r.Scope.Account, shape.Member(r.Properties, "Protocol"), shape.Member(r.Properties, "Endpoint"), subscriptionAttributes(r.Properties))
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{PhysicalID: sub.ARN, Attributes: map[string]any{"Arn": sub.ARN}}, nil
}

func (t subscriptionType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	sub := s.subscriptions[old.PhysicalID]
	if sub == nil {
		return old, wire.FromService(serviceName, wire.Errorf(404, "NotFound", "Subscription does not exist"))
	}
	if err := s.change(sub, subscriptionAttributes(r.Properties)); err != nil {
		return old, wire.FromService(serviceName, err)
	}
	return old, nil
}

func (t subscriptionType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	delete(t.service.subscriptions, old.PhysicalID)
	t.service.changed()
	return nil
}
