// SPDX-License-Identifier: MIT

package apigateway

import (
	"context"
	"regexp"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// authorizer is a Lambda authorizer, or one for the tokens of user pools.
type authorizer struct {
	AuthType                     string   `json:"authType,omitempty"`
	AuthorizerResultTtlInSeconds *int     `json:"authorizerResultTtlInSeconds"`
	AuthorizerUri                string   `json:"authorizerUri,omitempty"`
	IdentitySource               string   `json:"identitySource,omitempty"` // separated by commas
	IdentityValidationExpression string   `json:"identityValidationExpression,omitempty"`
	Name                         string   `json:"name"`
	ProviderARNs                 []string `json:"providerARNs,omitempty"` // of user pools
	Type                         string   `json:"type"`                   // TOKEN, REQUEST or COGNITO_USER_POOLS
}

// ttl returns how long an answer is kept, in seconds: five minutes unless said.
func (a *authorizer) ttl() int {
	if a.AuthorizerResultTtlInSeconds == nil {
		return 300
	}
	return *a.AuthorizerResultTtlInSeconds
}

// sources returns the identity sources.
func (a *authorizer) sources() []string {
	var list []string
	for source := range strings.SplitSeq(a.IdentitySource, ",") {
		if source = strings.TrimSpace(source); source != "" {
			list = append(list, source)
		}
	}
	return list
}

// authorizerType is AWS::ApiGateway::Authorizer.
type authorizerType struct{ service *Service }

// Check returns the faults of the properties.
func (t authorizerType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"AuthType": text, "AuthorizerResultTtlInSeconds": shape.Integer(0, 3600), "AuthorizerUri": text, "IdentitySource": text,
		"IdentityValidationExpression": text, "Name": text, "RestApiId": text, "Type": shape.Enum("TOKEN", "REQUEST", userPools),
		"AuthorizerCredentials": shape.Unmodelled, "ProviderARNs": shape.List(text),
	}, "Name", "RestApiId", "Type"), properties)
}

// Replaces reports whether the authorizer goes to another API.
func (t authorizerType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "RestApiId")
}

func (t authorizerType) put(r resource.Request, id string) error {
	var in authorizer
	if err := resource.Decode(r.Properties, &in); err != nil {
		return gateway.BadRequest("%v", err)
	}
	if err := t.service.havePools(in.ProviderARNs); err != nil {
		return err
	}
	return t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		for other, old := range a.Current.Authorizers {
			if other != id && old.Name == in.Name {
				return gateway.Conflict("Authorizer name must be unique. Authorizer %s already exists in this RestApi.", in.Name)
			}
		}
		if err := in.check(); err != nil {
			return err
		}
		a.Current.Authorizers[id] = &in
		return nil
	})
}

func (a *authorizer) check() error {
	if a.Type == userPools {
		return a.checkPools()
	}
	_, ok := gateway.Target(gateway.Variables(a.AuthorizerUri, nil))
	if !ok || strings.HasPrefix(a.AuthorizerUri, "arn:aws:lambda:") {
		return gateway.BadRequest("Invalid Authorizer URI: %s. Authorizer URI should be a valid API Gateway ARN that represents a Lambda function invocation.", a.AuthorizerUri)
	}
	sources := a.sources()
	for _, source := range sources {
		if !identitySource(source, a.Type == "TOKEN") {
			return gateway.BadRequest("Invalid mapping expression specified: Validation Result: warnings : [], errors : [Invalid mapping expression specified: %s]", source)
		}
	}
	switch {
	case a.Type == "TOKEN" && len(sources) != 1:
		return gateway.BadRequest("A TOKEN authorizer needs exactly one identity source, such as method.request.header.Authorization")
	case a.Type == "REQUEST" && a.ttl() > 0 && len(sources) == 0:
		return gateway.BadRequest("Identity source is required for a REQUEST authorizer whose results are kept")
	case a.Type == "REQUEST" && a.IdentityValidationExpression != "":
		return gateway.BadRequest("A REQUEST authorizer has no identity validation expression")
	}
	if _, err := regexp.Compile(a.IdentityValidationExpression); err != nil {
		return gateway.BadRequest("Invalid identity validation expression: %v", err)
	}
	return nil
}

// checkPools returns the fault of an authorizer for the tokens of user pools.
func (a *authorizer) checkPools() error {
	sources := a.sources()
	switch {
	case len(a.ProviderARNs) == 0:
		return gateway.BadRequest("Invalid Authorizer: provider ARNs are required for an authorizer of type COGNITO_USER_POOLS")
	case a.AuthorizerUri != "":
		return gateway.BadRequest("An authorizer of type COGNITO_USER_POOLS has no authorizer URI")
	case len(sources) != 1 || !identitySource(sources[0], true):
		return gateway.BadRequest("Invalid mapping expression specified: an authorizer of type COGNITO_USER_POOLS needs a header as its identity source, such as method.request.header.Authorization")
	}
	if _, err := regexp.Compile(a.IdentityValidationExpression); err != nil {
		return gateway.BadRequest("Invalid identity validation expression: %v", err)
	}
	return nil
}

// identitySource reports whether text names something of a request; those of
// tokens are headers.
func identitySource(text string, token bool) bool {
	prefixes := []string{"method.request.header.", "method.request.querystring.", "stageVariables.", "context."}
	if token {
		prefixes = prefixes[:1]
	}
	for _, prefix := range prefixes {
		if name, ok := strings.CutPrefix(text, prefix); ok {
			return name != ""
		}
	}
	return false
}

// Create makes an authorizer. Ref is its identifier.
func (t authorizerType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	id := gateway.NewID(6)
	if err := t.put(r, id); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"AuthorizerId": id}}, nil
}

// Update gives an authorizer other settings.
func (t authorizerType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return old, t.put(r, old.PhysicalID)
}

// Delete removes an authorizer that no method uses.
func (t authorizerType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		for _, m := range a.Current.Methods {
			if m.AuthorizerId == old.PhysicalID {
				return gateway.Conflict("Cannot delete authorizer '%s'. Is referenced in method: %s", a.Current.Authorizers[old.PhysicalID].Name, m.HttpMethod)
			}
		}
		delete(a.Current.Authorizers, old.PhysicalID)
		return nil
	}))
}
