// SPDX-License-Identifier: MIT

package cloudformation

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/access"
	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// needs says which permissions the operations take ("Actions, resources, and
// condition keys for AWS CloudFormation", Service Authorization Reference). What
// a stack then does takes more: see Service.permit.
func needs() access.Table {
	rules := map[string]access.Rule{}
	for _, name := range []string{
		"DescribeStacks", "DescribeStackEvents", "DescribeStackResources", "DescribeStackResource", "ListStackResources",
		"GetTemplate", "GetTemplateSummary", "DescribeChangeSet", "ListChangeSets", "ExecuteChangeSet", "DeleteChangeSet", "CancelUpdateStack",
		"UpdateTerminationProtection",
	} {
		rules[name] = access.On(stackNamed)
	}
	for _, name := range []string{"CreateStack", "UpdateStack", "CreateChangeSet", "DeleteStack", "ContinueUpdateRollback", "RollbackStack"} {
		rules[name] = access.All(access.On(stackNamed), access.PassRole("RoleARN", "cloudformation.amazonaws.com"))
	}
	for _, name := range []string{"ListStacks", "ValidateTemplate", "ListExports", "ListImports"} {
		rules[name] = access.On(access.Any)
	}
	rules["DescribeEvents"] = access.On(eventsOf)
	return access.Table{Prefix: "cloudformation", Rules: rules}
}

// eventsOf is the stack, or the change set by itself, whose events are asked for.
func eventsOf(in *access.Input) []string {
	if set := in.Text("ChangeSetName"); in.Text("StackName") == "" && set != "" {
		return []string{set}
	}
	return stackNamed(in)
}

// stackNamed is the stack that a request names by its name or its id.
func stackNamed(in *access.Input) []string {
	name := in.Text("StackName")
	if name == "" {
		return nil
	}
	if _, ok := arn.Parse(name); ok {
		return []string{name}
	}
	return []string{in.Scope.Regional("cloudformation", "stack/"+name+"/*")}
}

// Needs returns the permissions that a request needs.
func (s *Service) Needs(r *http.Request, id wire.Identity) ([]access.Need, bool) {
	return s.needs.Needs(r, arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region}), true
}
