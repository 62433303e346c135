// SPDX-License-Identifier: MIT

package elbv2

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// groupType is AWS::ElasticLoadBalancingV2::TargetGroup.
type groupType struct{ service *Service }

// notOfLambda are properties that target groups with functions have not.
var notOfLambda = []string{"Port", "Protocol", "ProtocolVersion", "VpcId", "HealthCheckPort", "HealthCheckProtocol"}

// Check returns the faults of the properties.
func (t groupType) Check(properties map[string]any) []string {
	text := shape.String
	faults := shape.Check(shape.Object(shape.Fields{
		"HealthCheckEnabled": shape.Boolean, "HealthCheckIntervalSeconds": shape.Integer(5, 300), "HealthCheckPath": text,
		"HealthCheckPort": text, "HealthCheckProtocol": text, "HealthCheckTimeoutSeconds": shape.Integer(2, 120),
		"HealthyThresholdCount": shape.Integer(2, 10), "UnhealthyThresholdCount": shape.Integer(2, 10),
		"Matcher": shape.Object(shape.Fields{"HttpCode": text, "GrpcCode": shape.Unmodelled}), "Name": text, "Port": text, "Protocol": text,
		"ProtocolVersion": text, "Tags": shape.Tags, "TargetGroupAttributes": keyValues, "TargetType": shape.Only("lambda"), "VpcId": text,
		"Targets": shape.List(shape.Object(shape.Fields{
			"Id": text, "Port": shape.Unmodelled, "AvailabilityZone": shape.Unmodelled, "QuicServerId": shape.Unmodelled,
		}, "Id")),
		"IpAddressType": shape.Unmodelled, "TargetControlPort": shape.Unmodelled,
	}), properties)
	if _, said := properties["TargetType"]; !said {
		faults = append(faults, "#/TargetType: the embedded AWS models lambda only, and not instance, which is the default")
	}
	return faults
}

// Replaces reports whether the name or what the targets are changes.
func (t groupType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, append([]string{"Name", "TargetType"}, notOfLambda[:4]...)...)
}

// groupOf reads the properties.
func groupOf(r resource.Request) (groupSettings, error) {
	g := groupSettings{Health: newHealth(), Attributes: pairsIn(r.Properties, "TargetGroupAttributes"), Tags: shape.TagMap(r.Tags, r.Properties)}
	for _, name := range notOfLambda {
		if _, said := r.Properties[name]; said {
			return g, invalid("%s cannot be specified for target groups with target type 'lambda'", name)
		}
	}
	list := shape.Items(r.Properties, "Targets")
	if len(list) > 1 {
		return g, wire.Errorf(400, "TooManyTargets", "You can register only one Lambda function per target group, and not '%d'", len(list))
	}
	for _, item := range list {
		g.Target = shape.Member(item, "Id")
	}
	g.Health.set(r.Properties)
	return g, nil
}

// set takes over what the properties say.
func (h *health) set(properties map[string]any) {
	h.Enabled = shape.Flag(properties, "HealthCheckEnabled")
	if path := shape.Member(properties, "HealthCheckPath"); path != "" {
		h.Path = path
	}
	if codes := shape.Member(properties["Matcher"], "HttpCode"); codes != "" {
		h.Codes = codes
	}
	for name, to := range map[string]*int{
		"HealthCheckIntervalSeconds": &h.Interval, "HealthCheckTimeoutSeconds": &h.Timeout,
		"HealthyThresholdCount": &h.Healthy, "UnhealthyThresholdCount": &h.Unhealthy,
	} {
		if n, ok := shape.Int(properties[name]); ok {
			*to = n
		}
	}
}

// instance returns a target group as CloudFormation knows it; s.mu is held.
func (s *Service) groupInstance(g *group) resource.Instance {
	balancers := []any{}
	for _, user := range s.usersOf(g.arn()) {
		balancers = append(balancers, user)
	}
	return resource.Instance{PhysicalID: g.arn(), Attributes: map[string]any{
		"LoadBalancerArns": balancers, "TargetGroupArn": g.arn(), "TargetGroupFullName": g.fullName(), "TargetGroupName": g.Name,
	}}
}

// Create makes a target group and registers its target. Ref is its ARN.
func (t groupType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	settings, err := groupOf(r)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	name := shape.Member(r.Properties, "Name")
	if name == "" {
		name = r.DefaultName(32)
	}
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	g, err := t.service.createGroup(r.Scope, name, settings)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return t.service.groupInstance(g), nil
}

// Update gives a target group other settings, and another target.
func (t groupType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	settings, err := groupOf(r)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	g, err := t.service.updateGroup(old.PhysicalID, settings)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	return t.service.groupInstance(g), nil
}

// Delete removes a target group, which must be in no one's use.
func (t groupType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	return wire.FromService(serviceName, t.service.deleteGroup(old.PhysicalID))
}
