// SPDX-License-Identifier: MIT

package codedeploy

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for AWS CodeDeploy", Service Authorization Reference). What is
// about a deployment is about the group that it belongs to.
func (s *Service) needs() access.Table {
	application := access.On(access.Regional("codedeploy", "application:*", "applicationName"))
	group, deployed := access.On(groupNamed), access.On(s.deployed)
	return access.Table{Prefix: "codedeploy", Rules: map[string]access.Rule{
		"CreateApplication":     application,
		"GetApplication":        application,
		"DeleteApplication":     application,
		"ListDeploymentGroups":  application,
		"ListApplications":      access.On(access.Any),
		"CreateDeploymentGroup": access.All(group, access.PassRole("serviceRoleArn", principal)),
		"UpdateDeploymentGroup": access.All(group, access.PassRole("serviceRoleArn", principal)),
		"GetDeploymentGroup":    group,
		"DeleteDeploymentGroup": group,
		"ListDeployments":       group,
		"GetDeploymentConfig":   access.On(access.Regional("codedeploy", "deploymentconfig:*", "deploymentConfigName")),
		"ListDeploymentConfigs": access.On(access.Any),
		"GetDeployment":         deployed,
		"StopDeployment":        deployed,
		"ListDeploymentTargets": access.On(access.Any),
		"GetDeploymentTarget":   access.On(access.Any),
		"ListTagsForResource":   access.On(access.ARNIn("ResourceArn")),

		"PutLifecycleEventHookExecutionStatus": deployed,
	}}
}

func groupARN(scope arn.Scope, application, group string) string {
	return scope.Regional("codedeploy", "deploymentgroup:"+application+"/"+group)
}

// groupNamed is the deployment group that a request names.
func groupNamed(in *access.Input) []string {
	name := in.Text("deploymentGroupName")
	if name == "" {
		name = in.Text("currentDeploymentGroupName")
	}
	return []string{groupARN(in.Scope, in.Text("applicationName"), name)}
}

// deployed is the group of the deployment that a request names.
func (s *Service) deployed(in *access.Input) []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.deployment(in.Scope, in.Text("deploymentId"))
	if err != nil {
		return nil
	}
	return []string{groupARN(in.Scope, d.Order.Application, d.Order.Group)}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.table.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}

// permitted returns the failure of a deployment whose group's role may not do
// what CodeDeploy does with it.
func (s *Service) permitted(d *deployment, g group) error {
	if err := s.deps.Assumable(d.Scope, g.Role, principal, groupARN(d.Scope, d.Order.Application, g.Name)); err != nil {
		return &failure{code: "IAM_ROLE_MISSING", event: onFailure, message: "AWS CodeDeploy does not have the permissions required to assume the role " + g.Role + "."}
	}
	on := func(function string) string {
		if _, ok := arn.Parse(function); ok {
			return function
		}
		return d.Scope.Regional("lambda", "function:"+function)
	}
	wanted := [][2]string{{"lambda:GetAlias", on(d.Order.Function)}, {"lambda:UpdateAlias", on(d.Order.Function)}}
	for _, hook := range []string{d.Order.BeforeTraffic, d.Order.AfterTraffic} {
		if hook != "" {
			wanted = append(wanted, [2]string{"lambda:InvokeFunction", on(hook)})
		}
	}
	if g.Alarms.Enabled {
		wanted = append(wanted, [2]string{"cloudwatch:DescribeAlarms", d.Scope.Regional("cloudwatch", "alarm:*")})
	}
	for _, need := range wanted {
		if err := s.env.Access.Authorize(g.Role, "codedeploy", need[0], need[1]); err != nil {
			return &failure{code: "IAM_ROLE_PERMISSIONS", event: onFailure, message: "The IAM role " + g.Role +
				" does not give you permission to perform operations in the following AWS service: " +
				map[string]string{"c": "AmazonCloudWatch", "l": "AWSLambda"}[need[0][:1]] + ". " + err.Error()}
		}
	}
	return nil
}
