// SPDX-License-Identifier: MIT

package iam

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns AWS::IAM::Role, AWS::IAM::Policy and
// AWS::IAM::ManagedPolicy.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::IAM::Role":          roleType{s},
		"AWS::IAM::Policy":        policyType{s},
		"AWS::IAM::ManagedPolicy": managedType{s},
	}
}

// roleType is AWS::IAM::Role. Its physical id is the role's name.
type roleType struct{ s *Service }

// Check returns the faults of the properties.
func (roleType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"AssumeRolePolicyDocument": shape.Document, "Description": shape.String, "ManagedPolicyArns": shape.List(shape.String),
		"MaxSessionDuration": shape.Integer(3600, 43200), "Path": shape.String, "PermissionsBoundary": shape.String,
		"Policies": shape.List(shape.Object(shape.Fields{"PolicyName": shape.String, "PolicyDocument": shape.Document}, "PolicyName", "PolicyDocument")),
		"RoleName": shape.Pattern(namePattern, 64), "Tags": shape.Tags,
	}, "AssumeRolePolicyDocument"), properties)
}

// Replaces follows the "Update requires" lines of the type's page.
func (roleType) Replaces(old, new map[string]any) bool { return differ(old, new, "RoleName", "Path") }

// differ reports whether one of the properties is not the same.
func differ(old, new map[string]any, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool { return !reflect.DeepEqual(old[name], new[name]) })
}

// Create makes the role with all its policies.
func (t roleType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "RoleName")
	if name == "" {
		name = r.DefaultName(64)
	}
	return t.s.change(ctx, r, func(a *account) (resource.Instance, error) {
		trust, err := text(r.Properties["AssumeRolePolicyDocument"])
		if err != nil {
			return resource.Instance{}, err
		}
		made, err := t.s.make(a, newRole{
			account: r.Scope.Account, name: name, path: shape.Member(r.Properties, "Path"), trust: trust,
			maxSession: duration(r.Properties), description: shape.Member(r.Properties, "Description"),
			boundary: shape.Member(r.Properties, "PermissionsBoundary"), tags: shape.TagMap(r.Tags, r.Properties),
		})
		if err != nil {
			return resource.Instance{}, err
		}
		if err := a.applyPolicies(made, r); err != nil {
			delete(a.Roles, name)
			return resource.Instance{}, err
		}
		return made.instance(), nil
	})
}

func duration(properties map[string]any) int {
	seconds, _ := shape.Int(properties["MaxSessionDuration"])
	return seconds
}

func (r *role) instance() resource.Instance {
	return resource.Instance{PhysicalID: r.Name, Attributes: map[string]any{"Arn": r.ARN, "RoleId": r.ID}}
}

// Update changes what the properties say; policies that others put on the role
// stay.
func (t roleType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return t.s.change(ctx, r, func(a *account) (resource.Instance, error) {
		current, err := a.roleNamed(old.PhysicalID)
		if err != nil {
			return old, err
		}
		trust, err := text(r.Properties["AssumeRolePolicyDocument"])
		if err == nil {
			err = checkTrust(trust)
		}
		if err != nil {
			return old, err
		}
		next := *current
		next.Inline = maps.Clone(current.Inline)
		next.Trust, next.Description, next.Boundary = trust, shape.Member(r.Properties, "Description"), shape.Member(r.Properties, "PermissionsBoundary")
		next.MaxSessionSeconds = max(duration(r.Properties), 3600)
		next.Tags = shape.TagMap(r.Tags, r.Properties)
		if err := a.applyPolicies(&next, r); err != nil {
			return old, err
		}
		a.Roles[old.PhysicalID] = &next
		return next.instance(), nil
	})
}

// applyPolicies brings the policies of a role from the old properties to the
// new ones.
func (a *account) applyPolicies(r *role, request resource.Request) error {
	for _, policyARN := range shape.Texts(request.OldProperties, "ManagedPolicyArns") {
		r.detach(policyARN)
	}
	for _, item := range shape.Items(request.OldProperties, "Policies") {
		delete(r.Inline, shape.Member(item, "PolicyName"))
	}
	for _, policyARN := range shape.Texts(request.Properties, "ManagedPolicyArns") {
		if err := a.attach(r, policyARN); err != nil {
			return err
		}
	}
	for _, item := range shape.Items(request.Properties, "Policies") {
		members, _ := item.(map[string]any)
		document, err := text(members["PolicyDocument"])
		if err != nil {
			return err
		}
		if err := r.putInline(shape.Member(item, "PolicyName"), document); err != nil {
			return err
		}
	}
	return nil
}

// Delete removes the role with the policies that the properties gave it.
// Policies that others put on it make it fail, as on AWS.
func (t roleType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	_, err := t.s.change(ctx, r, func(a *account) (resource.Instance, error) {
		current := a.Roles[old.PhysicalID]
		if current == nil {
			return old, nil
		}
		next := *current
		next.Inline = maps.Clone(current.Inline)
		for _, properties := range []map[string]any{r.OldProperties, r.Properties} {
			for _, policyARN := range shape.Texts(properties, "ManagedPolicyArns") {
				next.detach(policyARN)
			}
			for _, item := range shape.Items(properties, "Policies") {
				delete(next.Inline, shape.Member(item, "PolicyName"))
			}
		}
		return old, a.drop(&next)
	})
	return err
}

// change runs f with the account of the request, words its error as
// CloudFormation does, and keeps the state.
func (s *Service) change(ctx context.Context, r resource.Request, f func(*account) (resource.Instance, error)) (resource.Instance, error) {
	if err := ctx.Err(); err != nil {
		return resource.Instance{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	instance, err := f(s.in(r.Scope.Account))
	if err != nil {
		return instance, wire.FromService("Iam", err)
	}
	s.changed()
	return instance, nil
}

// text returns a policy property, which is an object or JSON text, as JSON.
func text(document any) (string, error) {
	if s, ok := document.(string); ok {
		return s, nil
	}
	body, err := json.Marshal(document)
	if err != nil {
		return "", fmt.Errorf("encode policy: %w", err)
	}
	return string(body), nil
}
