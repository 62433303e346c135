// SPDX-License-Identifier: MIT

package stage

import (
	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// sqlVersion is the version of AWS IoT SQL; the service's default is older.
const sqlVersion = "2016-03-23"

// addTopicRule has AWS IoT call the function with messages.
func (m *marshaller) addTopicRule(s eventSource, e *spec.TopicRuleEvent) {
	payload := map[string]any{
		"Sql": e.SQL, "AwsIotSqlVersion": sqlVersion, "RuleDisabled": !e.Enabled,
		"Actions": []any{map[string]any{"Lambda": map[string]any{"FunctionArn": target(s.function)}}},
	}
	if e.Description != "" {
		payload["Description"] = e.Description
	}
	properties := map[string]any{"TopicRulePayload": payload}
	if e.Name != "" {
		properties["RuleName"] = e.Name
	}
	id := e.RuleID(s.function.Name)
	m.add(id, "AWS::IoT::TopicRule", properties, s.origin)
	m.grant(e.PermissionID(s.function.Name), s, "iot.amazonaws.com", cfn.GetAtt(id, "Arn"), cfn.Ref("AWS::AccountId"))
}
