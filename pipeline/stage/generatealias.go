// SPDX-License-Identifier: MIT

package stage

import (
	"slices"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addAlias adds the alias that a function's callers use and the version that it
// leads to. Complete gives the version its final name.
func (m *marshaller) addAlias(f spec.Function, origin cfn.Origin) {
	version := m.add(spec.VersionID(f.Name), "AWS::Lambda::Version", map[string]any{
		"FunctionName": cfn.Ref(spec.FunctionID(f.Name)),
	}, origin)
	// The version before this one stays, for a rollback; all versions go with
	// the function.
	version.DeletionPolicy, version.UpdateReplacePolicy = "Retain", "Retain"
	properties := map[string]any{
		"FunctionName":    cfn.Ref(spec.FunctionID(f.Name)),
		"FunctionVersion": cfn.GetAtt(spec.VersionID(f.Name), "Version"),
		"Name":            f.Alias,
	}
	if f.ProvisionedConcurrency > 0 {
		properties["ProvisionedConcurrencyConfig"] = map[string]any{"ProvisionedConcurrentExecutions": f.ProvisionedConcurrency}
	}
	alias := m.add(spec.AliasID(f.Name), "AWS::Lambda::Alias", properties, origin)
	if f.Rollout != nil {
		alias.UpdatePolicy = map[string]any{"CodeDeployLambdaAliasUpdate": rolloutPolicy(f)}
		m.document.Credit(spec.AliasID(f.Name), "UpdatePolicy", m.origin("functions", f.Name, "rollout"))
		m.addDeploymentGroup(f)
	}
}

func rolloutPolicy(f spec.Function) map[string]any {
	p := map[string]any{
		"ApplicationName":     cfn.Ref(spec.RolloutApplicationID),
		"DeploymentGroupName": cfn.Ref(spec.DeploymentGroupID(f.Name)),
	}
	if f.Rollout.Before != "" {
		p["BeforeAllowTrafficHook"] = cfn.Ref(spec.FunctionID(f.Rollout.Before))
	}
	if f.Rollout.After != "" {
		p["AfterAllowTrafficHook"] = cfn.Ref(spec.FunctionID(f.Rollout.After))
	}
	return p
}

// addDeploymentGroup adds what moves one alias.
func (m *marshaller) addDeploymentGroup(f spec.Function) {
	properties := map[string]any{
		"ApplicationName":      cfn.Ref(spec.RolloutApplicationID),
		"ServiceRoleArn":       cfn.GetAtt(spec.RolloutRoleID, "Arn"),
		"DeploymentConfigName": "CodeDeployDefault.Lambda" + f.Rollout.Type,
		"DeploymentStyle":      map[string]any{"DeploymentType": "BLUE_GREEN", "DeploymentOption": "WITH_TRAFFIC_CONTROL"},
		"AutoRollbackConfiguration": map[string]any{
			"Enabled": true, "Events": []any{"DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"},
		},
	}
	if len(f.Rollout.Alarms) > 0 {
		var alarms []any
		for _, name := range f.Rollout.Alarms {
			alarms = append(alarms, map[string]any{"Name": name})
		}
		properties["AlarmConfiguration"] = map[string]any{"Enabled": true, "Alarms": alarms}
	}
	m.add(spec.DeploymentGroupID(f.Name), "AWS::CodeDeploy::DeploymentGroup", properties, m.origin("functions", f.Name, "rollout"))
}

// addRollouts adds what all deployment groups share: the application, and the
// role with which CodeDeploy moves the aliases and calls the hooks. The role
// names functions by ARN, not by reference, since aliases come after it. CodeDeploy
// takes it for deployment groups of this service only.
// Source: "Cross-service confused deputy prevention", CodeDeploy User Guide,
// https://docs.aws.amazon.com/codedeploy/latest/userguide/security_confused_deputy.html
func (m *marshaller) addRollouts() {
	var moved, hooks []any
	var alarms bool
	for _, f := range m.service.Functions {
		if f.Rollout != nil {
			moved = append(moved, m.functionARN(f), aliasARN(m.functionARN(f), f.Alias))
			alarms = alarms || len(f.Rollout.Alarms) > 0
		}
		if m.isHook(f.Name) {
			hooks = append(hooks, m.functionARN(f))
		}
	}
	if len(moved) == 0 {
		return
	}
	i := slices.IndexFunc(m.service.Functions, func(f spec.Function) bool { return f.Rollout != nil })
	origin := m.origin("functions", m.service.Functions[i].Name, "rollout")
	m.add(spec.RolloutApplicationID, "AWS::CodeDeploy::Application", map[string]any{"ComputePlatform": "Lambda"}, origin)
	needs := []any{
		// The alias is a part of the ARN of some of these calls.
		allow(moved, "lambda:GetAlias", "lambda:GetProvisionedConcurrencyConfig", "lambda:UpdateAlias"),
	}
	if len(hooks) > 0 {
		needs = append(needs, allow(hooks, "lambda:InvokeFunction"))
	}
	if alarms {
		// By all alarms: a description is of a list of names.
		needs = append(needs, allow(cfn.Sub("arn:${AWS::Partition}:cloudwatch:${AWS::Region}:${AWS::AccountId}:alarm:*"), "cloudwatch:DescribeAlarms"))
	}
	m.add(spec.RolloutRoleID, "AWS::IAM::Role", map[string]any{
		"Description": "Lets CodeDeploy move the aliases of " + m.service.Name,
		"AssumeRolePolicyDocument": policy(map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "codedeploy.amazonaws.com"},
			"Condition": map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": cfn.Ref("AWS::AccountId")},
				"ArnLike":      map[string]any{"aws:SourceArn": deploymentGroups()},
			},
		}),
		"Policies": []any{map[string]any{"PolicyName": "rollout", "PolicyDocument": policy(needs...)}},
	}, origin)
}

// isHook reports whether a rollout calls the function.
func (m *marshaller) isHook(function string) bool {
	return slices.ContainsFunc(m.service.Functions, func(f spec.Function) bool {
		return f.Rollout != nil && (f.Rollout.Before == function || f.Rollout.After == function)
	})
}

// aliasARN is the ARN of an alias of a function.
func aliasARN(function any, alias string) any {
	return cfn.Sub(function.(map[string]any)["Fn::Sub"].(string) + ":" + alias)
}

// deploymentGroups are all groups of the service: they need the role first.
func deploymentGroups() any {
	return cfn.Sub("arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:deploymentgroup:${" + spec.RolloutApplicationID + "}/*")
}

func deploymentGroupARN(f spec.Function) any {
	return cfn.Sub("arn:${AWS::Partition}:codedeploy:${AWS::Region}:${AWS::AccountId}:deploymentgroup:${" +
		spec.RolloutApplicationID + "}/${" + spec.DeploymentGroupID(f.Name) + "}")
}
