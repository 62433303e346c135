// SPDX-License-Identifier: MIT

package elbv2

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// version is that of the API for application load balancers: the other one of
// the service is for classic load balancers.
const version = "2015-12-01"

// operation is one operation of the API. It returns the content of its result
// element.
type operation struct {
	run        func(*Service, call) (any, error)
	parameters []string // that it accepts; others are refused rather than ignored
}

// call is one request of the API.
type call struct {
	url.Values
	scope arn.Scope
}

// operations are those that describe: what exists is made by CloudFormation.
func operations() map[string]operation {
	paged := func(parameters ...string) []string { return append(parameters, "Marker", "PageSize") }
	return map[string]operation{
		"DescribeLoadBalancers":          {(*Service).describeBalancers, paged("LoadBalancerArns", "Names")},
		"DescribeLoadBalancerAttributes": {(*Service).describeBalancerAttributes, []string{"LoadBalancerArn"}},
		"DescribeListeners":              {(*Service).describeListeners, paged("ListenerArns", "LoadBalancerArn")},
		"DescribeRules":                  {(*Service).describeRules, paged("ListenerArn", "RuleArns")},
		"DescribeTargetGroups":           {(*Service).describeGroups, paged("LoadBalancerArn", "Names", "TargetGroupArns")},
		"DescribeTargetGroupAttributes":  {(*Service).describeGroupAttributes, []string{"TargetGroupArn"}},
		"DescribeTargetHealth":           {(*Service).describeHealth, []string{"TargetGroupArn", "Targets"}},
		"DescribeTags":                   {(*Service).describeTags, []string{"ResourceArns"}},
	}
}

// needs says which permissions the operations take: their own, on everything
// ("Actions, resources, and condition keys for AWS Elastic Load Balancing V2",
// Service Authorization Reference).
func needs() access.Table {
	table := access.Table{Prefix: signing, Rules: map[string]access.Rule{}}
	for name := range operations() {
		table.Rules[name] = access.On(access.Any)
	}
	return table
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}

// ServeAPI answers one request of the query protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	form, err := wire.QueryForm(r)
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	name := form.Get("Action")
	result, err := s.perform(name, call{form, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}})
	if err != nil {
		wire.WriteQueryError(w, namespace, err)
		return
	}
	wire.WriteQuery(w, namespace, name, result)
}

func (s *Service) perform(name string, c call) (any, error) {
	if v := c.Get("Version"); v != version {
		return nil, wire.Errorf(400, "InvalidAction", "the embedded AWS does not model the version %s of Elastic Load Balancing, that of classic load balancers", v)
	}
	op, ok := s.operations[name]
	if !ok {
		return nil, wire.Errorf(400, "InvalidAction", "the embedded AWS does not model the action %s of Elastic Load Balancing: load balancers are made by CloudFormation", name)
	}
	for _, parameter := range slices.Sorted(maps.Keys(c.Values)) {
		parameter, _, _ = strings.Cut(parameter, ".")
		if parameter != "Action" && parameter != "Version" && !slices.Contains(op.parameters, parameter) {
			return nil, unmodelled("the parameter " + parameter + " of " + name)
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return op.run(s, c)
}

// list reads a list such as Names.member.1.
func (c call) list(name string) []string {
	var out []string
	for n := 1; c.Has(name + ".member." + strconv.Itoa(n)); n++ {
		out = append(out, c.Get(name+".member."+strconv.Itoa(n)))
	}
	return out
}

// targets reads Targets.member.1.Id and so on.
func (c call) targets() []string {
	var out []string
	for n := 1; c.Has("Targets.member." + strconv.Itoa(n) + ".Id"); n++ {
		out = append(out, c.Get("Targets.member."+strconv.Itoa(n)+".Id"))
	}
	return out
}

// members is a list of the query protocol, which is there even if it is empty.
type members[T any] struct {
	List []T `xml:"member"`
}

// maxPage is how many items an answer has.
const maxPage = 400

// pageOf returns the part of a list that a call asks for, and the marker of the
// next one.
func pageOf[T any](c call, list []T) (members[T], string, error) {
	start, size := 0, maxPage
	for name, n := range map[string]*int{"Marker": &start, "PageSize": &size} {
		text := c.Get(name)
		if text == "" {
			continue
		}
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 || name == "PageSize" && (v < 1 || v > maxPage) {
			return members[T]{}, "", invalid("The %s '%s' is not valid", name, text)
		}
		*n = v
	}
	start = min(start, len(list))
	end := min(start+size, len(list))
	next := ""
	if end < len(list) {
		next = strconv.Itoa(end)
	}
	return members[T]{list[start:end]}, next, nil
}

// choice returns the items that a list of ARNs or names asks for: all if it is
// empty. It reports false if one is missing.
func choice[T any](items []T, asked []string, key func(T) string) ([]T, bool) {
	if len(asked) == 0 {
		return items, true
	}
	var out []T
	for _, want := range asked {
		i := slices.IndexFunc(items, func(item T) bool { return key(item) == want })
		if i < 0 {
			return nil, false
		}
		out = append(out, items[i])
	}
	return out, true
}

// own returns the items of a scope.
func own[T any](items []T, scope arn.Scope, of func(T) arn.Scope) []T {
	return slices.DeleteFunc(items, func(item T) bool { return of(item) != scope })
}
