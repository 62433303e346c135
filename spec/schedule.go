// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/cron"
	"github.com/sparta-up/sparta/internal/diag"
)

// ScheduleEvent has EventBridge Scheduler call a function at certain times.
type ScheduleEvent struct {
	Rate       []string      `key:"rate"`       // expressions, each as package cron writes it
	Timezone   string        `key:"timezone"`   // name in the IANA database, of cron and at expressions
	Input      any           `key:"input"`      // JSON value that the function gets; nil: the scheduler's own event
	Enabled    bool          `key:"enabled"`    //
	Flexible   time.Duration `key:"flexible"`   // whole minutes by which a call may be late; 0: none
	Start      time.Time     `key:"start"`      // UTC; zero: at once
	End        time.Time     `key:"end"`        // UTC; zero: never
	Retries    int           `key:"retries"`    // 0 to 185
	MaxAge     time.Duration `key:"maxAge"`     // whole seconds, 1 min to 24 h
	DeadLetter Source        `key:"deadLetter"` // queue for what could not be sent
	Name       string        `key:"name"`       // of the schedule; "": CloudFormation makes one up
	Group      Name          `key:"group"`      // schedule group
}

// Defaults of EventBridge for what a target could not take. Source: "RetryPolicy",
// https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
const (
	DefaultEventRetries = 185
	DefaultEventMaxAge  = 24 * time.Hour
)

const (
	defaultTimezone      = "UTC"
	defaultScheduleGroup = "default"
)

// ScheduleID is the logical id of the schedule for one of the expressions.
func (s *ScheduleEvent) ScheduleID(function, expression string) string {
	switch {
	case s.Name != "" && s.Group.Value != defaultScheduleGroup:
		return EventID(function, "Schedule", s.Name, s.Group.Value)
	case s.Name != "":
		return EventID(function, "Schedule", s.Name)
	case s.Timezone != defaultTimezone:
		return EventID(function, "Schedule", expression, s.Timezone)
	}
	return EventID(function, "Schedule", expression)
}

// SchedulerRoleID is the logical id of the role with which EventBridge Scheduler
// calls a function.
func SchedulerRoleID(function string) string { return LogicalID(function) + "SchedulerRole" }

func (s *ScheduleEvent) ids(function string) []string {
	var all []string
	for _, expression := range s.Rate {
		all = append(all, s.ScheduleID(function, expression))
	}
	return all
}

func (*ScheduleEvent) from() Source              { return Source{} }
func (*ScheduleEvent) pulled() bool              { return false }
func (s *ScheduleEvent) roles(f string) []string { return []string{SchedulerRoleID(f)} }

func (s *ScheduleEvent) links() (parts, role []Source) {
	return []Source{s.DeadLetter, {ID: s.Group.ID}}, nil
}

func (s *ScheduleEvent) taken() (what, name string) {
	return "schedule name", claim(s.Name, s.Group.Value)
}

func scheduleGroupKind() sourceKind {
	return sourceKind{what: "a schedule group", types: []string{"AWS::Scheduler::ScheduleGroup"}}
}

// scheduleEvent decodes a schedule.
func (d *decoder) scheduleEvent(n *node) *ScheduleEvent {
	s := &ScheduleEvent{
		Timezone:   or(d.literal(option(n, "timezone")), defaultTimezone),
		Input:      d.input(option(n, "input")),
		Enabled:    d.flag(option(n, "enabled"), true),
		Flexible:   d.duration(option(n, "flexible")),
		Start:      d.instant(option(n, "start")),
		End:        d.instant(option(n, "end")),
		Retries:    d.number(option(n, "retries"), DefaultEventRetries),
		MaxAge:     or(d.duration(option(n, "maxAge")), DefaultEventMaxAge),
		DeadLetter: d.deadLetter(option(n, "deadLetter")),
		Name:       d.literal(option(n, "name")),
		Group:      d.nameOf(option(n, "group"), scheduleGroupKind(), defaultScheduleGroup),
	}
	zone := d.zone(option(n, "timezone"))
	rate := long(n, "rate")
	for _, item := range each(rate) {
		e := d.expression(item, zone, !s.Start.IsZero() || !s.End.IsZero())
		switch {
		case e == "":
		case slices.Contains(s.Rate, e):
			d.fault(item, diag.SourceOptions, "is in the list already", "leave it out")
		default:
			s.Rate = append(s.Rate, e)
		}
	}
	if given := option(n, "timezone"); s.Timezone != defaultTimezone && usable(given) && len(s.Rate) > 0 && !slices.ContainsFunc(s.Rate, inZone) {
		d.fault(given, diag.SourceOptions, "means nothing to a rate, which counts from when the schedule is made", "leave timezone out, or write a cron expression")
	}
	if name := option(n, "name"); usable(name) && len(s.Rate) > 1 {
		d.fault(name, diag.SourceOptions, fmt.Sprintf("names %d schedules, one for each expression", len(s.Rate)), "make an item of events of each")
	}
	if s.Flexible%time.Minute != 0 {
		d.fault(option(n, "flexible"), diag.Quantity, option(n, "flexible").show()+" is not a whole number of minutes", "")
	}
	d.scheduleSpan(n, s)
	limited := !s.Start.IsZero() || !s.End.IsZero()
	if zone != nil && limited && (s.End.IsZero() || s.Start.Before(s.End)) {
		for _, item := range each(rate) {
			d.withinSpan(item, s, zone)
		}
	}
	return s
}

// inZone reports whether an expression is of a time zone, which a rate is not.
func inZone(expression string) bool { return !strings.HasPrefix(expression, "rate(") }

// expression decodes one schedule expression, "" if it is none.
func (d *decoder) expression(n *node, zone *time.Location, limited bool) string {
	e, err := cron.Parse(n.written, cron.Scheduler)
	switch {
	case err != nil:
		d.fault(n, diag.ScheduleExpression, err.Error(), expressionHint(n.written))
		return ""
	case e.Never():
		d.fault(n, diag.ScheduleExpression, "never falls due: there is no such day", "write a day that the month has; L is its last one, such as cron(0 8 L 2 ? *)")
		return ""
	case e.Once() && limited:
		d.fault(n, diag.SourceOptions, "falls due once: start and end mean nothing to it", "leave start and end out, or make an item of events of it")
		return ""
	}
	if zone != nil && !e.Rate() {
		if _, ok := e.Next(d.now, time.Time{}, zone); !ok {
			d.warn(n, diag.SchedulePast, "lies in the past: the function is not called any more", "take the schedule out, or write another time")
		}
	}
	return e.String()
}

// zone checks the name of a time zone. It returns nil for a wrong one.
func (d *decoder) zone(n *node) *time.Location {
	if !usable(n) {
		return time.UTC
	}
	zone, err := cron.Zone(n.written)
	if err == nil {
		return zone
	}
	hint := "names are Area/City, such as Europe/Berlin, or UTC"
	if near := cron.NearestZone(n.written); near != "" {
		hint = didYouMean(near)
	}
	d.fault(n, diag.TimeZone, err.Error(), hint)
	return nil
}

// scheduleSpan checks the times between which a schedule counts.
func (d *decoder) scheduleSpan(n *node, s *ScheduleEvent) {
	start, end := option(n, "start"), option(n, "end")
	switch {
	case s.End.IsZero():
	case !s.Start.IsZero() && !s.Start.Before(s.End):
		d.fault(end, diag.SourceOptions, "is not after start", "write a later end, or an earlier start")
		return
	case s.End.Before(d.now):
		d.warn(end, diag.SchedulePast, "lies in the past: the function is not called any more", "EventBridge Scheduler takes no change of the schedule then: take it out, or write a later end")
		return
	}
	if !s.Start.IsZero() && s.Start.Before(d.now.Add(-5*time.Minute)) {
		d.warn(start, diag.SchedulePast, "lies in the past", "EventBridge Scheduler takes no new or changed schedule that started more than 5 minutes ago: leave start out")
	}
}

// withinSpan refuses a cron expression that never falls due between start and
// end.
func (d *decoder) withinSpan(n *node, s *ScheduleEvent, zone *time.Location) {
	e, err := cron.Parse(n.written, cron.Scheduler)
	if err != nil || e.Rate() || e.Once() || e.Never() {
		return
	}
	from := time.Unix(0, 0)
	if !s.Start.IsZero() {
		from = s.Start
	}
	first, found := e.Next(from.Add(-time.Second), time.Time{}, zone)
	next, _ := e.Next(d.now, time.Time{}, zone)
	switch {
	case !found:
		d.fault(n, diag.ScheduleExpression, "never falls due after start", "write an earlier start, or leave it out")
	case !s.End.IsZero() && first.After(s.End):
		d.fault(n, diag.ScheduleExpression, fmt.Sprintf("never falls due before end: the first time is %s", first.Format(time.RFC3339)), "write a later end, or leave it out")
	case s.End.After(d.now) && next.After(s.End):
		d.warn(n, diag.SchedulePast, "does not fall due again before end", "write a later end, or take the schedule out")
	}
}

// instant decodes a time with its offset, zero if there is none.
func (d *decoder) instant(n *node) time.Time {
	if !usable(n) {
		return time.Time{}
	}
	at, err := time.Parse(time.RFC3339, n.written)
	if err != nil {
		d.fault(n, diag.Quantity, n.quote()+" is a time that no calendar and clock has", "")
		return time.Time{}
	}
	return at.UTC()
}
