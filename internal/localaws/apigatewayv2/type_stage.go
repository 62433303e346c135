// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// stageType is AWS::ApiGatewayV2::Stage, whose Ref is its name.
type stageType struct{ service *Service }

var settingsFields = shape.Fields{
	"DetailedMetricsEnabled": shape.Boolean, "ThrottlingBurstLimit": shape.Integer(0, 1<<31-1), "ThrottlingRateLimit": shape.String,
	"DataTraceEnabled": shape.Unmodelled, "LoggingLevel": shape.Unmodelled,
}

// Check returns the faults of the properties.
func (t stageType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"AccessLogSettings": shape.Object(shape.Fields{"DestinationArn": text, "Format": text}),
		"ApiId":             text, "AutoDeploy": shape.Boolean, "DefaultRouteSettings": shape.Object(settingsFields), "DeploymentId": text,
		"Description": text, "RouteSettings": shape.Entries(shape.Object(settingsFields)), "StageName": text, "StageVariables": shape.Entries(text), "Tags": shape.Entries(text),
		"AccessPolicyId": shape.Unmodelled, "ClientCertificateId": shape.Unmodelled,
	}, "ApiId", "StageName"), properties)
}

// Replaces reports whether the stage has another name or API.
func (t stageType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ApiId", "StageName")
}

func (t stageType) settingsOf(r resource.Request) (stageSettings, error) {
	var settings stageSettings
	if err := resource.Decode(r.Properties, &settings); err != nil {
		return settings, gateway.BadRequest("%v", err)
	}
	settings.Tags = mergedTags(r, settings.Tags)
	return settings, nil
}

// Create makes a stage.
func (t stageType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	settings, err := t.settingsOf(r)
	if err != nil {
		return resource.Instance{}, err
	}
	if _, err := t.service.createStage(r.Scope, shape.Member(r.Properties, "ApiId"), settings); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: settings.StageName, Attributes: map[string]any{}}, nil
}

// Update gives a stage other settings.
func (t stageType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	settings, err := t.settingsOf(r)
	if err != nil {
		return old, err
	}
	_, err = t.service.updateStage(r.Scope, shape.Member(r.Properties, "ApiId"), old.PhysicalID, func(stageSettings) (stageSettings, error) { return settings, nil })
	return old, err
}

// Delete removes a stage.
func (t stageType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.deleteStage(r.Scope, shape.Member(r.Properties, "ApiId"), old.PhysicalID))
}

// deploymentType is AWS::ApiGatewayV2::Deployment, a snapshot of an API.
type deploymentType struct{ service *Service }

// Check returns the faults of the properties.
func (t deploymentType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"ApiId": shape.String, "Description": shape.String, "StageName": shape.String,
	}, "ApiId"), properties)
}

// Replaces reports whether the deployment is of another API.
func (t deploymentType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ApiId")
}

// Create takes a snapshot.
func (t deploymentType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	p := r.Properties
	d, err := t.service.createDeployment(r.Scope, shape.Member(p, "ApiId"), shape.Member(p, "Description"), shape.Member(p, "StageName"))
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: d.ID, Attributes: map[string]any{"DeploymentId": d.ID}}, nil
}

// Update changes the description and the stage; the snapshot stays.
func (t deploymentType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	p, stageName := r.Properties, ""
	if resource.Changed(r.OldProperties, p, "StageName") {
		stageName = shape.Member(p, "StageName")
	}
	_, err := t.service.describe(r.Scope, shape.Member(p, "ApiId"), old.PhysicalID, shape.Member(p, "Description"), stageName)
	return old, err
}

// Delete removes the snapshot.
func (t deploymentType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.deleteDeployment(r.Scope, shape.Member(r.Properties, "ApiId"), old.PhysicalID))
}
