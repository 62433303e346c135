// SPDX-License-Identifier: MIT

// Package access decides what may be done with the credentials of a role: those
// of functions, and those of AssumeRole. Requests that anybody else signs are
// not restricted.
//
// Each service says in a table which permissions its operations need (Table,
// Routes); Guard asks the policies of the role and of the resource for them, as
// the IAM User Guide says under "Policy evaluation logic". Actions and resources
// are those of the Service Authorization Reference.
package access

import (
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
)

// Need is one permission that a request takes.
type Need struct {
	Action   string              // such as sqs:SendMessage
	Resource string              // an ARN; "*" for actions without resources
	Context  map[string]string   // condition keys of the service, in lower case
	Lists    map[string][]string // those with several values
	Shown    string              // the action as the service's errors spell it; "" is Action
	// Assumed says that no table knows the operation: Action is its name, and a
	// role needs it on some resource.
	Assumed bool
}

// shown returns the action as errors have it.
func (n Need) shown() string {
	if n.Shown != "" {
		return n.Shown
	}
	return n.Action
}

// Resource finds the ARNs of what a request is about. None at all counts as
// "*".
type Resource func(in *Input) []string

// Rule says which permissions an operation needs.
type Rule func(in *Input) []Need

// Free is the rule of operations that need no permission.
func Free(*Input) []Need { return nil }

// On needs the action that is named like the operation, on resources. Tables
// only; Routes know no operations.
func On(resource Resource) Rule {
	return func(in *Input) []Need { return each(in.prefix+":"+in.Operation, in, resource) }
}

// Do needs an action such as lambda:InvokeFunction on resources.
func Do(action string, resource Resource) Rule {
	return func(in *Input) []Need { return each(action, in, resource) }
}

// All needs what several rules do.
func All(rules ...Rule) Rule {
	return func(in *Input) []Need {
		var needs []Need
		for _, rule := range rules {
			needs = append(needs, rule(in)...)
		}
		return needs
	}
}

// If needs what a rule does where the request has a member.
func If(member string, rule Rule) Rule {
	return func(in *Input) []Need {
		if in.Text(member) == "" {
			return nil
		}
		return rule(in)
	}
}

// PassRole needs iam:PassRole on the role that a member names, if it does. to is
// the service that is to assume it, such as lambda.amazonaws.com.
func PassRole(member, to string) Rule {
	return func(in *Input) []Need { return Pass(in.Text(member), to) }
}

// Pass needs iam:PassRole on a role; "" needs nothing.
func Pass(roleARN, to string) []Need {
	if roleARN == "" {
		return nil
	}
	return []Need{{Action: "iam:PassRole", Resource: roleARN, Context: map[string]string{"iam:passedtoservice": to}}}
}

func each(action string, in *Input, resource Resource) []Need {
	list := resource(in)
	if len(list) == 0 {
		list = []string{"*"}
	}
	needs := make([]Need, 0, len(list))
	for _, on := range list {
		needs = append(needs, Need{Action: action, Resource: on})
	}
	return needs
}

// Any is the resource of actions that have none.
func Any(*Input) []string { return nil }

// ARNIn is the resource whose ARN is in a member.
func ARNIn(member string) Resource {
	return func(in *Input) []string { return given(in.Text(member)) }
}

// Regional is a resource that a member names, by its name or its ARN. form is
// the resource part of the ARN with * for the name, such as table/*.
func Regional(service, form, member string) Resource {
	return func(in *Input) []string {
		name := in.Text(member)
		if name == "" {
			return nil
		}
		if _, ok := arn.Parse(name); ok {
			return []string{name}
		}
		return []string{in.Scope.Regional(service, strings.Replace(form, "*", name, 1))}
	}
}

func given(arns ...string) []string {
	var list []string
	for _, a := range arns {
		if a != "" {
			list = append(list, a)
		}
	}
	return list
}
