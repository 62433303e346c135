// SPDX-License-Identifier: MIT

package spec

import (
	"slices"
	"strings"
)

// admitting is a source of events with queues of the stack that another service
// than Lambda sends to, which the policy of the queue has to allow.
type admitting interface{ admits() []Source }

// QueuePolicyID is the logical id of the policy of a queue of the stack. A
// queue has one policy, so if resources has one for it, it is that one.
func (s *Service) QueuePolicyID(queue Source) (id string, own bool) {
	for _, id := range s.queuePolicies() {
		resource, _ := s.Resources[id].(map[string]any)
		properties, _ := resource["Properties"].(map[string]any)
		queues, _ := properties["Queues"].([]any)
		if slices.ContainsFunc(queues, func(v any) bool { return resourceNamed(v) == queue.ID }) {
			return id, true
		}
	}
	return EventID("", "QueuePolicy", queue.ARN), false
}

// queuePolicies are the policies of queues in resources, sorted.
func (s *Service) queuePolicies() []string {
	var ids []string
	for id, resource := range s.Resources {
		if r, _ := resource.(map[string]any); r["Type"] == "AWS::SQS::QueuePolicy" {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// sharedByEvents lists the resources that are made once for several sources of
// events, each with the first source that needs it.
func (s *Service) sharedByEvents() []generated {
	var all []generated
	add := func(path []string, ids ...string) {
		for _, id := range ids {
			if !slices.ContainsFunc(all, func(g generated) bool { return g.id == id }) {
				all = append(all, generated{id, path})
			}
		}
	}
	for _, b := range s.NotifiedBuckets() {
		path := eventPath(b.Rules[0].Function, b.Rules[0].Index)
		if b.Apart {
			add(path, BucketNotificationsID(b.Bucket), BucketNotificationsPolicyID(b.Bucket), ProviderFunctionID(BucketNotifications),
				ProviderRoleID(BucketNotifications), ProviderLogGroupID(BucketNotifications))
		}
	}
	for _, f := range s.Functions {
		for i, e := range f.Events {
			source, ok := e.source().(admitting)
			if !ok {
				continue
			}
			for _, queue := range source.admits() {
				if id, own := s.QueuePolicyID(queue); queue.ID != "" && !own {
					add(eventPath(f.Name, i), id)
				}
			}
		}
	}
	for _, made := range s.mailShared() {
		add(made.path, made.id)
	}
	slices.SortStableFunc(all, func(a, b generated) int { return strings.Compare(a.id, b.id) })
	return all
}
