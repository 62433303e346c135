// SPDX-License-Identifier: MIT

package cloudfront

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// controlType is AWS::CloudFront::OriginAccessControl. Ref and Id are its id.
type controlType struct{ service *Service }

// Check returns the faults of the properties.
func (t controlType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{"OriginAccessControlConfig": shape.Object(shape.Fields{
		"Description": shape.String, "Name": shape.String, "OriginAccessControlOriginType": shape.Only("s3"),
		"SigningBehavior": signingBehavior, "SigningProtocol": shape.Enum("sigv4"),
	}, "Name", "OriginAccessControlOriginType", "SigningBehavior", "SigningProtocol")}, "OriginAccessControlConfig"), properties)
}

func signingBehavior(path string, value any) []string {
	if value == "no-override" {
		return []string{path + ": the embedded AWS models always and never"}
	}
	return shape.Enum(signAlways, "never")(path, value)
}

// Replaces reports false: no property needs a new one.
func (t controlType) Replaces(_, _ map[string]any) bool { return false }

func (t controlType) put(r resource.Request, id string) (resource.Instance, error) {
	given := r.Properties["OriginAccessControlConfig"]
	c, err := t.service.putControl(control{
		Account: r.Scope.Account, ID: id, Name: shape.Member(given, "Name"), Description: shape.Member(given, "Description"),
		Behavior: shape.Member(given, "SigningBehavior"),
	})
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{PhysicalID: c.ID, Attributes: map[string]any{"Id": c.ID}}, nil
}

// Create makes an origin access control.
func (t controlType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	return t.put(r, "")
}

// Update gives it other settings.
func (t controlType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	if _, err := t.put(r, old.PhysicalID); err != nil {
		return old, err
	}
	return old, nil
}

// Delete removes one that no distribution uses.
func (t controlType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gone(t.service.deleteControl(r.Scope.Account, old.PhysicalID), "NoSuchOriginAccessControl")
}
