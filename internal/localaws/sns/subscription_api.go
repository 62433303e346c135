// SPDX-License-Identifier: MIT

package sns

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type subscribeOutput struct{ SubscriptionArn string }

// subscribeTo answers Subscribe. Functions and queues need not confirm, so its
// ARN is always returned, whatever ReturnSubscriptionArn says.
func (s *Service) subscribeTo(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.at(c, c.Get("TopicArn"), "SNS:Subscribe")
	if err != nil {
		return nil, err
	}
	sub, err := s.subscribe(t, c.account, c.Get("Protocol"), c.Get("Endpoint"), c.entries("Attributes"))
	if err != nil {
		return nil, err
	}
	return subscribeOutput{sub.ARN}, nil
}

// subscription returns a subscription that the caller owns, or owns the topic
// of; s.mu is held.
func (s *Service) subscription(c call) (*subscription, error) {
	name := c.Get("SubscriptionArn")
	a, ok := arn.Parse(name)
	if !ok || a.Service != "sns" || strings.Count(a.Resource, ":") != 1 {
		return nil, invalid("SubscriptionArn Reason: An ARN must have at least 6 elements, not %d", strings.Count(name, ":"))
	}
	sub := s.subscriptions[name]
	if sub == nil || sub.Owner != c.account && a.Account != c.account {
		return nil, wire.Errorf(http.StatusNotFound, "NotFound", "Subscription does not exist")
	}
	return sub, nil
}

// unsubscribe removes a subscription; one that is gone is no error.
func (s *Service) unsubscribe(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub, err := s.subscription(c)
	if e, ok := err.(*wire.Error); ok && e.Code == "NotFound" {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	delete(s.subscriptions, sub.ARN)
	s.changed()
	return nil, nil
}

type subscriptionOutput struct {
	SubscriptionArn, Owner, Protocol, Endpoint, TopicArn string
}

type subscriptionsOutput struct {
	Subscriptions struct {
		Member []subscriptionOutput `xml:"member"`
	}
	NextToken string `xml:",omitempty"`
}

func listed(subs []*subscription, token string) (any, error) {
	subs, next, err := page(subs, token)
	out := subscriptionsOutput{NextToken: next}
	for _, sub := range subs {
		out.Subscriptions.Member = append(out.Subscriptions.Member, subscriptionOutput{sub.ARN, sub.Owner, sub.Protocol, sub.Endpoint, sub.Topic})
	}
	return out, err
}

func (s *Service) listSubscriptions(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var subs []*subscription
	for _, name := range slices.Sorted(maps.Keys(s.subscriptions)) {
		if a, _ := arn.Parse(name); s.subscriptions[name].Owner == c.account && a.Region == c.region {
			subs = append(subs, s.subscriptions[name])
		}
	}
	return listed(subs, c.Get("NextToken"))
}

func (s *Service) listByTopic(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.at(c, c.Get("TopicArn"), "SNS:ListSubscriptionsByTopic")
	if err != nil {
		return nil, err
	}
	return listed(s.of(t.arn()), c.Get("NextToken"))
}

func (s *Service) getSubscriptionAttributes(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub, err := s.subscription(c)
	if err != nil {
		return nil, err
	}
	out := pairs{
		"SubscriptionArn": sub.ARN, "TopicArn": sub.Topic, "Owner": sub.Owner, "Protocol": sub.Protocol, "Endpoint": sub.Endpoint,
		"ConfirmationWasAuthenticated": "true", "PendingConfirmation": "false", "RawMessageDelivery": "false",
		"SubscriptionPrincipal": arn.Scope{Partition: s.env.Default.Partition, Account: sub.Owner}.Global("iam", "user/local"),
	}
	if sub.filter != nil {
		out["FilterPolicyScope"] = "MessageAttributes"
	}
	maps.Copy(out, sub.Attributes)
	return attributesOutput{out}, nil
}

func (s *Service) setSubscriptionAttributes(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	sub, err := s.subscription(c)
	if err != nil {
		return nil, err
	}
	attributes := maps.Clone(sub.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	name, value := c.Get("AttributeName"), c.Get("AttributeValue")
	if attributes[name] = value; value == "" {
		delete(attributes, name)
	}
	return nil, s.change(sub, attributes)
}
