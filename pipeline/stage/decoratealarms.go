// SPDX-License-Identifier: MIT

package stage

import (
	"maps"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addAlarms is the built-in decorator alarms: it adds CloudWatch alarms for
// functions to a template, and returns the template.
func addAlarms(t *cfn.Template, s *spec.Service, a spec.Alarms) *cfn.Template {
	for _, f := range s.Functions {
		if a.Functions != nil && !slices.Contains(a.Functions, f.Name) || t.Resources[spec.FunctionID(f.Name)] == nil {
			continue
		}
		add := func(kind string, limit int, description string, metric map[string]any) {
			if limit == 0 {
				return
			}
			t.Resources[spec.AlarmID(f.Name, kind)] = &cfn.Resource{Type: "AWS::CloudWatch::Alarm", Properties: alarm(f, a, kind, description, metric)}
		}
		add("Errors", a.Errors, "Events of "+f.Name+" fail", map[string]any{"Statistic": "Sum", "Threshold": a.Errors})
		add("Throttles", a.Throttles, "Events of "+f.Name+" are turned away", map[string]any{"Statistic": "Sum", "Threshold": a.Throttles})
		add("Duration", a.DurationPercent, "Events of "+f.Name+" take almost as long as they may", map[string]any{
			"ExtendedStatistic": "p99", "Threshold": int(f.Timeout/time.Millisecond) * a.DurationPercent / 100,
		})
	}
	return t
}

// alarm are the properties of one alarm. A period without events is a good one.
func alarm(f spec.Function, a spec.Alarms, metricName, description string, metric map[string]any) map[string]any {
	p := map[string]any{
		"AlarmDescription":   description,
		"Namespace":          "AWS/Lambda",
		"MetricName":         metricName,
		"Dimensions":         []any{map[string]any{"Name": "FunctionName", "Value": cfn.Ref(spec.FunctionID(f.Name))}},
		"Period":             int(a.Period / time.Second),
		"EvaluationPeriods":  1,
		"ComparisonOperator": "GreaterThanOrEqualToThreshold",
		"TreatMissingData":   "notBreaching",
	}
	maps.Copy(p, metric)
	if a.Topic.ARN != nil {
		p["AlarmActions"], p["OKActions"] = []any{a.Topic.ARN}, []any{a.Topic.ARN}
	}
	return p
}
