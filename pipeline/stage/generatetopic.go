// SPDX-License-Identifier: MIT

package stage

import (
	"slices"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addTopicEvent subscribes the function, or the queue that it reads, to a topic.
func (m *marshaller) addTopicEvent(s eventSource, t *spec.TopicEvent, needs *rights) {
	properties := map[string]any{"TopicArn": t.Topic.ARN}
	if region := t.Topic.Region(); region != "" {
		properties["Region"] = region // of the topic, which may be another than the stack's
	}
	if t.Filter != nil {
		properties["FilterPolicy"], properties["FilterPolicyScope"] = t.Filter, t.FilterScope
	}
	var first []string
	if t.DeadLetter != nil {
		properties["RedrivePolicy"] = map[string]any{"deadLetterTargetArn": t.DeadLetter.ARN}
		first = append(first, m.admit(*t.DeadLetter, "sns.amazonaws.com", t.Topic.ARN, s)...)
	}
	function := s.function.Name
	if t.Queue == nil {
		properties["Protocol"], properties["Endpoint"] = "lambda", target(s.function)
		m.grant(t.PermissionID(function), s, "sns.amazonaws.com", t.Topic.ARN, nil)
		first = append(first, t.PermissionID(function))
	} else {
		properties["Protocol"], properties["Endpoint"] = "sqs", t.Queue.ARN
		if t.Raw {
			properties["RawMessageDelivery"] = true
		}
		first = append(first, m.admit(*t.Queue, "sns.amazonaws.com", t.Topic.ARN, s)...)
		if !t.Mapped {
			m.addQueueEvent(s, &spec.QueueEvent{Queue: *t.Queue, BatchSize: spec.DefaultQueueBatch, Enabled: true}, needs)
		}
	}
	// A message that came before its receiver lets it in would be lost.
	slices.Sort(first)
	m.add(t.SubscriptionID(function), "AWS::SNS::Subscription", properties, s.origin).DependsOn = slices.Compact(first)
}

// admit lets a service send to a queue of the stack, for one source only, and
// returns the logical id of the policy that says so. A queue has one policy: if
// resources has it, the statement is added to it; a queue that is not of the
// stack keeps what it has.
func (m *marshaller) admit(queue spec.Source, principal string, sourceARN any, s eventSource) []string {
	if queue.ID == "" {
		return nil
	}
	id, _ := m.service.QueuePolicyID(queue)
	if m.document.Template.Resources[id] == nil {
		m.add(id, "AWS::SQS::QueuePolicy", map[string]any{
			"Queues": []any{cfn.Ref(queue.ID)}, "PolicyDocument": policy([]any{}...),
		}, s.origin)
	}
	m.addStatement(id, map[string]any{
		"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": queue.ARN,
		"Principal": map[string]any{"Service": principal},
		"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": sourceARN}},
	})
	return []string{id}
}

// addStatement adds a statement to the policy that a resource has, unless it is
// there. A policy that an intrinsic function gives has to have it already.
func (m *marshaller) addStatement(id string, statement map[string]any) {
	resource := m.document.Template.Resources[id]
	document, _ := resource.Properties["PolicyDocument"].(map[string]any)
	statements, ok := document["Statement"].([]any)
	if one, single := document["Statement"].(map[string]any); single && one["Effect"] != nil {
		statements, ok = []any{one}, true
	}
	if !ok || containsValue(statements, statement) {
		return
	}
	resource.Properties = cloned(resource.Properties)
	document = cloned(document)
	resource.Properties["PolicyDocument"] = document
	document["Statement"] = append(slices.Clone(statements), statement)
}
