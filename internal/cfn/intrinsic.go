// SPDX-License-Identifier: MIT

package cfn

import "strings"

// NoValue is the pseudo parameter whose Ref removes the property that holds it.
const NoValue = "AWS::NoValue"

// pseudoParameters are the names CloudFormation defines itself (user guide,
// "Pseudo parameters reference").
func pseudoParameters() []string {
	return []string{
		"AWS::AccountId", "AWS::NotificationARNs", NoValue, "AWS::Partition",
		"AWS::Region", "AWS::StackId", "AWS::StackName", "AWS::URLSuffix",
	}
}

// Ref is the value of a parameter or pseudo parameter, or the reference value
// of a resource, which is its physical id for most types.
func Ref(id string) any { return map[string]any{"Ref": id} }

// GetAtt is an attribute of a resource, such as Arn or Endpoint.Address.
func GetAtt(id, attribute string) any {
	return map[string]any{"Fn::GetAtt": []any{id, attribute}}
}

// Sub is a string in which ${Name} stands for Ref, ${Name.Attribute} for GetAtt
// and ${!Text} for ${Text} itself.
func Sub(format string) any { return map[string]any{"Fn::Sub": format} }

// SubWith is Sub with values for names that are no part of the template.
func SubWith(format string, values map[string]any) any {
	return map[string]any{"Fn::Sub": []any{format, values}}
}

// Join concatenates parts with sep between them.
func Join(sep string, parts ...any) any {
	return map[string]any{"Fn::Join": []any{sep, list(parts)}}
}

// Select is the element of list at index, counted from 0.
func Select(index int, list any) any {
	return map[string]any{"Fn::Select": []any{index, list}}
}

// Split cuts source at each sep.
func Split(sep string, source any) any {
	return map[string]any{"Fn::Split": []any{sep, source}}
}

// If is yes where the named condition holds, else no.
func If(condition string, yes, no any) any {
	return map[string]any{"Fn::If": []any{condition, yes, no}}
}

// Equals is the condition that a and b are the same string.
func Equals(a, b any) any { return map[string]any{"Fn::Equals": []any{a, b}} }

// And is the condition that all of 2 to 10 conditions hold.
func And(conditions ...any) any { return map[string]any{"Fn::And": list(conditions)} }

// Or is the condition that one of 2 to 10 conditions holds.
func Or(conditions ...any) any { return map[string]any{"Fn::Or": list(conditions)} }

// Not is the condition that another does not hold.
func Not(condition any) any { return map[string]any{"Fn::Not": []any{condition}} }

// Condition names a condition inside And, Or, Not and the Conditions section.
func Condition(name string) any { return map[string]any{"Condition": name} }

// FindInMap is a value of the Mappings section.
func FindInMap(mapping string, top, second any) any {
	return map[string]any{"Fn::FindInMap": []any{mapping, top, second}}
}

// ImportValue is an output exported by another stack of the Region.
func ImportValue(name any) any { return map[string]any{"Fn::ImportValue": name} }

// Base64 is the value encoded in base64.
func Base64(value any) any { return map[string]any{"Fn::Base64": value} }

func list(parts []any) []any {
	if parts == nil {
		return []any{}
	}
	return parts
}

// intrinsic returns the name and argument of the intrinsic function that v is
// in its long form, or "". {"Condition": name} is not counted: outside of
// conditions it is an ordinary object.
func intrinsic(v any) (name string, argument any) {
	m, ok := v.(map[string]any)
	if !ok || len(m) != 1 {
		return "", nil
	}
	for key, arg := range m {
		if key == "Ref" || strings.HasPrefix(key, "Fn::") {
			return key, arg
		}
	}
	return "", nil
}
