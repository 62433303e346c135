// SPDX-License-Identifier: MIT

package cloudwatch

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/delivery"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type stateInput struct{ AlarmName, StateValue, StateReason, StateReasonData string }

// setAlarmState puts an alarm into a state and, if that is another one, notifies
// the topics of that state.
func (s *Service) setAlarmState(scope arn.Scope, in stateInput) (map[string]any, error) {
	if !slices.Contains([]string{ok, inAlarm, noData}, in.StateValue) {
		return nil, invalid("1 validation error detected: Value '%s' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [INSUFFICIENT_DATA, ALARM, OK]", in.StateValue)
	}
	if in.StateReasonData != "" && !json.Valid([]byte(in.StateReasonData)) {
		return nil, wire.Errorf(400, "InvalidFormat", "The state reason data is no JSON.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.alarms[alarmARN(scope, in.AlarmName)]
	if old == nil {
		return nil, notFound(in.AlarmName)
	}
	next := *old
	next.State, next.Reason, next.ReasonData = in.StateValue, in.StateReason, in.StateReasonData
	if old.State != in.StateValue {
		next.Changed = s.env.Now()
	}
	s.alarms[next.arn()] = &next
	s.changed()
	if old.State != in.StateValue {
		s.notify(&next, old.State)
	}
	return nil, nil
}

// notify tells the topics of an alarm's state about it; s.mu is held.
func (s *Service) notify(a *alarm, before string) {
	v := a.Settings
	targets := map[string][]string{ok: v.OKActions, inAlarm: v.AlarmActions, noData: v.InsufficientDataActions}[a.State]
	if !v.enabled() || s.stopped.Err() != nil {
		return
	}
	body, err := json.Marshal(a.notification(before))
	if err != nil {
		s.env.Log.Warn().Err(err).Str("alarm", v.AlarmName).Msg("dropped an alarm's notification")
		return
	}
	for _, target := range targets {
		m := delivery.Message{
			Principal: sender(a.Scope, target), Source: a.arn(), Account: a.Scope.Account, Target: target, Body: body,
			Subject: a.State + `: "` + v.AlarmName + `" in ` + a.Scope.Region,
		}
		s.work.Go(func() {
			if _, err := s.table.SendRetry(s.stopped, m, delivery.Retry{Attempts: 3, Age: time.Minute}); err != nil {
				s.env.Log.Warn().Err(err).Str("alarm", v.AlarmName).Str("topic", target).Msg("dropped an alarm's notification")
			}
		})
	}
}

// sender returns the service that the policy of a topic must let in; "" for a
// topic of the alarm's account, which AWS's default policy of topics lets in
// without naming it.
func sender(scope arn.Scope, topic string) string {
	if to, _ := arn.Parse(topic); to.Account == scope.Account {
		return ""
	}
	return principal
}

// notification is what a topic gets ("Notifying users on alarm changes",
// CloudWatch User Guide).
func (a *alarm) notification(before string) map[string]any {
	v := a.Settings
	const format = "2006-01-02T15:04:05.000-0700"
	dimensions := []any{}
	for _, d := range v.Dimensions {
		dimensions = append(dimensions, map[string]any{"name": d.Name, "value": d.Value})
	}
	return map[string]any{
		"AlarmName": v.AlarmName, "AlarmDescription": v.AlarmDescription, "AWSAccountId": a.Scope.Account, "AlarmArn": a.arn(), "Region": a.Scope.Region,
		"AlarmConfigurationUpdatedTimestamp": a.Configured.UTC().Format(format), "StateChangeTime": a.Changed.UTC().Format(format),
		"NewStateValue": a.State, "NewStateReason": a.Reason, "OldStateValue": before,
		"OKActions": texts(v.OKActions), "AlarmActions": texts(v.AlarmActions), "InsufficientDataActions": texts(v.InsufficientDataActions),
		"Trigger": map[string]any{
			"MetricName": v.MetricName, "Namespace": v.Namespace, "StatisticType": "Statistic", "Statistic": v.Statistic, "Unit": v.Unit,
			"Dimensions": dimensions, "Period": v.Period, "EvaluationPeriods": v.EvaluationPeriods, "ComparisonOperator": v.ComparisonOperator,
			"Threshold": *v.Threshold, "TreatMissingData": v.TreatMissingData, "EvaluateLowSampleCountPercentile": v.EvaluateLowSampleCountPercentile,
		},
	}
}

// deleteQuietly removes an alarm. One that is gone is no error.
func (s *Service) deleteQuietly(scope arn.Scope, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.alarms, alarmARN(scope, name))
	s.changed()
}
