// SPDX-License-Identifier: MIT

package spec

import (
	"encoding/json"
	"fmt"

	"github.com/sparta-up/sparta/internal/diag"
)

// What a stack and a role may have. Sources: "Understand CloudFormation quotas",
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html,
// and "IAM and AWS STS quotas",
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
const (
	maxResources = 500
	maxOutputs   = 200
	maxPolicy    = 10_240 // characters of all inline policies of a role, without white space
)

// nearLimit is from which part of a limit on that is said, in percent.
const nearLimit = 80

// gauge reports what exceeds a limit, and warns of what is near it.
func (d *decoder) gauge(at mark, path string, code diag.Code, got, most int, what, hint string) {
	switch {
	case got > most:
		d.problems.Add(d.problem(at, path, code, fmt.Sprintf("%d %s, %d more than AWS takes", got, what, got-most), hint))
	case got*100 >= most*nearLimit:
		p := d.problem(at, path, diag.NearLimit, fmt.Sprintf("%d %s: %d %% of the %d that AWS takes", got, what, got*100/most, most), hint)
		p.Severity = diag.Warning
		d.problems.Add(p)
	}
}

// capacity checks how much the stack holds. Decorators may add to it.
func (d *decoder) capacity(s *Service) {
	at := d.root.keyAt
	for _, key := range []string{"functions", "resources"} {
		if n := d.root.field(key); n != nil {
			at = n.keyAt
		}
	}
	resources := len(s.GeneratedIDs()) + len(s.CustomResources) + len(s.Resources)
	d.gauge(at, "", diag.ManyResources, resources, maxResources, "resources in the stack", "split the service in two")
	outputs := len(s.Outputs)
	for _, f := range s.Functions {
		if f.URL != nil {
			outputs++
		}
	}
	if s.Site != nil {
		outputs++
	}
	if s.API != nil {
		outputs++
	}
	if s.API != nil && s.API.Domain != nil {
		outputs++
	}
	if n := d.root.field("outputs"); n != nil {
		at = n.keyAt
	}
	d.gauge(at, "", diag.ManyOutputs, outputs, maxOutputs, "outputs of the stack", "leave out what nobody reads: each function URL is one too")
}

// policySize checks the size of the policy of a role of its own. Of intrinsic
// functions only the stack knows the length: they count nothing.
func (d *decoder) policySize(permissions []Permission, n *node) {
	if !usable(n) {
		return
	}
	type statement struct {
		Effect, Action, Resource any
		Condition                any `json:",omitempty"`
	}
	var all []statement
	for _, p := range permissions {
		resources := make([]any, len(p.On))
		for i, on := range p.On {
			if text, ok := on.(string); ok {
				resources[i] = text
			} else {
				resources[i] = ""
			}
		}
		one := statement{Effect: "Allow", Action: p.Allow, Resource: resources}
		if p.When != nil {
			one.Condition = p.When
		}
		all = append(all, one)
	}
	data, err := json.Marshal(all)
	if err != nil {
		return // values of JSON always have a form
	}
	d.gauge(n.keyAt, n.place(), diag.PolicySize, len(data), maxPolicy, "characters of policy",
		"name resources with wildcards, such as arn:aws:s3:::books/*, or use a static role with managed policies")
}
