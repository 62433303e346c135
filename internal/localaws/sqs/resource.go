// SPDX-License-Identifier: MIT

package sqs

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::SQS::Queue and AWS::SQS::QueuePolicy.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::SQS::Queue": queueType{s}, "AWS::SQS::QueuePolicy": policyType{s}}
}

// serviceName is how CloudFormation calls SQS in the reasons of its events.
const serviceName = "Sqs"

// queueType is AWS::SQS::Queue.
type queueType struct{ service *Service }

func (t queueType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"ContentBasedDeduplication":     shape.Boolean,
		"DeduplicationScope":            shape.Enum("messageGroup", "queue"),
		"DelaySeconds":                  shape.Integer(0, 900),
		"FifoQueue":                     shape.Boolean,
		"FifoThroughputLimit":           shape.Enum("perQueue", "perMessageGroupId"),
		"KmsDataKeyReusePeriodSeconds":  shape.Integer(60, 86400),
		"KmsMasterKeyId":                shape.String,
		"MaximumMessageSize":            shape.Integer(1024, maxMessage),
		"MessageRetentionPeriod":        shape.Integer(60, 1209600),
		"QueueName":                     shape.String,
		"ReceiveMessageWaitTimeSeconds": shape.Integer(0, 20),
		"RedriveAllowPolicy":            shape.Document,
		"RedrivePolicy":                 shape.Document,
		"SqsManagedSseEnabled":          shape.Boolean,
		"Tags":                          shape.Tags,
		"VisibilityTimeout":             shape.Integer(0, 43200),
	}), properties)
}

func (t queueType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "FifoQueue", "QueueName")
}

// attributesOf returns the attributes of the API that properties stand for.
func attributesOf(properties map[string]any) map[string]string {
	attributes := map[string]string{}
	for name, value := range properties {
		switch text, scalar := shape.Text(value); {
		case name == "QueueName" || name == "Tags":
		case name == "FifoQueue" && !shape.Flag(properties, name): // the API knows no false
		case scalar:
			attributes[name] = text
		default:
			document, _ := json.Marshal(value) // came from JSON
			attributes[name] = string(document)
		}
	}
	return attributes
}

func (t queueType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	name := shape.Member(r.Properties, "QueueName")
	if name == "" {
		name = r.DefaultName(80)
		if shape.Flag(r.Properties, "FifoQueue") {
			name = r.DefaultName(75) + ".fifo"
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[keyOf(r.Scope, name)] != nil {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists",
			"Resource of type 'AWS::SQS::Queue' with identifier '%s' already exists.", name)
	}
	q, err := s.create(r.Scope, createInput{name, attributesOf(r.Properties), shape.TagMap(r.Tags, r.Properties)})
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return s.instance(q), nil
}

func (s *Service) instance(q *queue) resource.Instance {
	url := s.url(q.definition)
	return resource.Instance{PhysicalID: url, Attributes: map[string]any{"Arn": q.arn(), "QueueName": q.Name, "QueueUrl": url}}
}

// Update brings all attributes to what the properties say; what they leave out
// goes back to the default.
func (t queueType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.at(call{scope: r.Scope}, old.PhysicalID, "sqs:SetQueueAttributes")
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	next := q.definition
	next.Settings = defaults()
	next.Settings.FIFO = q.Settings.FIFO
	if err := s.configure(&next, attributesOf(r.Properties)); err != nil {
		return old, wire.FromService(serviceName, err)
	}
	next.Modified, next.Tags = s.env.Now().UTC(), shape.TagMap(r.Tags, r.Properties)
	q.definition = next
	q.wake()
	s.env.Store.Changed(document)
	return s.instance(q), nil
}

func (t queueType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if q, err := s.at(call{scope: r.Scope}, old.PhysicalID, "sqs:DeleteQueue"); err == nil {
		s.drop(q)
	}
	return nil
}

// policyType is AWS::SQS::QueuePolicy: one policy for some queues.
type policyType struct{ service *Service }

func (t policyType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"PolicyDocument": shape.Document, "Queues": shape.List(shape.String),
	}, "PolicyDocument", "Queues"), properties)
}

func (t policyType) Replaces(_, _ map[string]any) bool { return false }

func (t policyType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	id := r.DefaultName(128)
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"Id": id}}, t.put(r)
}

// put gives the policy to the queues, or to none if one of them is missing.
func (t policyType) put(r resource.Request) error {
	text, err := documentText(r.Properties["PolicyDocument"])
	if err != nil {
		return err
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	var queues []*queue
	for _, url := range shape.Texts(r.Properties, "Queues") {
		q, err := s.at(call{scope: r.Scope}, url, "sqs:SetQueueAttributes")
		if err != nil {
			return wire.FromService(serviceName, err)
		}
		if err := (&definition{}).setPolicy(text); err != nil {
			return wire.FromService(serviceName, err)
		}
		queues = append(queues, q)
	}
	for _, q := range queues {
		q.Policy = text
	}
	s.env.Store.Changed(document)
	return nil
}

// documentText returns a policy as JSON text.
func documentText(value any) (string, error) {
	if text, ok := value.(string); ok {
		return text, nil
	}
	text, err := json.Marshal(value)
	return string(text), err
}

// Update takes the policy from the queues that are no longer named.
func (t policyType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	if err := t.put(r); err != nil {
		return old, err
	}
	kept := shape.Texts(r.Properties, "Queues")
	t.clear(r, slices.DeleteFunc(shape.Texts(r.OldProperties, "Queues"), func(url string) bool { return slices.Contains(kept, url) }))
	return old, nil
}

func (t policyType) clear(r resource.Request, urls []string) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, url := range urls {
		if q, err := s.at(call{scope: r.Scope}, url, "sqs:SetQueueAttributes"); err == nil {
			q.Policy = ""
		}
	}
	s.env.Store.Changed(document)
}

func (t policyType) Delete(_ context.Context, _ resource.Instance, r resource.Request) error {
	t.clear(r, shape.Texts(r.Properties, "Queues"))
	return nil
}
