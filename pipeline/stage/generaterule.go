// SPDX-License-Identifier: MIT

package stage

import (
	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// The principal and the id of the one target of each rule.
const (
	rulePrincipal = "events.amazonaws.com"
	ruleTarget    = "function"
)

// addRule has EventBridge call the function with the events of a bus.
func (m *marshaller) addRule(s eventSource, e *spec.RuleEvent) {
	goal := map[string]any{}
	setDelivery(goal, e.Retries, e.MaxAge, e.DeadLetter)
	switch {
	case e.Input != nil:
		goal["Input"] = jsonText(e.Input)
	case e.InputPath != "":
		goal["InputPath"] = e.InputPath
	case e.InputTransformer != nil:
		transformer := map[string]any{"InputTemplate": e.InputTransformer.Template}
		if len(e.InputTransformer.Paths) > 0 {
			paths := map[string]any{}
			for name, path := range e.InputTransformer.Paths {
				paths[name] = path
			}
			transformer["InputPathsMap"] = paths
		}
		goal["InputTransformer"] = transformer
	}
	properties := map[string]any{"EventPattern": e.Pattern, "State": state(e.Enabled)}
	if e.Bus.Value != spec.DefaultBus {
		properties["EventBusName"] = e.Bus.Value
	}
	if e.Description != "" {
		properties["Description"] = e.Description
	}
	if e.Name != "" {
		properties["Name"] = e.Name
	}
	m.addTargetedRule(s, e.RuleID(s.function.Name), e.PermissionID(s.function.Name), properties, goal)
	m.admit(e.DeadLetter, rulePrincipal, cfn.GetAtt(e.RuleID(s.function.Name), "Arn"), s)
}

// addRepository has EventBridge call the function when a repository changes.
func (m *marshaller) addRepository(s eventSource, e *spec.RepositoryEvent) {
	m.addTargetedRule(s, e.RuleID(s.function.Name), e.PermissionID(s.function.Name),
		map[string]any{"EventPattern": e.Pattern(), "State": state(true)}, map[string]any{})
}

// addTargetedRule adds a rule with the function as its only target, and lets
// the rule call it.
func (m *marshaller) addTargetedRule(s eventSource, id, permission string, properties, goal map[string]any) {
	goal["Id"], goal["Arn"] = ruleTarget, target(s.function)
	properties["Targets"] = []any{goal}
	m.add(id, "AWS::Events::Rule", properties, s.origin)
	m.grant(permission, s, rulePrincipal, cfn.GetAtt(id, "Arn"), nil)
}
