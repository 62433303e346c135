// SPDX-License-Identifier: MIT

package elbv2

import (
	"slices"
	"strconv"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// keyValue is a tag or an attribute in an answer.
type keyValue struct{ Key, Value string }

func keyValuesOf(m map[string]string) members[keyValue] {
	var out members[keyValue]
	for _, key := range sortedKeys(m) {
		out.List = append(out.List, keyValue{key, m[key]})
	}
	return out
}

type balancerOutput struct {
	LoadBalancerArn       string
	DNSName               string
	CanonicalHostedZoneId string
	CreatedTime           string
	LoadBalancerName      string
	Scheme                string
	State                 struct{ Code string }
	Type                  string
	AvailabilityZones     members[zone]
	SecurityGroups        members[string]
	IpAddressType         string
}

// zone is a subnet. There are no networks to know its zone from.
type zone struct{ SubnetId string }

func (b *balancer) output() balancerOutput {
	out := balancerOutput{
		LoadBalancerArn: b.arn(), DNSName: b.host(), CanonicalHostedZoneId: hostedZones()[b.Scope.Region],
		CreatedTime: b.Created.UTC().Format("2006-01-02T15:04:05.000Z"), LoadBalancerName: b.Name, Scheme: b.Settings.Scheme,
		Type: "application", SecurityGroups: members[string]{b.Settings.SecurityGroups}, IpAddressType: b.Settings.AddressType,
	}
	out.State.Code = "active"
	for _, id := range b.Settings.Subnets {
		out.AvailabilityZones.List = append(out.AvailabilityZones.List, zone{id})
	}
	return out
}

func (s *Service) describeBalancers(c call) (any, error) {
	arns, names := c.list("LoadBalancerArns"), c.list("Names")
	if len(arns) > 0 && len(names) > 0 {
		return nil, invalid("Load balancer names and load balancer ARNs cannot be specified at the same time")
	}
	list := own(sorted(s.balancers), c.scope, func(b *balancer) arn.Scope { return b.Scope })
	byName, okNames := choice(list, names, func(b *balancer) string { return b.Name })
	if !okNames {
		return nil, wire.Errorf(400, "LoadBalancerNotFound", "Load balancers '%s' not found", names)
	}
	found, ok := choice(byName, arns, (*balancer).arn)
	if !ok {
		return nil, wire.Errorf(400, "LoadBalancerNotFound", "One or more load balancers not found")
	}
	var out []balancerOutput
	for _, b := range found {
		out = append(out, b.output())
	}
	shown, next, err := pageOf(c, out)
	return struct {
		LoadBalancers members[balancerOutput]
		NextMarker    string `xml:",omitempty"`
	}{shown, next}, err
}

func (s *Service) describeBalancerAttributes(c call) (any, error) {
	b := s.balancers[c.Get("LoadBalancerArn")]
	if b == nil || b.Scope != c.scope {
		return nil, noBalancer(c.Get("LoadBalancerArn"))
	}
	values := map[string]string{}
	for key := range allAttributes() {
		values[key] = b.Settings.attribute(key)
	}
	return struct{ Attributes members[keyValue] }{keyValuesOf(values)}, nil
}

type listenerOutput struct {
	ListenerArn, LoadBalancerArn string
	Port                         int
	Protocol                     string
	Certificates                 members[certificate]
	SslPolicy                    string `xml:",omitempty"`
	DefaultActions               members[action]
}

type certificate struct{ CertificateArn string }

func (l *listener) output() listenerOutput {
	out := listenerOutput{
		ListenerArn: l.arn(), LoadBalancerArn: l.Balancer, Port: l.Settings.Port, Protocol: l.Settings.Protocol,
		SslPolicy: l.Settings.SecurityPolicy, DefaultActions: members[action]{l.Settings.Actions},
	}
	for _, each := range l.Settings.Certificates {
		out.Certificates.List = append(out.Certificates.List, certificate{each})
	}
	return out
}

func (s *Service) describeListeners(c call) (any, error) {
	balancerARN, arns := c.Get("LoadBalancerArn"), c.list("ListenerArns")
	var list []*listener
	switch {
	case balancerARN == "" && len(arns) == 0:
		return nil, invalid("You must specify either listener ARNs or a load balancer ARN")
	case balancerARN != "":
		if b := s.balancers[balancerARN]; b == nil || b.Scope != c.scope {
			return nil, noBalancer(balancerARN)
		}
		list = s.listenersOf(balancerARN)
		slices.SortFunc(list, func(a, b *listener) int { return a.Settings.Port - b.Settings.Port })
	default:
		list = own(sorted(s.listeners), c.scope, func(l *listener) arn.Scope { return s.balancers[l.Balancer].Scope })
	}
	found, ok := choice(list, arns, (*listener).arn)
	if !ok {
		return nil, wire.Errorf(400, "ListenerNotFound", "One or more listeners not found")
	}
	var out []listenerOutput
	for _, l := range found {
		out = append(out, l.output())
	}
	shown, next, err := pageOf(c, out)
	return struct {
		Listeners  members[listenerOutput]
		NextMarker string `xml:",omitempty"`
	}{shown, next}, err
}

type ruleOutput struct {
	RuleArn, Priority string
	Conditions        members[condition]
	Actions           members[action]
	IsDefault         bool
}

// rulesShown returns the rules of a listener with the default one at the end;
// s.mu is held.
func (s *Service) rulesShown(l *listener) []ruleOutput {
	var out []ruleOutput
	for _, r := range s.rulesOf(l.arn()) {
		out = append(out, ruleOutput{r.arn(), strconv.Itoa(r.Priority), members[condition]{r.Conditions}, members[action]{r.Actions}, false})
	}
	return append(out, ruleOutput{RuleArn: l.ruleARN(l.Rule), Priority: "default", Actions: members[action]{l.Settings.Actions}, IsDefault: true})
}

func (s *Service) describeRules(c call) (any, error) {
	listenerARN, arns := c.Get("ListenerArn"), c.list("RuleArns")
	var list []ruleOutput
	switch {
	case listenerARN == "" && len(arns) == 0:
		return nil, invalid("You must specify either listener rule ARNs or a listener ARN")
	case listenerARN != "" && len(arns) > 0:
		return nil, invalid("Listener rule ARNs and a listener ARN cannot be specified at the same time")
	}
	for _, l := range own(sorted(s.listeners), c.scope, func(l *listener) arn.Scope { return s.balancers[l.Balancer].Scope }) {
		if listenerARN == "" || listenerARN == l.arn() {
			list = append(list, s.rulesShown(l)...)
		}
	}
	if len(list) == 0 && listenerARN != "" {
		return nil, wire.Errorf(400, "ListenerNotFound", "One or more listeners not found")
	}
	found, ok := choice(list, arns, func(r ruleOutput) string { return r.RuleArn })
	if !ok {
		return nil, wire.Errorf(400, "RuleNotFound", "One or more rules not found")
	}
	shown, next, err := pageOf(c, found)
	return struct {
		Rules      members[ruleOutput]
		NextMarker string `xml:",omitempty"`
	}{shown, next}, err
}
