// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

// Permissions is who may do what in a service.
type Permissions struct {
	Roles    []RolePermissions // of what the service runs, in the order of the template
	Deployer map[string]any    // policy document of who runs `sparta up` and `sparta down`
	Invoker  map[string]any    // policy document of who runs `sparta invoke`; nil without functions
	Reader   map[string]any    // policy document of who runs `sparta status` and `sparta logs`
	Unknown  []string          // resource types that Deployer leaves out, sorted
	NotRun   []string          // decorators whose additions are not known, since they are code
}

// RolePermissions is what one role may do.
type RolePermissions struct {
	Of       string         // who has the role, such as functions.hello
	Role     string         // logical id, or name or ARN of a static role
	Static   bool           // the role is not Sparta's: Document is nil
	Document map[string]any // policy document, with CloudFormation's functions; nil without one
	Managed  []string       // ARNs of managed policies that it has besides
}

// ListPermissions reads the policies of a service from its template.
type ListPermissions struct {
	Project pipeline.Result[Project]
	Draft   pipeline.Result[Draft]
	Bucket  string // artifact bucket; empty: the account's own
}

// Title returns the words of the box.
func (*ListPermissions) Title() string { return "List Permissions" }

// Run lists the roles and works out the policy of who deploys.
func (l *ListPermissions) Run(context.Context) (Permissions, error) {
	project := l.Project.Get()
	document, err := l.decorated(l.Draft.Get().Document)
	if err != nil {
		return Permissions{}, err
	}
	var p Permissions
	for _, d := range project.Service.Decorators {
		if runsProgram(d) {
			p.NotRun = append(p.NotRun, d.Name)
		}
	}
	for _, use := range project.roleUses() {
		p.Roles = append(p.Roles, RolePermissions{Of: strings.Join(use.path[:2], "."), Role: use.role, Static: true})
	}
	for _, id := range sortedKeys(document.Template.Resources) {
		r := document.Template.Resources[id]
		origin, _ := document.Origin(id)
		if r.Type == "AWS::IAM::Role" && !strings.HasPrefix(origin.By, "resources.") {
			p.Roles = append(p.Roles, RolePermissions{
				Of: origin.By, Role: id, Document: policyOf(document.Template, id), Managed: managedPolicies(r),
			})
		}
	}
	slices.SortStableFunc(p.Roles, func(a, b RolePermissions) int { return strings.Compare(a.Of, b.Of) })
	p.Deployer, p.Unknown = l.deployer(project, document.Template)
	p.Invoker, p.Reader = invoker(project), reader(project)
	return p, nil
}

// decorated runs the decorators that are no code of the user's.
func (l *ListPermissions) decorated(d cfn.Document) (cfn.Document, error) {
	service := l.Project.Get().Service
	for i, decorator := range service.Decorators {
		if runsProgram(decorator) {
			continue
		}
		edited, err := decorateInPlace(service, decorator, d.Template)
		if err == nil {
			d, err = cfn.Apply(d, decoratorOrigin(service, i), edited)
		}
		if err != nil {
			return cfn.Document{}, decoratorError(service, i, err)
		}
	}
	return d, nil
}

// policyOf is one document of all that a role's own policies say and those that
// stand beside it in the template; nil if there is none.
func policyOf(t *cfn.Template, role string) map[string]any {
	policies, _ := t.Resources[role].Properties["Policies"].([]any)
	for _, id := range sortedKeys(t.Resources) {
		if r := t.Resources[id]; r.Type == "AWS::IAM::Policy" && namesRole(r, role) {
			policies = append(slices.Clip(policies), r.Properties)
		}
	}
	var all []any
	for _, one := range policies {
		properties, _ := one.(map[string]any)
		document, _ := properties["PolicyDocument"].(map[string]any)
		switch statements := document["Statement"].(type) {
		case []any:
			all = append(all, statements...)
		case map[string]any: // one may stand without a list
			all = append(all, statements)
		}
	}
	if all == nil {
		return nil
	}
	return policy(all...)
}

// namesRole reports whether a policy is for a role of the stack.
func namesRole(r *cfn.Resource, role string) bool {
	roles, _ := r.Properties["Roles"].([]any)
	return slices.ContainsFunc(roles, func(one any) bool {
		reference, _ := one.(map[string]any)
		return reference["Ref"] == role
	})
}

// managedPolicies are the ARNs of the managed policies of a role, in words.
func managedPolicies(r *cfn.Resource) []string {
	list, _ := r.Properties["ManagedPolicyArns"].([]any)
	var all []string
	for _, one := range list {
		all = append(all, inWords(one))
	}
	return all
}
