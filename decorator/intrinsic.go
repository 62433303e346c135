// SPDX-License-Identifier: MIT

package decorator

import "github.com/sparta-up/sparta/internal/cfn"

// NoValue, as in Ref(NoValue), removes the property that holds it.
const NoValue = cfn.NoValue

// Ref is the value of a parameter or pseudo parameter, or the reference value
// of a resource, which is its physical id for most types.
func Ref(id string) any { return cfn.Ref(id) }

// GetAtt is an attribute of a resource, such as Arn or Endpoint.Address.
func GetAtt(id, attribute string) any { return cfn.GetAtt(id, attribute) }

// Sub is a string in which ${Name} stands for Ref, ${Name.Attribute} for GetAtt
// and ${!Text} for ${Text} itself.
func Sub(format string) any { return cfn.Sub(format) }

// SubWith is Sub with values for names that are no part of the template.
func SubWith(format string, values map[string]any) any { return cfn.SubWith(format, values) }

// Join concatenates parts with sep between them.
func Join(sep string, parts ...any) any { return cfn.Join(sep, parts...) }

// Select is the element of list at index, counted from 0.
func Select(index int, list any) any { return cfn.Select(index, list) }

// Split cuts source at each sep.
func Split(sep string, source any) any { return cfn.Split(sep, source) }

// If is yes where the named condition holds, else no.
func If(condition string, yes, no any) any { return cfn.If(condition, yes, no) }

// Equals is the condition that a and b are the same string.
func Equals(a, b any) any { return cfn.Equals(a, b) }

// And is the condition that all of 2 to 10 conditions hold.
func And(conditions ...any) any { return cfn.And(conditions...) }

// Or is the condition that one of 2 to 10 conditions holds.
func Or(conditions ...any) any { return cfn.Or(conditions...) }

// Not is the condition that another does not hold.
func Not(condition any) any { return cfn.Not(condition) }

// Condition names a condition inside And, Or and Not.
func Condition(name string) any { return cfn.Condition(name) }

// FindInMap is a value of a mapping.
func FindInMap(mapping string, top, second any) any { return cfn.FindInMap(mapping, top, second) }

// ImportValue is an output exported by another stack of the Region.
func ImportValue(name any) any { return cfn.ImportValue(name) }

// Base64 is the value encoded in base64.
func Base64(value any) any { return cfn.Base64(value) }
