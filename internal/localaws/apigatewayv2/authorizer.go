// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"cmp"
	"net/url"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/door"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// authorizer is a JWT or a Lambda authorizer.
type authorizer struct {
	AuthorizerPayloadFormatVersion string            `json:"authorizerPayloadFormatVersion,omitempty"` // 1.0 or 2.0
	AuthorizerResultTtlInSeconds   int               `json:"authorizerResultTtlInSeconds,omitempty"`   // 0: not kept
	AuthorizerType                 string            `json:"authorizerType"`                           // JWT or REQUEST
	AuthorizerUri                  string            `json:"authorizerUri,omitempty"`
	EnableSimpleResponses          bool              `json:"enableSimpleResponses,omitempty"`
	IdentitySource                 []string          `json:"identitySource,omitempty"`
	JwtConfiguration               *jwtConfiguration `json:"jwtConfiguration,omitempty"`
	Name                           string            `json:"name"`
}

type jwtConfiguration struct {
	Audience []string `json:"audience,omitempty"`
	Issuer   string   `json:"issuer"`
}

var authorizers = kind[authorizer]{
	name: "Authorizer", id: "authorizerId",
	list:     func(d *definition) map[string]*authorizer { return d.Authorizers },
	complete: completeAuthorizer,
	used: func(d *definition, id string) error {
		for _, r := range d.Routes {
			if r.AuthorizerId == id {
				return gateway.Conflict("Cannot delete authorizer '%s' it's referenced by Route '%s'", id, r.RouteKey)
			}
		}
		return nil
	},
}

func completeAuthorizer(d *definition, id string, a *authorizer) error {
	if a.Name == "" {
		return gateway.BadRequest("The authorizer has no name")
	}
	for other, old := range d.Authorizers {
		if other != id && old.Name == a.Name {
			return gateway.BadRequest("An authorizer with the name %s already exists for this API", a.Name)
		}
	}
	for _, source := range a.IdentitySource {
		if !identitySource(source) {
			return gateway.BadRequest("Invalid mapping expression specified: %s. "+
				"Identity sources are $request.header.name, $request.querystring.name, $context.name and $stageVariables.name", source)
		}
	}
	switch a.AuthorizerType {
	case "JWT":
		return completeJWT(a)
	case "REQUEST":
		return completeRequest(a)
	}
	return gateway.BadRequest("Invalid authorizerType specified: %s. HTTP APIs have JWT and REQUEST", a.AuthorizerType)
}

func completeJWT(a *authorizer) error {
	switch {
	case a.JwtConfiguration == nil || a.JwtConfiguration.Issuer == "":
		return gateway.BadRequest("A JWT authorizer needs jwtConfiguration with an issuer")
	case len(a.JwtConfiguration.Audience) == 0:
		return gateway.BadRequest("A JWT authorizer needs at least one audience")
	case !validIssuer(a.JwtConfiguration.Issuer):
		return gateway.BadRequest("Invalid issuer: %s. Issuer must have a valid URL ('https://...'), or be on this machine", a.JwtConfiguration.Issuer)
	case len(a.IdentitySource) != 1 || strings.HasPrefix(a.IdentitySource[0], "$context.") || strings.HasPrefix(a.IdentitySource[0], "$stageVariables."):
		return gateway.BadRequest("A JWT authorizer needs exactly one identity source, a header or query parameter of the request")
	case a.AuthorizerUri != "" || a.EnableSimpleResponses || a.AuthorizerPayloadFormatVersion != "" || a.AuthorizerResultTtlInSeconds != 0:
		return gateway.BadRequest("A JWT authorizer has no authorizerUri, payload format, simple responses or result TTL")
	}
	return nil
}

func completeRequest(a *authorizer) error {
	_, ok := gateway.Target(gateway.Variables(a.AuthorizerUri, nil))
	a.AuthorizerPayloadFormatVersion = cmp.Or(a.AuthorizerPayloadFormatVersion, "1.0")
	switch {
	case !ok || strings.HasPrefix(a.AuthorizerUri, "arn:aws:lambda:"):
		return gateway.BadRequest("Invalid authorizer URI: %s. It must be "+
			"arn:aws:apigateway:region:lambda:path/2015-03-31/functions/ARN/invocations", a.AuthorizerUri)
	case a.JwtConfiguration != nil:
		return gateway.BadRequest("A REQUEST authorizer has no jwtConfiguration")
	case a.AuthorizerPayloadFormatVersion != "1.0" && a.AuthorizerPayloadFormatVersion != "2.0":
		return gateway.BadRequest("Invalid authorizerPayloadFormatVersion %s. Must be one of [1.0, 2.0]", a.AuthorizerPayloadFormatVersion)
	case a.EnableSimpleResponses && a.AuthorizerPayloadFormatVersion != "2.0":
		return gateway.BadRequest("Simple responses need authorizerPayloadFormatVersion 2.0")
	case a.AuthorizerResultTtlInSeconds < 0 || a.AuthorizerResultTtlInSeconds > 3600:
		return gateway.BadRequest("Authorizer result TTL should be between 0 and 3600 seconds")
	case a.AuthorizerResultTtlInSeconds > 0 && len(a.IdentitySource) == 0:
		return gateway.BadRequest("Identity source is required when authorizer result TTL is greater than 0")
	}
	return nil
}

// identitySource reports whether text names something of a request.
func identitySource(text string) bool {
	for _, prefix := range []string{"$request.header.", "$request.querystring.", "$context.", "$stageVariables."} {
		if name, ok := strings.CutPrefix(text, prefix); ok {
			return name != "" && !strings.ContainsAny(name, " ,")
		}
	}
	return false
}

// validIssuer reports whether tokens of an issuer can be checked: over https,
// or over http on this machine.
func validIssuer(issuer string) bool {
	u, err := url.Parse(issuer)
	return err == nil && u.Host != "" && u.RawQuery == "" && u.Fragment == "" &&
		(u.Scheme == "https" || u.Scheme == "http" && door.IsLocal(u.Host))
}
