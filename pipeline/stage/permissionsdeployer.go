// SPDX-License-Identifier: MIT

package stage

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// deployer is the policy of who deploys the service as it is: what Sparta calls,
// and what CloudFormation calls with the same rights.
func (l *ListPermissions) deployer(p Project, t *cfn.Template) (document map[string]any, unknown []string) {
	var needs rights
	at := placeOf(p)
	needs.allow(at.arn("cloudformation:{region}:{account}:stack/"+p.Service.Name+"/*"), stackActions()...)
	// The findings of its early validation are those of the change set.
	needs.allow(at.arn("cloudformation:{region}:{account}:changeSet/sparta-*"), "cloudformation:DescribeEvents")
	l.bucketRights(&needs, at, p.Service.Name)
	for _, b := range p.Service.NotifiedBuckets() {
		if arn, ok := b.Bucket.ARN.(string); ok {
			needs.allow(arn, "s3:ListBucket") // to see where and whose it is
		}
	}
	emptyRights(&needs, at, p.Service.Name, t)
	statements := needs.statements()
	statements = append(statements, roleRights(p, at)...)
	statements = append(statements, passRights(t, at, p.Service.Name)...)
	made, unknown := resourceRights(t, at, p.Service.Name)
	return policy(append(statements, made...)...), unknown
}

// resourceRights are what CloudFormation calls to look after the resources of a
// template. Each kind of resource has its statements, and actions on the same
// resources are one statement.
func resourceRights(t *cfn.Template, at place, service string) (statements []any, unknown []string) {
	perType, table, missing := map[string]*rights{}, handlers(), map[string]bool{}
	for _, id := range sortedKeys(t.Resources) {
		r := t.Resources[id]
		known := table[r.Type]
		switch {
		case strings.HasPrefix(r.Type, "Custom::") || r.Type == "AWS::CloudFormation::CustomResource":
			perTypeOf(perType, r.Type).allow(at.arn("lambda:{region}:{account}:function:"+stackStem(service)+"*"), "lambda:InvokeFunction")
		case known == nil:
			missing[r.Type] = true
		}
		if r.Type == "AWS::ApiGatewayV2::Stage" && r.Properties["AccessLogSettings"] != nil {
			perTypeOf(perType, r.Type).allow("*", logDelivery()...)
		}
		for _, h := range known {
			actions := h.needed(r)
			if len(actions) == 0 {
				continue
			}
			for _, arn := range h.arns(at, service, t, r) {
				perTypeOf(perType, r.Type).allow(arn, actions...)
			}
		}
	}
	for _, kind := range sortedKeys(perType) {
		statements = appendNew(statements, perType[kind].statements())
	}
	return merged(statements), slices.Sorted(maps.Keys(missing))
}

// merged makes one statement of those about the same resources.
func merged(statements []any) []any {
	var all []any
	place := map[string]int{}
	for _, one := range statements {
		statement := one.(map[string]any)
		key := compact(statement["Resource"])
		i, known := place[key]
		if !known {
			place[key] = len(all)
			all = append(all, statement)
			continue
		}
		have := all[i].(map[string]any)
		actions := append(words(have["Action"]), words(statement["Action"])...)
		slices.Sort(actions)
		all[i] = allow(have["Resource"], slices.Compact(actions)...)
	}
	return all
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
		"cloudformation:DeleteChangeSet", "cloudformation:DeleteStack", "cloudformation:DescribeChangeSet",
		"cloudformation:DescribeStackEvents", "cloudformation:DescribeStacks", "cloudformation:ExecuteChangeSet", "cloudformation:GetTemplate",
		"cloudformation:ListStackResources", "cloudformation:RollbackStack",
	}
}

// bucketRights adds what Sparta, and CloudFormation and Lambda on its behalf,
// do with the artifact bucket. The objects of a service begin with its name.
func (l *ListPermissions) bucketRights(needs *rights, at place, service string) {
	bucket, actions := l.Bucket, []string{"s3:ListBucket", "s3:ListBucketVersions"}
	if bucket == "" {
		bucket = "sparta-artifacts-{account}-{region}-an"
		actions = append(actions, "s3:CreateBucket", "s3:PutBucketPolicy", "s3:PutLifecycleConfiguration")
	}
	needs.allow(at.arn("s3:::"+bucket), actions...)
	needs.allow(at.arn("s3:::"+bucket+"/"+service+"/*"), "s3:DeleteObject", "s3:DeleteObjectVersion", "s3:GetObject", "s3:PutObject")
}

// emptyRights let `sparta down` see whether the service's buckets hold objects,
// and delete these. Buckets that are kept are left alone.
func emptyRights(needs *rights, at place, service string, t *cfn.Template) {
	for _, id := range sortedKeys(t.Resources) {
		r := t.Resources[id]
		if r.Type != "AWS::S3::Bucket" || strings.HasPrefix(r.DeletionPolicy, "Retain") {
			continue
		}
		for _, h := range handlers()[r.Type][:1] {
			bucket := h.arn(at, service, r)
			needs.allow(bucket, "s3:ListBucketVersions")
			needs.allow(bucket+"/*", "s3:DeleteObjectVersion")
		}
	}
}

// roleRights let the deployer look at static roles and hand them to Lambda.
func roleRights(p Project, at place) []any {
	var statics []any
	for _, role := range distinctRoles(p.roleUses()) {
		if strings.HasPrefix(role, "arn:") {
			statics = append(statics, role)
			continue
		}
		// Its ARN may have a path, which its name does not tell.
		statics = append(statics, at.arn("iam::{account}:role/"+role), at.arn("iam::{account}:role/*/"+role))
	}
	if len(statics) == 0 {
		return nil
	}
	return []any{allow(statics, "iam:GetRole"), pass(statics, "lambda.amazonaws.com")}
}

// passRights let the deployer hand the roles of the stack to the services that
// they trust, each to its own.
func passRights(t *cfn.Template, at place, service string) []any {
	roles := map[string][]string{} // by service
	for _, id := range sortedKeys(t.Resources) {
		r := t.Resources[id]
		if r.Type != "AWS::IAM::Role" {
			continue
		}
		for _, to := range trusted(r) {
			roles[to] = append(roles[to], handlers()[r.Type][0].arn(at, service, r))
		}
	}
	services := map[string][]string{} // by roles
	for to, arns := range roles {
		slices.Sort(arns)
		key := strings.Join(slices.Compact(arns), " ")
		services[key] = append(services[key], to)
	}
	var statements []any
	for _, key := range sortedKeys(services) {
		slices.Sort(services[key])
		statements = append(statements, pass(anys(strings.Fields(key)), services[key]...))
	}
	return statements
}

// pass is the right to hand roles to services.
func pass(roles []any, to ...string) map[string]any {
	statement := allow(roles, "iam:PassRole")
	statement["Condition"] = map[string]any{"StringEquals": map[string]any{"iam:PassedToService": one(anys(to))}}
	return statement
}

// invoker is the policy of who invokes the functions of a service.
func invoker(p Project) map[string]any {
	var functions []any
	at := placeOf(p)
	for _, f := range p.Service.Functions {
		functions = append(functions, at.arn("lambda:{region}:{account}:function:"+spec.FunctionName(p.Service.Name, f.Name)))
	}
	if len(functions) == 0 {
		return nil
	}
	return policy(allow(one(functions), "lambda:InvokeFunction"))
}

// reader is the policy of who looks at the stack and at the functions' logs.
func reader(p Project) map[string]any {
	at := placeOf(p)
	stack := at.arn("cloudformation:{region}:{account}:stack/" + p.Service.Name + "/*")
	statements := []any{allow(stack, "cloudformation:DescribeStacks", "cloudformation:ListStackResources")}
	var groups []any
	for _, f := range p.Service.Functions {
		groups = append(groups, at.arn("logs:{region}:{account}:log-group:"+LogGroupName(p.Service.Name, f.Name)+":*"))
	}
	if len(groups) > 0 {
		statements = append(statements, allow(one(groups), "logs:FilterLogEvents"))
	}
	return policy(statements...)
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
