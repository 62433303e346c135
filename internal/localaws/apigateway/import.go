// SPDX-License-Identifier: MIT

package apigateway

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
)

// openAPI is an OpenAPI 3.0 document with the extensions of API Gateway, as far
// as it is modelled: what else it has is refused by name ("OpenAPI extensions
// for API Gateway", API Gateway Developer Guide).
type openAPI struct {
	OpenAPI    string                          `json:"openapi"`
	Info       map[string]any                  `json:"info"`
	Paths      map[string]map[string]operation `json:"paths"`
	Components struct {
		SecuritySchemes map[string]securityScheme `json:"securitySchemes"`
	} `json:"components"`
	BinaryMediaTypes []string                   `json:"x-amazon-apigateway-binary-media-types"`
	GatewayResponses map[string]gatewayResponse `json:"x-amazon-apigateway-gateway-responses"`
}

// operation is a method of a path.
type operation struct {
	OperationID string         `json:"operationId"`
	Summary     string         `json:"summary"`
	Description string         `json:"description"`
	Parameters  []apiParameter `json:"parameters"`
	Responses   map[string]struct {
		Description string         `json:"description"`
		Headers     map[string]any `json:"headers"`
	} `json:"responses"`
	Security    []map[string][]string `json:"security"`
	Integration *openIntegration      `json:"x-amazon-apigateway-integration"`
}

type apiParameter struct {
	Name        string `json:"name"`
	In          string `json:"in"`
	Required    bool   `json:"required"`
	Description string `json:"description"`
	Schema      any    `json:"schema"`
}

// openIntegration is an integration as the extension writes it.
type openIntegration struct {
	Type                string                         `json:"type"`
	HTTPMethod          string                         `json:"httpMethod"`
	URI                 string                         `json:"uri"`
	PassthroughBehavior string                         `json:"passthroughBehavior"`
	ContentHandling     string                         `json:"contentHandling"` // of MOCK: text it is anyway
	TimeoutInMillis     int                            `json:"timeoutInMillis"`
	RequestTemplates    map[string]string              `json:"requestTemplates"`
	Responses           map[string]integrationResponse `json:"responses"` // by pattern, or default
}

type securityScheme struct {
	Type       string          `json:"type"`
	Name       string          `json:"name"`
	In         string          `json:"in"`
	AuthType   string          `json:"x-amazon-apigateway-authtype"`
	Authorizer *openAuthorizer `json:"x-amazon-apigateway-authorizer"`
}

type openAuthorizer struct {
	Type                         string   `json:"type"`
	AuthorizerURI                string   `json:"authorizerUri"`
	IdentitySource               string   `json:"identitySource"`
	IdentityValidationExpression string   `json:"identityValidationExpression"`
	ResultTTL                    *int     `json:"authorizerResultTtlInSeconds"`
	ProviderARNs                 []string `json:"providerARNs"`
}

// parseBody reads the property Body.
func parseBody(body any) (openAPI, error) {
	var document openAPI
	text, err := json.Marshal(body)
	if err != nil {
		return document, gateway.BadRequest("Unable to parse API definition: %v", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&document); err != nil {
		if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
			return document, gateway.Unmodelled("the member " + field + " of an OpenAPI document")
		}
		return document, gateway.BadRequest("Unable to parse API definition: %v", err)
	}
	if !strings.HasPrefix(document.OpenAPI, "3.0") {
		return document, gateway.Unmodelled("OpenAPI documents but those of version 3.0")
	}
	return document, nil
}

// replace puts the definition of a document in place of what there is, as the
// mode overwrite does. What has the same path or name keeps its identifier.
func (a *api) replace(document openAPI) error {
	old := a.Current
	next := definition{
		Settings: old.Settings, Resources: map[string]*node{a.Root: {Path: "/"}}, Methods: map[string]*method{},
		Authorizers: map[string]*authorizer{}, Answers: map[string]*gatewayResponse{}, Validators: map[string]*validator{},
	}
	next.Settings.BinaryMediaTypes = document.BinaryMediaTypes
	for name, g := range document.GatewayResponses {
		g.ResponseType = name
		if err := g.check(); err != nil {
			return err
		}
		next.Answers[name] = &g
	}
	schemes, err := next.authorizersOf(document, old)
	if err != nil {
		return err
	}
	ids := map[string]string{}
	for id, n := range old.Resources {
		ids[n.Path] = id
	}
	for _, path := range slices.Sorted(maps.Keys(document.Paths)) {
		at, err := next.resourceAt(path, a.Root, ids)
		if err != nil {
			return err
		}
		for key, o := range document.Paths[path] {
			m, err := o.method(key, schemes)
			if err == nil {
				err = m.complete(next)
			}
			if err != nil {
				return err
			}
			next.Methods[at+" "+m.HttpMethod] = m
		}
	}
	a.Current = next
	return nil
}

// resourceAt returns the resource of a path, which is made with those above it.
func (d definition) resourceAt(path, root string, ids map[string]string) (string, error) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return "", gateway.BadRequest("Invalid path %s: it does not begin with a slash", path)
	}
	at, full := root, ""
	if rest == "" {
		return at, nil
	}
	for part := range strings.SplitSeq(rest, "/") {
		full += "/" + part
		id := ids[full]
		if id == "" {
			id = gateway.NewID(6)
			ids[full] = id
		}
		if d.Resources[id] == nil {
			n := &node{ParentID: at, PathPart: part, Path: full}
			if err := d.takes(n, d.Resources[at]); err != nil {
				return "", err
			}
			d.Resources[id] = n
		}
		at = id
	}
	return at, nil
}

// scheme is what a security scheme means for a method.
type scheme struct {
	authorization string // "" for API keys
	authorizer    string
}

// authorizersOf makes the authorizers, and returns what each scheme means.
func (d definition) authorizersOf(document openAPI, old definition) (map[string]scheme, error) {
	schemes := map[string]scheme{}
	for _, name := range slices.Sorted(maps.Keys(document.Components.SecuritySchemes)) {
		s := document.Components.SecuritySchemes[name]
		switch {
		case s.Type != "apiKey" || s.In != "header":
			return nil, gateway.Unmodelled("security schemes but those of type apiKey in a header")
		case s.AuthType == "":
			schemes[name] = scheme{}
		case s.AuthType == "awsSigv4":
			schemes[name] = scheme{authorization: "AWS_IAM"}
		case s.Authorizer == nil:
			return nil, gateway.BadRequest("Invalid authorizer definition: %s", name)
		default:
			id, one := d.authorizerOf(name, s, old)
			if err := one.check(); err != nil {
				return nil, err
			}
			d.Authorizers[id] = one
			schemes[name] = scheme{"CUSTOM", id}
			if one.Type == userPools {
				schemes[name] = scheme{userPools, id}
			}
		}
	}
	return schemes, nil
}

func (d definition) authorizerOf(name string, s securityScheme, old definition) (id string, one *authorizer) {
	id = gateway.NewID(6)
	for have, a := range old.Authorizers {
		if a.Name == name {
			id = have
		}
	}
	o := s.Authorizer
	if o.Type == "cognito_user_pools" {
		return id, &authorizer{
			AuthType: o.Type, Name: name, Type: userPools, ProviderARNs: o.ProviderARNs, AuthorizerUri: o.AuthorizerURI,
			IdentitySource:               cmp.Or(o.IdentitySource, "method.request.header."+s.Name),
			IdentityValidationExpression: o.IdentityValidationExpression, AuthorizerResultTtlInSeconds: o.ResultTTL,
		}
	}
	return id, &authorizer{
		AuthType: "custom", Name: name, Type: strings.ToUpper(o.Type), AuthorizerUri: o.AuthorizerURI, IdentitySource: o.IdentitySource,
		IdentityValidationExpression: o.IdentityValidationExpression, AuthorizerResultTtlInSeconds: o.ResultTTL,
	}
}

// method makes a method of an operation, whose key is get and so on.
func (o operation) method(key string, schemes map[string]scheme) (*method, error) {
	m := &method{HttpMethod: strings.ToUpper(key), OperationName: o.OperationID, AuthorizationType: "NONE"}
	if key == "x-amazon-apigateway-any-method" {
		m.HttpMethod = "ANY"
	}
	for _, p := range o.Parameters {
		if p.In != "path" {
			return nil, gateway.Unmodelled("parameters in " + p.In + " of an OpenAPI document")
		}
	}
	for _, list := range o.Security {
		for name, scopes := range list {
			s, ok := schemes[name]
			switch {
			case !ok:
				return nil, gateway.BadRequest("Invalid security definition: %s", name)
			case s.authorization == "":
				m.ApiKeyRequired = true
			default:
				m.AuthorizationType, m.AuthorizerId, m.AuthorizationScopes = s.authorization, s.authorizer, scopes
			}
		}
	}
	for status, response := range o.Responses {
		one := methodResponse{StatusCode: status, ResponseParameters: map[string]bool{}}
		for header := range response.Headers {
			one.ResponseParameters["method.response.header."+header] = false
		}
		m.MethodResponses = append(m.MethodResponses, one)
	}
	if o.Integration == nil {
		return m, nil
	}
	var err error
	m.Integration, err = o.Integration.integration()
	return m, err
}

func (o openIntegration) integration() (*integration, error) {
	i := &integration{
		Type: strings.ToUpper(o.Type), IntegrationHttpMethod: o.HTTPMethod, Uri: o.URI, TimeoutInMillis: o.TimeoutInMillis,
		PassthroughBehavior: strings.ToUpper(o.PassthroughBehavior), RequestTemplates: o.RequestTemplates,
	}
	if o.ContentHandling != "" && (i.Type != "MOCK" || o.ContentHandling != "CONVERT_TO_TEXT") {
		return nil, gateway.Unmodelled("contentHandling " + o.ContentHandling + " of an integration of type " + o.Type)
	}
	templates := slices.Collect(maps.Values(o.RequestTemplates))
	for _, pattern := range slices.Sorted(maps.Keys(o.Responses)) {
		response := o.Responses[pattern]
		if pattern != "default" {
			response.SelectionPattern = pattern
		}
		i.IntegrationResponses = append(i.IntegrationResponses, response)
		templates = slices.AppendSeq(templates, maps.Values(response.ResponseTemplates))
	}
	for _, text := range templates {
		if faults := static("", text); len(faults) > 0 {
			return nil, gateway.Unmodelled("templates with the Velocity Template Language")
		}
	}
	return i, nil
}
