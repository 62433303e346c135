// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// partType is AWS::ApiGatewayV2::Route, Integration or Authorizer: Ref and the
// one attribute are the identifier, and only another API needs a new one.
type partType[P any] struct {
	service *Service
	kind    kind[P]
	rule    shape.Rule
}

func routeRule(path string, value any) []string {
	text := shape.String
	return shape.Object(shape.Fields{
		"ApiId": text, "ApiKeyRequired": shape.Boolean, "AuthorizationScopes": shape.List(text),
		"AuthorizationType": shape.Enum("NONE", "AWS_IAM", "JWT", "CUSTOM"), "AuthorizerId": text, "OperationName": text,
		"RouteKey": text, "Target": text,
		"ModelSelectionExpression": shape.Unmodelled, "RequestModels": shape.Unmodelled, "RequestParameters": shape.Unmodelled,
		"RouteResponseSelectionExpression": shape.Unmodelled,
	}, "ApiId", "RouteKey")(path, value)
}

func integrationRule(path string, value any) []string {
	text := shape.String
	return shape.Object(shape.Fields{
		"ApiId": text, "ConnectionType": shape.Only("INTERNET"), "Description": text, "IntegrationMethod": text, "IntegrationType": shape.Only("AWS_PROXY"),
		"IntegrationUri": text, "PayloadFormatVersion": text, "TimeoutInMillis": shape.Integer(50, 30000),
		"ConnectionId": shape.Unmodelled, "ContentHandlingStrategy": shape.Unmodelled, "CredentialsArn": shape.Unmodelled,
		"IntegrationSubtype": shape.Unmodelled, "PassthroughBehavior": shape.Unmodelled, "RequestParameters": shape.Unmodelled,
		"RequestTemplates": shape.Unmodelled, "ResponseParameters": shape.Unmodelled, "TemplateSelectionExpression": shape.Unmodelled,
		"TlsConfig": shape.Unmodelled, "IntegrationTarget": shape.Unmodelled,
	}, "ApiId", "IntegrationType")(path, value)
}

func authorizerRule(path string, value any) []string {
	text := shape.String
	return shape.Object(shape.Fields{
		"ApiId": text, "AuthorizerPayloadFormatVersion": text, "AuthorizerResultTtlInSeconds": shape.Integer(0, 3600),
		"AuthorizerType": shape.Enum("JWT", "REQUEST"), "AuthorizerUri": text, "EnableSimpleResponses": shape.Boolean,
		"IdentitySource":   shape.List(text),
		"JwtConfiguration": shape.Object(shape.Fields{"Audience": shape.List(text), "Issuer": text}), "Name": text,
		"AuthorizerCredentialsArn": shape.Unmodelled, "IdentityValidationExpression": shape.Unmodelled,
	}, "ApiId", "AuthorizerType", "Name")(path, value)
}

// Check returns the faults of the properties.
func (t partType[P]) Check(properties map[string]any) []string {
	return shape.Check(t.rule, properties)
}

// Replaces reports whether the part goes to another API.
func (t partType[P]) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "ApiId")
}

func (t partType[P]) put(r resource.Request, id string) (resource.Instance, error) {
	id, _, err := putPart(t.service, t.kind, r.Scope, shape.Member(r.Properties, "ApiId"), id, func(P) (P, error) {
		var part P
		if err := resource.Decode(r.Properties, &part); err != nil {
			return part, gateway.BadRequest("%v", err)
		}
		return part, nil
	})
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{t.kind.name + "Id": id}}, nil
}

// Create makes a part.
func (t partType[P]) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	return t.put(r, "")
}

// Update gives a part other settings.
func (t partType[P]) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	_, err := t.put(r, old.PhysicalID)
	return old, err
}

// Delete removes a part.
func (t partType[P]) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(deletePart(t.service, t.kind, r.Scope, shape.Member(r.Properties, "ApiId"), old.PhysicalID))
}
