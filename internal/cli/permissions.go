// SPDX-License-Identifier: MIT

package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/pipeline/flow"
	"github.com/sparta-up/sparta/pipeline/stage"
)

// permissionsCommand is `sparta permissions`.
type permissionsCommand struct{}

// Run prints what each role of the service may do, and what who deploys it has
// to be allowed. Decorators that are code are not run: what they add is not among
// it.
func (*permissionsCommand) Run(s *session) error {
	f := flow.NewPermissions(s.settings())
	if err := s.run(f.Pipeline); err != nil {
		return err
	}
	project, list := f.Project.Get(), f.List.Get()
	s.ui.Problems(project.Warnings)
	if len(list.NotRun) > 0 {
		s.ui.Note("decorators that are code are left out: " + strings.Join(list.NotRun, ", "))
	}
	for _, kind := range list.Unknown {
		s.ui.Note("the deployer's policy leaves out " + kind + ": `aws cloudformation describe-type --type RESOURCE --type-name " + kind + "` tells its handlers")
	}
	if size := policySize(list.Deployer); size > managedPolicySize {
		s.ui.Note(fmt.Sprintf("the deployer's policy has %d characters and a managed policy takes %d: make it an inline policy of a role, or several policies", size, managedPolicySize))
	}
	if s.flags.Output == "json" {
		s.result.Service = project.Service.Name
		s.result.Extra = map[string]any{"roles": rolesFor(list.Roles), "deployer": list.Deployer, "invoker": list.Invoker, "reader": list.Reader, "unknownTypes": append([]string{}, list.Unknown...)}
		return s.done()
	}
	text, err := permissionsText(list)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(s.process.Stdout, text); err != nil {
		return fmt.Errorf("write permissions: %w", err)
	}
	return nil
}

// managedPolicySize is how many characters IAM takes in a managed policy, without
// white space ("IAM and AWS STS quotas", IAM User Guide).
const managedPolicySize = 6144

// policySize is the size of a policy as IAM counts it.
func policySize(policy map[string]any) int {
	text, err := json.Marshal(policy)
	if err != nil {
		return 0 // it can't be printed either
	}
	return len(text)
}

// rolesFor are roles for programs.
func rolesFor(roles []stage.RolePermissions) []any {
	list := []any{}
	for _, r := range roles {
		one := map[string]any{"of": r.Of, "role": r.Role, "static": r.Static}
		if !r.Static {
			one["policy"] = r.Document
		}
		if len(r.Managed) > 0 {
			one["managedPolicies"] = r.Managed
		}
		list = append(list, one)
	}
	return list
}

// permissionsText is a role after the other in words, and the policies of who
// deploys, invokes and looks on as IAM takes them.
func permissionsText(list stage.Permissions) (string, error) {
	var b strings.Builder
	for _, r := range list.Roles {
		fmt.Fprintf(&b, "%s: %s\n", r.Of, r.Role)
		if r.Static {
			b.WriteString("  a role of its own policies, which are not Sparta's\n\n")
			continue
		}
		for _, statement := range r.Statements() {
			fmt.Fprintf(&b, "  %s %s\n    on %s\n", statement.Effect, strings.Join(statement.Actions, ", "), strings.Join(statement.Resources, ", "))
			if statement.Condition != "" {
				fmt.Fprintf(&b, "    when %s\n", statement.Condition)
			}
		}
		for _, arn := range r.Managed {
			fmt.Fprintf(&b, "  what %s allows\n", arn)
		}
		b.WriteString("\n")
	}
	for _, one := range []struct {
		who    string
		policy map[string]any
	}{
		{"deployer: who runs `sparta up` and `sparta down`, for the service as it is:\nwhat it no longer has may need rights of the policy before", list.Deployer},
		{"invoker: who runs `sparta invoke`", list.Invoker},
		{"reader: who runs `sparta status` and `sparta logs`", list.Reader},
	} {
		if one.policy == nil {
			continue
		}
		policy, err := json.MarshalIndent(one.policy, "", "  ")
		if err != nil {
			return "", fmt.Errorf("policy: %w", err)
		}
		fmt.Fprintf(&b, "%s\n%s\n", one.who, policy)
	}
	return b.String(), nil
}
