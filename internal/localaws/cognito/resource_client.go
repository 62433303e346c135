// SPDX-License-Identifier: MIT

package cognito

import (
	"context"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// clientType is AWS::Cognito::UserPoolClient.
type clientType struct{ service *Service }

// Check returns the faults of the properties.
func (t clientType) Check(properties map[string]any) []string {
	text, flag, texts := shape.String, shape.Boolean, shape.List(shape.String)
	unit, number := shape.Enum("seconds", "minutes", "hours", "days"), shape.Integer(0, 315360000)
	return shape.Check(shape.Object(shape.Fields{
		"AccessTokenValidity": number, "AllowedOAuthFlows": texts, "AllowedOAuthFlowsUserPoolClient": flag, "AllowedOAuthScopes": texts,
		"AuthSessionValidity": shape.Integer(3, 15), "CallbackURLs": texts, "ClientName": text, "DefaultRedirectURI": text,
		"EnableTokenRevocation": flag, "GenerateSecret": flag, "IdTokenValidity": number, "LogoutURLs": texts,
		"ExplicitAuthFlows": shape.List(shape.Enum(
			"ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_CUSTOM_AUTH", "ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_AUTH", "ALLOW_USER_PASSWORD_AUTH",
			"ALLOW_USER_SRP_AUTH", "ADMIN_NO_SRP_AUTH", "CUSTOM_AUTH_FLOW_ONLY", "USER_PASSWORD_AUTH",
		)),
		"PreventUserExistenceErrors": shape.Enum("ENABLED", "LEGACY"), "ReadAttributes": texts, "RefreshTokenValidity": number,
		"SupportedIdentityProviders": shape.List(shape.Only("COGNITO")),
		"TokenValidityUnits":         shape.Object(shape.Fields{"AccessToken": unit, "IdToken": unit, "RefreshToken": unit}),
		"UserPoolId":                 text, "WriteAttributes": texts,
		"AnalyticsConfiguration": shape.Unmodelled, "EnablePropagateAdditionalUserContextData": shape.Unmodelled,
		"RefreshTokenRotation": shape.Object(shape.Fields{"Feature": shape.Only("DISABLED"), "RetryGracePeriodSeconds": shape.Unmodelled}),
	}, "UserPoolId"), properties)
}

// Replaces reports whether the client is another one.
func (t clientType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "UserPoolId") || shape.Flag(old, "GenerateSecret") != shape.Flag(new, "GenerateSecret")
}

func (t clientType) put(r resource.Request, id string) (*client, error) {
	var made *client
	err := t.service.edit(r, shape.Member(r.Properties, "UserPoolId"), func(p *pool) error {
		old := p.Clients[id]
		if id != "" && old == nil {
			return notFound("User pool client %s does not exist.", id)
		}
		name := r.DefaultName(128)
		if old != nil {
			name = old.ClientName
		}
		var err error
		if made, err = readClient(r.Properties, name, old, t.service.env.Now().UTC()); err != nil {
			return err
		}
		for _, attribute := range slices.Concat(made.ReadAttributes, made.WriteAttributes) {
			if _, ok := p.Settings.attribute(attribute); !ok {
				return invalid("Invalid read or write attributes specified while creating a client: %s", attribute)
			}
		}
		made.UserPoolId = p.ID
		p.Clients[made.ClientId] = made
		return nil
	})
	return made, err
}

func (c *client) instance() resource.Instance {
	return resource.Instance{PhysicalID: c.ClientId, Attributes: map[string]any{
		"ClientId": c.ClientId, "ClientSecret": c.ClientSecret, "Name": c.ClientName,
	}}
}

// Create makes a client. Ref is its identifier.
func (t clientType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	made, err := t.put(r, "")
	if err != nil {
		return resource.Instance{}, err
	}
	return made.instance(), nil
}

// Update gives a client other settings.
func (t clientType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	made, err := t.put(r, old.PhysicalID)
	if err != nil {
		return old, err
	}
	return made.instance(), nil
}

// Delete removes a client and ends the sign-ins by it.
func (t clientType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return t.service.remove(r, shape.Member(r.Properties, "UserPoolId"), func(p *pool) error {
		delete(p.Clients, old.PhysicalID)
		for key, g := range p.Grants {
			if g.Client == old.PhysicalID {
				delete(p.Grants, key)
			}
		}
		return nil
	})
}
