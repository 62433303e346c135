// SPDX-License-Identifier: MIT

package stage

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sparta-up/sparta/internal/cfn"
)

// everywhere are the actions that Sparta's roles may take on all resources, and
// why they are not held to some.
var everywhere = map[string]string{
	"ec2:AssignPrivateIpAddresses":     "an interface has no name before Lambda makes it",
	"ec2:CreateNetworkInterface":       "an interface has no name before Lambda makes it",
	"ec2:DeleteNetworkInterface":       "an interface has no name before Lambda makes it",
	"ec2:DescribeNetworkInterfaces":    "takes no resource",
	"ec2:DescribeSecurityGroups":       "takes no resource",
	"ec2:DescribeSubnets":              "takes no resource",
	"ec2:DescribeVpcs":                 "takes no resource",
	"ec2:UnassignPrivateIpAddresses":   "an interface has no name before Lambda makes it",
	"elasticfilesystem:ClientMount":    "held to the access point by a condition: sparta.yaml does not name its file system",
	"elasticfilesystem:ClientWrite":    "held to the access point by a condition: sparta.yaml does not name its file system",
	"kafka:GetBootstrapBrokers":        "takes no resource",
	"ses:DescribeActiveReceiptRuleSet": "takes no resource",
	"ses:SetActiveReceiptRuleSet":      "takes no resource",
	"xray:PutTelemetryRecords":         "takes no resource",
	"xray:PutTraceSegments":            "takes no resource",
}

// openTrusts are the services whose roles have no condition on who they act for,
// and why.
var openTrusts = map[string]string{
	"lambda.amazonaws.com":     "IAM lets nobody pass a role to another account's function, and AWS documents no key that Lambda sends",
	"apigateway.amazonaws.com": "AWS documents no key that API Gateway sends: see addLogAccount",
}

// statementsIn are the statements of a policy document.
func statementsIn(document any) []map[string]any {
	d, _ := document.(map[string]any)
	list, _ := d["Statement"].([]any)
	var all []map[string]any
	for _, one := range list {
		all = append(all, one.(map[string]any))
	}
	return all
}

// TestGoldenGrants walks through all that the golden templates allow, but for what
// sparta.yaml has under resources: no action has a wildcard, a resource that is
// everything has its reason, and whoever is let in is held to this account.
func TestGoldenGrants(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for name := range goldenServices(t) {
		d, err := generate(t, goldenService(t, name))
		must(t, err)
		for id, r := range d.Template.Resources {
			origin, _ := d.Origin(id)
			if strings.HasPrefix(origin.By, "resources.") {
				continue
			}
			for _, fault := range grantFaults(r, used) {
				t.Errorf("%s: %s: %s", name, id, fault)
			}
		}
	}
	for action := range everywhere {
		if !used[action] {
			t.Errorf("no golden template has %s: take it out of the table", action)
		}
	}
}

func grantFaults(r *cfn.Resource, used map[string]bool) []string {
	var faults []string
	fault := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	documents := []any{r.Properties["PolicyDocument"]}
	policies, _ := r.Properties["Policies"].([]any)
	for _, one := range policies {
		documents = append(documents, one.(map[string]any)["PolicyDocument"])
	}
	for _, document := range documents {
		for _, s := range statementsIn(document) {
			if s["Effect"] == "Deny" {
				continue
			}
			for _, action := range words(s["Action"]) {
				if strings.Contains(action, "*") {
					fault("the action %s has a wildcard", action)
				}
				if slices.Contains(words(s["Resource"]), "*") {
					used[action] = true
					if everywhere[action] == "" {
						fault("%s on everything", action)
					}
				}
			}
			principal, _ := s["Principal"].(map[string]any)
			if principal["Service"] != nil && !bound(s) {
				fault("%v is let in for anybody", principal)
			}
		}
	}
	for _, s := range statementsIn(r.Properties["AssumeRolePolicyDocument"]) {
		service := words(s["Principal"].(map[string]any)["Service"])[0]
		if openTrusts[service] == "" && !bound(s) {
			fault("%s may take the role for anybody", service)
		}
	}
	if principal, _ := r.Properties["Principal"].(string); r.Type == "AWS::Lambda::Permission" && strings.HasSuffix(principal, ".amazonaws.com") &&
		r.Properties["SourceArn"] == nil && r.Properties["SourceAccount"] == nil {
		fault("%s may call the function for anybody", principal)
	}
	return faults
}

// bound reports whether a statement is for one source or one account only.
func bound(s map[string]any) bool {
	text := compact(s["Condition"])
	return strings.Contains(text, `"aws:SourceArn"`) || strings.Contains(text, `"aws:SourceAccount"`)
}
