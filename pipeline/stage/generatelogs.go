// SPDX-License-Identifier: MIT

package stage

import (
	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addLogs has CloudWatch Logs call the function with the log events of a group.
// The filter is refused while the permission is not there.
func (m *marshaller) addLogs(s eventSource, e *spec.LogsEvent) {
	source := any(nil)
	if e.Group.ID != "" {
		source = cfn.GetAtt(e.Group.ID, "Arn") // ends with :*
	} else {
		source = named("arn:${AWS::Partition}:logs:${AWS::Region}:${AWS::AccountId}:log-group:", e.Group.Value, ":*")
	}
	permission := e.PermissionID(s.function.Name)
	m.grant(permission, s, "logs.amazonaws.com", source, nil)
	filter := m.add(e.FilterID(s.function.Name), "AWS::Logs::SubscriptionFilter", map[string]any{
		"LogGroupName": e.Group.Value, "FilterPattern": e.Filter, "DestinationArn": target(s.function),
	}, s.origin)
	filter.DependsOn = []string{permission}
}
