// SPDX-License-Identifier: MIT

package sns

import (
	"net/http"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon SNS", Service Authorization Reference).
func needs() access.Table {
	topic := access.On(access.ARNIn("TopicArn"))
	tagged := access.On(access.ARNIn("ResourceArn"))
	return access.Table{Prefix: "sns", Shown: shown, Rules: map[string]access.Rule{
		"CreateTopic":               access.On(access.Regional("sns", "*", "Name")),
		"DeleteTopic":               topic,
		"ListTopics":                access.On(access.Any),
		"GetTopicAttributes":        topic,
		"SetTopicAttributes":        topic,
		"Subscribe":                 subscribing,
		"Unsubscribe":               access.On(subscribed),
		"ListSubscriptions":         access.On(access.Any),
		"ListSubscriptionsByTopic":  topic,
		"GetSubscriptionAttributes": access.On(subscribed),
		"SetSubscriptionAttributes": access.On(subscribed),
		"Publish":                   access.On(published),
		"PublishBatch":              access.Do("sns:Publish", access.ARNIn("TopicArn")),
		"TagResource":               tagged,
		"UntagResource":             tagged,
		"ListTagsForResource":       tagged,
	}}
}

// shown spells an action as the messages of SNS do.
func shown(action string) string { return strings.Replace(action, "sns:", "SNS:", 1) }

// published is the topic that Publish names by either parameter; telephone
// numbers are no resource.
func published(in *access.Input) []string {
	for _, name := range []string{"TopicArn", "TargetArn"} {
		if on := in.Text(name); on != "" {
			return []string{on}
		}
	}
	return nil
}

// subscribed is the topic of the subscription that a request names.
func subscribed(in *access.Input) []string {
	on := in.Text("SubscriptionArn")
	if i := strings.LastIndex(on, ":"); i > 0 && strings.Count(on, ":") == 6 {
		return []string{on[:i]}
	}
	return nil
}

// subscribing tells the policies who is to be subscribed.
func subscribing(in *access.Input) []access.Need {
	return []access.Need{{Action: "sns:Subscribe", Resource: in.Text("TopicArn"), Context: map[string]string{
		"sns:endpoint": in.Text("Endpoint"), "sns:protocol": in.Text("Protocol"),
	}}}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}

// Refuse answers a caller who may not do what the request asks for: SNS calls
// that AuthorizationError.
func (s *Service) Refuse(w http.ResponseWriter, r *http.Request, _ wire.Identity, err error) {
	if access.IsDenial(err) {
		wire.WriteQueryError(w, namespace, wire.Errorf(http.StatusForbidden, "AuthorizationError", "%s", err.Error()))
		return
	}
	wire.WriteQueryError(w, namespace, access.Fault(r, err))
}

// ResourcePolicy returns the policy of a topic.
func (s *Service) ResourcePolicy(resource string) (policy.Document, bool) {
	s.mu.Lock()
	text := ""
	if t := s.topics[resource]; t != nil {
		text = t.policy()
	}
	s.mu.Unlock()
	return s.policies.Parse(text)
}
