// SPDX-License-Identifier: MIT

package stage

import "strings"

// Statement is one statement of a policy, in words.
type Statement struct {
	Effect    string   // allow or deny
	Actions   []string // such as sqs:SendMessage
	Resources []string // ARNs; Queue.Arn is the attribute of a resource of the stack
	Condition string   // JSON; empty without one
}

// Statements returns the statements of the role's policy.
func (r RolePermissions) Statements() []Statement {
	var all []Statement
	list, _ := r.Document["Statement"].([]any)
	for _, one := range list {
		statement, ok := one.(map[string]any)
		if !ok {
			continue
		}
		effect, _ := statement["Effect"].(string)
		s := Statement{Effect: strings.ToLower(effect), Actions: words(statement["Action"]), Resources: words(statement["Resource"])}
		if condition := statement["Condition"]; condition != nil {
			s.Condition = readable(compact(condition))
		}
		all = append(all, s)
	}
	return all
}

// words are one value or a list of them as text.
func words(v any) []string {
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	var all []string
	for _, item := range list {
		all = append(all, inWords(item))
	}
	return all
}

// inWords is a text, or a call of a function of CloudFormation as people write
// it.
func inWords(v any) string {
	call, ok := v.(map[string]any)
	if !ok {
		text, _ := v.(string)
		return text
	}
	if id, ok := call["Ref"].(string); ok {
		return id
	}
	if list, ok := call["Fn::GetAtt"].([]any); ok && len(list) == 2 {
		return inWords(list[0]) + "." + inWords(list[1])
	}
	if format, ok := call["Fn::Sub"].(string); ok {
		return readable(format)
	}
	return readable(compact(v))
}

// readable writes what the stack knows of itself in fewer words.
func readable(text string) string {
	return strings.NewReplacer("${AWS::Partition}", "aws", "${AWS::Region}", "<region>", "${AWS::AccountId}", "<account>").Replace(text)
}
