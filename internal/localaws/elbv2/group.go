// SPDX-License-Identifier: MIT

package elbv2

import (
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/lazy"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// group is a target group of functions, of which it holds one at most.
type group struct {
	Scope    arn.Scope
	Name, ID string
	Settings groupSettings
}

// groupSettings is what a template says of a target group.
type groupSettings struct {
	Health     health
	Target     string            `json:",omitempty"` // ARN of the function, version or alias
	Attributes map[string]string `json:",omitempty"` // those that are set
	Tags       map[string]string `json:",omitempty"`
}

// health is how a load balancer checks that a function is well.
type health struct {
	Enabled            bool
	Path               string
	Interval, Timeout  int // seconds
	Healthy, Unhealthy int // results in a row
	Codes              string
}

// newHealth returns the settings of target groups with functions that say
// nothing ("Use Lambda functions as targets of an Application Load Balancer").
func newHealth() health {
	return health{Path: "/", Interval: 35, Timeout: 30, Healthy: 5, Unhealthy: 2, Codes: "200"}
}

func (g *group) fullName() string { return "targetgroup/" + g.Name + "/" + g.ID }

func (g *group) arn() string { return g.Scope.Regional(signing, g.fullName()) }

func (g *group) multiValue() bool { return g.Settings.Attributes[multiValue] == "true" }

var (
	groupName = lazy.MustCompile(`^[A-Za-z0-9-]{1,32}$`)
	codeList  = lazy.MustCompile(`^[2-4]\d\d(-[2-4]\d\d)?(,[2-4]\d\d(-[2-4]\d\d)?)*$`)
)

func checkGroupName(name string) error {
	switch {
	case len(name) > 32:
		return invalid("Target group name '%s' cannot be longer than '32' characters", name)
	case !groupName.MatchString(name):
		return invalid("Target group name '%s' can only contain characters that are alphanumeric characters or hyphens(-)", name)
	case strings.HasPrefix(name, "-") || strings.HasSuffix(name, "-"):
		return invalid("Target group name '%s' cannot begin or end with '-'", name)
	}
	return nil
}

func (h health) check() error {
	switch {
	case !strings.HasPrefix(h.Path, "/") || len(h.Path) > 1024:
		return invalid("Health check path '%s' must begin with a '/' character and be at most 1024 characters long", h.Path)
	case h.Timeout >= h.Interval:
		return invalid("Health check timeout '%d' must be smaller than the interval '%d'", h.Timeout, h.Interval)
	case !codeList.MatchString(h.Codes):
		return invalid("Health check matcher HTTP code '%s' must be within '200-499' inclusive", h.Codes)
	}
	return nil
}

// matches reports whether a status is one of the codes of good answers.
func (h health) matches(status int) bool {
	for part := range strings.SplitSeq(h.Codes, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		low, errLow := strconv.Atoi(first)
		high, errHigh := strconv.Atoi(last)
		if errLow == nil && errHigh == nil && low <= status && status <= high {
			return true
		}
	}
	return false
}

func (g groupSettings) check() error {
	if err := checkGroupAttributes(g.Attributes); err != nil {
		return err
	}
	return g.Health.check()
}

// createGroup makes a target group with its target; s.mu is held.
func (s *Service) createGroup(scope arn.Scope, name string, settings groupSettings) (*group, error) {
	if err := checkGroupName(name); err != nil {
		return nil, err
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	for _, other := range s.groups {
		if other.Scope == scope && other.Name == name {
			return nil, wire.Errorf(400, "DuplicateTargetGroupName", "A target group with the same name '%s' exists, but with different settings", name)
		}
	}
	g := &group{Scope: scope, Name: name, ID: newID(), Settings: settings}
	if err := s.checkTarget(g, settings.Target); err != nil {
		return nil, err
	}
	s.groups[g.arn()] = g
	s.changed()
	return g, nil
}

// updateGroup gives a target group other settings; s.mu is held.
func (s *Service) updateGroup(groupARN string, settings groupSettings) (*group, error) {
	g := s.groups[groupARN]
	if g == nil {
		return nil, noGroup(groupARN)
	}
	if err := settings.check(); err != nil {
		return nil, err
	}
	if settings.Target != g.Settings.Target {
		if err := s.checkTarget(g, settings.Target); err != nil {
			return nil, err
		}
	}
	next := *g
	next.Settings = settings
	s.groups[groupARN] = &next
	s.changed()
	return &next, nil
}

// checkTarget reports why a function cannot be a target: it has to be one of the
// account and the Region, and to let the target group in when it is registered.
func (s *Service) checkTarget(g *group, target string) error {
	if target == "" {
		return nil
	}
	a, ok := arn.Parse(target)
	if !ok || a.Service != "lambda" || !strings.HasPrefix(a.Resource, "function:") || a.Account != g.Scope.Account || a.Region != g.Scope.Region {
		return wire.Errorf(400, "InvalidTarget", "The target '%s' is not a Lambda function of the account and the Region of the target group", target)
	}
	if !s.deps.Functions.Permits(g.Scope, target, principal, g.arn()) {
		return wire.Errorf(403, "AccessDenied", "%s principal does not have permission to invoke %s from target group %s", signing, target, g.arn())
	}
	return nil
}

// deleteGroup removes a target group that nothing refers to; s.mu is held.
func (s *Service) deleteGroup(groupARN string) error {
	if s.groups[groupARN] == nil {
		return nil
	}
	if len(s.usersOf(groupARN)) > 0 {
		return wire.Errorf(400, "ResourceInUse", "Target group '%s' is currently in use by a listener or a rule", groupARN)
	}
	delete(s.groups, groupARN)
	s.changed()
	return nil
}
