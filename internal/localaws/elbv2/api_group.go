// SPDX-License-Identifier: MIT

package elbv2

import (
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

func sortedKeys(m map[string]string) []string { return slices.Sorted(maps.Keys(m)) }

type groupOutput struct {
	TargetGroupArn, TargetGroupName, TargetType           string
	HealthCheckEnabled                                    bool
	HealthCheckIntervalSeconds, HealthCheckTimeoutSeconds int
	HealthyThresholdCount, UnhealthyThresholdCount        int
	HealthCheckPath                                       string
	Matcher                                               struct{ HttpCode string }
	LoadBalancerArns                                      members[string]
	IpAddressType                                         string
}

// shownGroup returns a target group as the API shows it; s.mu is held.
func (s *Service) shownGroup(g *group) groupOutput {
	h := g.Settings.Health
	out := groupOutput{
		TargetGroupArn: g.arn(), TargetGroupName: g.Name, TargetType: "lambda", HealthCheckEnabled: h.Enabled,
		HealthCheckIntervalSeconds: h.Interval, HealthCheckTimeoutSeconds: h.Timeout, HealthyThresholdCount: h.Healthy,
		UnhealthyThresholdCount: h.Unhealthy, HealthCheckPath: h.Path, LoadBalancerArns: members[string]{s.usersOf(g.arn())}, IpAddressType: "ipv4",
	}
	out.Matcher.HttpCode = h.Codes
	return out
}

func (s *Service) describeGroups(c call) (any, error) {
	arns, names, balancerARN := c.list("TargetGroupArns"), c.list("Names"), c.Get("LoadBalancerArn")
	given := 0
	for _, yes := range []bool{len(arns) > 0, len(names) > 0, balancerARN != ""} {
		if yes {
			given++
		}
	}
	if given > 1 {
		return nil, invalid("Target group names, target group ARNs, and a load balancer ARN cannot be specified at the same time")
	}
	list := own(sorted(s.groups), c.scope, func(g *group) arn.Scope { return g.Scope })
	if balancerARN != "" {
		if b := s.balancers[balancerARN]; b == nil || b.Scope != c.scope {
			return nil, noBalancer(balancerARN)
		}
		list = slices.DeleteFunc(list, func(g *group) bool { return !slices.Contains(s.usersOf(g.arn()), balancerARN) })
	}
	byName, okNames := choice(list, names, func(g *group) string { return g.Name })
	found, okARNs := choice(byName, arns, (*group).arn)
	if !okNames || !okARNs {
		return nil, wire.Errorf(400, "TargetGroupNotFound", "One or more target groups not found")
	}
	var out []groupOutput
	for _, g := range found {
		out = append(out, s.shownGroup(g))
	}
	shown, next, err := pageOf(c, out)
	return struct {
		TargetGroups members[groupOutput]
		NextMarker   string `xml:",omitempty"`
	}{shown, next}, err
}

// groupAt returns the target group that a call names; s.mu is held.
func (s *Service) groupAt(c call) (*group, error) {
	g := s.groups[c.Get("TargetGroupArn")]
	if g == nil || g.Scope != c.scope {
		return nil, noGroup(c.Get("TargetGroupArn"))
	}
	return g, nil
}

func (s *Service) describeGroupAttributes(c call) (any, error) {
	g, err := s.groupAt(c)
	if err != nil {
		return nil, err
	}
	values := map[string]string{multiValue: "false"}
	maps.Copy(values, g.Settings.Attributes)
	return struct{ Attributes members[keyValue] }{keyValuesOf(values)}, nil
}

type target struct{ Id string }

type healthOutput struct {
	Target       target
	TargetHealth wellbeing
}

// describeHealth shows how the target is; one that is asked for and not
// registered is unused.
func (s *Service) describeHealth(c call) (any, error) {
	g, err := s.groupAt(c)
	if err != nil {
		return nil, err
	}
	var out members[healthOutput]
	asked := c.targets()
	if g.Settings.Target != "" && (len(asked) == 0 || slices.Contains(asked, g.Settings.Target)) {
		out.List = append(out.List, healthOutput{target{g.Settings.Target}, s.wellbeing(g)})
	}
	for _, id := range asked {
		if id != g.Settings.Target {
			out.List = append(out.List, healthOutput{target{id}, wellbeing{"unused", "Target.NotRegistered", "Target is not registered to the target group"}})
		}
	}
	return struct{ TargetHealthDescriptions members[healthOutput] }{out}, nil
}

type tagsOutput struct {
	ResourceArn string
	Tags        members[keyValue]
}

// describeTags shows the tags of load balancers and target groups; listeners and
// rules that CloudFormation makes have none.
func (s *Service) describeTags(c call) (any, error) {
	var out members[tagsOutput]
	for _, resource := range c.list("ResourceArns") {
		tags, err := s.tagsOf(c.scope, resource)
		if err != nil {
			return nil, err
		}
		out.List = append(out.List, tagsOutput{resource, keyValuesOf(tags)})
	}
	return struct{ TagDescriptions members[tagsOutput] }{out}, nil
}

func (s *Service) tagsOf(scope arn.Scope, resource string) (map[string]string, error) {
	switch {
	case s.balancers[resource] != nil && s.balancers[resource].Scope == scope:
		return s.balancers[resource].Settings.Tags, nil
	case s.groups[resource] != nil && s.groups[resource].Scope == scope:
		return s.groups[resource].Settings.Tags, nil
	case s.listeners[resource] != nil && s.balancers[s.listeners[resource].Balancer].Scope == scope:
		return nil, nil
	case s.rules[resource] != nil && s.balancers[s.listeners[s.rules[resource].Listener].Balancer].Scope == scope:
		return nil, nil
	}
	return nil, noBalancer(resource)
}
