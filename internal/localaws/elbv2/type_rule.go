// SPDX-License-Identifier: MIT

package elbv2

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ruleType is AWS::ElasticLoadBalancingV2::ListenerRule.
type ruleType struct{ service *Service }

func conditionRule(path string, value any) []string {
	text, texts := shape.String, shape.List(shape.String)
	plain := shape.Object(shape.Fields{"Values": texts, "RegexValues": shape.Unmodelled})
	return shape.Object(shape.Fields{
		"Field": text, "Values": texts, "HostHeaderConfig": plain, "HttpRequestMethodConfig": plain, "PathPatternConfig": plain, "SourceIpConfig": plain,
		"HttpHeaderConfig":  shape.Object(shape.Fields{"HttpHeaderName": text, "Values": texts, "RegexValues": shape.Unmodelled}),
		"QueryStringConfig": shape.Object(shape.Fields{"Values": shape.List(shape.Object(shape.Fields{"Key": text, "Value": text}))}),
		"RegexValues":       shape.Unmodelled,
	})(path, value)
}

// Check returns the faults of the properties.
func (t ruleType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"Actions": shape.List(actionRule), "Conditions": shape.List(conditionRule), "ListenerArn": shape.String,
		"Priority": shape.Integer(1, maxPriority), "Transforms": shape.Unmodelled,
	}, "Actions", "Conditions", "ListenerArn", "Priority"), properties)
}

// Replaces reports whether the rule goes to another listener.
func (t ruleType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ListenerArn")
}

func ruleOf(r resource.Request) (rule, error) {
	out := rule{Listener: shape.Member(r.Properties, "ListenerArn")}
	var in struct {
		Actions    []action
		Conditions []condition
	}
	if err := resource.Decode(r.Properties, &in); err != nil {
		return out, invalid("%v", err)
	}
	out.Priority, _ = shape.Int(r.Properties["Priority"]) // 0 is refused
	out.Actions, out.Conditions = in.Actions, in.Conditions
	return out, nil
}

// Create makes a rule. Ref is its ARN.
func (t ruleType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	settings, err := ruleOf(r)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	made, err := t.service.createRule(settings)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{PhysicalID: made.arn(), Attributes: map[string]any{"RuleArn": made.arn(), "IsDefault": false}}, nil
}

// Update gives a rule another priority, conditions and actions.
func (t ruleType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	settings, err := ruleOf(r)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	return old, wire.FromService(serviceName, t.service.updateRule(old.PhysicalID, settings))
}

// Delete removes a rule.
func (t ruleType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	t.service.deleteRule(old.PhysicalID)
	return nil
}
