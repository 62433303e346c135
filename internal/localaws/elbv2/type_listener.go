// SPDX-License-Identifier: MIT

package elbv2

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// listenerType is AWS::ElasticLoadBalancingV2::Listener.
type listenerType struct{ service *Service }

// actionRule is the shape of an action of a listener or rule.
func actionRule(path string, value any) []string {
	text := shape.String
	return shape.Object(shape.Fields{
		"Type": text, "Order": shape.Integer(1, 50000), "TargetGroupArn": text,
		"FixedResponseConfig": shape.Object(shape.Fields{"ContentType": text, "MessageBody": text, "StatusCode": text}, "StatusCode"),
		"ForwardConfig": shape.Object(shape.Fields{
			"TargetGroups":                shape.List(shape.Object(shape.Fields{"TargetGroupArn": text, "Weight": shape.Integer(0, maxWeight)})),
			"TargetGroupStickinessConfig": shape.Object(shape.Fields{"DurationSeconds": shape.Integer(1, 604800), "Enabled": shape.Boolean}),
		}),
		"RedirectConfig": shape.Object(shape.Fields{
			"Host": text, "Path": text, "Port": text, "Protocol": text, "Query": text, "StatusCode": shape.Enum("HTTP_301", "HTTP_302"),
		}, "StatusCode"),
		"AuthenticateCognitoConfig": shape.Unmodelled, "AuthenticateOidcConfig": shape.Unmodelled, "JwtValidationConfig": shape.Unmodelled,
	}, "Type")(path, value)
}

// Check returns the faults of the properties.
func (t listenerType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"Certificates": shape.List(shape.Object(shape.Fields{"CertificateArn": shape.String})), "DefaultActions": shape.List(actionRule),
		"LoadBalancerArn": shape.String, "Port": shape.Integer(1, 65535), "Protocol": shape.String, "SslPolicy": shape.String,
		"AlpnPolicy": shape.Unmodelled, "ListenerAttributes": shape.Unmodelled, "MutualAuthentication": shape.Unmodelled,
	}, "DefaultActions", "LoadBalancerArn"), properties)
}

// Replaces reports whether the listener goes to another load balancer.
func (t listenerType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "LoadBalancerArn")
}

func listenerOf(r resource.Request) (listenerSettings, error) {
	l := listenerSettings{Protocol: shape.Member(r.Properties, "Protocol"), SecurityPolicy: shape.Member(r.Properties, "SslPolicy")}
	l.Port, _ = shape.Int(r.Properties["Port"]) // 0 is refused
	for _, item := range shape.Items(r.Properties, "Certificates") {
		l.Certificates = append(l.Certificates, shape.Member(item, "CertificateArn"))
	}
	if l.Protocol == "HTTPS" && l.SecurityPolicy == "" {
		l.SecurityPolicy = "ELBSecurityPolicy-2016-08" // of listeners that CloudFormation makes
	}
	var in struct{ DefaultActions []action }
	if err := resource.Decode(r.Properties, &in); err != nil {
		return l, invalid("%v", err)
	}
	l.Actions = in.DefaultActions
	return l, nil
}

func (l *listener) instance() resource.Instance {
	return resource.Instance{PhysicalID: l.arn(), Attributes: map[string]any{"ListenerArn": l.arn()}}
}

// Create makes a listener and opens its door. Ref is its ARN.
func (t listenerType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	settings, err := listenerOf(r)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	l, err := t.service.createListener(shape.Member(r.Properties, "LoadBalancerArn"), settings)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return l.instance(), nil
}

// Update gives a listener other settings; its door stays.
func (t listenerType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	settings, err := listenerOf(r)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	_, err = t.service.updateListener(old.PhysicalID, settings)
	return old, wire.FromService(serviceName, err)
}

// Delete removes a listener with its rules.
func (t listenerType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	t.service.deleteListener(old.PhysicalID)
	return nil
}
