// SPDX-License-Identifier: MIT

package stage

import (
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// scheduleTime is how EventBridge Scheduler takes times.
const scheduleTime = "2006-01-02T15:04:05.000Z"

// addSchedule has EventBridge Scheduler call the function.
func (m *marshaller) addSchedule(s eventSource, e *spec.ScheduleEvent) {
	for _, expression := range e.Rate {
		goal := map[string]any{
			"Arn": target(s.function), "RoleArn": cfn.GetAtt(spec.SchedulerRoleID(s.function.Name), "Arn"),
		}
		setDelivery(goal, e.Retries, e.MaxAge, e.DeadLetter)
		if e.Input != nil {
			goal["Input"] = jsonText(e.Input)
		}
		properties := map[string]any{
			"ScheduleExpression": expression, "ScheduleExpressionTimezone": e.Timezone, "State": state(e.Enabled),
			"GroupName": e.Group.Value, "FlexibleTimeWindow": map[string]any{"Mode": "OFF"}, "Target": goal,
		}
		if e.Flexible > 0 {
			properties["FlexibleTimeWindow"] = map[string]any{"Mode": "FLEXIBLE", "MaximumWindowInMinutes": int(e.Flexible / time.Minute)}
		}
		if !e.Start.IsZero() {
			properties["StartDate"] = e.Start.Format(scheduleTime)
		}
		if !e.End.IsZero() {
			properties["EndDate"] = e.End.Format(scheduleTime)
		}
		if e.Name != "" {
			properties["Name"] = e.Name
		}
		m.add(e.ScheduleID(s.function.Name, expression), "AWS::Scheduler::Schedule", properties, s.origin)
	}
}

// addSchedulerRole adds the role with which EventBridge Scheduler calls the
// function, if it has schedules: only schedules of their groups may take it.
// Source: "Cross-service confused deputy prevention in EventBridge Scheduler",
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
func (m *marshaller) addSchedulerRole(f spec.Function) {
	var needs rights
	var groups []any
	for _, e := range f.Events {
		if e.Schedule == nil {
			continue
		}
		// The ARN of the target and no other, as AWS SAM does for ScheduleV2:
		// versions and aliases have ARNs of their own, and are asked for by them.
		needs.allow(target(f), "lambda:InvokeFunction")
		if e.Schedule.DeadLetter.ARN != nil {
			needs.allow(e.Schedule.DeadLetter.ARN, "sqs:SendMessage")
		}
		groups = appendNew(groups, []any{groupARN(e.Schedule.Group)})
	}
	if len(groups) == 0 {
		return
	}
	properties := map[string]any{
		"Description": "Lets EventBridge Scheduler call " + spec.FunctionName(m.service.Name, f.Name),
		"AssumeRolePolicyDocument": policy(map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"Service": "scheduler.amazonaws.com"},
			"Condition": map[string]any{
				"StringEquals": map[string]any{"aws:SourceAccount": cfn.Ref("AWS::AccountId")},
				"ArnEquals":    map[string]any{"aws:SourceArn": one(groups)},
			},
		}),
		"Policies": []any{map[string]any{"PolicyName": "schedules", "PolicyDocument": policy(needs.statements()...)}},
	}
	setTags(properties, f.Tags)
	m.add(spec.SchedulerRoleID(f.Name), "AWS::IAM::Role", properties, m.origin("functions", f.Name))
}

// groupARN is the ARN of a schedule group.
func groupARN(group spec.Name) any {
	const format = "arn:${AWS::Partition}:scheduler:${AWS::Region}:${AWS::AccountId}:schedule-group/"
	if group.ID != "" {
		return cfn.GetAtt(group.ID, "Arn")
	}
	return named(format, group.Value, "")
}
