// SPDX-License-Identifier: MIT

package scheduler

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

type scheduleArn struct{ ScheduleArn string }

func (s *Service) createSchedule(c wire.Call, in scheduleInput) (any, error) {
	e, err := in.entry(c.Scope, c.PathValue("Name"), s.env.Now().UTC())
	if err != nil {
		return nil, err
	}
	if err := s.add(e); err != nil {
		return nil, err
	}
	return scheduleArn{e.arn()}, nil
}

// cannotAssume is what the scheduler says of a role that it cannot assume.
const cannotAssume = "The execution role you provide must allow AWS EventBridge Scheduler to assume the role."

// add stores a new schedule. The same call made twice, as its token tells, is no
// error.
func (s *Service) add(e *entry) error {
	if err := s.deps.Assumable(e.Scope, e.Target.RoleArn, principal, groupARN(e.Scope, e.Group)); err != nil {
		return invalid(cannotAssume)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkGroup(e.Scope, e.Group); err != nil {
		return err
	}
	if old := s.schedules[e.arn()]; old != nil {
		if e.Token != "" && old.Token == e.Token {
			return nil
		}
		return conflict("Schedule %s already exists.", e.Name)
	}
	s.store(e, true)
	return nil
}

// store keeps a schedule and follows it; s.mu is held. A rate that is new and
// has no start begins at once.
func (s *Service) store(e *entry, fresh bool) {
	s.schedules[e.arn()] = e
	s.changed()
	s.plan(e)
	if fresh && e.parsed.Rate() && e.Start.IsZero() && !e.Disabled {
		s.fire(e, e.Since)
	}
}

// schedule returns a schedule; s.mu is held.
func (s *Service) schedule(scope arn.Scope, groupName, name string) (*entry, error) {
	e := s.schedules[(&entry{Scope: scope, Group: cmp.Or(groupName, defaultGroup), Name: name}).arn()]
	if e == nil {
		return nil, notFound("Schedule %s does not exist.", name)
	}
	return e, nil
}

// updateSchedule replaces a schedule: what the caller does not say goes back to
// the default.
func (s *Service) updateSchedule(c wire.Call, in scheduleInput) (any, error) {
	e, err := in.entry(c.Scope, c.PathValue("Name"), s.env.Now().UTC())
	if err != nil {
		return nil, err
	}
	if err := s.replace(e); err != nil {
		return nil, err
	}
	return scheduleArn{e.arn()}, nil
}

func (s *Service) replace(e *entry) error {
	if err := s.deps.Assumable(e.Scope, e.Target.RoleArn, principal, groupARN(e.Scope, e.Group)); err != nil {
		return invalid(cannotAssume)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.schedule(e.Scope, e.Group, e.Name)
	if err != nil {
		return err
	}
	e.Created, e.Token = old.Created, old.Token
	same := e.Expression == old.Expression && e.Start.Equal(old.Start)
	if same {
		e.Since = old.Since
	}
	s.store(e, !same)
	return nil
}

func (s *Service) deleteSchedule(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.schedule(c.Scope, c.Query.Get("groupName"), c.PathValue("Name"))
	if err != nil {
		return nil, err
	}
	s.drop(e)
	return wire.None{}, nil
}

// drop removes a schedule; s.mu is held.
func (s *Service) drop(e *entry) {
	delete(s.schedules, e.arn())
	s.agenda.Remove(e.arn())
	s.changed()
}

type scheduleOutput struct {
	ActionAfterCompletion      string
	Arn                        string
	CreationDate               instant
	Description                string   `json:",omitempty"`
	EndDate                    *instant `json:",omitempty"`
	FlexibleTimeWindow         window
	GroupName                  string
	LastModificationDate       instant
	Name                       string
	ScheduleExpression         string
	ScheduleExpressionTimezone string
	StartDate                  *instant `json:",omitempty"`
	State                      string
	Target                     target
}

func (s *Service) getSchedule(c wire.Call, _ wire.None) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e, err := s.schedule(c.Scope, c.Query.Get("groupName"), c.PathValue("Name"))
	if err != nil {
		return nil, err
	}
	out := scheduleOutput{
		ActionAfterCompletion: "NONE", Arn: e.arn(), CreationDate: instant{e.Created}, Description: e.Description, EndDate: moment(e.End),
		FlexibleTimeWindow: window{Mode: "OFF"}, GroupName: e.Group, LastModificationDate: instant{e.Modified}, Name: e.Name,
		ScheduleExpression: e.Expression, ScheduleExpressionTimezone: e.Zone, StartDate: moment(e.Start), State: e.state(), Target: e.Target,
	}
	if e.Once {
		out.ActionAfterCompletion = "DELETE"
	}
	if e.WindowMinutes > 0 {
		out.FlexibleTimeWindow = window{"FLEXIBLE", new(e.WindowMinutes)}
	}
	if out.Target.RetryPolicy == nil {
		out.Target.RetryPolicy = &retryPolicy{new(int(defaultAge.Seconds())), new(defaultAttempts)}
	}
	return out, nil
}

func moment(t time.Time) *instant {
	if t.IsZero() {
		return nil
	}
	return &instant{t}
}

func (e *entry) state() string {
	if e.Disabled {
		return "DISABLED"
	}
	return "ENABLED"
}

type listedSchedule struct {
	Arn, GroupName, Name, State        string
	CreationDate, LastModificationDate instant
	Target                             struct{ Arn string }
}

type schedulesOutput struct {
	Schedules []listedSchedule
	NextToken string `json:",omitempty"`
}

func (s *Service) listSchedules(c wire.Call, _ wire.None) (any, error) {
	groupName, prefix, state := c.Query.Get("ScheduleGroup"), c.Query.Get("NamePrefix"), c.Query.Get("State")
	s.mu.Lock()
	defer s.mu.Unlock()
	if groupName != "" {
		if err := s.checkGroup(c.Scope, groupName); err != nil {
			return nil, err
		}
	}
	list := []listedSchedule{}
	for _, key := range slices.Sorted(maps.Keys(s.schedules)) {
		e := s.schedules[key]
		if e.Scope != c.Scope || groupName != "" && e.Group != groupName || state != "" && e.state() != state || !strings.HasPrefix(e.Name, prefix) {
			continue
		}
		list = append(list, listedSchedule{
			Arn: e.arn(), GroupName: e.Group, Name: e.Name, State: e.state(), CreationDate: instant{e.Created}, LastModificationDate: instant{e.Modified},
			Target: struct{ Arn string }{e.Target.Arn},
		})
	}
	list, next, err := wire.Page(protocol(), paging(), list, c.Query)
	return schedulesOutput{list, next}, err
}
