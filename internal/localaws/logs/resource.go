// SPDX-License-Identifier: MIT

package logs

import (
	"context"
	"errors"
	"fmt"
	"regexp"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::Logs::LogGroup and AWS::Logs::SubscriptionFilter.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::Logs::LogGroup": groupType{s}, "AWS::Logs::SubscriptionFilter": subscriptionType{s}}
}

// groupType is AWS::Logs::LogGroup. Encryption keys, data protection, index
// and resource policies are not modelled.
type groupType struct{ service *Service }

type groupProperties struct {
	LogGroupName              string
	RetentionInDays           int
	LogGroupClass             string
	DeletionProtectionEnabled bool
}

var groupPattern = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]+$`)

func (t groupType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"LogGroupName":                     shape.Pattern(groupPattern, 512),
		"RetentionInDays":                  retention,
		"LogGroupClass":                    shape.Enum(classes...),
		"DeletionProtectionEnabled":        shape.Boolean,
		"Tags":                             shape.Tags,
		"KmsKeyId":                         shape.Unmodelled,
		"DataProtectionPolicy":             shape.Unmodelled,
		"FieldIndexPolicies":               shape.Unmodelled,
		"ResourcePolicyDocument":           shape.Unmodelled,
		"BearerTokenAuthenticationEnabled": shape.Unmodelled,
	}), properties)
}

func retention(path string, value any) []string {
	if shape.IsIntrinsic(value) {
		return nil
	}
	days, ok := shape.Int(value)
	if !ok {
		return []string{path + ": expected type: Integer"}
	}
	if checkRetention(days) != nil {
		return []string{fmt.Sprintf("%s: %d is not a valid enum value", path, days)}
	}
	return nil
}

func (t groupType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "LogGroupName")
}

func (t groupType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	var p groupProperties
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalid("%v", err)
	}
	if p.LogGroupName == "" {
		p.LogGroupName = r.DefaultName(512)
	}
	if p.RetentionInDays != 0 {
		if err := checkRetention(p.RetentionInDays); err != nil {
			return resource.Instance{}, err
		}
	}
	g, err := t.service.create(r.Scope, groupSpec{
		name: p.LogGroupName, retentionDays: p.RetentionInDays, class: p.LogGroupClass,
		protected: p.DeletionProtectionEnabled, tags: shape.TagMap(r.Tags, r.Properties),
	})
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ResourceAlreadyExistsException" {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists",
			`Resource of type 'AWS::Logs::LogGroup' with identifier '{"/properties/LogGroupName":"%s"}' already exists.`, p.LogGroupName)
	}
	if err != nil {
		return resource.Instance{}, err
	}
	return instance(g), nil
}

func instance(g *group) resource.Instance {
	return resource.Instance{PhysicalID: g.Name, Attributes: map[string]any{"Arn": g.arn() + ":*"}}
}

func (t groupType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	var p groupProperties
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalid("%v", err)
	}
	if p.RetentionInDays != 0 {
		if err := checkRetention(p.RetentionInDays); err != nil {
			return resource.Instance{}, err
		}
	}
	err := t.service.edit(r.Scope, old.PhysicalID, func(g *group) error {
		if class := p.LogGroupClass; class != g.Class && (class != "" || g.Class != "STANDARD") {
			return invalid("the class of log group %s cannot be changed", g.Name)
		}
		g.RetentionDays, g.Protected = p.RetentionInDays, p.DeletionProtectionEnabled
		g.Tags = shape.TagMap(r.Tags, r.Properties)
		return nil
	})
	return old, err
}

func (t groupType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	err := t.service.remove(r.Scope, old.PhysicalID)
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ResourceNotFoundException" {
		return nil
	}
	return err
}
