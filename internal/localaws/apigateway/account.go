// SPDX-License-Identifier: MIT

package apigateway

import (
	"context"
	"maps"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// place names an account and region.
func place(scope arn.Scope) string { return scope.Account + "/" + scope.Region }

// accountType is AWS::ApiGateway::Account, of which an account has one in each
// region.
type accountType struct{ service *Service }

// Check returns the faults of the properties.
func (t accountType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{"CloudWatchRoleArn": shape.String}), properties)
}

// Replaces reports false.
func (t accountType) Replaces(_, _ map[string]any) bool { return false }

func (t accountType) put(r resource.Request) error {
	role := shape.Member(r.Properties, "CloudWatchRoleArn")
	if role != "" {
		if err := t.service.deps.Assumable(r.Scope, role, gateway.Principal); err != nil {
			return gateway.BadRequest("The role ARN does not have required permissions configured. " +
				"Please grant trust permission for API Gateway and add the required role policy.")
		}
	}
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	roles := maps.Clone(t.service.state.LogRoles)
	roles[place(r.Scope)] = role
	t.service.state.LogRoles = roles
	t.service.changed()
	return nil
}

// Create sets the role as which API Gateway logs.
func (t accountType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	if err := t.put(r); err != nil {
		return resource.Instance{}, err
	}
	id := r.DefaultName(64)
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"Id": id}}, nil
}

// Update sets another role.
func (t accountType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return old, t.put(r)
}

// Delete leaves the role set, as on AWS.
func (t accountType) Delete(context.Context, resource.Instance, resource.Request) error { return nil }
