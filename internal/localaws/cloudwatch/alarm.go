// SPDX-License-Identifier: MIT

package cloudwatch

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// alarm is a metric alarm. A change makes another one; it is guarded by
// Service.mu.
type alarm struct {
	Scope      arn.Scope
	Settings   settings
	State      string
	Reason     string
	ReasonData string `json:",omitempty"`
	Configured time.Time
	Changed    time.Time         // of the state
	Tags       map[string]string `json:",omitempty"`
}

// settings are what PutMetricAlarm and AWS::CloudWatch::Alarm say of an alarm,
// besides tags. They are shown again, and nothing of a metric has an effect.
type settings struct {
	AlarmName                        string
	AlarmDescription                 string      `json:",omitempty"`
	ActionsEnabled                   *bool       `json:",omitempty"`
	OKActions                        []string    `json:",omitempty"`
	AlarmActions                     []string    `json:",omitempty"`
	InsufficientDataActions          []string    `json:",omitempty"`
	MetricName                       string      `json:",omitempty"`
	Namespace                        string      `json:",omitempty"`
	Statistic                        string      `json:",omitempty"`
	ExtendedStatistic                string      `json:",omitempty"`
	Dimensions                       []dimension `json:",omitempty"`
	Period                           int         `json:",omitempty"` // seconds
	Unit                             string      `json:",omitempty"`
	EvaluationPeriods                int
	DatapointsToAlarm                int      `json:",omitempty"`
	Threshold                        *float64 `json:",omitempty"`
	ComparisonOperator               string
	TreatMissingData                 string `json:",omitempty"`
	EvaluateLowSampleCountPercentile string `json:",omitempty"`
}

type dimension struct{ Name, Value string }

const (
	inAlarm    = "ALARM"
	ok         = "OK"
	noData     = "INSUFFICIENT_DATA"
	unchecked  = "Unchecked: Initial alarm creation"
	maxAlarm   = 255
	maxActions = 5
)

func alarmARN(scope arn.Scope, name string) string {
	return scope.Regional("cloudwatch", "alarm:"+name)
}

func (a *alarm) arn() string { return alarmARN(a.Scope, a.Settings.AlarmName) }

// enabled reports whether a change of state has effects; it does unless the
// alarm says otherwise.
func (v settings) enabled() bool { return v.ActionsEnabled == nil || *v.ActionsEnabled }

// topicARN is what an action may be.
var topicARN = regexp.MustCompile(`^arn:[^:]+:sns:[^:]+:\d{12}:[^:]+$`)

// check returns the first fault of the settings.
func (v settings) check() error {
	switch {
	case v.AlarmName == "" || len(v.AlarmName) > maxAlarm:
		return invalid("1 validation error detected: Value '%s' at 'alarmName' failed to satisfy constraint: Member must have length from 1 to 255", v.AlarmName)
	case v.ComparisonOperator == "":
		return wire.Errorf(400, "MissingParameter", "The parameter ComparisonOperator is required.")
	case !slices.Contains(operators(), v.ComparisonOperator):
		return wire.Errorf(400, "InvalidParameterValue", "The value %s for parameter ComparisonOperator is invalid.", v.ComparisonOperator)
	case v.EvaluationPeriods < 1:
		return wire.Errorf(400, "MissingParameter", "The parameter EvaluationPeriods is required, and is at least 1.")
	case v.MetricName == "" || v.Namespace == "":
		return wire.Errorf(400, "MissingParameter", "The parameters MetricName and Namespace are required; the embedded AWS does not model alarms on metric math.")
	case v.Period < 1:
		return wire.Errorf(400, "MissingParameter", "The parameter Period is required.")
	case v.Threshold == nil:
		return wire.Errorf(400, "MissingParameter", "The parameter Threshold is required.")
	case (v.Statistic == "") == (v.ExtendedStatistic == ""):
		return wire.Errorf(400, "InvalidParameterCombination", "Exactly one of the parameters Statistic and ExtendedStatistic must be specified.")
	case v.DatapointsToAlarm > v.EvaluationPeriods:
		return invalid("DatapointsToAlarm must not be greater than EvaluationPeriods.")
	}
	for _, actions := range [][]string{v.OKActions, v.AlarmActions, v.InsufficientDataActions} {
		if len(actions) > maxActions {
			return invalid("An alarm has at most %d actions for a state.", maxActions)
		}
		for _, action := range actions {
			if !topicARN.MatchString(action) {
				return invalid("the embedded AWS does not model the alarm action %s: only topics of SNS", action)
			}
		}
	}
	return nil
}

func operators() []string {
	return []string{"GreaterThanOrEqualToThreshold", "GreaterThanThreshold", "LessThanThreshold", "LessThanOrEqualToThreshold"}
}

// put makes an alarm, or changes one without changing its state. Nil tags leave
// the tags as they are.
func (s *Service) put(scope arn.Scope, v settings, tags map[string]string) (*alarm, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.env.Now()
	next := &alarm{Scope: scope, Settings: v, State: noData, Reason: unchecked, Configured: now, Changed: now, Tags: tags}
	if old := s.alarms[next.arn()]; old != nil {
		next.State, next.Reason, next.ReasonData, next.Changed = old.State, old.Reason, old.ReasonData, old.Changed
		if tags == nil {
			next.Tags = old.Tags
		}
	}
	s.alarms[next.arn()] = next
	s.changed()
	return next, nil
}

// list returns the alarms of a scope that match, by name.
func (s *Service) list(scope arn.Scope, match func(*alarm) bool) []*alarm {
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*alarm
	for _, key := range slices.Sorted(maps.Keys(s.alarms)) {
		if a := s.alarms[key]; a.Scope == scope && match(a) {
			list = append(list, a)
		}
	}
	return list
}

// remove deletes alarms, all or none.
func (s *Service) remove(scope arn.Scope, names []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var missing []string
	for _, name := range names {
		if s.alarms[alarmARN(scope, name)] == nil {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return notFound(missing...)
	}
	for _, name := range names {
		delete(s.alarms, alarmARN(scope, name))
	}
	s.changed()
	return nil
}

func notFound(names ...string) error {
	return wire.Errorf(404, "ResourceNotFound", "There are no alarms of the name %s", strings.Join(names, ", "))
}
