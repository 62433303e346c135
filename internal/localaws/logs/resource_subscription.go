// SPDX-License-Identifier: MIT

package logs

import (
	"context"
	"errors"
	"regexp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// subscriptionType is AWS::Logs::SubscriptionFilter.
type subscriptionType struct{ service *Service }

var filterNamePattern = regexp.MustCompile(`^[^:*]*$`)

func (t subscriptionType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"DestinationArn":         shape.String,
		"FilterPattern":          shape.String,
		"LogGroupName":           shape.Pattern(groupPattern, 512),
		"FilterName":             shape.Pattern(filterNamePattern, 512),
		"Distribution":           shape.Enum("Random", "ByLogStream"),
		"RoleArn":                shape.Unmodelled,
		"ApplyOnTransformedLogs": shape.Unmodelled,
		"EmitSystemFields":       shape.Unmodelled,
		"FieldSelectionCriteria": shape.Unmodelled,
	}, "DestinationArn", "FilterPattern", "LogGroupName"), properties)
}

func (t subscriptionType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "FilterName", "LogGroupName")
}

func subscriptionOf(name string, properties map[string]any) *subscription {
	return &subscription{
		Name: name, Pattern: shape.Member(properties, "FilterPattern"), Destination: shape.Member(properties, "DestinationArn"),
		Distribution: shape.Member(properties, "Distribution"),
	}
}

func (t subscriptionType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name, group := shape.Member(r.Properties, "FilterName"), shape.Member(r.Properties, "LogGroupName")
	if name == "" {
		name = r.DefaultName(512)
	}
	s := t.service
	s.mu.Lock()
	g := s.groups[keyOf(r.Scope, group)]
	taken := g != nil && g.subscribed(name) >= 0
	s.mu.Unlock()
	if taken {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists",
			"Resource of type 'AWS::Logs::SubscriptionFilter' with identifier '%s|%s' already exists.", name, group)
	}
	if err := s.subscribe(r.Scope, group, subscriptionOf(name, r.Properties)); err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{PhysicalID: name, Attributes: map[string]any{}}, nil
}

// serviceName is how CloudFormation calls CloudWatch Logs in the reasons of its
// events.
const serviceName = "CloudWatchLogs"

func (t subscriptionType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	err := t.service.subscribe(r.Scope, shape.Member(r.Properties, "LogGroupName"), subscriptionOf(old.PhysicalID, r.Properties))
	return old, wire.FromService(serviceName, err)
}

func (t subscriptionType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	err := t.service.unsubscribe(r.Scope, shape.Member(r.Properties, "LogGroupName"), old.PhysicalID)
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ResourceNotFoundException" {
		return nil
	}
	return wire.FromService(serviceName, err)
}
