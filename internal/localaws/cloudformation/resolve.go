// SPDX-License-Identifier: MIT

package cloudformation

import (
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// noValue is what AWS::NoValue resolves to: the property or element that holds
// it is dropped.
type noValue struct{}

// unknown is a value that only the deployment can tell, such as the ARN of a
// resource that is yet to be made.
type unknown struct{ raw any }

// afterApply is how CloudFormation shows such a value in a change set.
const afterApply = "{{changeSet:KNOWN_AFTER_APPLY}}"

// resolver evaluates intrinsic functions. Its functions are called without
// regard to concurrency: a resolver is used by one goroutine at a time.
type resolver struct {
	template   *template
	scope      arn.Scope
	stackID    string
	stackName  string
	parameters map[string]string
	conditions map[string]bool
	// ref and attribute return what Ref and GetAtt give for a resource, which
	// may be unknown. Nil functions make every resource unknown.
	ref       func(id string) (any, error)
	attribute func(id, name string) (any, error)
	// imported returns the value of an export.
	imported func(name string) (any, error)
	// address returns a text that Fn::Sub or Fn::Join made with the addresses
	// in it that are others on this machine. It may be nil.
	address func(text string) string
}

// here returns a text with the addresses that it has on this machine.
func (r *resolver) here(text string) string {
	if r.address == nil {
		return text
	}
	return r.address(text)
}

// resolve returns value with every function evaluated. The result may contain
// unknown values, but no noValue.
func (r *resolver) resolve(value any) (any, error) {
	resolved, err := r.eval(value)
	if _, none := resolved.(noValue); none {
		return nil, err
	}
	return resolved, err
}

// eval is resolve whose result may be noValue.
func (r *resolver) eval(value any) (any, error) {
	switch v := value.(type) {
	case string:
		if strings.Contains(v, "{{resolve:") {
			return nil, invalidf("the embedded AWS does not resolve dynamic references: %s", v)
		}
		return v, nil
	case []any:
		return r.list(v)
	case map[string]any:
		if name, argument, ok := functionOf(v); ok {
			return r.call(name, argument, v)
		}
		return r.object(v)
	}
	return value, nil
}

func (r *resolver) list(items []any) (any, error) {
	list := make([]any, 0, len(items))
	for _, item := range items {
		resolved, err := r.eval(item)
		if err != nil {
			return nil, err
		}
		if _, none := resolved.(noValue); !none {
			list = append(list, resolved)
		}
	}
	return list, nil
}

func (r *resolver) object(members map[string]any) (any, error) {
	object := make(map[string]any, len(members))
	for _, key := range sortedKeys(members) {
		resolved, err := r.eval(members[key])
		if err != nil {
			return nil, err
		}
		if _, none := resolved.(noValue); !none {
			object[key] = resolved
		}
	}
	return object, nil
}

// refValue resolves a name: a pseudo parameter, a parameter or a resource.
func (r *resolver) refValue(name string, raw any) (any, error) {
	if value, ok := r.pseudo(name); ok {
		return value, nil
	}
	if p, ok := r.template.parameters[name]; ok {
		return p.resolved(r.parameters[name]), nil
	}
	if !hasKey(r.template.resources, name) {
		return nil, unresolved(name)
	}
	if r.ref == nil {
		return unknown{raw}, nil
	}
	return r.ref(name)
}

func unresolved(names ...string) error {
	return invalidf("Template format error: Unresolved resource dependencies [%s] in the Resources block of the template", strings.Join(names, ", "))
}

func (r *resolver) attributeValue(id, name string, raw any) (any, error) {
	if !hasKey(r.template.resources, id) {
		return nil, invalidf("Template error: instance of Fn::GetAtt references undefined resource %s", id)
	}
	if r.attribute == nil {
		return unknown{raw}, nil
	}
	return r.attribute(id, name)
}

// pseudo returns the value of a pseudo parameter.
func (r *resolver) pseudo(name string) (any, bool) {
	switch name {
	case "AWS::AccountId":
		return r.scope.Account, true
	case "AWS::Region":
		return r.scope.Region, true
	case "AWS::Partition":
		return r.scope.Partition, true
	case "AWS::URLSuffix":
		if r.scope.Partition == "aws-cn" {
			return "amazonaws.com.cn", true
		}
		return "amazonaws.com", true
	case "AWS::StackId":
		return r.stackID, true
	case "AWS::StackName":
		return r.stackName, true
	case "AWS::NotificationARNs":
		return []any{}, true
	case "AWS::NoValue":
		return noValue{}, true
	}
	return nil, false
}

// isPseudo reports whether name is a pseudo parameter.
func isPseudo(name string) bool {
	_, ok := new(resolver).pseudo(name)
	return ok
}

// hasUnknown reports whether a resolved value contains an unknown one.
func hasUnknown(value any) bool {
	switch v := value.(type) {
	case unknown:
		return true
	case []any:
		return slices.ContainsFunc(v, hasUnknown)
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), hasUnknown)
	}
	return false
}

// replaceUnknown returns a resolved value with f applied to its unknown parts.
func replaceUnknown(value any, f func(raw any) any) any {
	switch v := value.(type) {
	case unknown:
		return f(v.raw)
	case []any:
		list := make([]any, len(v))
		for i, item := range v {
			list[i] = replaceUnknown(item, f)
		}
		return list
	case map[string]any:
		object := make(map[string]any, len(v))
		for key, item := range v {
			object[key] = replaceUnknown(item, f)
		}
		return object
	}
	return value
}

// properties resolves the properties of a resource; absent ones are an empty
// object. Numbers are float64, as encoding/json makes them.
func (r *resolver) properties(d definition) (map[string]any, error) {
	if d.properties == nil {
		return map[string]any{}, nil
	}
	resolved, err := r.object(d.properties)
	if err != nil {
		return nil, err
	}
	return plain(resolved).(map[string]any), nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
