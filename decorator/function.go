// SPDX-License-Identifier: MIT

package decorator

import (
	"errors"
	"fmt"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
)

// LogicalID returns the logical id of the function that sparta.yaml calls name:
// hello-world gives HelloWorldFunction.
func LogicalID(name string) string { return pascal(name) + "Function" }

func pascal(name string) string {
	var b strings.Builder
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '_' }) {
		b.WriteString(strings.ToUpper(part[:1]) + part[1:])
	}
	return b.String()
}

// Function returns the AWS::Lambda::Function of the function that sparta.yaml
// calls name. What is changed in it changes the template.
func (t *Template) Function(name string) (*Resource, error) {
	r, err := t.Resource(LogicalID(name))
	if err != nil {
		return nil, fmt.Errorf("function %q: %w", name, err)
	}
	if r.Type != "AWS::Lambda::Function" {
		return nil, fmt.Errorf("function %q: resource %s is a %s", name, LogicalID(name), r.Type)
	}
	return r, nil
}

// Environment sets an environment variable of the function that sparta.yaml
// calls name. The value is a string or what [Ref] and the like return.
func (t *Template) Environment(name, variable string, value any) error {
	r, err := t.Function(name)
	if err != nil {
		return fmt.Errorf("set environment variable %s: %w", variable, err)
	}
	environment, err := object(r.Properties, "Environment")
	if err == nil {
		environment, err = object(environment, "Variables")
	}
	if err != nil {
		return fmt.Errorf("set environment variable %s of function %q: %w", variable, name, err)
	}
	environment[variable] = value
	return nil
}

// Allow lets the function that sparta.yaml calls name do the IAM actions on the
// resources, ARNs or what [GetAtt] and the like return: it appends a statement
// to the first inline policy of the function's own role. It fails for a
// function with a static role, which Sparta does not change.
func (t *Template) Allow(name string, actions []string, resources ...any) error {
	if err := t.allow(name, actions, resources); err != nil {
		return fmt.Errorf("allow %s: %w", strings.Join(actions, ", "), err)
	}
	return nil
}

func (t *Template) allow(name string, actions []string, resources []any) error {
	if len(actions) == 0 || len(resources) == 0 {
		return errors.New("needs at least one action and one resource")
	}
	if _, err := t.Function(name); err != nil {
		return err
	}
	role, ok := t.template.Resources[pascal(name)+"Role"]
	if !ok || role.Type != "AWS::IAM::Role" {
		return fmt.Errorf("function %q has a static role, which is not changed", name)
	}
	if role.Properties == nil {
		role.Properties = Properties{}
	}
	listed := make([]any, len(actions))
	for i, action := range actions {
		listed[i] = action
	}
	statement := map[string]any{"Effect": "Allow", "Action": listed, "Resource": resources}
	policies, err := items(role.Properties, "Policies")
	if err != nil {
		return err
	}
	if len(policies) == 0 {
		document := map[string]any{"Version": "2012-10-17", "Statement": []any{statement}}
		role.Properties["Policies"] = []any{map[string]any{"PolicyName": "decorators", "PolicyDocument": document}}
		return nil
	}
	policy, ok := policies[0].(map[string]any)
	if !ok {
		return fmt.Errorf("role %sRole: its first policy is no object", pascal(name))
	}
	document, err := object(policy, "PolicyDocument")
	if err != nil {
		return err
	}
	statements, err := items(document, "Statement")
	if err != nil {
		return err
	}
	document["Statement"] = append(statements, statement)
	return nil
}

// object returns the object below key and makes it where there is none.
func object(in map[string]any, key string) (map[string]any, error) {
	v, err := plain(in, key)
	if err != nil {
		return nil, err
	}
	if v == nil {
		v = map[string]any{}
		in[key] = v
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("%s is no object", key)
	}
	return m, nil
}

// items returns the list below key, which may be missing; a single object
// counts as a list of it, as in IAM's Statement.
func items(in map[string]any, key string) ([]any, error) {
	v, err := plain(in, key)
	if err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case nil:
		return nil, nil
	case []any:
		return v, nil
	case map[string]any:
		return []any{v}, nil
	}
	return nil, fmt.Errorf("%s is no list", key)
}

// plain returns the value below key. What a decorator has put there as another
// Go type, such as a struct, is brought into the form of JSON first.
func plain(in map[string]any, key string) (any, error) {
	switch v := in[key].(type) {
	case nil, map[string]any, []any:
		return v, nil
	}
	v, err := cfn.Normalize(in[key])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	in[key] = v
	return v, nil
}
