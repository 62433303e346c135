// SPDX-License-Identifier: MIT

package apigateway

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// deploymentInput is what a caller says of a deployment.
type deploymentInput struct {
	Description string            `json:"description,omitempty"`
	StageName   string            `json:"stageName,omitempty"` // the stage to serve it, made if needed
	Variables   map[string]string `json:"variables,omitempty"` // of that stage
}

// deploy takes a snapshot of an API.
func (s *Service) deploy(scope arn.Scope, apiID string, in deploymentInput) (*deployment, error) {
	var d *deployment
	err := s.edit(scope, apiID, func(a *api) error {
		if err := a.Current.deployable(); err != nil {
			return err
		}
		d = &deployment{ID: gateway.NewID(6), Description: in.Description, Created: s.now(), Definition: a.Current.clone()}
		var err error
		if d.table, err = newTable(d.Definition); err != nil {
			return err
		}
		if in.StageName != "" {
			if err := s.moveStage(a, in, d); err != nil {
				return err
			}
		}
		a.Deployments[d.ID] = d
		return nil
	})
	return d, err
}

// moveStage makes a deployment live in the stage that it names.
func (s *Service) moveStage(a *api, in deploymentInput, d *deployment) error {
	next := &stage{Created: s.now(), OfDeployment: true}
	if old := a.Stages[in.StageName]; old != nil {
		*next = *old
	}
	next.Settings.StageName, next.Settings.DeploymentId, next.Updated = in.StageName, d.ID, s.now()
	if in.Variables != nil {
		next.Settings.Variables = in.Variables
	}
	if err := next.Settings.checkName(); err != nil {
		return err
	}
	a.Stages[in.StageName] = next
	return nil
}

// deployable returns why the API cannot be deployed.
func (d definition) deployable() error {
	if len(d.Methods) == 0 {
		return gateway.BadRequest("The REST API doesn't contain any methods")
	}
	for _, m := range d.Methods {
		if m.Integration == nil {
			return gateway.BadRequest("No integration defined for method")
		}
	}
	return nil
}

// undeploy removes a deployment that no stage serves; a stage that came with it
// goes too.
func (s *Service) undeploy(scope arn.Scope, apiID, id string) error {
	return s.edit(scope, apiID, func(a *api) error {
		if a.Deployments[id] == nil {
			return gateway.NotFound("Invalid Deployment identifier specified")
		}
		for name, st := range a.Stages {
			switch {
			case st.Settings.DeploymentId != id:
			case st.OfDeployment:
				delete(a.Stages, name)
			default:
				return gateway.BadRequest("Active stages pointing to this deployment must be moved or deleted")
			}
		}
		delete(a.Deployments, id)
		return nil
	})
}

// deploymentType is AWS::ApiGateway::Deployment, a snapshot of an API.
type deploymentType struct{ service *Service }

// Check returns the faults of the properties.
func (t deploymentType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"Description": shape.String, "RestApiId": shape.String, "StageName": shape.String,
		"DeploymentCanarySettings": shape.Unmodelled, "StageDescription": shape.Unmodelled,
	}, "RestApiId"), properties)
}

// Replaces reports whether the deployment is of another API.
func (t deploymentType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "RestApiId", "DeploymentCanarySettings")
}

// Create takes a snapshot. Ref is its identifier.
func (t deploymentType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	p := r.Properties
	d, err := t.service.deploy(r.Scope, shape.Member(p, "RestApiId"), deploymentInput{
		Description: shape.Member(p, "Description"), StageName: shape.Member(p, "StageName"),
	})
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: d.ID, Attributes: map[string]any{"DeploymentId": d.ID}}, nil
}

// Update changes the description and the stage; the snapshot stays.
func (t deploymentType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	p := r.Properties
	return old, t.service.edit(r.Scope, shape.Member(p, "RestApiId"), func(a *api) error {
		d := a.Deployments[old.PhysicalID]
		if d == nil {
			return gateway.NotFound("Invalid Deployment identifier specified")
		}
		next := *d
		next.Description = shape.Member(p, "Description")
		a.Deployments[d.ID] = &next
		if name := shape.Member(p, "StageName"); name != "" && resource.Changed(r.OldProperties, p, "StageName") {
			return t.service.moveStage(a, deploymentInput{StageName: name}, &next)
		}
		return nil
	})
}

// Delete removes the snapshot.
func (t deploymentType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.undeploy(r.Scope, shape.Member(r.Properties, "RestApiId"), old.PhysicalID))
}
