// SPDX-License-Identifier: MIT

package cognito

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// groupType is AWS::Cognito::UserPoolGroup.
type groupType struct{ service *Service }

// Check returns the faults of the properties.
func (t groupType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"Description": shape.String, "GroupName": shape.String, "Precedence": shape.Integer(0, 1<<31-1), "RoleArn": shape.String, "UserPoolId": shape.String,
	}, "UserPoolId"), properties)
}

// Replaces reports whether the group is another one.
func (t groupType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "GroupName", "UserPoolId")
}

func (t groupType) put(r resource.Request, name string, isNew bool) error {
	var g group
	if err := resource.Decode(r.Properties, &g); err != nil {
		return invalid("%v", err)
	}
	return t.service.edit(r, shape.Member(r.Properties, "UserPoolId"), func(p *pool) error {
		old := p.Groups[name]
		switch {
		case isNew && old != nil:
			return refused("GroupExistsException", "A group with the name %s already exists.", name)
		case !isNew && old == nil:
			return errNoGroup()
		}
		g.GroupName, g.Modified = name, t.service.env.Now().UTC()
		g.Created = g.Modified
		if old != nil {
			g.Created = old.Created
		}
		p.Groups[name] = &g
		return nil
	})
}

// Create makes a group. Ref is its name.
func (t groupType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "GroupName")
	if name == "" {
		name = r.DefaultName(128)
	}
	if err := t.put(r, name, true); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: name, Attributes: map[string]any{}}, nil
}

// Update gives a group other settings.
func (t groupType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return old, t.put(r, old.PhysicalID, false)
}

// Delete removes a group; its users stay.
func (t groupType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return t.service.remove(r, shape.Member(r.Properties, "UserPoolId"), func(p *pool) error {
		delete(p.Groups, old.PhysicalID)
		for _, u := range p.Users {
			u.leave(old.PhysicalID)
		}
		return nil
	})
}

// userType is AWS::Cognito::UserPoolUser: a user whom an administrator invites.
type userType struct{ service *Service }

// Check returns the faults of the properties.
func (t userType) Check(properties map[string]any) []string {
	attributes := shape.List(shape.Object(shape.Fields{"Name": shape.String, "Value": shape.String}))
	return shape.Check(shape.Object(shape.Fields{
		"ClientMetadata": shape.Any, "DesiredDeliveryMediums": shape.List(shape.Enum("SMS", "EMAIL")), "ForceAliasCreation": shape.Boolean,
		"MessageAction": shape.Enum("RESEND", "SUPPRESS"), "UserAttributes": attributes, "UserPoolId": shape.String, "Username": shape.String,
		"ValidationData": attributes,
	}, "UserPoolId"), properties)
}

// Replaces reports that any change makes another user.
func (t userType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ClientMetadata", "DesiredDeliveryMediums", "ForceAliasCreation", "MessageAction", "UserAttributes",
		"UserPoolId", "Username", "ValidationData")
}

// Create invites a user, which triggers may refuse. Ref is the name.
func (t userType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	var in createUserInput
	if err := resource.Decode(r.Properties, &in); err != nil {
		return resource.Instance{}, invalid("%v", err)
	}
	if in.Username == "" {
		in.Username = r.DefaultName(128)
	}
	out, err := t.service.adminCreateUser(call{r.Scope, t.service.env.Now().UTC()}, in)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return resource.Instance{PhysicalID: out.User.Username, Attributes: map[string]any{}}, nil
}

// Update has nothing to change.
func (t userType) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

// Delete removes a user.
func (t userType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return t.service.remove(r, shape.Member(r.Properties, "UserPoolId"), func(p *pool) error {
		u, err := p.known(old.PhysicalID)
		if err == nil {
			p.drop(u)
		}
		return err
	})
}

// membershipType is AWS::Cognito::UserPoolUserToGroupAttachment.
type membershipType struct{ service *Service }

// Check returns the faults of the properties.
func (t membershipType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"GroupName": shape.String, "UserPoolId": shape.String, "Username": shape.String,
	}, "GroupName", "UserPoolId", "Username"), properties)
}

// Replaces reports whether it is about another user or group.
func (t membershipType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "GroupName", "UserPoolId", "Username")
}

// Create puts a user into a group.
func (t membershipType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name, group := shape.Member(r.Properties, "Username"), shape.Member(r.Properties, "GroupName")
	poolID := shape.Member(r.Properties, "UserPoolId")
	err := t.service.edit(r, poolID, func(p *pool) error {
		u, err := p.known(name)
		if err != nil {
			return err
		}
		return p.join(u, group)
	})
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: "UserToGroupAttachment-" + poolID + "-" + group + "-" + name, Attributes: map[string]any{}}, nil
}

// Update has nothing to change.
func (t membershipType) Update(_ context.Context, old resource.Instance, _ resource.Request) (resource.Instance, error) {
	return old, nil
}

// Delete takes a user out of a group.
func (t membershipType) Delete(_ context.Context, _ resource.Instance, r resource.Request) error {
	return t.service.remove(r, shape.Member(r.Properties, "UserPoolId"), func(p *pool) error {
		u, err := p.known(shape.Member(r.Properties, "Username"))
		if err == nil {
			u.leave(shape.Member(r.Properties, "GroupName"))
		}
		return err
	})
}
