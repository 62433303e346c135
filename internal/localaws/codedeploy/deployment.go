// SPDX-License-Identifier: MIT

package codedeploy

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// deployment shifts the traffic of an alias from one version to another. What is
// not in its Order changes, guarded by Service.mu.
type deployment struct {
	Scope  arn.Scope
	ID     string
	Config string
	Order  Order
	From   string // version

	Status                  string
	Code, Message           string // why it failed
	Created, Started, Ended time.Time
	Share                   int               // of the traffic that the new version has, in percent
	Steps                   []*lifecycleEvent `json:",omitempty"`
	Trigger                 string            `json:",omitempty"` // id of the deployment that this one rolls back
	Rollback                string            `json:",omitempty"` // id of the deployment that rolls this one back
	RollbackNote            string            `json:",omitempty"`

	hook   *hook // the one that is waited for
	cancel context.CancelCauseFunc
}

// Order is what is to be deployed.
type Order struct {
	Scope                       arn.Scope `json:"-"`
	Application, Group          string
	Function, Alias, Target     string // Target is a version
	BeforeTraffic, AfterTraffic string // functions; "" for none
	Creator                     string // such as CloudFormation
}

// lifecycleEvent is a step of a deployment, as targets show it.
type lifecycleEvent struct {
	Name       string
	Status     string
	Start, End time.Time
}

func (d *deployment) underWay() bool {
	switch d.Status {
	case "Succeeded", "Failed", "Stopped":
		return false
	}
	return true
}

// same reports whether two orders are for one alias.
func (o Order) same(other Order) bool { return o.Function == other.Function && o.Alias == other.Alias }

// kept is how many deployments are remembered.
const kept = 100

// deploymentID returns a new id, such as d-9GY7AQK2D.
func deploymentID() string { return "d-" + rand.Text()[:9] }

// remember adds a deployment to the list; s.mu is held.
func (s *Service) remember(d *deployment) {
	s.deployments = append(s.deployments, d)
	if len(s.deployments) > kept && !s.deployments[0].underWay() {
		s.deployments = s.deployments[1:]
	}
	s.changed()
}

// deployment returns the deployment of an id; s.mu is held.
func (s *Service) deployment(scope arn.Scope, id string) (*deployment, error) {
	if id == "" {
		return nil, wire.Errorf(400, "DeploymentIdRequiredException", "Deployment ID is missing.")
	}
	for _, d := range s.deployments {
		if d.ID == id && d.Scope == scope {
			return d, nil
		}
	}
	return nil, wire.Errorf(400, "DeploymentDoesNotExistException", "The deployment %s could not be found", id)
}

// begin enters a deployment into the books, with the alarms of its group.
func (s *Service) begin(o Order, cancel context.CancelCauseFunc) (*deployment, group, error) {
	from, err := s.deps.Aliases.AliasVersion(o.Scope, o.Function, o.Alias)
	if err != nil {
		return nil, group{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, g, err := s.group(o.Scope, o.Application, o.Group)
	if err != nil {
		return nil, group{}, err
	}
	if s.stopped.Err() != nil {
		return nil, group{}, wire.Errorf(503, "ServiceUnavailable", "%v", errClosed)
	}
	for _, other := range s.deployments {
		if other.underWay() && other.Scope == o.Scope && other.Order.same(o) {
			return nil, group{}, wire.Errorf(400, "DeploymentLimitExceededException", "A conflicting deployment is in progress: %s", other.ID)
		}
	}
	now := s.env.Now()
	d := &deployment{
		Scope: o.Scope, ID: deploymentID(), Config: g.Config, Order: o, From: from,
		Status: "InProgress", Created: now, Started: now, cancel: cancel,
	}
	s.remember(d)
	s.work.Add(1)
	return d, *g, nil
}

// enter begins a step of a deployment.
func (s *Service) enter(d *deployment, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Steps = append(d.Steps, &lifecycleEvent{Name: name, Status: "InProgress", Start: s.env.Now()})
	s.changed()
}

// leave ends the step under way.
func (s *Service) leave(d *deployment, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := d.Steps[len(d.Steps)-1]
	last.Status, last.End = "Succeeded", s.env.Now()
	if err != nil {
		last.Status = "Failed"
	}
	s.changed()
}

// shift gives the new version a share of the traffic, in percent.
func (s *Service) shift(d *deployment, share int) error {
	var err error
	if share == 100 {
		err = s.deps.Aliases.ShiftAlias(d.Scope, d.Order.Function, d.Order.Alias, d.Order.Target, "", 0)
	} else {
		err = s.deps.Aliases.ShiftAlias(d.Scope, d.Order.Function, d.Order.Alias, d.From, d.Order.Target, float64(share)/100)
	}
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Share = share
	s.changed()
	return nil
}
