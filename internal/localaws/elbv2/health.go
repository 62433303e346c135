// SPDX-License-Identifier: MIT

package elbv2

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/httpevent"
)

// wellbeing is how a target is, as DescribeTargetHealth shows it.
type wellbeing struct {
	State       string
	Reason      string `xml:",omitempty"`
	Description string `xml:",omitempty"`
}

// check sends health checks to the target of a target group.
type check struct {
	settings health
	target   string
	stop     context.CancelFunc

	mu   sync.Mutex
	now  wellbeing
	good int // results in a row
	bad  int
}

func newCheck(settings health, target string) *check {
	return &check{settings: settings, target: target, now: wellbeing{"initial", "Elb.InitialHealthChecking", "Initial health checks in progress"}}
}

// watch starts and ends checks, so that those run which the state asks for: of
// target groups with a target that a load balancer leads to. s.mu is held.
func (s *Service) watch() {
	for groupARN, c := range maps.Clone(s.checks) {
		g := s.groups[groupARN]
		if s.closed || g == nil || g.Settings.Health != c.settings || g.Settings.Target != c.target || len(s.usersOf(groupARN)) == 0 {
			c.stop()
			delete(s.checks, groupARN)
		}
	}
	for groupARN, g := range s.groups {
		if s.closed || s.checks[groupARN] != nil || !g.Settings.Health.Enabled || g.Settings.Target == "" || len(s.usersOf(groupARN)) == 0 {
			continue
		}
		c := newCheck(g.Settings.Health, g.Settings.Target)
		var ctx context.Context
		ctx, c.stop = context.WithCancel(context.Background())
		s.checks[groupARN] = c
		s.work.Go(func() { s.attend(ctx, groupARN, c) })
	}
}

// attend checks at once, and then after each interval.
func (s *Service) attend(ctx context.Context, groupARN string, c *check) {
	ticker := time.NewTicker(time.Duration(c.settings.Interval) * time.Second)
	defer ticker.Stop()
	for ctx.Err() == nil {
		s.mu.Lock()
		g := s.groups[groupARN]
		s.mu.Unlock()
		if g == nil {
			return
		}
		c.note(s.examine(g))
		select {
		case <-ctx.Done():
		case <-ticker.C:
		}
	}
}

// examine sends the event of a health check, and returns the status that the
// function answers with.
func (s *Service) examine(g *group) (int, error) {
	h := g.Settings.Health
	path, query, _ := strings.Cut(h.Path, "?")
	e := newEvent(g, "GET", path, query, map[string][]string{"user-agent": {"ELB-HealthChecker/2.0"}}, nil)
	a, err := s.call(g, e, httpevent.NewTrace(s.env.Now()), time.Duration(h.Timeout)*time.Second)
	return a.status, err
}

// note takes the result of one check. The first good one makes a new target
// healthy; later ones count as the thresholds say ("Health checks for
// Application Load Balancer target groups").
func (c *check) note(status int, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if err == nil && c.settings.matches(status) {
		c.good, c.bad = c.good+1, 0
		if c.now.State == "initial" || c.good >= c.settings.Healthy {
			c.now = wellbeing{State: "healthy"}
		}
		return
	}
	c.good, c.bad = 0, c.bad+1
	if c.bad < c.settings.Unhealthy {
		return
	}
	c.now = wellbeing{"unhealthy", "Target.ResponseCodeMismatch", fmt.Sprintf("Health checks failed with these codes: [%d]", status)}
	switch {
	case errors.Is(err, gateway.ErrTimeout):
		c.now.Reason, c.now.Description = "Target.Timeout", "Request timed out"
	case err != nil:
		c.now.Reason, c.now.Description = "Target.FailedHealthChecks", "Health checks failed"
	}
}

func (c *check) state() wellbeing {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// wellbeing returns the condition of the target of a target group; s.mu is held.
func (s *Service) wellbeing(g *group) wellbeing {
	switch c := s.checks[g.arn()]; {
	case len(s.usersOf(g.arn())) == 0:
		return wellbeing{"unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"}
	case c != nil:
		return c.state()
	}
	return wellbeing{"unavailable", "Target.HealthCheckDisabled", "Health checks are not enabled for this target"}
}
