// SPDX-License-Identifier: MIT

package logs

import (
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

type putSubscriptionInput struct {
	LogGroupName, FilterName, DestinationArn string
	FilterPattern                            *string
	RoleArn                                  string
	Distribution                             string
	ApplyOnTransformedLogs                   bool
}

func (s *Service) putSubscriptionFilter(scope arn.Scope, in putSubscriptionInput) (empty, error) {
	switch {
	case in.FilterPattern == nil:
		return empty{}, invalid("1 validation error detected: Value null at 'filterPattern' failed to satisfy constraint: Member must not be null")
	case in.RoleArn != "":
		return empty{}, invalid("destinationArn for vendor lambda cannot be used with roleArn")
	case in.ApplyOnTransformedLogs:
		return empty{}, invalid("the embedded AWS does not model log transformers: applyOnTransformedLogs must be false")
	}
	return empty{}, s.subscribe(scope, in.LogGroupName, &subscription{
		Name: in.FilterName, Pattern: *in.FilterPattern, Destination: in.DestinationArn, Distribution: in.Distribution,
	})
}

type deleteSubscriptionInput struct{ LogGroupName, FilterName string }

func (s *Service) deleteSubscriptionFilter(scope arn.Scope, in deleteSubscriptionInput) (empty, error) {
	return empty{}, s.unsubscribe(scope, in.LogGroupName, in.FilterName)
}

type describeSubscriptionsInput struct {
	LogGroupName, FilterNamePrefix string
	NextToken                      string
	Limit                          int
}

type subscriptionOutput struct {
	FilterName     string `json:"filterName"`
	LogGroupName   string `json:"logGroupName"`
	FilterPattern  string `json:"filterPattern"`
	DestinationARN string `json:"destinationArn"`
	Distribution   string `json:"distribution"`
	CreationTime   int64  `json:"creationTime"`
}

type describeSubscriptionsOutput struct {
	SubscriptionFilters []subscriptionOutput `json:"subscriptionFilters"`
	NextToken           string               `json:"nextToken,omitempty"`
}

func (s *Service) describeSubscriptionFilters(scope arn.Scope, in describeSubscriptionsInput) (describeSubscriptionsOutput, error) {
	out := describeSubscriptionsOutput{SubscriptionFilters: []subscriptionOutput{}}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.find(scope, in.LogGroupName, "")
	if err != nil {
		return out, err
	}
	for _, sub := range g.Subscriptions {
		if strings.HasPrefix(sub.Name, in.FilterNamePrefix) {
			out.SubscriptionFilters = append(out.SubscriptionFilters, subscriptionOutput{
				FilterName: sub.Name, LogGroupName: g.Name, FilterPattern: sub.Pattern, DestinationARN: sub.Destination,
				Distribution: sub.Distribution, CreationTime: sub.Created,
			})
		}
	}
	slices.SortFunc(out.SubscriptionFilters, func(a, b subscriptionOutput) int { return strings.Compare(a.FilterName, b.FilterName) })
	out.SubscriptionFilters, out.NextToken, err = page(out.SubscriptionFilters, in.NextToken, in.Limit)
	return out, err
}
