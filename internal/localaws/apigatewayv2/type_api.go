// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"context"
	"maps"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// apiType is AWS::ApiGatewayV2::Api.
type apiType struct{ service *Service }

// Check returns the faults of the properties.
func (t apiType) Check(properties map[string]any) []string {
	text, texts := shape.String, shape.List(shape.String)
	return shape.Check(shape.Object(shape.Fields{
		"ApiKeySelectionExpression": text,
		"CorsConfiguration": shape.Object(shape.Fields{
			"AllowCredentials": shape.Boolean, "AllowHeaders": texts, "AllowMethods": texts, "AllowOrigins": texts,
			"ExposeHeaders": texts, "MaxAge": shape.Integer(-1, 86400),
		}),
		"Description": text, "DisableExecuteApiEndpoint": shape.Boolean, "IpAddressType": shape.Enum("ipv4", "dualstack"),
		"Name": text, "ProtocolType": shape.Only("HTTP"), "RouteSelectionExpression": text, "Tags": shape.Entries(text), "Version": text,
		"BasePath": shape.Unmodelled, "Body": shape.Unmodelled, "BodyS3Location": shape.Unmodelled, "CredentialsArn": shape.Unmodelled,
		"DisableSchemaValidation": shape.Unmodelled, "FailOnWarnings": shape.Unmodelled, "RouteKey": shape.Unmodelled, "Target": shape.Unmodelled,
	}, "Name", "ProtocolType"), properties)
}

// Replaces reports whether the protocol changes.
func (t apiType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ProtocolType")
}

// settingsOf reads the properties; the tags of the stack go to the API.
func (t apiType) settingsOf(r resource.Request) (apiSettings, error) {
	var settings apiSettings
	if err := resource.Decode(r.Properties, &settings); err != nil {
		return settings, gateway.BadRequest("%v", err)
	}
	settings.Tags = mergedTags(r, settings.Tags)
	return settings, nil
}

func mergedTags(r resource.Request, own map[string]string) map[string]string {
	tags := cloned(r.Tags)
	maps.Copy(tags, own)
	return tags
}

// Create makes an API. Ref is its identifier; ApiEndpoint is its live address.
func (t apiType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	settings, err := t.settingsOf(r)
	if err != nil {
		return resource.Instance{}, err
	}
	a, err := t.service.createAPI(r.Scope, settings)
	if err != nil {
		return resource.Instance{}, err
	}
	return t.instance(a), nil
}

func (t apiType) instance(a *api) resource.Instance {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	return resource.Instance{PhysicalID: a.ID, Attributes: map[string]any{"ApiId": a.ID, "ApiEndpoint": a.Endpoint()}}
}

// Update gives an API other settings; its identifier and address stay.
func (t apiType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	settings, err := t.settingsOf(r)
	if err != nil {
		return old, err
	}
	a, err := t.service.updateAPI(r.Scope, old.PhysicalID, func(apiSettings) (apiSettings, error) { return settings, nil })
	if err != nil {
		return old, err
	}
	return t.instance(a), nil
}

// Delete removes an API with all that is in it.
func (t apiType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.deleteAPI(r.Scope, old.PhysicalID))
}
