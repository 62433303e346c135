// SPDX-License-Identifier: MIT

package sns

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::SNS::Topic, AWS::SNS::Subscription and
// AWS::SNS::TopicPolicy.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::SNS::Topic": topicType{s}, "AWS::SNS::Subscription": subscriptionType{s}, "AWS::SNS::TopicPolicy": policyType{s},
	}
}

// serviceName is how CloudFormation calls SNS in the reasons of its events.
const serviceName = "Sns"

// topicType is AWS::SNS::Topic.
type topicType struct{ service *Service }

// endpoint is a subscription that a topic's properties name.
type endpoint struct{ Protocol, Endpoint string }

func (t topicType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"ContentBasedDeduplication": shape.Boolean,
		"DisplayName":               shape.String,
		"FifoThroughputScope":       shape.Enum("Topic", "MessageGroup"),
		"FifoTopic":                 shape.Boolean,
		"KmsMasterKeyId":            shape.String,
		"SignatureVersion":          shape.String,
		"Subscription":              shape.List(shape.Object(shape.Fields{"Endpoint": shape.String, "Protocol": shape.String}, "Endpoint", "Protocol")),
		"Tags":                      shape.Tags,
		"TopicName":                 shape.String,
		"TracingConfig":             shape.Enum("Active", "PassThrough"),
		"ArchivePolicy":             shape.Unmodelled,
		"DataProtectionPolicy":      shape.Unmodelled,
		"DeliveryStatusLogging":     shape.Unmodelled,
	}), properties)
}

func (t topicType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "FifoTopic", "TopicName")
}

// topicAttributes returns the attributes of the API that properties stand for.
func topicAttributes(properties map[string]any) map[string]string {
	out := map[string]string{}
	for _, name := range []string{"ContentBasedDeduplication", "DisplayName", "FifoThroughputScope", "KmsMasterKeyId", "SignatureVersion", "TracingConfig"} {
		if text, ok := shape.Text(properties[name]); ok {
			out[name] = text
		}
	}
	if shape.Flag(properties, "FifoTopic") {
		out["FifoTopic"] = "true"
	}
	return out
}

func endpointsOf(properties map[string]any) []endpoint {
	var list []endpoint
	for _, item := range shape.Items(properties, "Subscription") {
		list = append(list, endpoint{shape.Member(item, "Protocol"), shape.Member(item, "Endpoint")})
	}
	return list
}

func (t topicType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	name := shape.Member(r.Properties, "TopicName")
	if name == "" {
		name = r.DefaultName(256)
		if shape.Flag(r.Properties, "FifoTopic") {
			name = r.DefaultName(251) + ".fifo"
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	topicARN := r.Scope.Regional("sns", name)
	if s.topics[topicARN] != nil {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists", "Resource of type 'AWS::SNS::Topic' with identifier '%s' already exists.", topicARN)
	}
	made, err := s.makeTopic(r.Scope, name, topicAttributes(r.Properties), shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	for _, e := range endpointsOf(r.Properties) {
		if _, err := s.subscribe(made, r.Scope.Account, e.Protocol, e.Endpoint, nil); err != nil {
			s.dropTopic(topicARN)
			return resource.Instance{}, wire.FromService(serviceName, err)
		}
	}
	return resource.Instance{PhysicalID: topicARN, Attributes: map[string]any{"TopicArn": topicARN, "TopicName": name}}, nil
}

// Update brings all attributes to what the properties say; the policy, which
// properties cannot say, stays.
func (t topicType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	made, err := s.topic(old.PhysicalID)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	attributes := topicAttributes(r.Properties)
	if err := checkTopic(made.Name, attributes); err != nil {
		return old, wire.FromService(serviceName, err)
	}
	before, now := endpointsOf(r.OldProperties), endpointsOf(r.Properties)
	for _, e := range now {
		if _, err := s.subscribe(made, r.Scope.Account, e.Protocol, e.Endpoint, nil); err != nil {
			return old, wire.FromService(serviceName, err)
		}
	}
	maps.DeleteFunc(s.subscriptions, func(_ string, sub *subscription) bool {
		e := endpoint{sub.Protocol, sub.Endpoint}
		return sub.Topic == old.PhysicalID && slices.Contains(before, e) && !slices.Contains(now, e)
	})
	if text := made.Attributes["Policy"]; text != "" {
		attributes["Policy"] = text
	}
	made.Attributes, made.Tags = attributes, shape.TagMap(r.Tags, r.Properties)
	s.changed()
	return old, nil
}

func (t topicType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	t.service.dropTopic(old.PhysicalID)
	return nil
}

// policyType is AWS::SNS::TopicPolicy: one policy for some topics.
type policyType struct{ service *Service }

func (t policyType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"PolicyDocument": shape.Document, "Topics": shape.List(shape.String),
	}, "PolicyDocument", "Topics"), properties)
}

func (t policyType) Replaces(_, _ map[string]any) bool { return false }

func (t policyType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	id := r.DefaultName(128)
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"Id": id}}, t.put(r)
}

// put gives the policy to the topics, or to none if one of them is missing.
func (t policyType) put(r resource.Request) error {
	text, ok := r.Properties["PolicyDocument"].(string)
	if !ok {
		document, err := json.Marshal(r.Properties["PolicyDocument"])
		if err != nil {
			return err
		}
		text = string(document)
	}
	if err := checkTopicAttribute("Policy", text, false); err != nil {
		return wire.FromService(serviceName, err)
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	var topics []*topic
	for _, topicARN := range shape.Texts(r.Properties, "Topics") {
		found, err := s.topic(topicARN)
		if err != nil {
			return wire.FromService(serviceName, err)
		}
		topics = append(topics, found)
	}
	for _, found := range topics {
		found.setPolicy(text)
	}
	s.changed()
	return nil
}

// setPolicy sets the policy of a topic, or the one of new topics if text is
// empty; Service.mu is held.
func (t *topic) setPolicy(text string) {
	t.Attributes = maps.Clone(t.Attributes)
	if text == "" {
		delete(t.Attributes, "Policy")
		return
	}
	if t.Attributes == nil {
		t.Attributes = map[string]string{}
	}
	t.Attributes["Policy"] = text
}

// Update takes the policy from the topics that are no longer named.
func (t policyType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	if err := t.put(r); err != nil {
		return old, err
	}
	kept := shape.Texts(r.Properties, "Topics")
	t.clear(slices.DeleteFunc(shape.Texts(r.OldProperties, "Topics"), func(topicARN string) bool { return slices.Contains(kept, topicARN) }))
	return old, nil
}

func (t policyType) clear(topics []string) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, topicARN := range topics {
		if found := s.topics[topicARN]; found != nil {
			found.setPolicy("")
		}
	}
	s.changed()
}

func (t policyType) Delete(_ context.Context, _ resource.Instance, r resource.Request) error {
	t.clear(shape.Texts(r.Properties, "Topics"))
	return nil
}
