// SPDX-License-Identifier: MIT

package stage

import (
	"context"
	"errors"
	"maps"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/pipeline"
	"github.com/sparta-up/sparta/spec"
)

// Generate marshals the service to a CloudFormation template. Logical ids
// depend on nothing but names, so that the order of sparta.yaml and what else
// is in it never move a resource.
type Generate struct {
	Project pipeline.Result[Project]
	Roles   pipeline.Result[Roles]
	Code    pipeline.Result[Code]
	Assets  pipeline.Result[Object]
}

// Title returns the words of the box.
func (*Generate) Title() string { return "Marshal to CloudFormation" }

// Run makes the template. It fails if a resource of sparta.yaml takes a logical
// id that Sparta uses.
func (g *Generate) Run(context.Context) (cfn.Document, error) {
	return marshal(g.Project.Get().Service, g.Roles.Get(), g.Code.Get(), g.Assets.Get())
}

// marshal makes the template of a service.
func marshal(service *spec.Service, roles Roles, code Code, assets Object) (cfn.Document, error) {
	m := &marshaller{
		service: service, roles: roles, code: code,
		document: cfn.Document{Template: &cfn.Template{Description: service.Description}},
	}
	m.addUserResources()
	for _, f := range service.Functions {
		m.addFunction(f)
	}
	if service.API != nil {
		m.addAPI(*service.API)
	}
	m.addNotifications()
	m.addRuleSet()
	m.addRollouts()
	for _, r := range service.CustomResources {
		m.addCustomResource(r)
	}
	if service.Site != nil {
		m.addSite(*service.Site, assets)
	}
	m.addUserOutputs()
	return m.document, errors.Join(m.errs...)
}

// marshaller collects the template and what is wrong with it.
type marshaller struct {
	service  *spec.Service
	roles    Roles
	code     Code
	document cfn.Document
	errs     []error
}

func (m *marshaller) origin(path ...string) cfn.Origin {
	by := path[0]
	if len(path) > 1 {
		by += "." + path[1]
	}
	return cfn.Origin{By: by, Position: m.service.Position(path...)}
}

func (m *marshaller) add(id string, kind string, properties map[string]any, origin cfn.Origin) *cfn.Resource {
	resource := &cfn.Resource{Type: kind, Properties: properties}
	if err := m.document.Add(id, resource, origin); err != nil {
		m.errs = append(m.errs, err)
	}
	return resource
}

func (m *marshaller) addOutput(name string, output *cfn.Output, origin cfn.Origin) {
	if err := m.document.AddOutput(name, output, origin); err != nil {
		m.errs = append(m.errs, err)
	}
}

func (m *marshaller) addUserResources() {
	for _, id := range sortedKeys(m.service.Resources) {
		resource, err := cfn.ResourceFromValue(id, m.service.Resources[id])
		if err == nil {
			err = m.document.Add(id, resource, m.origin("resources", id))
		}
		if err != nil {
			m.errs = append(m.errs, err)
		}
	}
}

func (m *marshaller) addUserOutputs() {
	for _, name := range sortedKeys(m.service.Outputs) {
		output, err := cfn.OutputFromValue(name, m.service.Outputs[name])
		if err == nil {
			err = m.document.AddOutput(name, output, m.origin("outputs", name))
		}
		if err != nil {
			m.errs = append(m.errs, err)
		}
	}
}

// lambdaFunction describes one Lambda function of the stack: the service's own, or the
// provider of a custom resource.
type lambdaFunction struct {
	functionID, roleID, logGroupID string
	name, logGroup                 string // physical names
	description                    string
	settings                       map[string]any // further properties
	runtime, architecture, handler string
	memoryMB                       int
	timeout                        time.Duration
	environment                    map[string]any
	role                           any
	permissions                    []any // statements of the function's own role
	retentionDays                  int
	tags                           map[string]string
	code                           Object
	deadLetter                     any // DeadLetterConfig; nil for none
	origin                         cfn.Origin
}

// addLambda adds a function with its log group and, unless it has a static
// role, a role that allows what the function needs and no more.
func (m *marshaller) addLambda(l lambdaFunction) *cfn.Resource {
	group := map[string]any{"LogGroupName": l.logGroup}
	if l.retentionDays > 0 {
		group["RetentionInDays"] = l.retentionDays
	}
	setTags(group, l.tags)
	keep := m.add(l.logGroupID, "AWS::Logs::LogGroup", group, l.origin)
	keep.DeletionPolicy, keep.UpdateReplacePolicy = "Delete", "Delete"

	properties := map[string]any{
		"FunctionName":  l.name,
		"Code":          map[string]any{"S3Bucket": l.code.Bucket, "S3Key": l.code.Key},
		"Runtime":       l.runtime,
		"Architectures": []any{l.architecture},
		"Handler":       l.handler,
		"MemorySize":    l.memoryMB,
		"Timeout":       int(l.timeout / time.Second),
		"LoggingConfig": map[string]any{"LogGroup": cfn.Ref(l.logGroupID)},
		"Role":          m.role(l),
	}
	maps.Copy(properties, l.settings)
	if l.description != "" {
		properties["Description"] = l.description
	}
	if len(l.environment) > 0 {
		properties["Environment"] = map[string]any{"Variables": l.environment}
	}
	if l.deadLetter != nil {
		properties["DeadLetterConfig"] = l.deadLetter
	}
	setTags(properties, l.tags)
	return m.add(l.functionID, "AWS::Lambda::Function", properties, l.origin)
}

// role returns what the function's Role property says, and adds the function's
// own role if it is to have one.
func (m *marshaller) role(l lambdaFunction) any {
	switch role := l.role.(type) {
	case nil:
	case string:
		return m.roles[role]
	default:
		return role
	}
	properties := map[string]any{
		"Description": "Execution role of " + l.name,
		"AssumeRolePolicyDocument": policy(map[string]any{
			"Effect": "Allow", "Action": "sts:AssumeRole",
			"Principal": map[string]any{"Service": "lambda.amazonaws.com"},
		}),
		"Policies": []any{map[string]any{
			"PolicyName": "function",
			"PolicyDocument": policy(append([]any{map[string]any{
				"Effect": "Allow",
				// No logs:CreateLogGroup: a late log line would make the group
				// again after the stack is gone.
				"Action":   []any{"logs:CreateLogStream", "logs:PutLogEvents"},
				"Resource": cfn.GetAtt(l.logGroupID, "Arn"),
			}}, l.permissions...)...),
		}},
	}
	setTags(properties, l.tags)
	m.add(l.roleID, "AWS::IAM::Role", properties, l.origin)
	return cfn.GetAtt(l.roleID, "Arn")
}

func policy(statements ...any) map[string]any {
	return map[string]any{"Version": "2012-10-17", "Statement": statements}
}

func allow(resource any, actions ...string) map[string]any {
	return map[string]any{"Effect": "Allow", "Action": anys(actions), "Resource": resource}
}

// statements writes permissions as policy statements.
func statements(permissions []spec.Permission) []any {
	var list []any
	for _, p := range permissions {
		statement := map[string]any{"Effect": "Allow", "Action": anys(p.Allow), "Resource": p.On}
		if len(p.When) > 0 {
			statement["Condition"] = p.When
		}
		list = append(list, statement)
	}
	return list
}

func anys(list []string) []any {
	out := make([]any, len(list))
	for i, s := range list {
		out[i] = s
	}
	return out
}

func setTags(properties map[string]any, tags map[string]string) {
	if len(tags) == 0 {
		return
	}
	var list []any
	for _, key := range sortedKeys(tags) {
		list = append(list, map[string]any{"Key": key, "Value": tags[key]})
	}
	properties["Tags"] = list
}
