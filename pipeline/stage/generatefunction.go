// SPDX-License-Identifier: MIT

package stage

import (
	"maps"
	"slices"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// shimModule is the module name of the NodeJS shim in a Handler.
const shimModule = "index"

// addFunction adds one function of the service.
func (m *marshaller) addFunction(f spec.Function) {
	handler := f.Name
	if f.Shim() {
		handler = shimModule + "." + f.Name
	}
	origin := m.origin("functions", f.Name)
	needs := statements(f.Permissions)
	needs = append(needs, m.addEvents(f)...)
	needs = append(needs, m.settingRights(f)...)
	function := m.addLambda(lambdaFunction{
		functionID: spec.FunctionID(f.Name), roleID: spec.RoleID(f.Name), logGroupID: spec.LogGroupID(f.Name),
		name: spec.FunctionName(m.service.Name, f.Name), logGroup: LogGroupName(m.service.Name, f.Name),
		description: f.Description, runtime: f.Runtime, architecture: f.Architecture, handler: handler,
		memoryMB: f.MemoryMB, timeout: f.Timeout, environment: m.environment(f),
		role: f.Role, permissions: needs, settings: m.settings(f), retentionDays: f.Logs.RetentionDays, tags: f.Tags,
		code: m.code.App[f.Architecture], deadLetter: deadLetter(f), origin: origin,
	})
	if f.FileSystem != nil {
		function.DependsOn = m.mountTargets()
	}
	if f.Alias != "" {
		m.addAlias(f, origin)
	}
	if f.URL != nil {
		m.addURL(f, origin)
	}
}

// target is the ARN that a function's events are sent to: that of its alias, if
// it has one.
func target(f spec.Function) any {
	if f.Alias != "" {
		return cfn.Ref(spec.AliasID(f.Name))
	}
	return cfn.GetAtt(spec.FunctionID(f.Name), "Arn")
}

// caller is what a permission to call the function is for.
func caller(f spec.Function) any {
	if f.Alias != "" {
		return cfn.Ref(spec.AliasID(f.Name))
	}
	return cfn.Ref(spec.FunctionID(f.Name))
}

// Variables that tell the Go program what Lambda does not.
const (
	streamVariable = "SPARTA_STREAM" // its answers are streamed
	corsVariable   = "SPARTA_CORS"   // the headers that answers to a REST API have
	baseVariable   = "SPARTA_BASE"   // the domain name and the path in it that the API has
)

// environment returns the function's variables with Sparta's own.
func (m *marshaller) environment(f spec.Function) map[string]any {
	own := map[string]any{}
	if f.URL != nil && f.URL.Stream {
		own[streamVariable] = "1"
	}
	if a := m.service.API; a != nil && slices.ContainsFunc(f.Events, func(e spec.Event) bool { return e.HTTP != nil }) {
		if a.REST() && a.CORS != nil {
			own[corsVariable] = compact(corsSettings(*a.CORS))
		}
		if a.Domain != nil && a.Domain.Path != "" {
			own[baseVariable] = a.Domain.Name + "/" + a.Domain.Path
		}
	}
	if len(own) == 0 {
		return f.Environment
	}
	all := maps.Clone(own)
	maps.Copy(all, f.Environment)
	maps.Copy(all, own)
	return all
}

// addURL adds a function's own HTTPS address. A public one takes two grants
// since October 2025: one for the URL and one for the function behind it
// (Lambda Developer Guide, "Control access to Lambda function URLs").
func (m *marshaller) addURL(f spec.Function, origin cfn.Origin) {
	urlID := spec.URLID(f.Name)
	properties := map[string]any{
		"TargetFunctionArn": cfn.GetAtt(spec.FunctionID(f.Name), "Arn"), "AuthType": f.URL.Auth, "InvokeMode": "BUFFERED",
	}
	if f.URL.Stream {
		properties["InvokeMode"] = "RESPONSE_STREAM"
	}
	if f.URL.CORS != nil {
		properties["Cors"] = corsProperties(*f.URL.CORS)
	}
	if f.Alias != "" {
		properties["Qualifier"] = f.Alias
	}
	url := m.add(urlID, "AWS::Lambda::Url", properties, origin)
	if f.Alias != "" {
		url.DependsOn = []string{spec.AliasID(f.Name)} // the qualifier is no reference
	}
	if f.URL.Auth == "NONE" {
		m.add(spec.URLPermissionID(f.Name), "AWS::Lambda::Permission", map[string]any{
			"FunctionName": caller(f), "Action": "lambda:InvokeFunctionUrl", "Principal": "*", "FunctionUrlAuthType": "NONE",
		}, origin)
		m.add(spec.URLInvokePermissionID(f.Name), "AWS::Lambda::Permission", map[string]any{
			"FunctionName": caller(f), "Action": "lambda:InvokeFunction", "Principal": "*", "InvokedViaFunctionUrl": true,
		}, origin)
	}
	m.addOutput(urlID, &cfn.Output{
		Description: "URL of function " + f.Name, Value: cfn.GetAtt(urlID, "FunctionUrl"),
	}, origin)
}

func corsProperties(c spec.CORS) map[string]any {
	properties := map[string]any{}
	set := func(name string, list []string) {
		if len(list) > 0 {
			properties[name] = anys(list)
		}
	}
	set("AllowOrigins", c.AllowOrigins)
	set("AllowMethods", c.AllowMethods)
	set("AllowHeaders", c.AllowHeaders)
	set("ExposeHeaders", c.ExposeHeaders)
	if c.AllowCredentials {
		properties["AllowCredentials"] = true
	}
	if c.MaxAge > 0 {
		properties["MaxAge"] = int(c.MaxAge / time.Second)
	}
	return properties
}
