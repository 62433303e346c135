// SPDX-License-Identifier: MIT

package cloudwatch

import (
	"context"
	"errors"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::CloudWatch::Alarm": alarmType{s}}
}

// alarmType is AWS::CloudWatch::Alarm.
type alarmType struct{ service *Service }

func (t alarmType) Check(properties map[string]any) []string {
	text, topics, no := shape.String, shape.List(shape.String), shape.Unmodelled
	return shape.Check(shape.Object(shape.Fields{
		"ActionsEnabled": shape.Boolean, "AlarmActions": topics, "AlarmDescription": text, "AlarmName": text,
		"ComparisonOperator": shape.Enum(operators()...), "DatapointsToAlarm": shape.Integer(1, 1<<31-1),
		"Dimensions":                       shape.List(shape.Object(shape.Fields{"Name": text, "Value": text}, "Name", "Value")),
		"EvaluateLowSampleCountPercentile": text, "EvaluationPeriods": shape.Integer(1, 1<<31-1), "ExtendedStatistic": text,
		"InsufficientDataActions": topics, "MetricName": text, "Namespace": text, "OKActions": topics, "Period": shape.Integer(1, 1<<31-1),
		"Statistic": shape.Enum("SampleCount", "Average", "Sum", "Minimum", "Maximum"), "Tags": shape.Tags, "Threshold": text,
		"TreatMissingData": text, "Unit": text,

		"EvaluationCriteria": no, "EvaluationInterval": no, "Metrics": no, "ThresholdMetricId": no,
	}, "ComparisonOperator", "EvaluationPeriods"), properties)
}

func (t alarmType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "AlarmName")
}

func (t alarmType) put(r resource.Request, name string) (resource.Instance, error) {
	var v settings
	if err := resource.Decode(r.Properties, &v); err != nil {
		return resource.Instance{}, invalid("%v", err)
	}
	v.AlarmName = name
	a, err := t.service.put(r.Scope, v, shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return resource.Instance{}, wire.FromService("CloudWatch", err)
	}
	return resource.Instance{PhysicalID: name, Attributes: map[string]any{"Arn": a.arn()}}, nil
}

// Create makes an alarm. One that exists is not changed.
func (t alarmType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "AlarmName")
	if name == "" {
		name = r.DefaultName(maxAlarm)
	}
	if _, there := t.service.AlarmState(r.Scope, name); there {
		return resource.Instance{}, wire.FromService("CloudWatch", wire.Errorf(400, "AlreadyExists", "%s already exists", name))
	}
	return t.put(r, name)
}

func (t alarmType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	if _, there := t.service.AlarmState(r.Scope, old.PhysicalID); !there {
		return old, errors.New("alarm " + old.PhysicalID + " does not exist")
	}
	instance, err := t.put(r, old.PhysicalID)
	if err != nil {
		return old, err
	}
	return instance, nil
}

func (t alarmType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	t.service.deleteQuietly(r.Scope, old.PhysicalID)
	return nil
}
