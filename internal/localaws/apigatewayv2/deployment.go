// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"maps"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// edited has an API written after a change, and deployed to the stages that
// deploy by themselves; s.mu is held.
func (s *Service) edited(a *api) error {
	defer s.changed()
	auto := slices.DeleteFunc(slices.Collect(maps.Values(a.Stages)), func(st *stage) bool { return !st.Settings.AutoDeploy })
	if len(auto) > 0 {
		d, err := s.deploy(a, "Automatic deployment triggered by changes to the Api configuration", true)
		if err != nil {
			return err
		}
		for _, st := range auto {
			st.Deployment = d.ID
		}
	}
	// Of the automatic deployments only the one that is live is of use.
	maps.DeleteFunc(a.Deployments, func(id string, d *deployment) bool { return d.Auto && !a.live(id) })
	return nil
}

// live reports whether a stage serves a deployment.
func (a *api) live(id string) bool {
	for _, st := range a.Stages {
		if st.Deployment == id {
			return true
		}
	}
	return false
}

// deploy takes a snapshot of an API; s.mu is held.
func (s *Service) deploy(a *api, description string, auto bool) (*deployment, error) {
	d := &deployment{
		ID: gateway.NewID(6), Description: description, Auto: auto, Created: s.env.Now().UTC().Truncate(time.Second), Definition: a.Current.clone(),
	}
	var err error
	if d.table, err = newTable(d.Definition); err != nil {
		return nil, err
	}
	a.Deployments[d.ID] = d
	return d, nil
}

// createDeployment takes a snapshot of an API, and makes it live in a stage if
// one is named.
func (s *Service) createDeployment(scope arn.Scope, apiID, description, stageName string) (*deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(scope, apiID)
	if err != nil {
		return nil, err
	}
	if err := a.takesDeployment(stageName); err != nil {
		return nil, err
	}
	if len(a.Current.Routes) == 0 {
		return nil, gateway.BadRequest("At least one route is required before deploying the Api.")
	}
	d, err := s.deploy(a, description, false)
	if err != nil {
		return nil, err
	}
	a.serve(stageName, d)
	s.changed()
	return d, nil
}

// takesDeployment returns why a deployment cannot be made live in a stage; ""
// means none.
func (a *api) takesDeployment(stageName string) error {
	if stageName == "" {
		return nil
	}
	switch st := a.Stages[stageName]; {
	case st == nil:
		return gateway.NotFound("Invalid stage identifier specified")
	case st.Settings.AutoDeploy:
		return gateway.BadRequest("Deployment cannot be created for stage %s: it is deployed automatically", stageName)
	}
	return nil
}

// serve makes a deployment live in a stage; "" means none.
func (a *api) serve(stageName string, d *deployment) {
	if stageName != "" {
		a.Stages[stageName].Deployment = d.ID
	}
}

// deployment returns a deployment of an API; s.mu is held.
func (s *Service) deployment(scope arn.Scope, apiID, id string) (*api, *deployment, error) {
	a, err := s.find(scope, apiID)
	if err != nil {
		return nil, nil, err
	}
	d := a.Deployments[id]
	if d == nil {
		return nil, nil, gateway.NotFound("Invalid deployment identifier specified %s", id)
	}
	return a, d, nil
}

// deleteDeployment removes a deployment that no stage serves.
func (s *Service) deleteDeployment(scope arn.Scope, apiID, id string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, _, err := s.deployment(scope, apiID, id)
	if err != nil {
		return err
	}
	if a.live(id) {
		return gateway.BadRequest("Active stages pointing to this deployment must be moved or deleted")
	}
	delete(a.Deployments, id)
	s.changed()
	return nil
}

// describe gives a deployment another description, and makes it live in a stage
// if one is named.
func (s *Service) describe(scope arn.Scope, apiID, id, description, stageName string) (*deployment, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, d, err := s.deployment(scope, apiID, id)
	if err != nil {
		return nil, err
	}
	if err := a.takesDeployment(stageName); err != nil {
		return nil, err
	}
	next := *d
	next.Description = description
	a.Deployments[id] = &next
	a.serve(stageName, &next)
	s.changed()
	return &next, nil
}

// output returns a deployment as the API shows it.
func (d *deployment) output() map[string]any {
	return map[string]any{
		"autoDeployed": d.Auto, "createdDate": d.Created.Format(time.RFC3339), "deploymentId": d.ID,
		"deploymentStatus": "DEPLOYED", "description": d.Description,
	}
}
