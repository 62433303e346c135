// SPDX-License-Identifier: MIT

package stage

import (
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// builtin is a kind of custom resource that is Sparta's own. All resources of a
// kind that a stack has are answered for by one function, with a role that
// allows no more than the kind takes.
type builtin struct {
	handler     string // name that the provider's program knows it by
	source      string // package of the toolkit that has it
	resource    string // type in the template
	stem        string // of the logical ids of the provider; package spec knows them
	name        string // what the provider's name ends with
	description string
	memoryMB    int
	timeout     time.Duration
	used        func(*spec.Service) bool
}

// builtins are all kinds that there are, as a service needs them.
func builtins(s *spec.Service) []builtin {
	return []builtin{bucketNotifications(), siteContent(s), receiptRuleSets()}
}

// usedBuiltins are the kinds that a service has resources of.
func usedBuiltins(s *spec.Service) []builtin {
	var used []builtin
	for _, b := range builtins(s) {
		if b.used(s) {
			used = append(used, b)
		}
	}
	return used
}

// addBuiltinProvider adds the function that answers for a kind. A right that
// only one of several resources takes belongs into addBuiltinPolicy instead.
func (m *marshaller) addBuiltinProvider(b builtin, permissions []any, origin cfn.Origin) {
	m.addProvider(lambdaFunction{
		name: spec.FunctionName(m.service.Name, b.name), handler: b.handler, description: b.description,
		memoryMB: b.memoryMB, timeout: b.timeout, permissions: permissions, origin: origin,
	}, b.stem)
}

// addBuiltinPolicy adds a policy to the provider of a kind, for the resource
// that depends on it: the right stays until the resource is deleted. What the
// role itself allows is taken away by the very update that removes the
// resource, before CloudFormation asks for its deletion.
func (m *marshaller) addBuiltinPolicy(b builtin, id string, permissions []any, origin cfn.Origin) {
	m.add(id, "AWS::IAM::Policy", map[string]any{
		"PolicyName": id, "PolicyDocument": policy(permissions...), "Roles": []any{cfn.Ref(spec.ProviderRoleID(b.stem))},
	}, origin)
}

// addBuiltin adds a resource of a kind.
func (m *marshaller) addBuiltin(b builtin, id string, properties map[string]any, origin cfn.Origin) *cfn.Resource {
	return m.addCustom(id, b.resource, b.stem, b.timeout, properties, origin)
}
