// SPDX-License-Identifier: MIT

package events

import (
	"context"
	"encoding/json"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::Events::Rule and AWS::Events::EventBus.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::Events::Rule": ruleType{s}, "AWS::Events::EventBus": busType{s}}
}

// serviceName is how CloudFormation calls EventBridge in the reasons of its
// events.
const serviceName = "EventBridge"

// ruleType is AWS::Events::Rule.
type ruleType struct{ service *Service }

func (t ruleType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"Description": text, "EventBusName": text, "EventPattern": shape.Document, "Name": shape.Pattern(ruleName, 64), "RoleArn": text,
		"ScheduleExpression": text, "State": shape.Enum("ENABLED", "DISABLED"), "Tags": shape.Tags, "Targets": shape.List(targetShape()),
	}), properties)
}

func targetShape() shape.Rule {
	text := shape.String
	fields := shape.Fields{
		"Arn": text, "Id": text, "Input": text, "InputPath": text, "RoleArn": text,
		"DeadLetterConfig": shape.Object(shape.Fields{"Arn": text}),
		"InputTransformer": shape.Object(shape.Fields{"InputPathsMap": shape.Any, "InputTemplate": text}, "InputTemplate"),
		"RetryPolicy": shape.Object(shape.Fields{
			"MaximumEventAgeInSeconds": shape.Integer(60, 86400), "MaximumRetryAttempts": shape.Integer(0, 185),
		}),
		"SqsParameters": shape.Object(shape.Fields{"MessageGroupId": text}, "MessageGroupId"),
	}
	for _, name := range []string{
		"AppSyncParameters", "BatchParameters", "EcsParameters", "HttpParameters", "KinesisParameters", "RedshiftDataParameters",
		"RunCommandParameters", "SageMakerPipelineParameters",
	} {
		fields[name] = shape.Unmodelled
	}
	return shape.Object(fields, "Arn", "Id")
}

func (t ruleType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "EventBusName", "Name")
}

// ruleProperties are those of a rule; the pattern is an object there.
type ruleProperties struct {
	Description, EventBusName, Name, RoleArn, ScheduleExpression, State string
	Targets                                                             []target
}

func readRule(r resource.Request) (ruleInput, []target, error) {
	var p ruleProperties
	properties := make(map[string]any, len(r.Properties))
	for name, value := range r.Properties {
		if name != "EventPattern" && name != "Tags" {
			properties[name] = value
		}
	}
	if err := resource.Decode(properties, &p); err != nil {
		return ruleInput{}, nil, invalid("%v", err)
	}
	in := ruleInput{
		Name: p.Name, EventBusName: p.EventBusName, ScheduleExpression: p.ScheduleExpression, State: p.State, Description: p.Description, RoleArn: p.RoleArn,
	}
	switch pattern := r.Properties["EventPattern"].(type) {
	case nil:
	case string:
		in.EventPattern = pattern
	default:
		text, err := json.Marshal(pattern)
		if err != nil {
			return in, nil, err
		}
		in.EventPattern = string(text)
	}
	return in, p.Targets, nil
}

func (t ruleType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	in, targets, err := readRule(r)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	if in.Name == "" {
		in.Name = r.DefaultName(64)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if old, _ := s.rule(r.Scope, in.Name, in.EventBusName); old != nil {
		return resource.Instance{}, wire.Errorf(400, "AlreadyExists", "Resource of type 'AWS::Events::Rule' with identifier '%s' already exists.", in.Name)
	}
	made, err := s.storeRule(r.Scope, in)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	next, err := made.withTargets(targets)
	if err != nil {
		s.dropRule(made)
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	next.Tags = shape.TagMap(r.Tags, r.Properties)
	s.replace(next)
	return next.instance(), nil
}

// instance names a rule of another bus than the default one by both names, as
// CloudFormation does.
func (r *rule) instance() resource.Instance {
	id := r.Name
	if r.Bus != defaultBus {
		id = r.Bus + "|" + r.Name
	}
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"Arn": r.arn()}}
}

// Update brings the rule and its targets to what the properties say. A pattern
// or target that is refused leaves the rule as it was.
func (t ruleType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	in, targets, err := readRule(r)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	ruleARN, _ := old.Attributes["Arn"].(string)
	before := s.rules[ruleARN]
	if before == nil {
		return old, wire.FromService(serviceName, notFound("Rule %s does not exist.", old.PhysicalID))
	}
	in.Name = before.Name
	made, err := s.storeRule(r.Scope, in)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	bare := *made
	bare.Targets = nil
	next, err := bare.withTargets(targets)
	if err != nil {
		s.replace(before)
		return old, wire.FromService(serviceName, err)
	}
	next.Tags = shape.TagMap(r.Tags, r.Properties)
	s.replace(next)
	return next.instance(), nil
}

func (t ruleType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	ruleARN, _ := old.Attributes["Arn"].(string)
	if r := s.rules[ruleARN]; r != nil {
		s.dropRule(r)
	}
	return nil
}

// busType is AWS::Events::EventBus.
type busType struct{ service *Service }

func (t busType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"Description": shape.String, "Name": shape.Pattern(busName, 256), "Tags": shape.Tags,
		"DeadLetterConfig": shape.Object(shape.Fields{"Arn": shape.String}),
		"EventSourceName":  shape.Unmodelled, "KmsKeyIdentifier": shape.Unmodelled, "LogConfig": shape.Unmodelled, "Policy": shape.Unmodelled,
	}, "Name"), properties)
}

func (t busType) Replaces(old, new map[string]any) bool { return resource.Changed(old, new, "Name") }

func readBus(r resource.Request) busInput {
	in := busInput{Name: shape.Member(r.Properties, "Name"), Description: shape.Member(r.Properties, "Description")}
	if target := shape.Member(r.Properties["DeadLetterConfig"], "Arn"); target != "" {
		in.DeadLetterConfig = &deadLetter{target}
	}
	return in
}

func (t busType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	b, err := s.addBus(r.Scope, createBusInput{busInput: readBus(r)})
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	b.Tags = shape.TagMap(r.Tags, r.Properties)
	return resource.Instance{PhysicalID: b.Name, Attributes: map[string]any{"Arn": b.arn(), "Name": b.Name, "Policy": ""}}, nil
}

func (t busType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	if _, err := t.service.updateBus(r.Scope, readBus(r)); err != nil {
		return old, wire.FromService(serviceName, err)
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	if b := s.buses[(&bus{Scope: r.Scope, Name: old.PhysicalID}).arn()]; b != nil {
		b.Tags = shape.TagMap(r.Tags, r.Properties)
		s.changed()
	}
	return old, nil
}

func (t busType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	return wire.FromService(serviceName, t.service.dropBus(r.Scope, old.PhysicalID))
}
