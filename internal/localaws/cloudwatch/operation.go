// SPDX-License-Identifier: MIT

package cloudwatch

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// action answers one operation: input and output are trees of what JSON has, and
// of times.
type action struct {
	members []string // that the input may have
	call    func(s *Service, scope arn.Scope, in map[string]any) (map[string]any, error)
}

// operation makes an action of a method with typed input.
func operation[In any](members []string, f func(*Service, arn.Scope, In) (map[string]any, error)) action {
	return action{members, func(s *Service, scope arn.Scope, tree map[string]any) (map[string]any, error) {
		var in In
		if err := resource.Decode(tree, &in); err != nil {
			return nil, invalid("%v", err)
		}
		return f(s, scope, in)
	}}
}

func actions() map[string]action {
	return map[string]action{
		"PutMetricAlarm": operation([]string{
			"AlarmName", "AlarmDescription", "ActionsEnabled", "OKActions", "AlarmActions", "InsufficientDataActions", "MetricName", "Namespace",
			"Statistic", "ExtendedStatistic", "Dimensions", "Period", "Unit", "EvaluationPeriods", "DatapointsToAlarm", "Threshold",
			"ComparisonOperator", "TreatMissingData", "EvaluateLowSampleCountPercentile", "Tags",
		}, (*Service).putMetricAlarm),
		"DescribeAlarms":      operation([]string{"AlarmNames", "AlarmNamePrefix", "AlarmTypes", "StateValue", "MaxRecords", "NextToken"}, (*Service).describeAlarms),
		"DeleteAlarms":        operation([]string{"AlarmNames"}, (*Service).deleteAlarms),
		"SetAlarmState":       operation([]string{"AlarmName", "StateValue", "StateReason", "StateReasonData"}, (*Service).setAlarmState),
		"ListTagsForResource": operation([]string{"ResourceARN"}, (*Service).listTags),
	}
}

// answer answers one operation by name.
func (s *Service) answer(scope arn.Scope, name string, in map[string]any) (map[string]any, error) {
	a, known := s.actions[name]
	if !known {
		return nil, wire.Errorf(400, "UnknownOperationException", "the embedded AWS does not model operation %q of CloudWatch: it has alarms, whose state SetAlarmState sets, but no metrics", name)
	}
	for _, member := range slices.Sorted(maps.Keys(in)) {
		if !slices.Contains(a.members, member) {
			return nil, invalid("the embedded AWS does not model parameter %q of %s", member, name)
		}
	}
	return a.call(s, scope, in)
}

type tag struct{ Key, Value string }

type putInput struct {
	settings
	Tags []tag
}

func (s *Service) putMetricAlarm(scope arn.Scope, in putInput) (map[string]any, error) {
	var tags map[string]string
	for _, t := range in.Tags {
		if tags == nil {
			tags = map[string]string{}
		}
		tags[t.Key] = t.Value
	}
	_, err := s.put(scope, in.settings, tags)
	return nil, err
}

type describeInput struct {
	AlarmNames, AlarmTypes                 []string
	AlarmNamePrefix, StateValue, NextToken string
	MaxRecords                             int
}

// maxRecords is how many alarms an answer has at most (DescribeAlarms, API
// reference).
const maxRecords = 100

func (s *Service) describeAlarms(scope arn.Scope, in describeInput) (map[string]any, error) {
	from, err := strconv.Atoi("0" + in.NextToken)
	if err != nil {
		return nil, wire.Errorf(400, "InvalidNextToken", "The next token is not one of this operation.")
	}
	list := s.list(scope, func(a *alarm) bool {
		name := a.Settings.AlarmName
		return (len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, name)) && strings.HasPrefix(name, in.AlarmNamePrefix) &&
			(in.StateValue == "" || in.StateValue == a.State) && (len(in.AlarmTypes) == 0 || slices.Contains(in.AlarmTypes, "MetricAlarm"))
	})
	size := maxRecords
	if in.MaxRecords > 0 {
		size = min(size, in.MaxRecords)
	}
	from = min(from, len(list))
	end := min(from+size, len(list))
	shown := []any{}
	for _, a := range list[from:end] {
		shown = append(shown, a.shown())
	}
	out := map[string]any{"MetricAlarms": shown, "CompositeAlarms": []any{}}
	if end < len(list) {
		out["NextToken"] = strconv.Itoa(end)
	}
	return out, nil
}

// shown returns an alarm as the API shows it.
func (a *alarm) shown() map[string]any {
	v := a.Settings
	out := map[string]any{
		"AlarmName": v.AlarmName, "AlarmArn": a.arn(), "ActionsEnabled": v.enabled(),
		"OKActions": texts(v.OKActions), "AlarmActions": texts(v.AlarmActions), "InsufficientDataActions": texts(v.InsufficientDataActions),
		"MetricName": v.MetricName, "Namespace": v.Namespace, "Period": v.Period, "EvaluationPeriods": v.EvaluationPeriods,
		"Threshold": *v.Threshold, "ComparisonOperator": v.ComparisonOperator,
		"StateValue": a.State, "StateReason": a.Reason, "StateUpdatedTimestamp": a.Changed,
		"StateTransitionedTimestamp": a.Changed, "AlarmConfigurationUpdatedTimestamp": a.Configured,
	}
	for name, value := range map[string]string{
		"AlarmDescription": v.AlarmDescription, "Statistic": v.Statistic, "ExtendedStatistic": v.ExtendedStatistic, "Unit": v.Unit,
		"TreatMissingData": v.TreatMissingData, "EvaluateLowSampleCountPercentile": v.EvaluateLowSampleCountPercentile, "StateReasonData": a.ReasonData,
	} {
		if value != "" {
			out[name] = value
		}
	}
	if v.DatapointsToAlarm > 0 {
		out["DatapointsToAlarm"] = v.DatapointsToAlarm
	}
	dimensions := []any{}
	for _, d := range v.Dimensions {
		dimensions = append(dimensions, map[string]any{"Name": d.Name, "Value": d.Value})
	}
	out["Dimensions"] = dimensions
	return out
}

func texts(list []string) []any {
	out := []any{}
	for _, text := range list {
		out = append(out, text)
	}
	return out
}

type deleteInput struct{ AlarmNames []string }

func (s *Service) deleteAlarms(scope arn.Scope, in deleteInput) (map[string]any, error) {
	return nil, s.remove(scope, in.AlarmNames)
}

type tagsInput struct{ ResourceARN string }

func (s *Service) listTags(scope arn.Scope, in tagsInput) (map[string]any, error) {
	found := s.list(scope, func(a *alarm) bool { return a.arn() == in.ResourceARN })
	if len(found) == 0 {
		return nil, wire.Errorf(404, "ResourceNotFoundException", "Unknown ARN: %s", in.ResourceARN)
	}
	tags := []any{}
	for _, key := range slices.Sorted(maps.Keys(found[0].Tags)) {
		tags = append(tags, map[string]any{"Key": key, "Value": found[0].Tags[key]})
	}
	return map[string]any{"Tags": tags}, nil
}
