// SPDX-License-Identifier: MIT

package iam

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// policyType is AWS::IAM::Policy: an inline policy that is put on roles. Its
// physical id is the logical name that Ref returns.
type policyType struct{ s *Service }

// Check returns the faults of the properties.
func (policyType) Check(properties map[string]any) []string {
	faults := shape.Check(shape.Object(shape.Fields{
		"PolicyName": shape.Pattern(namePattern, 128), "PolicyDocument": shape.Document, "Roles": shape.List(shape.String),
		"Users": shape.Unmodelled, "Groups": shape.Unmodelled,
	}, "PolicyName", "PolicyDocument"), properties)
	if list, ok := properties["Roles"].([]any); len(faults) == 0 && (properties["Roles"] == nil || ok && len(list) == 0) {
		faults = append(faults, "#: At least one of [Groups,Roles,Users] must be non-empty.")
	}
	return faults
}

// Replaces follows the "Update requires" lines of the type's page: a policy can
// be renamed, but not in place.
func (policyType) Replaces(old, new map[string]any) bool { return differ(old, new, "PolicyName") }

// Create puts the policy on its roles.
func (t policyType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	id := r.DefaultName(128)
	return t.put(ctx, r, resource.Instance{PhysicalID: id, Attributes: map[string]any{"Id": id}})
}

// Update replaces the document and follows the list of roles.
func (t policyType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return t.put(ctx, r, old)
}

func (t policyType) put(ctx context.Context, r resource.Request, instance resource.Instance) (resource.Instance, error) {
	name := shape.Member(r.Properties, "PolicyName")
	roles := shape.Texts(r.Properties, "Roles")
	return t.s.change(ctx, r, func(a *account) (resource.Instance, error) {
		document, err := text(r.Properties["PolicyDocument"])
		if err != nil {
			return resource.Instance{}, err
		}
		changed := map[string]*role{}
		for _, roleName := range roles {
			current, err := a.roleNamed(roleName)
			if err != nil {
				return resource.Instance{}, err
			}
			next := *current
			next.Inline = maps.Clone(current.Inline)
			if err := next.putInline(name, document); err != nil {
				return resource.Instance{}, err
			}
			changed[roleName] = &next
		}
		maps.Copy(a.Roles, changed)
		if r.OldProperties != nil {
			a.removeInline(r.OldProperties, roles)
		}
		return instance, nil
	})
}

// removeInline takes the policy of the properties off their roles, but for
// those to keep.
func (a *account) removeInline(properties map[string]any, keep []string) {
	for _, name := range shape.Texts(properties, "Roles") {
		if r := a.Roles[name]; r != nil && !slices.Contains(keep, name) {
			delete(r.Inline, shape.Member(properties, "PolicyName"))
		}
	}
}

// Delete takes the policy off its roles.
func (t policyType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	_, err := t.s.change(ctx, r, func(a *account) (resource.Instance, error) {
		a.removeInline(r.Properties, nil)
		return old, nil
	})
	return err
}

// managedType is AWS::IAM::ManagedPolicy. Its physical id is the policy's ARN.
type managedType struct{ s *Service }

// Check returns the faults of the properties.
func (managedType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"ManagedPolicyName": shape.Pattern(namePattern, 128), "Description": shape.String, "Path": shape.String, "PolicyDocument": shape.Document,
		"Roles": shape.List(shape.String), "Users": shape.Unmodelled, "Groups": shape.Unmodelled, "Tags": shape.Tags,
	}, "PolicyDocument"), properties)
}

// Replaces follows the "Update requires" lines of the type's page.
func (managedType) Replaces(old, new map[string]any) bool {
	return differ(old, new, "ManagedPolicyName", "Description", "Path")
}

// Create makes the policy and attaches it to its roles.
func (t managedType) Create(ctx context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "ManagedPolicyName")
	if name == "" {
		name = r.DefaultName(128)
	}
	return t.s.change(ctx, r, func(a *account) (resource.Instance, error) {
		document, err := text(r.Properties["PolicyDocument"])
		if err != nil {
			return resource.Instance{}, err
		}
		p, err := t.s.addPolicy(a, r.Scope.Account, managed{
			Name: name, Path: shape.Member(r.Properties, "Path"), Description: shape.Member(r.Properties, "Description"),
			Document: document, Tags: shape.TagMap(r.Tags, r.Properties),
		})
		if err != nil {
			return resource.Instance{}, err
		}
		if err := a.attachRoles(p.ARN, shape.Texts(r.Properties, "Roles")); err != nil {
			a.detachEverywhere(p.ARN)
			delete(a.Policies, p.ARN)
			return resource.Instance{}, err
		}
		return p.instance(), nil
	})
}

func (p *managed) instance() resource.Instance {
	return resource.Instance{PhysicalID: p.ARN, Attributes: map[string]any{"PolicyArn": p.ARN, "PolicyId": p.ID, "DefaultVersionId": "v1", "IsAttachable": true}}
}

func (a *account) attachRoles(policyARN string, roles []string) error {
	for _, name := range roles {
		r, err := a.roleNamed(name)
		if err != nil {
			return err
		}
		if err := a.attach(r, policyARN); err != nil {
			return err
		}
	}
	return nil
}

func (a *account) detachEverywhere(policyARN string) {
	for _, r := range a.attachedTo(policyARN) {
		r.detach(policyARN)
	}
}

// Update replaces the document and follows the list of roles.
func (t managedType) Update(ctx context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return t.s.change(ctx, r, func(a *account) (resource.Instance, error) {
		p := a.Policies[old.PhysicalID]
		if p == nil {
			return old, noSuchEntity("Policy %s was not found.", old.PhysicalID)
		}
		document, err := text(r.Properties["PolicyDocument"])
		if err == nil {
			err = checkManaged(document)
		}
		if err != nil {
			return old, err
		}
		roles := shape.Texts(r.Properties, "Roles")
		if err := a.attachRoles(p.ARN, roles); err != nil {
			return old, err
		}
		for _, name := range shape.Texts(r.OldProperties, "Roles") {
			if current := a.Roles[name]; current != nil && !slices.Contains(roles, name) {
				current.detach(p.ARN)
			}
		}
		p.Document, p.Tags, p.Updated = document, shape.TagMap(r.Tags, r.Properties), t.s.env.Now().UTC()
		return p.instance(), nil
	})
}

// Delete detaches the policy from the roles of its properties and removes it.
func (t managedType) Delete(ctx context.Context, old resource.Instance, r resource.Request) error {
	_, err := t.s.change(ctx, r, func(a *account) (resource.Instance, error) {
		for _, name := range shape.Texts(r.Properties, "Roles") {
			if current := a.Roles[name]; current != nil {
				current.detach(old.PhysicalID)
			}
		}
		if attached := a.attachedTo(old.PhysicalID); len(attached) > 0 {
			return old, fmt.Errorf("delete policy %q: %w", old.PhysicalID, deleteConflict("Cannot delete a policy attached to entities."))
		}
		delete(a.Policies, old.PhysicalID)
		return old, nil
	})
	return err
}
