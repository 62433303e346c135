// SPDX-License-Identifier: MIT

package ses

import (
	"context"
	"maps"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::SES::ReceiptRuleSet, AWS::SES::ReceiptRule and
// AWS::SES::EmailIdentity.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::SES::ReceiptRuleSet": setType{s}, "AWS::SES::ReceiptRule": ruleType{s}, "AWS::SES::EmailIdentity": identityType{s},
	}
}

// serviceName is how CloudFormation calls SES in the reasons of its events.
const serviceName = "AmazonSimpleEmailService"

// edited changes what an account has in a region for CloudFormation.
func (s *Service) edited(scope arn.Scope, change func(*place) error) error {
	_, err := s.edit(call{scope: scope}, change)
	return wire.FromService(serviceName, err)
}

// setType is AWS::SES::ReceiptRuleSet. It neither activates the rule set nor
// deletes it while it is the active one.
type setType struct{ service *Service }

func (t setType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{"RuleSetName": shape.String}), properties)
}

func (t setType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "RuleSetName")
}

func (t setType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "RuleSetName")
	if name == "" {
		name = r.DefaultName(64)
	}
	err := t.service.edited(r.Scope, func(p *place) error { return p.make(name, t.service.env.Now()) })
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: name, Attributes: map[string]any{"Id": name}}, nil
}

func (t setType) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

func (t setType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return t.service.edited(r.Scope, func(p *place) error { return p.drop(old.PhysicalID) })
}

// ruleType is AWS::SES::ReceiptRule.
type ruleType struct{ service *Service }

func (t ruleType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"RuleSetName": shape.String, "After": shape.String, "Rule": ruleShape(),
	}, "RuleSetName", "Rule"), properties)
}

// Replaces says that a rule of another name is another rule: it may be made
// before the old one is gone.
func (t ruleType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "RuleSetName") || shape.Member(old["Rule"], "Name") != shape.Member(new["Rule"], "Name")
}

func (t ruleType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	described, err := t.rule(r, "")
	if err == nil {
		err = t.service.addRule(r.Scope, shape.Member(r.Properties, "RuleSetName"), described, shape.Member(r.Properties, "After"))
	}
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{
		PhysicalID: described.Name, Attributes: map[string]any{"Id": shape.Member(r.Properties, "RuleSetName") + "|" + described.Name},
	}, nil
}

// rule makes the rule that properties describe. Without a name in them it has
// the one it had, or a new one.
func (t ruleType) rule(r resource.Request, name string) (*rule, error) {
	given, _ := r.Properties["Rule"].(map[string]any)
	description := map[string]any{"Name": name}
	maps.Copy(description, given)
	if description["Name"] == "" {
		description["Name"] = r.DefaultName(64)
	}
	return newRule(description)
}

func (t ruleType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	set := shape.Member(r.Properties, "RuleSetName")
	described, err := t.rule(r, old.PhysicalID)
	if err == nil {
		err = t.service.putRule(r.Scope, set, described)
	}
	if err == nil && resource.Changed(r.OldProperties, r.Properties, "After") {
		err = t.service.edited(r.Scope, func(p *place) error {
			found, err := p.find(set)
			if err != nil {
				return err
			}
			return found.move(described.Name, shape.Member(r.Properties, "After"))
		})
	}
	return old, wire.FromService(serviceName, err)
}

func (t ruleType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return t.service.edited(r.Scope, func(p *place) error {
		if set, err := p.find(shape.Member(r.Properties, "RuleSetName")); err == nil {
			set.remove(old.PhysicalID)
		}
		return nil // one that is gone with its rule set is no error
	})
}
