// SPDX-License-Identifier: MIT

package stage

import (
	"maps"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// providerRuntime runs custom resources: plain Go, without the shim.
const providerRuntime = "provided.al2023"

// answerMargin is how much longer than its function CloudFormation waits for a
// custom resource's answer. Without a limit a lost one costs an hour.
const answerMargin = 30 * time.Second

// addCustomResource adds a custom resource of sparta.yaml and the function that
// handles it.
func (m *marshaller) addCustomResource(r spec.CustomResource) {
	origin := m.origin("customResources", r.Name)
	m.addProvider(lambdaFunction{
		name: spec.FunctionName(m.service.Name, r.Name), handler: r.Name, memoryMB: r.MemoryMB, timeout: r.Timeout,
		description: "Custom resource " + r.Name, environment: r.Environment,
		role: r.Role, permissions: statements(r.Permissions), origin: origin,
	}, r.Name)
	properties := maps.Clone(r.Properties)
	if properties == nil {
		properties = map[string]any{}
	}
	m.addCustom(r.Name, "Custom::"+r.Name, r.Name, r.Timeout, properties, origin)
}

// addProvider adds the function that handles a custom resource.
func (m *marshaller) addProvider(l lambdaFunction, name string) {
	l.functionID, l.roleID, l.logGroupID = spec.ProviderFunctionID(name), spec.ProviderRoleID(name), spec.ProviderLogGroupID(name)
	l.logGroup = LogGroupName(m.service.Name, "custom/"+name)
	l.runtime, l.architecture, l.code = providerRuntime, providerArchitecture, m.code.Provider
	l.retentionDays = providerRetentionDays
	m.addLambda(l)
}

// providerRetentionDays is how long the log of a custom resource is kept.
const providerRetentionDays = 14

// addCustom adds the custom resource itself. It refers to the function, which
// refers to its role and log group, so that all of them outlive it.
func (m *marshaller) addCustom(id, kind, provider string, timeout time.Duration, properties map[string]any, origin cfn.Origin) *cfn.Resource {
	properties["ServiceToken"] = cfn.GetAtt(spec.ProviderFunctionID(provider), "Arn")
	properties["ServiceTimeout"] = int((timeout + answerMargin) / time.Second)
	return m.add(id, kind, properties, origin)
}
