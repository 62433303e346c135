// SPDX-License-Identifier: MIT

package scheduler

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::Scheduler::Schedule and
// AWS::Scheduler::ScheduleGroup.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::Scheduler::Schedule": scheduleType{s}, "AWS::Scheduler::ScheduleGroup": groupType{s}}
}

// serviceName is how CloudFormation calls the scheduler in the reasons of its
// events.
const serviceName = "Scheduler"

// scheduleType is AWS::Scheduler::Schedule.
type scheduleType struct{ service *Service }

func (t scheduleType) Check(properties map[string]any) []string {
	text := shape.String
	target := shape.Fields{
		"Arn": text, "RoleArn": text, "Input": text,
		"DeadLetterConfig":      shape.Object(shape.Fields{"Arn": text}),
		"EventBridgeParameters": shape.Object(shape.Fields{"DetailType": text, "Source": text}, "DetailType", "Source"),
		"RetryPolicy": shape.Object(shape.Fields{
			"MaximumEventAgeInSeconds": shape.Integer(60, 86400), "MaximumRetryAttempts": shape.Integer(0, 185),
		}),
		"SqsParameters": shape.Object(shape.Fields{"MessageGroupId": text}),
		"EcsParameters": shape.Unmodelled, "KinesisParameters": shape.Unmodelled, "SageMakerPipelineParameters": shape.Unmodelled,
	}
	return shape.Check(shape.Object(shape.Fields{
		"ActionAfterCompletion": shape.Enum("NONE", "DELETE"),
		"Description":           text, "EndDate": text, "GroupName": text, "Name": shape.Pattern(namePattern, 64),
		"FlexibleTimeWindow": shape.Object(shape.Fields{"MaximumWindowInMinutes": shape.Integer(1, 1440), "Mode": shape.Enum("OFF", "FLEXIBLE")}, "Mode"),
		"ScheduleExpression": text, "ScheduleExpressionTimezone": text, "StartDate": text, "State": shape.Enum("ENABLED", "DISABLED"),
		"Target": shape.Object(target, "Arn", "RoleArn"), "KmsKeyArn": shape.Unmodelled,
	}, "FlexibleTimeWindow", "ScheduleExpression", "Target"), properties)
}

// Replaces holds for the group, too: it is a part of the schedule's ARN.
func (t scheduleType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "Name") ||
		cmp.Or(shape.Member(old, "GroupName"), defaultGroup) != cmp.Or(shape.Member(new, "GroupName"), defaultGroup)
}

// read returns the schedule that the properties describe.
func (t scheduleType) read(r resource.Request, name string) (*entry, error) {
	var p struct {
		ActionAfterCompletion, Description, GroupName, ScheduleExpression, ScheduleExpressionTimezone, State string
		StartDate, EndDate                                                                                   string
		FlexibleTimeWindow                                                                                   window
		Target                                                                                               target
	}
	if err := resource.Decode(r.Properties, &p); err != nil {
		return nil, invalid("%v", err)
	}
	in := scheduleInput{
		ActionAfterCompletion: p.ActionAfterCompletion, Description: p.Description, GroupName: p.GroupName, ScheduleExpression: p.ScheduleExpression,
		ScheduleExpressionTimezone: p.ScheduleExpressionTimezone, State: p.State, FlexibleTimeWindow: p.FlexibleTimeWindow, Target: p.Target,
	}
	for _, date := range []struct {
		name, text string
		to         **instant
	}{{"StartDate", p.StartDate, &in.StartDate}, {"EndDate", p.EndDate, &in.EndDate}} {
		if date.text == "" {
			continue
		}
		at, err := time.Parse(time.RFC3339, date.text)
		if err != nil {
			return nil, invalid("%s is not a time such as 2026-01-01T01:00:00.000Z: %s", date.name, date.text)
		}
		*date.to = &instant{at.UTC()}
	}
	return in.entry(r.Scope, name, t.service.env.Now().UTC())
}

func (t scheduleType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "Name")
	if name == "" {
		name = r.DefaultName(64)
	}
	e, err := t.read(r, name)
	if err == nil {
		err = t.service.add(e)
	}
	if failure, ok := errors.AsType[*wire.Error](err); ok && failure.Code == "ConflictException" {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists", "Resource of type 'AWS::Scheduler::Schedule' with identifier '%s' already exists.", name)
	}
	if err != nil {
		return resource.Instance{}, worded(err)
	}
	return e.instance(), nil
}

// worded words an error for CloudFormation. A role that cannot be assumed may be
// too new.
func worded(err error) error {
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Message == cannotAssume {
		return notReady{wire.FromService(serviceName, err)}
	}
	return wire.FromService(serviceName, err)
}

// notReady is an error that is also resource.ErrRetry.
type notReady struct{ error }

// Unwrap returns the error and resource.ErrRetry.
func (e notReady) Unwrap() []error { return []error{e.error, resource.ErrRetry} }

func (e *entry) instance() resource.Instance {
	return resource.Instance{PhysicalID: e.Name, Attributes: map[string]any{"Arn": e.arn()}}
}

func (t scheduleType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	e, err := t.read(r, old.PhysicalID)
	if err == nil {
		err = t.service.replace(e)
	}
	if err != nil {
		return old, worded(err)
	}
	return e.instance(), nil
}

func (t scheduleType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	name, _ := old.Attributes["Arn"].(string)
	if e := s.schedules[name]; e != nil {
		s.drop(e)
	}
	return nil
}

// groupType is AWS::Scheduler::ScheduleGroup.
type groupType struct{ service *Service }

func (t groupType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{"Name": shape.Pattern(namePattern, 64), "Tags": shape.Tags}), properties)
}

func (t groupType) Replaces(old, new map[string]any) bool { return resource.Changed(old, new, "Name") }

func (t groupType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "Name")
	if name == "" {
		name = r.DefaultName(64)
	}
	g, err := t.service.addGroup(r.Scope, name, shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return g.instance(), nil
}

func (g *group) instance() resource.Instance {
	return resource.Instance{PhysicalID: g.Name, Attributes: map[string]any{
		"Arn": g.arn(), "State": "ACTIVE", "CreationDate": g.Created.Format(time.RFC3339), "LastModificationDate": g.Modified.Format(time.RFC3339),
	}}
}

func (t groupType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	name, _ := old.Attributes["Arn"].(string)
	g := s.groups[name]
	if g == nil {
		return old, wire.FromService(serviceName, notFound("Schedule group %s does not exist.", old.PhysicalID))
	}
	g.Tags, g.Modified = shape.TagMap(r.Tags, r.Properties), s.env.Now().UTC()
	s.changed()
	return g.instance(), nil
}

func (t groupType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	err := t.service.dropGroup(r.Scope, old.PhysicalID)
	if e, ok := errors.AsType[*wire.Error](err); ok && strings.HasPrefix(e.Code, "ResourceNotFound") {
		return nil
	}
	return wire.FromService(serviceName, err)
}
