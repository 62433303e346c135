// SPDX-License-Identifier: MIT

package codedeploy

import (
	"context"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
)

// aliasPolicy is the update policy that leaves the version of an alias to
// CodeDeploy.
const aliasPolicy = "CodeDeployLambdaAliasUpdate"

// Alias returns AWS::Lambda::Alias, made of the type as Lambda has it, which
// changes its version by a deployment if its update policy wants that. Updates
// to the same version, and rollbacks of the stack, happen at once.
func (s *Service) Alias(lambdaType resource.Type) resource.Type { return aliasType{lambdaType, s} }

type aliasType struct {
	resource.Type
	service *Service
}

// Update shifts the traffic to another version, and then changes the rest.
func (t aliasType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	o, wanted, err := t.order(old, r)
	if err != nil {
		return old, err
	}
	if wanted {
		if err := t.service.Deploy(ctx, o); err != nil {
			return old, err
		}
	}
	return t.Type.Update(ctx, old, r)
}

// order returns the deployment that an update needs, and false if it needs none.
func (t aliasType) order(old resource.Instance, r resource.Request) (Order, bool, error) {
	members, ok := r.UpdatePolicy[aliasPolicy].(map[string]any)
	if !ok {
		return Order{}, false, nil
	}
	var policy struct{ ApplicationName, DeploymentGroupName, BeforeAllowTrafficHook, AfterAllowTrafficHook string }
	if err := resource.Decode(members, &policy); err != nil {
		return Order{}, false, err
	}
	var p struct{ FunctionVersion string }
	if err := resource.Decode(r.Properties, &p); err != nil {
		return Order{}, false, err
	}
	id, _ := arn.Parse(old.PhysicalID) // function:<name>:<alias>
	parts := strings.Split(id.Resource+"::", ":")
	o := Order{
		Scope: r.Scope, Application: policy.ApplicationName, Group: policy.DeploymentGroupName, Function: parts[1], Alias: parts[2], Target: p.FunctionVersion,
		BeforeTraffic: policy.BeforeAllowTrafficHook, AfterTraffic: policy.AfterAllowTrafficHook, Creator: "CloudFormation",
	}
	now, err := t.service.deps.Aliases.AliasVersion(r.Scope, o.Function, o.Alias)
	return o, err == nil && now != o.Target, err
}
