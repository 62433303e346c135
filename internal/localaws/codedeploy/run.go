// SPDX-License-Identifier: MIT

package codedeploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"
)

// failure is why a deployment ended before its time, with the code that
// GetDeployment shows.
type failure struct {
	code, message string
	event         string // of an automatic rollback; "" rolls back in any case
	stopped       bool   // it was stopped, and has not failed by itself
}

// Error returns the message.
func (f *failure) Error() string { return f.message }

// Deploy shifts the traffic of an alias to another version, as its group says,
// and waits for the end of it. If ctx ends, the deployment is stopped and the
// alias goes back.
func (s *Service) Deploy(ctx context.Context, o Order) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(s.stopped, func() { cancel(errClosed) })()
	d, g, err := s.begin(o, cancel)
	if err != nil {
		return err
	}
	defer s.work.Done()
	if err = s.permitted(d, g); err == nil {
		err = s.carryOut(ctx, d, g.Alarms, cancel)
	}
	return s.conclude(d, g, err)
}

// carryOut performs a deployment while its alarms are quiet.
func (s *Service) carryOut(ctx context.Context, d *deployment, a alarms, cancel context.CancelCauseFunc) error {
	_, c, err := configOf(d.Config)
	if err != nil {
		return err
	}
	s.tell(d, c)
	var watching sync.WaitGroup
	defer watching.Wait()
	watch, end := context.WithCancel(ctx)
	defer end()
	if a.Enabled {
		if err := s.raised(d, a); err != nil {
			return err
		}
		watching.Go(func() { s.watch(watch, d, a, cancel) })
	}
	err = s.perform(ctx, d, c)
	if err == nil || ctx.Err() == nil {
		return err
	}
	if why, ok := errors.AsType[*failure](context.Cause(ctx)); ok {
		return why
	}
	return &failure{code: "MANUAL_STOP", message: "The deployment was stopped: " + context.Cause(ctx).Error(), stopped: true}
}

// tell notes how long a deployment takes here.
func (s *Service) tell(d *deployment, c config) {
	if n := len(c.shares()); n > 0 {
		s.deps.Notice(fmt.Sprintf("CodeDeploy shifts the traffic of %s:%s by %s: what takes %d min on AWS takes %d s here",
			d.Order.Function, d.Order.Alias, strings.TrimPrefix(d.Config, "CodeDeployDefault."), n*c.minutes, n*c.minutes))
	}
}

// perform takes the steps of a deployment.
func (s *Service) perform(ctx context.Context, d *deployment, c config) error {
	steps := []struct {
		name string
		do   func() error
	}{
		{"BeforeAllowTraffic", func() error { return s.call(ctx, d, "BeforeAllowTraffic", d.Order.BeforeTraffic) }},
		{"AllowTraffic", func() error { return s.allow(ctx, d, c) }},
		{"AfterAllowTraffic", func() error { return s.call(ctx, d, "AfterAllowTraffic", d.Order.AfterTraffic) }},
	}
	for _, step := range steps {
		if step.name == "BeforeAllowTraffic" && d.Order.BeforeTraffic == "" || step.name == "AfterAllowTraffic" && d.Order.AfterTraffic == "" {
			continue
		}
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		s.enter(d, step.name)
		err := step.do()
		s.leave(d, err)
		if err != nil {
			return err
		}
	}
	return nil
}

// allow shifts the traffic.
func (s *Service) allow(ctx context.Context, d *deployment, c config) error {
	for _, share := range c.shares() {
		if err := s.shift(d, share); err != nil {
			return err
		}
		select {
		case <-time.After(time.Duration(c.minutes) * minute):
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return s.shift(d, 100)
}

// pollAlarms is how often alarms are looked at.
const pollAlarms = 100 * time.Millisecond

// watch stops a deployment when an alarm of its group is raised.
func (s *Service) watch(ctx context.Context, d *deployment, a alarms, stop context.CancelCauseFunc) {
	tick := time.NewTicker(pollAlarms)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if err := s.raised(d, a); err != nil {
			stop(err)
			return
		}
	}
}

// raised returns the failure of a deployment one of whose alarms is raised, or
// cannot be looked at.
func (s *Service) raised(d *deployment, a alarms) error {
	var on []string
	for _, alarm := range a.Alarms {
		state, there := "", false
		if s.deps.AlarmState != nil {
			state, there = s.deps.AlarmState(d.Scope, alarm.Name)
		}
		switch {
		case there && state == "ALARM":
			on = append(on, alarm.Name)
		case !there && !a.IgnorePollAlarmFailure:
			return &failure{code: "ALARM_ACTIVE", event: onAlarm, stopped: true,
				message: "The state of the alarm " + alarm.Name + " cannot be told: there is no such alarm"}
		}
	}
	if len(on) == 0 {
		return nil
	}
	slices.Sort(on)
	return &failure{code: "ALARM_ACTIVE", event: onAlarm, stopped: true,
		message: "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, and the affected deployments have been stopped. Activated alarms: " + strings.Join(on, ", ")}
}

// conclude ends a deployment, rolls it back if its group wants that or its
// client went away, and returns what the client is told.
func (s *Service) conclude(d *deployment, g group, err error) error {
	if err == nil {
		s.end(d, "Succeeded", "", "")
		return nil
	}
	why, ok := errors.AsType[*failure](err)
	if !ok {
		why = &failure{code: "INVALID_LAMBDA_CONFIGURATION", message: err.Error(), event: onFailure}
	}
	status := "Failed"
	if why.stopped {
		status = "Stopped"
	}
	s.end(d, status, why.code, why.message)
	text := fmt.Sprintf("CodeDeploy deployment %s %s: %s (Error code: %s)", d.ID, strings.ToLower(status), why.message, why.code)
	if why.event != "" && !g.Rollback.after(why.event) {
		return errors.New(text)
	}
	if back := s.rollBack(d); back != nil {
		return fmt.Errorf("%s; rollback: %w", text, back)
	}
	return errors.New(text + "; rollback successful")
}

func (s *Service) end(d *deployment, status, code, message string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Status, d.Code, d.Message, d.Ended, d.cancel, d.hook = status, code, message, s.env.Now(), nil, nil
	s.changed()
}

// rollBack has the alias lead to the version from before a deployment, which is
// a deployment of its own.
func (s *Service) rollBack(d *deployment) error {
	err := s.deps.Aliases.ShiftAlias(d.Scope, d.Order.Function, d.Order.Alias, d.From, "", 0)
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.env.Now()
	back := &deployment{
		Scope: d.Scope, ID: deploymentID(), Config: allAtOnce, From: d.Order.Target, Status: "Succeeded",
		Created: now, Started: now, Ended: now, Share: 100, Trigger: d.ID,
		Order: Order{Application: d.Order.Application, Group: d.Order.Group, Function: d.Order.Function, Alias: d.Order.Alias, Target: d.From, Creator: "codeDeployRollback"},
	}
	if err != nil {
		back.Status, back.Code, back.Message = "Failed", "INVALID_LAMBDA_CONFIGURATION", err.Error()
	}
	d.Rollback, d.RollbackNote = back.ID, "The deployment was rolled back by "+back.ID
	s.remember(back)
	return err
}
