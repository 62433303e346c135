// SPDX-License-Identifier: MIT

package events

import (
	"net/http"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for Amazon EventBridge", Service Authorization Reference).
func needs() access.Table {
	rule, bus, tagged := access.On(ruleNamed), access.On(access.Regional("events", "event-bus/*", "Name")), access.On(access.ARNIn("ResourceARN"))
	return access.Table{Prefix: "events", Rules: map[string]access.Rule{
		"PutEvents":             putting,
		"TestEventPattern":      access.On(access.Any),
		"PutRule":               access.All(rule, access.PassRole("RoleArn", principal)),
		"DeleteRule":            rule,
		"DescribeRule":          rule,
		"ListRules":             access.On(access.Any),
		"EnableRule":            rule,
		"DisableRule":           rule,
		"PutTargets":            access.All(rule, passing),
		"RemoveTargets":         rule,
		"ListTargetsByRule":     rule,
		"ListRuleNamesByTarget": access.On(access.Any),
		"CreateEventBus":        bus,
		"UpdateEventBus":        bus,
		"DeleteEventBus":        bus,
		"DescribeEventBus":      bus,
		"ListEventBuses":        access.On(access.Any),
		"TagResource":           tagged,
		"UntagResource":         tagged,
		"ListTagsForResource":   tagged,
	}}
}

// putting needs events:PutEvents on the bus of each entry.
func putting(in *access.Input) []access.Need {
	var needs []access.Need
	for _, entry := range in.Members("Entries") {
		name, _ := entry["EventBusName"].(string)
		source, _ := entry["Source"].(string)
		kind, _ := entry["DetailType"].(string)
		need := access.Need{Action: "events:PutEvents", Resource: busARN(in.Scope, name), Context: map[string]string{
			"events:source": source, "events:detail-type": kind,
		}}
		if !slices.ContainsFunc(needs, func(n access.Need) bool {
			return n.Resource == need.Resource && n.Context["events:source"] == source && n.Context["events:detail-type"] == kind
		}) {
			needs = append(needs, need)
		}
	}
	return needs
}

// busARN returns the ARN of a bus that is named or given by its ARN.
func busARN(scope arn.Scope, name string) string {
	if _, ok := arn.Parse(name); ok {
		return name
	}
	if name == "" {
		name = "default"
	}
	return scope.Regional("events", "event-bus/"+name)
}

// ruleNamed is the rule that a request names by Name or Rule.
func ruleNamed(in *access.Input) []string {
	name := in.Text("Name")
	if name == "" {
		name = in.Text("Rule")
	}
	a, _ := arn.Parse(busARN(in.Scope, in.Text("EventBusName")))
	if bus := strings.TrimPrefix(a.Resource, "event-bus/"); bus != "default" {
		name = bus + "/" + name
	}
	return []string{in.Scope.Regional("events", "rule/"+name)}
}

// passing needs the right to hand the targets their roles.
func passing(in *access.Input) []access.Need {
	var needs []access.Need
	for _, target := range in.Members("Targets") {
		role, _ := target["RoleArn"].(string)
		needs = append(needs, access.Pass(role, principal)...)
	}
	return needs
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}
