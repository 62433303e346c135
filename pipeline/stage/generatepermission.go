// SPDX-License-Identifier: MIT

package stage

import "github.com/sparta-up/sparta/spec"

// addPermission lets somebody else call the function.
func (m *marshaller) addPermission(s eventSource, e *spec.PermissionEvent) {
	properties := map[string]any{"FunctionName": caller(s.function), "Action": e.Action, "Principal": e.Principal}
	for name, value := range map[string]any{"SourceArn": e.SourceARN, "SourceAccount": e.SourceAccount} {
		if value != nil {
			properties[name] = value
		}
	}
	if e.OrgID != "" {
		properties["PrincipalOrgID"] = e.OrgID
	}
	m.add(e.PermissionID(s.function.Name), "AWS::Lambda::Permission", properties, s.origin)
}
