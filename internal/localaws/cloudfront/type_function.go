// SPDX-License-Identifier: MIT

package cloudfront

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// functionType is AWS::CloudFront::Function. Ref is its ARN.
type functionType struct{ service *Service }

var functionName = lazy.MustCompile(`^[a-zA-Z0-9-_]{1,64}$`)

// Check returns the faults of the properties.
func (t functionType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"AutoPublish": shape.Boolean, "FunctionCode": shape.String, "Name": shape.Pattern(functionName, 64), "Tags": shape.Tags,
		"FunctionConfig": shape.Object(shape.Fields{
			"Comment": shape.String, "Runtime": shape.Only("cloudfront-js-2.0"), "KeyValueStoreAssociations": empty,
		}, "Comment", "Runtime"),
		"FunctionMetadata": shape.Object(shape.Fields{}),
	}, "FunctionCode", "FunctionConfig", "Name"), properties)
}

// Replaces reports whether the name changes.
func (t functionType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "Name")
}

func (t functionType) put(r resource.Request, create bool) (resource.Instance, error) {
	scope := r.Scope
	scope.Region = ""
	name := shape.Member(r.Properties, "Name")
	f, err := t.service.putFunction(function{
		Scope: scope, Name: name, ARN: scope.Global("cloudfront", "function/"+name),
		Code: shape.Member(r.Properties, "FunctionCode"), Comment: shape.Member(r.Properties["FunctionConfig"], "Comment"),
	}, shape.Flag(r.Properties, "AutoPublish"), create)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{PhysicalID: f.ARN, Attributes: map[string]any{
		"FunctionARN": f.ARN, "FunctionMetadata.FunctionARN": f.ARN, "Stage": f.stage(),
	}}, nil
}

// Create makes a function.
func (t functionType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	return t.put(r, true)
}

// Update gives a function other code; distributions run it if it is published.
func (t functionType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	made, err := t.put(r, false)
	if err != nil {
		return old, err
	}
	return made, nil
}

// Delete removes a function that no distribution uses.
func (t functionType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	return gone(t.service.deleteFunction(old.PhysicalID), "NoSuchFunctionExists")
}
