// SPDX-License-Identifier: MIT

package sns

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/policy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// topic is a topic; guarded by Service.mu.
type topic struct {
	Scope      arn.Scope
	Name       string
	Attributes map[string]string         `json:",omitempty"` // those that callers set, Policy among them
	Tags       map[string]string         `json:",omitempty"`
	Sequence   int64                     `json:",omitempty"` // of the last message of a FIFO topic
	Seen       map[string]sequencedSince `json:",omitempty"` // what a FIFO topic got in the last minutes
}

// sequencedSince is a message that a FIFO topic got.
type sequencedSince struct {
	ID, Sequence string
	At           time.Time
}

func (t *topic) arn() string { return t.Scope.Regional("sns", t.Name) }

func (t *topic) fifo() bool { return strings.HasSuffix(t.Name, ".fifo") }

var topicName = lazy.MustCompile(`^[A-Za-z0-9_-]{1,256}$`)

// checkTopic checks a new topic as the page CreateTopic says.
func checkTopic(name string, attributes map[string]string) error {
	bare, ends := strings.CutSuffix(name, ".fifo")
	switch {
	case attributes["FifoTopic"] == "true" && !ends:
		return invalid("Fifo Topic names must end with .fifo and must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, and hyphens, and must be between 1 and 256 characters long.")
	case attributes["FifoTopic"] != "true" && ends, !topicName.MatchString(bare), len(name) > 256:
		return invalid("Topic Name")
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		if err := checkTopicAttribute(name, attributes[name], ends); err != nil {
			return err
		}
	}
	return nil
}

// checkTopicAttribute checks one attribute ("SetTopicAttributes", SNS API
// reference).
func checkTopicAttribute(name, value string, fifo bool) error {
	one := func(of ...string) error {
		if !slices.Contains(of, value) {
			return invalid("%s Reason: Value must be one of %s", name, strings.Join(of, ", "))
		}
		return nil
	}
	switch name {
	case "DisplayName":
		if len(value) > 100 {
			return invalid("DisplayName Reason: it is longer than 100 characters")
		}
		return nil
	case "KmsMasterKeyId":
		return nil
	case "FifoTopic":
		return one("true", "false")
	case "SignatureVersion":
		return one("1", "2")
	case "TracingConfig":
		return one("Active", "PassThrough")
	case "ContentBasedDeduplication", "FifoThroughputScope":
		if !fifo {
			return invalid("%s Reason: it is allowed for FIFO topics only", name)
		}
		if name == "FifoThroughputScope" {
			return one("Topic", "MessageGroup")
		}
		return one("true", "false")
	case "Policy":
		if _, err := policy.Parse([]byte(value)); err != nil {
			return invalid("Policy Error: %v", err)
		}
		return nil
	}
	return invalid("the embedded AWS does not model the topic attribute %s", name)
}

// makeTopic makes a topic, or returns the one of that name; s.mu is held.
func (s *Service) makeTopic(scope arn.Scope, name string, attributes, tags map[string]string) (*topic, error) {
	if err := checkTopic(name, attributes); err != nil {
		return nil, err
	}
	if t := s.topics[scope.Regional("sns", name)]; t != nil {
		for key, value := range attributes {
			if t.Attributes[key] != value {
				return nil, invalid("Attributes Reason: Topic already exists with different attributes")
			}
		}
		if len(tags) > 0 && !maps.Equal(tags, t.Tags) {
			return nil, invalid("Tags Reason: Topic already exists with different tags")
		}
		return t, nil
	}
	t := &topic{Scope: scope, Name: name, Attributes: maps.Clone(attributes), Tags: maps.Clone(tags)}
	s.topics[t.arn()] = t
	s.changed()
	return t, nil
}

// dropTopic removes a topic with its subscriptions; s.mu is held.
func (s *Service) dropTopic(topicARN string) {
	delete(s.topics, topicARN)
	maps.DeleteFunc(s.subscriptions, func(_ string, sub *subscription) bool { return sub.Topic == topicARN })
	s.changed()
}

// policy returns the policy of a topic: the one that was set or that of new
// topics, which lets the account in.
func (t *topic) policy() string {
	if text := t.Attributes["Policy"]; text != "" {
		return text
	}
	return fmt.Sprintf(`{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow","Principal":{"AWS":"*"},`+
		`"Action":["SNS:GetTopicAttributes","SNS:SetTopicAttributes","SNS:AddPermission","SNS:RemovePermission","SNS:DeleteTopic","SNS:Subscribe","SNS:ListSubscriptionsByTopic","SNS:Publish"],`+
		`"Resource":%q,"Condition":{"StringEquals":{"AWS:SourceOwner":%q}}}]}`, t.arn(), t.Scope.Account)
}

func (t *topic) allows(q policy.Request) bool {
	d, err := policy.Parse([]byte(t.policy()))
	return err == nil && d.Allows(q)
}

// at returns the topic that a request names. Another account needs to be let in
// by the topic's policy. s.mu is held.
func (s *Service) at(c call, topicARN, act string) (*topic, error) {
	t, err := s.topic(topicARN)
	if err != nil || t.Scope.Account == c.account {
		return t, err
	}
	caller := c.scope(t.Scope.Partition).Global("iam", "root")
	if !t.allows(policy.Request{PrincipalType: "AWS", Principal: caller, Action: act, Resource: topicARN, Context: map[string]string{"aws:sourceowner": c.account}}) {
		return nil, denied(caller, act, topicARN)
	}
	return t, nil
}

func denied(who, act, resource string) error {
	return wire.Errorf(http.StatusForbidden, "AuthorizationError",
		"User: %s is not authorized to perform: %s on resource: %s because no resource-based policy allows the %s action", who, act, resource, act)
}

// shown returns all attributes of a topic, of which subs are the subscriptions.
func (t *topic) shown(subs int) map[string]string {
	out := map[string]string{
		"TopicArn": t.arn(), "Owner": t.Scope.Account, "Policy": t.policy(), "DisplayName": "",
		"SubscriptionsConfirmed": strconv.Itoa(subs), "SubscriptionsPending": "0", "SubscriptionsDeleted": "0",
		"EffectiveDeliveryPolicy": `{"http":{"defaultHealthyRetryPolicy":{"minDelayTarget":20,"maxDelayTarget":20,"numRetries":3,"numMaxDelayRetries":0,"numNoDelayRetries":0,"numMinDelayRetries":0,"backoffFunction":"linear"},"disableSubscriptionOverrides":false,"defaultRequestPolicy":{"headerContentType":"text/plain; charset=UTF-8"}}}`,
	}
	if t.fifo() {
		out["FifoTopic"], out["ContentBasedDeduplication"] = "true", "false"
	}
	maps.Copy(out, t.Attributes)
	return out
}
