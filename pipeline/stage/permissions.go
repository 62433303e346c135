// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
)

// Permissions is who may do what in a service.
type Permissions struct {
	Roles    []RolePermissions // of what the service runs, in the order of the template
	Deployer map[string]any    // policy document of who runs `sparta up` and `sparta down`
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

// deployer is the policy of who deploys: what Sparta calls, and what
// CloudFormation calls with the same rights.
func (l *ListPermissions) deployer(p Project, t *cfn.Template) (document map[string]any, unknown []string) {
	var needs rights
	at := placeOf(p)
	needs.allow(at.arn("cloudformation:{region}:{account}:stack/"+p.Service.Name+"/*"), stackActions()...)
	l.bucketRights(&needs, at)
	for _, b := range p.Service.NotifiedBuckets() {
		if arn, ok := b.Bucket.ARN.(string); ok {
			needs.allow(arn, "s3:ListBucket") // to see where and whose it is
		}
	}
	statements := needs.statements()
	statements = append(statements, roleRights(p, at)...)
	statements = append(statements, passRights(t, at, p.Service.Name)...)
	perType := map[string]*rights{}
	table := handlers()
	missing := map[string]bool{}
	for _, id := range sortedKeys(t.Resources) {
		r := t.Resources[id]
		known := table[r.Type]
		switch {
		case strings.HasPrefix(r.Type, "Custom::") || r.Type == "AWS::CloudFormation::CustomResource":
			perTypeOf(perType, r.Type).allow(at.arn("lambda:{region}:{account}:function:"+stackStem(p.Service.Name)+"*"), "lambda:InvokeFunction")
		case known == nil:
			missing[r.Type] = true
		}
		if r.Type == "AWS::ApiGatewayV2::Stage" && r.Properties["AccessLogSettings"] != nil {
			perTypeOf(perType, r.Type).allow("*", logDelivery()...)
		}
		for _, h := range known {
			perTypeOf(perType, r.Type).allow(h.arn(at, p.Service.Name, r), h.actions...)
		}
	}
	for _, kind := range sortedKeys(perType) {
		statements = appendNew(statements, perType[kind].statements())
	}
	return policy(statements...), slices.Sorted(maps.Keys(missing))
}

// logDelivery are the calls with which an HTTP API is made to write logs; they
// take no resource. Source: "Configure logging for HTTP APIs",
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html
func logDelivery() []string {
	return []string{
		"logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
		"logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
	}
}

func perTypeOf(all map[string]*rights, kind string) *rights {
	if all[kind] == nil {
		all[kind] = &rights{}
	}
	return all[kind]
}

// appendNew appends the statements that are not there.
func appendNew(all, more []any) []any {
	for _, one := range more {
		if !slices.ContainsFunc(all, func(other any) bool { return compact(other) == compact(one) }) {
			all = append(all, one)
		}
	}
	return all
}

// stackActions are the calls of CloudFormation that Sparta makes.
func stackActions() []string {
	return []string{
		"cloudformation:CancelUpdateStack", "cloudformation:ContinueUpdateRollback", "cloudformation:CreateChangeSet",
		"cloudformation:DeleteChangeSet", "cloudformation:DeleteStack", "cloudformation:DescribeChangeSet", "cloudformation:DescribeEvents",
		"cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks", "cloudformation:ExecuteChangeSet", "cloudformation:GetTemplate",
		"cloudformation:ListStackResources", "cloudformation:RollbackStack", "cloudformation:TagResource", "cloudformation:UntagResource",
	}
}

// bucketRights adds what Sparta, and CloudFormation and Lambda on its behalf,
// do with the artifact bucket.
func (l *ListPermissions) bucketRights(needs *rights, at place) {
	bucket, actions := l.Bucket, []string{"s3:ListBucket", "s3:ListBucketVersions"}
	if bucket == "" {
		bucket = "sparta-artifacts-{account}-{region}-an"
		actions = append(actions, "s3:CreateBucket", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration")
	}
	needs.allow(at.arn("s3:::"+bucket), actions...)
	needs.allow(at.arn("s3:::"+bucket+"/*"), "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject")
}

// roleRights let the deployer look at static roles and hand them to Lambda.
func roleRights(p Project, at place) []any {
	var statics []any
	for _, role := range distinctRoles(p.roleUses()) {
		if !strings.HasPrefix(role, "arn:") {
			role = at.arn("iam::{account}:role/" + role)
		}
		statics = append(statics, role)
	}
	if len(statics) == 0 {
		return nil
	}
	pass := allow(statics, "iam:PassRole")
	pass["Condition"] = map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "lambda.amazonaws.com"}}
	return []any{allow(statics, "iam:GetRole"), pass}
}

// passRights let the deployer hand the roles of the stack to the services that
// they trust.
func passRights(t *cfn.Template, at place, service string) []any {
	var roles, services []string
	for _, id := range sortedKeys(t.Resources) {
		r := t.Resources[id]
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		for _, h := range handlers()[r.Type] {
			roles = append(roles, h.arn(at, service, r))
		}
		services = append(services, trusted(r)...)
	}
	if len(roles) == 0 {
		return nil
	}
	slices.Sort(roles)
	slices.Sort(services)
	pass := allow(anys(slices.Compact(roles)), "iam:PassRole")
	pass["Condition"] = map[string]any{"StringEquals": map[string]any{"iam:PassedToService": anys(slices.Compact(services))}}
	return []any{pass}
}

// trusted are the services that may assume a role.
func trusted(r *cfn.Resource) []string {
	document, _ := r.Properties["AssumeRolePolicyDocument"].(map[string]any)
	list, _ := document["Statement"].([]any)
	var all []string
	for _, one := range list {
		statement, _ := one.(map[string]any)
		principal, _ := statement["Principal"].(map[string]any)
		all = append(all, words(principal["Service"])...)
	}
	return slices.DeleteFunc(all, func(name string) bool { return name == "" })
}

// place is where a service goes, as far as sparta.yaml tells.
type place struct{ account string }

func placeOf(p Project) place {
	if accounts := p.Service.Accounts; len(accounts) == 1 {
		return place{accounts[0]}
	}
	return place{"*"}
}

// arn completes an ARN for a policy.
func (at place) arn(resource string) string {
	return "arn:aws:" + strings.NewReplacer("{region}", "*", "{account}", at.account).Replace(resource)
}
