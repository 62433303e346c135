// SPDX-License-Identifier: MIT

package codedeploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rs/zerolog"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/service"
	"github.com/sparta-up/sparta/internal/localaws/store"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

var here = arn.Scope{Partition: "aws", Account: "000000000000", Region: "us-east-1"}

const role = "arn:aws:iam::000000000000:role/deploy"

// cloud is what CodeDeploy finds around it: one alias, hooks and alarms.
type cloud struct {
	mu      sync.Mutex
	start   time.Time
	version string
	log     []string // "<seconds> <version> <other>=<share>" and "<seconds> call <function>"
	alarms  map[string]string
	hook    func(s *Service, function, deployment, execution string) error
	notices []string
	service *Service
}

func (c *cloud) AliasVersion(_ arn.Scope, function, alias string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if function != "hello" || alias != "live" {
		return "", wire.Errorf(404, "ResourceNotFoundException", "Cannot find alias %s:%s", function, alias)
	}
	return c.version, nil
}

func (c *cloud) ShiftAlias(_ arn.Scope, _, _, version, other string, share float64) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.version = version
	c.note("%s %s=%.1f", version, other, share)
	return nil
}

// note logs with the seconds since the start.
func (c *cloud) note(format string, args ...any) {
	c.log = append(c.log, fmt.Sprintf("%.0f ", time.Since(c.start).Seconds())+fmt.Sprintf(format, args...))
}

func (c *cloud) invoke(_ context.Context, _ arn.Scope, function string, payload []byte) error {
	var event struct{ DeploymentID, LifecycleEventHookExecutionID string }
	if err := json.Unmarshal(payload, &event); err != nil {
		return err
	}
	c.mu.Lock()
	c.note("call %s", function)
	c.mu.Unlock()
	return c.hook(c.service, function, event.DeploymentID, event.LifecycleEventHookExecutionID)
}

func (c *cloud) alarm(_ arn.Scope, name string) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	state, there := c.alarms[name]
	return state, there
}

func (c *cloud) raise(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.alarms[name] = "ALARM"
}

// open opens a service with the application "app".
func (c *cloud) open(t *testing.T, dir string) *Service {
	t.Helper()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if c.hook == nil {
		c.hook = tell("Succeeded")
	}
	c.start = time.Now()
	s, err := New(service.Env{Default: here, Store: st, Now: time.Now, Log: zerolog.Nop()}, Deps{
		Aliases: c, Invoke: c.invoke, AlarmState: c.alarm,
		Assumable: func(_ arn.Scope, arn, principal, source string) error {
			if arn != role || principal != "codedeploy.amazonaws.com" || !strings.Contains(source, ":deploymentgroup:") {
				return errors.New("no")
			}
			return nil
		},
		Notice: func(text string) { c.notices = append(c.notices, text) },
	})
	if err != nil {
		t.Fatal(err)
	}
	c.service = s
	t.Cleanup(func() {
		if err := errors.Join(s.Close(context.Background()), st.Close()); err != nil {
			t.Error(err)
		}
	})
	return s
}

// tell returns a hook that tells a status.
func tell(status string) func(*Service, string, string, string) error {
	return func(s *Service, _, deployment, execution string) error {
		_, err := s.putHookStatus(here, hookStatusInput{deployment, execution, status})
		return err
	}
}

func addGroup(t *testing.T, s *Service, in groupInput) {
	t.Helper()
	if _, err := s.addApplication(here, "app", "Lambda", nil); err != nil {
		t.Fatal(err)
	}
	in.ApplicationName, in.DeploymentGroupName, in.ServiceRoleArn, in.DeploymentStyle = "app", "group", new(role), new(trafficStyle())
	if _, err := s.createGroup(here, createGroupInput{groupInput: in}); err != nil {
		t.Fatal(err)
	}
}

var order = Order{Scope: here, Application: "app", Group: "group", Function: "hello", Alias: "live", Target: "2", Creator: "CloudFormation"}

// rolling is a group that rolls back whatever happens.
func rolling(config string, names ...string) groupInput {
	in := groupInput{DeploymentConfigName: &config, AutoRollbackConfiguration: &autoRollback{true, []string{onFailure, onAlarm, onRequest}}}
	if len(names) > 0 {
		in.AlarmConfiguration = &alarms{Enabled: true}
		for _, name := range names {
			in.AlarmConfiguration.Alarms = append(in.AlarmConfiguration.Alarms, alarmName{name})
		}
	}
	return in
}

func (s *Service) last(t *testing.T) deploymentInfo {
	t.Helper()
	list, err := s.listDeployments(here, listDeploymentsInput{ApplicationName: "app", DeploymentGroupName: "group"})
	if err != nil || len(list.Deployments) == 0 {
		t.Fatalf("deployments %v, %v", list, err)
	}
	out, err := s.getDeployment(here, deploymentInput{list.Deployments[0]})
	if err != nil {
		t.Fatal(err)
	}
	return out.DeploymentInfo
}

// How the traffic goes over, second by second; a minute takes a second.
func TestShifts(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		config string
		want   []string
	}{
		{"", []string{"0 2 =0.0"}},
		{"CodeDeployDefault.LambdaAllAtOnce", []string{"0 2 =0.0"}},
		{"CodeDeployDefault.LambdaCanary10Percent5Minutes", []string{"0 1 2=0.1", "5 2 =0.0"}},
		{"CodeDeployDefault.LambdaCanary10Percent30Minutes", []string{"0 1 2=0.1", "30 2 =0.0"}},
		{"CodeDeployDefault.LambdaLinear10PercentEvery2Minutes", []string{
			"0 1 2=0.1", "2 1 2=0.2", "4 1 2=0.3", "6 1 2=0.4", "8 1 2=0.5", "10 1 2=0.6", "12 1 2=0.7", "14 1 2=0.8", "16 1 2=0.9", "18 2 =0.0"}},
	} {
		t.Run(test.config, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{version: "1"}
				s := c.open(t, t.TempDir())
				addGroup(t, s, groupInput{DeploymentConfigName: &test.config})
				if err := s.Deploy(t.Context(), order); err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(test.want, c.log); diff != "" {
					t.Errorf("log (-want +got):\n%s", diff)
				}
				if d := s.last(t); d.Status != "Succeeded" || d.Creator != "CloudFormation" || d.CompleteTime == nil || d.ErrorInformation != nil {
					t.Errorf("deployment %+v", d)
				}
				if stepwise := len(test.want) > 1; stepwise != (len(c.notices) == 1 && strings.Contains(c.notices[0], " min on AWS takes ")) {
					t.Errorf("notices %q", c.notices)
				}
			})
		})
	}
}

// Hooks are called before and after, and what ends a deployment rolls it back.
func TestEnds(t *testing.T) {
	t.Parallel()
	const linear = "CodeDeployDefault.LambdaLinear10PercentEvery1Minute"
	hooks := func(o *Order) { o.BeforeTraffic, o.AfterTraffic = "before", "after" }
	for _, test := range []struct {
		name  string
		group groupInput
		edit  func(*Order)
		hook  func(*Service, string, string, string) error
		at    func(c *cloud, s *Service) // runs after two and a quarter seconds
		log   []string
		text  string // of the error; "" for none
		info  string // status, code and whether it was rolled back
	}{
		{"hooks", rolling(allAtOnce), hooks, nil, nil, []string{"0 call before", "0 2 =0.0", "0 call after"}, "", "Succeeded"},
		{"before fails", rolling(allAtOnce), hooks, tell("Failed"), nil, []string{"0 call before", "0 1 =0.0"},
			"failed: The hook BeforeAllowTraffic (before) told the status Failed (Error code: HOOK_EXECUTION_FAILURE); rollback successful", "Failed HOOK_EXECUTION_FAILURE rolled back"},
		{"after fails", rolling(allAtOnce), func(o *Order) { o.AfterTraffic = "after" }, tell("Failed"), nil, []string{"0 2 =0.0", "0 call after", "0 1 =0.0"},
			"told the status Failed", "Failed HOOK_EXECUTION_FAILURE rolled back"},
		{"no automatic rollback", groupInput{}, func(o *Order) { o.AfterTraffic = "after" }, tell("Failed"), nil, []string{"0 2 =0.0", "0 call after"},
			"(Error code: HOOK_EXECUTION_FAILURE)", "Failed HOOK_EXECUTION_FAILURE"},
		{"function fails", rolling(allAtOnce), hooks, func(*Service, string, string, string) error { return errors.New("panic: no") }, nil,
			[]string{"0 call before", "0 1 =0.0"}, "The function of the hook BeforeAllowTraffic failed: panic: no", "Failed HOOK_EXECUTION_FAILURE rolled back"},
		{"says nothing", rolling(allAtOnce), hooks, func(*Service, string, string, string) error { return nil }, nil,
			[]string{"0 call before", "60 1 =0.0"}, "has not told its status within a minute", "Failed HOOK_EXECUTION_FAILURE rolled back"},
		{"alarm", rolling(linear, "quiet", "errors"), nil, nil, func(c *cloud, _ *Service) { c.raise("errors") },
			[]string{"0 1 2=0.1", "1 1 2=0.2", "2 1 2=0.3", "2 1 =0.0"}, "Activated alarms: errors (Error code: ALARM_ACTIVE); rollback successful", "Stopped ALARM_ACTIVE rolled back"},
		{"alarm from the start", rolling(linear, "raised"), nil, nil, nil, []string{"0 1 =0.0"}, "Activated alarms: raised", "Stopped ALARM_ACTIVE rolled back"},
		{"no such alarm", rolling(linear, "lost"), nil, nil, nil, []string{"0 1 =0.0"}, "there is no such alarm", "Stopped ALARM_ACTIVE rolled back"},
		{"stopped", rolling(linear), nil, nil, func(_ *cloud, s *Service) {
			if _, err := s.stopDeployment(here, stopInput{DeploymentID: s.deployments[0].ID}); err != nil {
				panic(err)
			}
		}, []string{"0 1 2=0.1", "1 1 2=0.2", "2 1 2=0.3", "2 1 =0.0"}, "stopped: The deployment was stopped by the user (Error code: MANUAL_STOP)", "Stopped MANUAL_STOP rolled back"},
		{"client gone", groupInput{DeploymentConfigName: new(linear)}, nil, nil, nil, []string{"0 1 2=0.1", "1 1 2=0.2", "2 1 2=0.3", "2 1 =0.0"},
			"the update was cancelled", "Stopped MANUAL_STOP rolled back"},
		{"closed", groupInput{DeploymentConfigName: new(linear)}, nil, nil, func(_ *cloud, s *Service) { s.stop(errClosed) },
			[]string{"0 1 2=0.1", "1 1 2=0.2", "2 1 2=0.3", "2 1 =0.0"}, "shutting down", "Stopped MANUAL_STOP rolled back"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				c := &cloud{version: "1", hook: test.hook, alarms: map[string]string{"quiet": "OK", "errors": "INSUFFICIENT_DATA", "raised": "ALARM"}}
				s := c.open(t, t.TempDir())
				addGroup(t, s, test.group)
				o := order
				if test.edit != nil {
					test.edit(&o)
				}
				ctx, cancel := context.WithCancelCause(t.Context())
				defer cancel(nil)
				if test.name == "client gone" {
					time.AfterFunc(2250*time.Millisecond, func() { cancel(errors.New("the update was cancelled by the user")) })
				}
				if test.at != nil {
					time.AfterFunc(2250*time.Millisecond, func() { test.at(c, s) })
				}
				err := s.Deploy(ctx, o)
				if (err == nil) != (test.text == "") || err != nil && !strings.Contains(err.Error(), test.text) {
					t.Errorf("got %v, want ...%s...", err, test.text)
				}
				if diff := cmp.Diff(test.log, c.log); diff != "" {
					t.Errorf("log (-want +got):\n%s", diff)
				}
				d, err := s.getDeployment(here, deploymentInput{s.deployments[0].ID})
				if err != nil {
					t.Fatal(err)
				}
				got := d.DeploymentInfo.Status
				if e := d.DeploymentInfo.ErrorInformation; e != nil {
					got += " " + e.Code
				}
				if r := d.DeploymentInfo.RollbackInfo; r != nil {
					got += " rolled back"
					if back := s.last(t); back.DeploymentID != r.RollbackDeploymentID || back.RollbackInfo.RollbackTriggeringDeploymentID != d.DeploymentInfo.DeploymentID ||
						back.Creator != "codeDeployRollback" || back.Status != "Succeeded" {
						t.Errorf("rollback %+v", back)
					}
				}
				if got != test.info {
					t.Errorf("deployment is %s, want %s", got, test.info)
				}
			})
		})
	}
}

// One deployment of an alias at a time; what it waits for is what counts.
func TestConflicts(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := &cloud{version: "1"}
		executions := make(chan string, 1)
		c.hook = func(_ *Service, _, _, execution string) error { executions <- execution; return nil }
		s := c.open(t, t.TempDir())
		addGroup(t, s, rolling(allAtOnce))
		o := order
		o.BeforeTraffic = "before"
		done := make(chan error, 1)
		go func() { done <- s.Deploy(t.Context(), o) }()
		execution := <-executions
		if err := s.Deploy(t.Context(), order); err == nil || !strings.Contains(err.Error(), "A conflicting deployment is in progress") {
			t.Errorf("a second deployment: %v", err)
		}
		id := s.last(t).DeploymentID
		for _, test := range []struct{ id, execution, status, want string }{
			{"d-NOSUCH", execution, "Succeeded", "DeploymentDoesNotExistException"},
			{id, "other", "Succeeded", "InvalidLifecycleEventHookExecutionIdException"},
			{id, execution, "Fine", "InvalidLifecycleEventHookExecutionStatusException"},
			{id, execution, "Succeeded", ""},
		} {
			_, err := s.putHookStatus(here, hookStatusInput{test.id, test.execution, test.status})
			if (err == nil) != (test.want == "") || err != nil && !strings.HasPrefix(err.Error(), test.want) {
				t.Errorf("%+v: got %v", test, err)
			}
		}
		if err := <-done; err != nil {
			t.Error(err)
		}
		_, err := s.putHookStatus(here, hookStatusInput{id, execution, "Failed"})
		if err == nil || !strings.HasPrefix(err.Error(), "LifecycleEventAlreadyCompletedException") {
			t.Errorf("after the end: %v", err)
		}
		if _, err := s.stopDeployment(here, stopInput{DeploymentID: id}); err == nil || !strings.HasPrefix(err.Error(), "DeploymentAlreadyCompletedException") {
			t.Errorf("stop after the end: %v", err)
		}
		lost := order
		lost.Alias = "nosuch"
		if err := s.Deploy(t.Context(), lost); err == nil || !strings.Contains(err.Error(), "Cannot find alias") {
			t.Errorf("no such alias: %v", err)
		}
		lost = order
		lost.Group = "nosuch"
		if err := s.Deploy(t.Context(), lost); err == nil || !strings.Contains(err.Error(), "No Deployment Group found for name: nosuch") {
			t.Errorf("no such group: %v", err)
		}
	})
}

// Of a deployment that a killed process left, the next one says that it failed.
func TestReopen(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	st, err := store.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	st.Register(document, func() ([]byte, error) {
		return json.Marshal(state{
			Applications: []*application{{Scope: here, Name: "app", Groups: map[string]*group{"group": {Name: "group", Config: allAtOnce, Role: role}}}},
			Deployments:  []*deployment{{Scope: here, ID: "d-1", Config: allAtOnce, Order: order, Status: "InProgress"}},
		})
	})
	st.Changed(document)
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	c := &cloud{version: "1"}
	s := c.open(t, dir)
	if d := s.last(t); d.Status != "Failed" || d.ErrorInformation.Code != "INTERNAL_ERROR" {
		t.Errorf("got %+v", d)
	}
	if err := s.Deploy(t.Context(), order); err != nil {
		t.Error(err)
	}
}
