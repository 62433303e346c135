// SPDX-License-Identifier: MIT

package spec

import (
	"maps"
	"slices"
)

// loser is a source with a queue for what could not be sent.
type loser interface{ lost() Source }

// invoker is a source that calls the function with a role.
type invoker interface {
	roles(function string) []string
}

// invokerIDs are the logical ids of the roles with which sources call the
// function; several sources share one.
func (f Function) invokerIDs() []string {
	found := map[string]bool{}
	for _, e := range f.Events {
		if i, ok := e.source().(invoker); ok {
			for _, id := range i.roles(f.Name) {
				found[id] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// DeadLetters returns, sorted, the logical ids of the queues of the stack that
// EventBridge rules send to what they could not send elsewhere: each needs a
// policy that lets them.
func (s *Service) DeadLetters() []string {
	found := map[string]bool{}
	for _, f := range s.Functions {
		for _, e := range f.Events {
			if e.EventBridge != nil && e.EventBridge.DeadLetter.ID != "" {
				found[e.EventBridge.DeadLetter.ID] = true
			}
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// DeadLetterPolicyID is the logical id of the policy of a queue of the stack.
func DeadLetterPolicyID(queue string) string { return queue + "DeadLetterPolicy" }

// QueuePolicy returns the logical id of the AWS::SQS::QueuePolicy that a queue
// of the stack has: one of resources, or else Sparta's. SQS keeps one policy for
// each queue, so that a second one would take the place of the first.
func (s *Service) QueuePolicy(queue string) string {
	return or(s.policyOf(queue), DeadLetterPolicyID(queue))
}

// policyOf returns the logical id of the policy under resources that is for a
// queue, "" if there is none.
func (s *Service) policyOf(queue string) string {
	for _, id := range slices.Sorted(maps.Keys(s.Resources)) {
		resource, _ := s.Resources[id].(map[string]any)
		properties, _ := resource["Properties"].(map[string]any)
		queues, _ := properties["Queues"].([]any)
		if resource["Type"] != "AWS::SQS::QueuePolicy" {
			continue
		}
		for _, q := range queues {
			if resourceNamed(q) == queue {
				return id
			}
		}
	}
	return ""
}
