// SPDX-License-Identifier: MIT

package cloudformation

// aliasType is the only type whose update policy is modelled, and aliasPolicy
// the only policy: how CodeDeploy shifts the traffic of a function's alias.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-attribute-updatepolicy.html
const (
	aliasType   = "AWS::Lambda::Alias"
	aliasPolicy = "CodeDeployLambdaAliasUpdate"
)

// readUpdatePolicy takes the attribute UpdatePolicy.
func (d *definition) readUpdatePolicy(id string, value any) error {
	policies, ok := value.(map[string]any)
	if !ok {
		return invalidf("Template format error: [/Resources/%s/UpdatePolicy] the value has the wrong type.", id)
	}
	for _, name := range sortedKeys(policies) {
		if name != aliasPolicy || d.typeName != aliasType {
			return invalidf("the embedded AWS does not model the update policy %s of %s (resource %s)", name, d.typeName, id)
		}
		members, ok := policies[name].(map[string]any)
		if !ok {
			return invalidf("Template format error: [/Resources/%s/UpdatePolicy/%s] the value has the wrong type.", id, name)
		}
		for _, member := range sortedKeys(members) {
			switch member {
			case "ApplicationName", "DeploymentGroupName", "BeforeAllowTrafficHook", "AfterAllowTrafficHook":
			default:
				return invalidf("Template format error: [/Resources/%s/UpdatePolicy/%s] unknown member %s", id, name, member)
			}
		}
		for _, member := range []string{"ApplicationName", "DeploymentGroupName"} {
			if members[member] == nil {
				return invalidf("Template format error: [/Resources/%s/UpdatePolicy/%s] member %s is missing", id, name, member)
			}
		}
	}
	d.updatePolicy = policies
	return nil
}

// policyOf resolves the update policy of a resource. A rollback has none: it
// brings back at once what was.
func (d *deployment) policyOf(definition definition) (map[string]any, error) {
	if d.rollback || definition.updatePolicy == nil {
		return nil, nil
	}
	resolved, err := d.resolver().resolve(definition.updatePolicy)
	if err != nil {
		return nil, err
	}
	return plain(resolved).(map[string]any), nil
}
