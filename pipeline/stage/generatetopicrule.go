// SPDX-License-Identifier: MIT

package stage

import (
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// topicRulePrincipal is the service that performs topic rules.
const topicRulePrincipal = "iot.amazonaws.com"

// addTopicRule has AWS IoT call the function with messages.
func (m *marshaller) addTopicRule(s eventSource, e *spec.TopicRuleEvent) {
	payload := map[string]any{
		"Sql": e.SQL, "AwsIotSqlVersion": spec.TopicRuleVersion, "RuleDisabled": !e.Enabled,
		"Actions": []any{map[string]any{"Lambda": map[string]any{"FunctionArn": target(s.function)}}},
	}
	if e.Description != "" {
		payload["Description"] = e.Description
	}
	if e.OnFailure != nil {
		payload["ErrorAction"] = errorAction(*e.OnFailure, cfn.GetAtt(spec.TopicRuleRoleID(s.function.Name), "Arn"))
	}
	properties := map[string]any{"TopicRulePayload": payload}
	if e.Name != "" {
		properties["RuleName"] = e.Name
	}
	id := e.RuleID(s.function.Name)
	m.add(id, "AWS::IoT::TopicRule", properties, s.origin)
	m.grant(e.PermissionID(s.function.Name), s, topicRulePrincipal, cfn.GetAtt(id, "Arn"), cfn.Ref("AWS::AccountId"))
}

// failureKey is the key of what goes to a bucket: one object for each message, by
// its topic.
const failureKey = "${topic()}/${timestamp()}-${newuuid()}.json"

// errorAction is where a rule sends what its action could not do. Source: "Error
// handling (error action)", https://docs.aws.amazon.com/iot/latest/developerguide/rule-error-handling.html
func errorAction(to spec.Source, role any) map[string]any {
	switch to.Service {
	case "sns":
		return map[string]any{"Sns": map[string]any{"TargetArn": to.ARN, "RoleArn": role}}
	case "s3":
		return map[string]any{"S3": map[string]any{"BucketName": bucketName(to), "Key": failureKey, "RoleArn": role}}
	}
	return map[string]any{"Sqs": map[string]any{"QueueUrl": queueURL(to), "RoleArn": role}}
}

// queueURL is the URL of a queue.
func queueURL(s spec.Source) any {
	const format = "https://sqs.${AWS::Region}.${AWS::URLSuffix}/"
	if s.ID != "" {
		return cfn.Ref(s.ID)
	}
	if arn, ok := s.ARN.(string); ok {
		parts := strings.Split(arn, ":")
		return cfn.Sub(format + parts[4] + "/" + parts[5]) // sourceOf takes no other ARNs
	}
	part := func(n int) any {
		return map[string]any{"Fn::Select": []any{n, map[string]any{"Fn::Split": []any{":", s.ARN}}}}
	}
	return cfn.SubWith(format+"${Account}/${Name}", map[string]any{"Account": part(4), "Name": part(5)})
}

// addTopicRuleRole adds the role with which AWS IoT sends what the function could
// not be called with, if it does. Only AWS IoT of this account and region may take
// it. Source: "Cross-service confused deputy prevention",
// https://docs.aws.amazon.com/iot/latest/developerguide/cross-service-confused-deputy-prevention.html
func (m *marshaller) addTopicRuleRole(f spec.Function) {
	var needs rights
	for _, e := range f.Events {
		if e.IoT == nil || e.IoT.OnFailure == nil {
			continue
		}
		switch to := e.IoT.OnFailure; to.Service {
		case "sns":
			needs.allow(to.ARN, "sns:Publish")
		case "s3":
			needs.allow(within(to.ARN, "/*"), "s3:PutObject")
		default:
			needs.allow(to.ARN, "sqs:SendMessage")
		}
	}
	statements := needs.statements()
	if len(statements) == 0 {
		return
	}
	properties := map[string]any{
		"Description": "Lets AWS IoT send what " + spec.FunctionName(m.service.Name, f.Name) + " could not be called with",
		"AssumeRolePolicyDocument": policy(map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": topicRulePrincipal},
			"Condition": map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": cfn.Ref("AWS::AccountId")},
				"ArnLike":      map[string]any{"aws:SourceArn": cfn.Sub("arn:${AWS::Partition}:iot:${AWS::Region}:${AWS::AccountId}:*")},
			},
		}),
		"Policies": []any{map[string]any{"PolicyName": "failures", "PolicyDocument": policy(statements...)}},
	}
	setTags(properties, f.Tags)
	m.add(spec.TopicRuleRoleID(f.Name), "AWS::IAM::Role", properties, m.origin("functions", f.Name))
}
