// SPDX-License-Identifier: MIT

package lambda

import (
	"context"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// versionType is AWS::Lambda::Version. It publishes once: a change of the
// function alone makes no further version, as on AWS, and a function that has
// not changed since its last version cannot have another one.
type versionType struct{ service *Service }

func (t versionType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"CodeSha256": shape.String, "Description": shape.String, "FunctionName": shape.String,
		"FunctionScalingConfig": shape.Unmodelled, "ProvisionedConcurrencyConfig": provisionedShape(), "RuntimePolicy": shape.Unmodelled,
	}, "FunctionName"), properties)
}

func (t versionType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "CodeSha256", "Description", "FunctionName", "ProvisionedConcurrencyConfig")
}

func (t versionType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	var p struct {
		FunctionName, CodeSha256, Description string
		provisionedProperty
	}
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	c, err := callFor(r, p.FunctionName, "")
	if err != nil {
		return resource.Instance{}, err
	}
	out, err := t.service.publishVersion(ctx, c, publishInput{CodeSha256: p.CodeSha256, Description: p.Description, fresh: true})
	if err != nil {
		return resource.Instance{}, err
	}
	v := out.(configuration)
	c.function.qualifier = v.Version
	return resource.Instance{
		PhysicalID: v.FunctionArn, Attributes: map[string]any{"Version": v.Version, "FunctionArn": v.FunctionArn},
	}, p.apply(ctx, t.service, c)
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
		"ProvisionedConcurrencyConfig": provisionedShape(),
		"RoutingConfig": shape.Object(shape.Fields{"AdditionalVersionWeights": shape.List(shape.Object(
			shape.Fields{"FunctionVersion": shape.String, "FunctionWeight": weight}, "FunctionVersion", "FunctionWeight"))}),
	}, "FunctionName", "FunctionVersion", "Name"), properties)
}

func (t aliasType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "FunctionName", "Name")
}

// weight accepts a share of the events, from 0 to 1.
func weight(path string, value any) []string {
	text, ok := shape.Text(value)
	if !ok {
		return shape.String(path, value)
	}
	if w, err := strconv.ParseFloat(text, 64); err != nil || w < 0 || w > 1 {
		return []string{path + ": " + text + " is no number from 0 to 1"}
	}
	return nil
}

type aliasProperties struct {
	FunctionName, FunctionVersion, Name, Description string
	RoutingConfig                                    struct {
		AdditionalVersionWeights []struct {
			FunctionVersion string
			FunctionWeight  float64
		}
	}
	provisionedProperty
}

// input returns the properties as the API has them.
func (p *aliasProperties) input() aliasInput {
	in := aliasInput{Name: p.Name, FunctionVersion: &p.FunctionVersion, Description: &p.Description, RoutingConfig: &routing{}}
	for _, w := range p.RoutingConfig.AdditionalVersionWeights {
		if in.RoutingConfig.AdditionalVersionWeights == nil {
			in.RoutingConfig.AdditionalVersionWeights = map[string]float64{}
		}
		in.RoutingConfig.AdditionalVersionWeights[w.FunctionVersion] = w.FunctionWeight
	}
	return in
}

func (t aliasType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	var p aliasProperties
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	c, err := callFor(r, p.FunctionName, "")
	if err != nil {
		return resource.Instance{}, err
	}
	out, err := t.service.createAlias(ctx, c, p.input())
	if err != nil {
		return resource.Instance{}, err
	}
	arn := out.(aliasOutput).AliasArn
	c.function.qualifier = p.Name
	return resource.Instance{PhysicalID: arn, Attributes: map[string]any{"AliasArn": arn}}, p.apply(ctx, t.service, c)
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
	if _, err = t.service.updateAlias(ctx, c, p.input()); err != nil {
		return old, err
	}
	c.function.qualifier = p.Name
	return old, p.apply(ctx, t.service, c)
}

func (t aliasType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	c, err := aliasCall(r, old.PhysicalID)
	if err != nil {
		return err
	}
	_, err = t.service.deleteAlias(ctx, c, none{})
	return gone(err)
}
