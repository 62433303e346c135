// SPDX-License-Identifier: MIT

package logs

import (
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
	"github.com/sparta-up/sparta/internal/logpattern"
)

// subscription is a subscription filter of a log group. It does not change; an
// update puts another in its place.
type subscription struct {
	Name         string
	Pattern      string
	Destination  string // ARN of a function
	Distribution string
	Created      int64 // ms since 1970

	filter logpattern.Pattern // parsed
}

// maxSubscriptions is how many subscription filters a log group may have
// (CloudWatch Logs quotas).
const maxSubscriptions = 2

var filterName = lazy.MustCompile(`^[^:*]{1,512}$`)

// parse fills in what follows from the other members.
func (sub *subscription) parse() (err error) {
	sub.filter, err = parsePattern(sub.Pattern)
	return err
}

// check checks a new subscription filter of a log group in scope.
func (sub *subscription) check(scope arn.Scope) error {
	if !filterName.MatchString(sub.Name) {
		return invalid("1 validation error detected: Value '%s' at 'filterName' failed to satisfy constraint: "+
			"Member must satisfy regular expression pattern: [^:*]*", sub.Name)
	}
	if sub.Distribution != "ByLogStream" && sub.Distribution != "Random" {
		return invalid("1 validation error detected: Value '%s' at 'distribution' failed to satisfy constraint: "+
			"Member must satisfy enum value set: [Random, ByLogStream]", sub.Distribution)
	}
	a, ok := arn.Parse(sub.Destination)
	switch {
	case !ok:
		return invalid("Invalid destinationArn: %s", sub.Destination)
	case a.Service != "lambda":
		return invalid("the embedded AWS does not deliver log events to %s: of the destinations it models functions only", sub.Destination)
	case a.Account != scope.Account || a.Region != scope.Region:
		return invalid("destinationArn must be of the account and the region of the log group: %s", sub.Destination)
	}
	return sub.parse()
}

// subscribe adds a subscription filter to a log group, or puts it in the place
// of the one of its name. The function must let CloudWatch Logs in.
func (s *Service) subscribe(scope arn.Scope, name string, sub *subscription) error {
	if sub.Distribution == "" {
		sub.Distribution = "ByLogStream"
	}
	if err := sub.check(scope); err != nil {
		return err
	}
	sub.Created = s.env.Now().UnixMilli()
	if err := s.edit(scope, name, func(g *group) error { return g.mayTake(sub) }); err != nil {
		return err
	}
	if _, err := s.admitted(message((&group{Scope: scope, Name: name}).arn(), scope.Account, sub.Destination)); err != nil {
		s.env.Log.Debug().Err(err).Str("log_group", name).Str("destination", sub.Destination).Msg("validate subscription filter")
		return invalid("Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.")
	}
	return s.edit(scope, name, func(g *group) error { // without the lock held while Lambda is asked
		if err := g.mayTake(sub); err != nil {
			return err
		}
		if n := g.subscribed(sub.Name); n >= 0 {
			sub.Created = g.Subscriptions[n].Created
			g.Subscriptions = slices.Delete(slices.Clone(g.Subscriptions), n, n+1)
		}
		g.Subscriptions = append(slices.Clone(g.Subscriptions), sub)
		return nil
	})
}

func (g *group) mayTake(sub *subscription) error {
	switch {
	case g.Class != "STANDARD":
		return wire.Errorf(400, "InvalidOperationException", "Subscription filters are not supported for log groups of the class %s.", g.Class)
	case g.subscribed(sub.Name) < 0 && len(g.Subscriptions) >= maxSubscriptions:
		return wire.Errorf(400, "LimitExceededException", "Resource limit exceeded.")
	}
	return nil
}

// subscribed returns the index of a subscription filter, or -1.
func (g *group) subscribed(name string) int {
	return slices.IndexFunc(g.Subscriptions, func(sub *subscription) bool { return sub.Name == name })
}

// unsubscribe removes a subscription filter.
func (s *Service) unsubscribe(scope arn.Scope, name, filter string) error {
	return s.edit(scope, name, func(g *group) error {
		n := g.subscribed(filter)
		if n < 0 {
			return wire.Errorf(400, "ResourceNotFoundException", "The specified subscription filter does not exist.")
		}
		g.Subscriptions = slices.Delete(slices.Clone(g.Subscriptions), n, n+1)
		return nil
	})
}

// message returns what a log group sends to a function, without the body.
func message(groupARN, account, function string) delivery.Message {
	return delivery.Message{Principal: "logs.amazonaws.com", Source: groupARN + ":*", Account: account, Target: function}
}

// admitted returns the message under the name of CloudWatch Logs that the
// function lets in: the one of all regions or the one of its own.
func (s *Service) admitted(m delivery.Message) (delivery.Message, error) {
	err := s.table.Admits(m)
	if err == nil {
		return m, nil
	}
	regional := m
	a, _ := arn.Parse(m.Target)
	regional.Principal = "logs." + a.Region + ".amazonaws.com"
	if s.table.Admits(regional) == nil {
		return regional, nil
	}
	return m, err
}
