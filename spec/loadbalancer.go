// SPDX-License-Identifier: MIT

package spec

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/diag"
)

// LoadBalancerEvent has a function answer requests that a listener of an
// application load balancer passes on.
type LoadBalancerEvent struct {
	Listener          Source         `key:"listener"`
	Priority          int            `key:"priority"` // among the listener's rules, 1 to 50000; the lowest wins
	Conditions        RuleConditions `key:"conditions"`
	MultiValueHeaders bool           `key:"multiValueHeaders"`
	HealthCheck       *HealthCheck   `key:"healthCheck"` // nil: none
}

// RuleConditions are what a request must meet: each that is not empty, by one of
// its values.
type RuleConditions struct {
	Path   []string            `key:"path"`
	Host   []string            `key:"host"`
	Method []string            `key:"method"`
	Header map[string][]string `key:"header"` // values by name
	Query  map[string][]string `key:"query"`  // values by key
	IP     []string            `key:"ip"`     // address blocks
}

// HealthCheck is how a load balancer sees that a function is well.
type HealthCheck struct {
	Path      string        `key:"path"`
	Interval  time.Duration `key:"interval"`  // whole seconds, 5 s to 5 min
	Timeout   time.Duration `key:"timeout"`   // whole seconds, 2 s to 2 min
	Healthy   int           `key:"healthy"`   // good answers in a row, 2 to 10
	Unhealthy int           `key:"unhealthy"` // bad answers in a row, 2 to 10
	Codes     string        `key:"codes"`     // status codes of good answers, such as 200-299
}

// Defaults of health checks of functions. Source: "Use Lambda functions as targets of an Application Load Balancer",
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
const (
	defaultCheckInterval = 35 // seconds
	defaultCheckTimeout  = 30 // seconds
	defaultHealthy       = 5
	defaultUnhealthy     = 2
)

// The limits of a rule: how many values it has in all, and how many of * and ?.
// Source: "Quotas for your Application Load Balancers",
// https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html
const (
	maxConditionValues    = 5
	maxConditionWildcards = 6
)

// TargetGroupID is the logical id of the target group.
func (l *LoadBalancerEvent) TargetGroupID(function string) string {
	return l.id(function, "TargetGroup")
}

// RuleID is the logical id of the listener's rule. It does not tell the
// function: a rule that another one takes over has to change in place, since a
// listener has no two rules of one priority, not even while a stack is updated.
func (l *LoadBalancerEvent) RuleID() string { return l.id("", "ListenerRule") }

// PermissionID is the logical id of the permission to call the function.
func (l *LoadBalancerEvent) PermissionID(function string) string {
	return l.id(function, "TargetGroupPermission")
}

func (l *LoadBalancerEvent) id(function, kind string) string {
	return EventID(function, kind, l.Listener.ARN, strconv.Itoa(l.Priority))
}

func (l *LoadBalancerEvent) ids(f string) []string {
	return []string{l.TargetGroupID(f), l.RuleID(), l.PermissionID(f)}
}
func (l *LoadBalancerEvent) from() Source { return l.Listener }
func (*LoadBalancerEvent) pulled() bool   { return false }

func (l *LoadBalancerEvent) taken() (what, name string) {
	return "priority", claim(strconv.Itoa(l.Priority), l.Listener.ARN)
}

func listenerKind() sourceKind {
	return sourceKind{what: "a listener of a load balancer", service: "elasticloadbalancing", types: []string{"AWS::ElasticLoadBalancingV2::Listener"}}
}

// loadBalancerEvent decodes a rule of a listener.
func (d *decoder) loadBalancerEvent(n *node) *LoadBalancerEvent {
	conditions := n.field("conditions")
	l := &LoadBalancerEvent{
		Listener:          d.sourceOf(n.field("listener"), listenerKind()),
		Priority:          d.number(n.field("priority"), 0),
		MultiValueHeaders: d.flag(n.field("multiValueHeaders"), false),
		HealthCheck:       d.healthCheck(n.field("healthCheck")),
	}
	if listener := n.field("listener"); usable(listener) && listener.kind == text && strings.HasPrefix(listener.written, "arn:") && !strings.Contains(listener.written, ":listener/app/") {
		d.fault(listener, diag.SourceKind, listener.quote()+" is not the ARN of a listener of an application load balancer", "it has :listener/app/ in it")
	}
	if !usable(conditions) {
		return l
	}
	l.Conditions = RuleConditions{
		Path: d.texts(conditions.field("path")), Host: d.texts(conditions.field("host")), Method: d.texts(conditions.field("method")),
		Header: d.valuesByKey(conditions.field("header")), Query: d.valuesByKey(conditions.field("query")), IP: d.blocks(conditions.field("ip")),
	}
	if count := l.Conditions.count(); count > maxConditionValues {
		d.fault(conditions, diag.EventLimit, fmt.Sprintf("has %d values; a rule takes %d in all", count, maxConditionValues), "make two items of events of it, with a priority each")
	}
	if count := l.Conditions.wildcards(); count > maxConditionWildcards {
		d.fault(conditions, diag.EventLimit, fmt.Sprintf("has %d of * and ?; a rule takes %d in all", count, maxConditionWildcards), "make two items of events of it, with a priority each")
	}
	return l
}

// count is how many values there are.
func (c RuleConditions) count() int {
	n := len(c.Path) + len(c.Host) + len(c.Method) + len(c.IP)
	for _, values := range c.Header {
		n += len(values)
	}
	for _, values := range c.Query {
		n += len(values)
	}
	return n
}

// wildcards is how many of * and ? there are that stand for others. In queries a
// backslash before one makes it stand for itself.
func (c RuleConditions) wildcards() int {
	n := 0
	add := func(texts ...string) {
		for _, text := range texts {
			n += strings.Count(text, "*") + strings.Count(text, "?")
		}
	}
	add(c.Path...)
	add(c.Host...)
	for _, values := range c.Header {
		add(values...)
	}
	plain := strings.NewReplacer(`\\`, "", `\*`, "", `\?`, "")
	for key, values := range c.Query {
		add(plain.Replace(key))
		for _, value := range values {
			add(plain.Replace(value))
		}
	}
	return n
}

// valuesByKey decodes a map of one or several values.
func (d *decoder) valuesByKey(n *node) map[string][]string {
	if !usable(n) {
		return nil
	}
	values := map[string][]string{}
	for _, f := range n.fields {
		for _, item := range each(f) {
			values[f.key] = append(values[f.key], item.written)
		}
	}
	return values
}

// blocks decodes address blocks.
func (d *decoder) blocks(n *node) []string {
	var all []string
	for _, item := range each(n) {
		block, err := netip.ParsePrefix(item.written)
		switch {
		case err != nil:
			hint := "write addresses and the length of their common part, such as 192.0.2.0/24"
			if address, err := netip.ParseAddr(item.written); err == nil {
				hint = didYouMean(netip.PrefixFrom(address, address.BitLen()).String())
			}
			d.fault(item, diag.Quantity, item.quote()+" is no block of addresses", hint)
		case block != block.Masked():
			d.fault(item, diag.Quantity, item.quote()+" has more digits than its length says", didYouMean(block.Masked().String()))
		default:
			all = append(all, item.written)
		}
	}
	return all
}

// healthCheck decodes a health check: true, false or a map.
func (d *decoder) healthCheck(n *node) *HealthCheck {
	if !usable(n) || n.kind == boolean && n.json() == "false" {
		return nil
	}
	h := &HealthCheck{
		Path:      or(d.literal(n.field("path")), "/"),
		Interval:  or(d.duration(n.field("interval")), seconds(defaultCheckInterval)),
		Timeout:   or(d.duration(n.field("timeout")), seconds(defaultCheckTimeout)),
		Healthy:   d.number(n.field("healthy"), defaultHealthy),
		Unhealthy: d.number(n.field("unhealthy"), defaultUnhealthy),
		Codes:     "200",
	}
	if codes := n.field("codes"); usable(codes) {
		h.Codes = codes.written
	}
	if h.Timeout >= h.Interval {
		at := n.field("timeout")
		if at == nil {
			at = n.field("interval")
		}
		if usable(at) {
			d.fault(at, diag.SourceOptions, fmt.Sprintf("a check may take %d s, and the next one comes after %d s", h.Timeout/time.Second, h.Interval/time.Second), "make timeout shorter than interval")
		}
	}
	return h
}
