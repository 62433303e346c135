// SPDX-License-Identifier: MIT

package lambda

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// layerType is AWS::Lambda::LayerVersion. Every property needs a new version.
type layerType struct{ service *Service }

func (t layerType) Check(properties map[string]any) []string {
	text, texts := shape.String, shape.List(shape.String)
	return shape.Check(shape.Object(shape.Fields{
		"CompatibleArchitectures": shape.List(shape.Enum("x86_64", "arm64")), "CompatibleRuntimes": texts,
		"Content":     shape.Object(shape.Fields{"S3Bucket": text, "S3Key": text, "S3ObjectVersion": text}, "S3Bucket", "S3Key"),
		"Description": text, "LayerName": text, "LicenseInfo": text,
	}, "Content"), properties)
}

func (t layerType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "CompatibleArchitectures", "CompatibleRuntimes", "Content", "Description", "LayerName", "LicenseInfo")
}

func (t layerType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	var p struct {
		publishLayerInput
		LayerName string
	}
	if err := resource.Decode(r.Properties, &p); err != nil {
		return resource.Instance{}, invalidValue("%v", err)
	}
	if p.LayerName == "" {
		p.LayerName = r.DefaultName(64)
	}
	out, err := t.service.publishLayerVersion(ctx, layerCall(r, p.LayerName, ""), p.publishLayerInput)
	if err != nil {
		return resource.Instance{}, err
	}
	version := out.(layerOutput).LayerVersionArn
	return resource.Instance{PhysicalID: version, Attributes: map[string]any{"LayerVersionArn": version}}, nil
}

// layerCall names a layer, and a version of it, as the path of a request does.
func layerCall(r resource.Request, name, version string) call {
	return call{scope: r.Scope, path: func(part string) string {
		if part == "LayerName" {
			return name
		}
		return version
	}}
}

// Update is called when nothing has changed but the stack's tags, which a layer
// has not.
func (t layerType) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

func (t layerType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	name, version, err := parseLayer(r.Scope, old.PhysicalID)
	if err != nil {
		return err
	}
	_, err = t.service.deleteLayerVersion(ctx, layerCall(r, name, version), none{})
	return err
}
