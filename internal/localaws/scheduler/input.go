// SPDX-License-Identifier: MIT

package scheduler

import (
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/cron"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
)

// target is what a schedule invokes, as the API has it.
type target struct {
	Arn                   string
	RoleArn               string
	Input                 string            `json:",omitempty"`
	RetryPolicy           *retryPolicy      `json:",omitempty"`
	DeadLetterConfig      *deadLetter       `json:",omitempty"`
	SqsParameters         *sqsParameters    `json:",omitempty"`
	EventBridgeParameters *bridgeParameters `json:",omitempty"`
}

type retryPolicy struct {
	MaximumEventAgeInSeconds *int `json:",omitempty"`
	MaximumRetryAttempts     *int `json:",omitempty"`
}

type deadLetter struct{ Arn string }

type sqsParameters struct {
	MessageGroupID string `json:"MessageGroupId"`
}

type bridgeParameters struct{ DetailType, Source string }

type window struct {
	Mode                   string
	MaximumWindowInMinutes *int `json:",omitempty"`
}

// instant is a time as the API has it: seconds since 1970.
type instant struct{ time.Time }

// UnmarshalJSON reads a number of seconds.
func (i *instant) UnmarshalJSON(data []byte) error {
	var seconds float64
	if err := json.Unmarshal(data, &seconds); err != nil {
		return err
	}
	i.Time = time.UnixMilli(int64(seconds * 1000)).UTC()
	return nil
}

// MarshalJSON writes a number of seconds.
func (i instant) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(i.UnixMilli()) / 1000)
}

// scheduleInput is what a caller says of a schedule. It serves the API and
// AWS::Scheduler::Schedule alike.
type scheduleInput struct {
	ActionAfterCompletion      string
	ClientToken                string
	Description                string
	EndDate                    *instant
	FlexibleTimeWindow         window
	GroupName                  string
	ScheduleExpression         string
	ScheduleExpressionTimezone string
	StartDate                  *instant
	State                      string
	Target                     target
}

var namePattern = lazy.MustCompile(`^[0-9a-zA-Z-_.]{1,64}$`)

// entry returns the schedule that the caller describes, checked.
func (in scheduleInput) entry(scope arn.Scope, name string, now time.Time) (*entry, error) {
	if !namePattern.MatchString(name) {
		return nil, invalid("1 validation error detected: Value '%s' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[0-9a-zA-Z-_.]+$", name)
	}
	e := &entry{
		Scope: scope, Group: in.GroupName, Name: name, Expression: in.ScheduleExpression, Zone: in.ScheduleExpressionTimezone,
		Description: in.Description, Target: in.Target, Created: now, Modified: now, Since: now, Token: in.ClientToken,
	}
	if e.Group == "" {
		e.Group = defaultGroup
	}
	if e.Zone == "" {
		e.Zone = "UTC"
	}
	for _, set := range []struct {
		name, value string
		of          []string
		to          *bool // set if the value is the last of them
	}{
		{"state", in.State, []string{"", "ENABLED", "DISABLED"}, &e.Disabled},
		{"actionAfterCompletion", in.ActionAfterCompletion, []string{"", "NONE", "DELETE"}, &e.Once},
	} {
		if !slices.Contains(set.of, set.value) {
			return nil, invalid("1 validation error detected: Value '%s' at '%s' failed to satisfy constraint: Member must satisfy enum value set: [%s]", set.value, set.name, strings.Join(set.of[1:], ", "))
		}
		*set.to = set.value == set.of[2]
	}
	if err := e.setWindow(in.FlexibleTimeWindow); err != nil {
		return nil, err
	}
	if in.StartDate != nil {
		e.Start = in.StartDate.Time
	}
	if in.EndDate != nil {
		e.End = in.EndDate.Time
	}
	if !e.Start.IsZero() && !e.End.IsZero() && !e.End.After(e.Start) {
		return nil, invalid("The EndDate must come after the StartDate.")
	}
	if err := e.parse(); err != nil {
		return nil, err
	}
	if !e.End.IsZero() && !e.End.After(now) && !e.parsed.Once() {
		return nil, invalid("The EndDate you specify must be in the future.")
	}
	return e, in.Target.check(scope)
}

func (e *entry) setWindow(w window) error {
	n := w.MaximumWindowInMinutes
	switch {
	case w.Mode == "OFF" && n == nil:
	case w.Mode == "OFF":
		return invalid("MaximumWindowInMinutes must be null when the FlexibleTimeWindow mode is OFF.")
	case w.Mode != "FLEXIBLE":
		return invalid("1 validation error detected: Value '%s' at 'flexibleTimeWindow.mode' failed to satisfy constraint: Member must satisfy enum value set: [OFF, FLEXIBLE]", w.Mode)
	case n == nil || *n < 1 || *n > 1440:
		return invalid("MaximumWindowInMinutes must be between 1 and 1440 when the FlexibleTimeWindow mode is FLEXIBLE.")
	default:
		e.WindowMinutes = *n
	}
	return nil
}

// parse prepares the expression and the time zone for use.
func (e *entry) parse() error {
	parsed, err := cron.Parse(e.Expression, cron.Scheduler)
	if err != nil {
		return invalid("Invalid Schedule Expression %s. (%v)", e.Expression, err)
	}
	zone, err := cron.Zone(e.Zone)
	if err != nil {
		return invalid("The specified time zone %s is not valid: it must be a name of the IANA Time Zone Database.", e.Zone)
	}
	e.parsed, e.zone = parsed, zone
	return nil
}

// check checks a target in a scope.
func (t target) check(scope arn.Scope) error {
	a, ok := arn.Parse(t.Arn)
	isBus := a.Service == "events" && strings.HasPrefix(a.Resource, "event-bus/")
	fifo := a.Service == "sqs" && strings.HasSuffix(a.Resource, ".fifo")
	switch {
	case !ok:
		return invalid("Provided Arn is not in correct format.")
	case a.Service == "scheduler":
		return invalid("the embedded AWS does not model universal targets such as %s", t.Arn)
	case !isBus && !slices.Contains([]string{"lambda", "sqs", "sns"}, a.Service):
		return invalid("the embedded AWS does not model the target %s: schedules invoke functions and send to queues, topics and event buses", t.Arn)
	case isBus != (t.EventBridgeParameters != nil):
		return invalid("EventBridgeParameters are needed for event buses, and for them only.")
	case isBus && (t.EventBridgeParameters.DetailType == "" || t.EventBridgeParameters.Source == "" || strings.HasPrefix(t.EventBridgeParameters.Source, "aws.")):
		return invalid("EventBridgeParameters need a DetailType and a Source that does not begin with aws.")
	case fifo && (t.SqsParameters == nil || t.SqsParameters.MessageGroupID == ""):
		return invalid("SqsParameters with a MessageGroupId are needed for FIFO queues.")
	case a.Service != "sqs" && t.SqsParameters != nil:
		return invalid("SqsParameters are for queues only.")
	case (a.Service == "lambda" || isBus) && t.Input != "" && !json.Valid([]byte(t.Input)):
		return invalid("Invalid JSON in the Input of the target.")
	}
	if role, ok := arn.Parse(t.RoleArn); !ok || role.Service != "iam" || !strings.HasPrefix(role.Resource, "role/") || role.Account != scope.Account {
		return invalid("RoleArn must be the ARN of a role of the account: %s", t.RoleArn)
	}
	if p := t.RetryPolicy; p != nil {
		if n := p.MaximumRetryAttempts; n != nil && (*n < 0 || *n > 185) {
			return invalid("MaximumRetryAttempts must be between 0 and 185.")
		}
		if n := p.MaximumEventAgeInSeconds; n != nil && (*n < 60 || *n > 86400) {
			return invalid("MaximumEventAgeInSeconds must be between 60 and 86400.")
		}
	}
	if d := t.DeadLetterConfig; d != nil {
		if a, ok := arn.Parse(d.Arn); !ok || a.Service != "sqs" || strings.HasSuffix(a.Resource, ".fifo") {
			return invalid("DeadLetterConfig.Arn must be the ARN of a standard queue.")
		}
	}
	return nil
}
