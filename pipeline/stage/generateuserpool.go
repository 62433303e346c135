// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"slices"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addUserPool has a user pool of sparta.yaml call the function: the trigger is
// a property of the pool.
func (m *marshaller) addUserPool(s eventSource, e *spec.UserPoolEvent) {
	permission := e.PermissionID(s.function.Name)
	m.grant(permission, s, "cognito-idp.amazonaws.com", e.Pool.ARN, nil)
	if e.Invites() {
		m.inviteAfter(permission, e.Pool.ID)
	}
	pool := m.document.Template.Resources[e.Pool.ID]
	if pool == nil {
		return // refused already
	}
	if pool.Properties == nil {
		pool.Properties = map[string]any{}
	}
	config, _ := pool.Properties["LambdaConfig"].(map[string]any)
	if config == nil {
		config = map[string]any{}
		pool.Properties["LambdaConfig"] = config
	}
	function := target(s.function)
	switch {
	case e.Trigger == spec.TriggerSMSSender, e.Trigger == spec.TriggerEmailSender:
		config[e.Property()] = map[string]any{"LambdaArn": function, "LambdaVersion": "V1_0"}
		if e.KMSKey.ARN != nil {
			config["KMSKeyID"] = e.KMSKey.ARN
		}
	case e.Trigger == spec.TriggerTokenGeneration && e.Version > 1:
		config[e.Property()] = map[string]any{"LambdaArn": function, "LambdaVersion": fmt.Sprintf("V%d_0", e.Version)}
	default:
		config[e.Property()] = function
	}
}

// inviteAfter has the users of a template wait for a permission: CloudFormation
// invites them as soon as the pool is there, which calls triggers.
func (m *marshaller) inviteAfter(permission, pool string) {
	for _, user := range m.document.Template.Resources {
		if user.Type != "AWS::Cognito::UserPoolUser" || slices.Contains(user.DependsOn, permission) {
			continue
		}
		if slices.ContainsFunc(cfn.References(user.Properties["UserPoolId"]), func(r cfn.Reference) bool { return r.ID == pool }) {
			user.DependsOn = append(slices.Clone(user.DependsOn), permission)
			slices.Sort(user.DependsOn)
		}
	}
}
