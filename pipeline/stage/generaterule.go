// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"

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

// addDeadLetterPolicies lets rules send what they could not send elsewhere to
// queues of the stack. A queue has one policy: if resources has it, the
// statement goes there.
func (m *marshaller) addDeadLetterPolicies() {
	for _, queue := range m.service.DeadLetters() {
		var rules []any
		for _, f := range m.service.Functions {
			for _, e := range f.Events {
				if e.EventBridge != nil && e.EventBridge.DeadLetter.ID == queue {
					rules = append(rules, cfn.GetAtt(e.EventBridge.RuleID(f.Name), "Arn"))
				}
			}
		}
		statement := map[string]any{
			"Effect": "Allow", "Principal": map[string]any{"Service": rulePrincipal}, "Action": "sqs:SendMessage",
			"Resource":  cfn.GetAtt(queue, "Arn"),
			"Condition": map[string]any{"ArnEquals": map[string]any{"aws:SourceArn": one(rules)}},
		}
		id := m.service.QueuePolicy(queue)
		if id == spec.DeadLetterPolicyID(queue) {
			m.add(id, "AWS::SQS::QueuePolicy", map[string]any{
				"Queues": []any{cfn.Ref(queue)}, "PolicyDocument": policy(statement),
			}, m.origin("resources", queue))
			continue
		}
		m.addStatement(id, statement)
	}
}

// addStatement adds a statement to the policy that a resource of sparta.yaml
// has.
func (m *marshaller) addStatement(id string, statement map[string]any) {
	resource := m.document.Template.Resources[id]
	if resource == nil {
		return // refused already
	}
	document, _ := resource.Properties["PolicyDocument"].(map[string]any)
	switch statements := document["Statement"].(type) {
	case []any:
		document["Statement"] = append(statements, statement)
	case map[string]any:
		document["Statement"] = []any{statements, statement}
	default:
		m.errs = append(m.errs, fmt.Errorf("resource %q: a statement cannot be added to its policy: PolicyDocument has no list of statements", id))
	}
}
