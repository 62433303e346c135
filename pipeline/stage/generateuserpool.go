// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"

	"github.com/sparta-up/sparta/spec"
)

// addUserPool has a user pool of sparta.yaml call the function: the trigger is
// a property of the pool.
func (m *marshaller) addUserPool(s eventSource, e *spec.UserPoolEvent) {
	m.grant(e.PermissionID(s.function.Name), s, "cognito-idp.amazonaws.com", e.Pool.ARN, nil)
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
