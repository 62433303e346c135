// SPDX-License-Identifier: MIT

package lambda

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// versionType is AWS::Lambda::Version. It publishes once: a change of the
// function alone makes no further version, as on AWS.
type versionType struct{ service *Service }

func (t versionType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"CodeSha256": shape.String, "Description": shape.String, "FunctionName": shape.String,
		"FunctionScalingConfig": shape.Unmodelled, "ProvisionedConcurrencyConfig": shape.Unmodelled, "RuntimePolicy": shape.Unmodelled,
	}, "FunctionName"), properties)
}

func (t versionType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "CodeSha256", "Description", "FunctionName")
}

func (t versionType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	var p struct{ FunctionName, CodeSha256, Description string }
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	c, err := callFor(r, p.FunctionName, "")
	if err != nil {
		return resource.Instance{}, err
	}
	out, err := t.service.publishVersion(ctx, c, publishInput{CodeSha256: p.CodeSha256, Description: p.Description})
	if err != nil {
		return resource.Instance{}, err
	}
	v := out.(configuration)
	return resource.Instance{
		PhysicalID: v.FunctionArn, Attributes: map[string]any{"Version": v.Version, "FunctionArn": v.FunctionArn},
	}, nil
}

// Update is called when nothing has changed but the stack's tags, which a
// version has not.
func (t versionType) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

func (t versionType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	c, err := callFor(r, old.PhysicalID, "")
	if err != nil {
		return err
	}
	return gone(t.service.deleteVersion(c, c.function.qualifier))
}

// aliasType is AWS::Lambda::Alias.
type aliasType struct{ service *Service }

func (t aliasType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"Description": shape.String, "FunctionName": shape.String, "FunctionVersion": shape.String, "Name": shape.String,
		"ProvisionedConcurrencyConfig": shape.Unmodelled, "RoutingConfig": shape.Unmodelled,
	}, "FunctionName", "FunctionVersion", "Name"), properties)
}

func (t aliasType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "FunctionName", "Name")
}

type aliasProperties struct{ FunctionName, FunctionVersion, Name, Description string }

func (t aliasType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	var p aliasProperties
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	c, err := callFor(r, p.FunctionName, "")
	if err != nil {
		return resource.Instance{}, err
	}
	out, err := t.service.createAlias(ctx, c, aliasInput{Name: p.Name, FunctionVersion: &p.FunctionVersion, Description: &p.Description})
	if err != nil {
		return resource.Instance{}, err
	}
	arn := out.(aliasOutput).AliasArn
	return resource.Instance{PhysicalID: arn, Attributes: map[string]any{"AliasArn": arn}}, nil
}

// aliasCall names an alias by the ARN that is its physical id.
func aliasCall(r resource.Request, id string) (call, error) {
	c, err := callFor(r, id, "")
	name := c.function.qualifier
	c.function.qualifier = ""
	c.path = func(string) string { return name }
	return c, err
}

func (t aliasType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	var p aliasProperties
	if err := resource.Decode(r.Properties, &p); err != nil {
		return old, invalidValue("%v", err)
	}
	c, err := aliasCall(r, old.PhysicalID)
	if err != nil {
		return old, err
	}
	_, err = t.service.updateAlias(ctx, c, aliasInput{FunctionVersion: &p.FunctionVersion, Description: &p.Description})
	return old, err
}

func (t aliasType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	c, err := aliasCall(r, old.PhysicalID)
	if err != nil {
		return err
	}
	_, err = t.service.deleteAlias(ctx, c, none{})
	return gone(err)
}
