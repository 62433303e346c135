// SPDX-License-Identifier: MIT

package apigateway

import (
	"cmp"
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// method is a method of a resource with its integration.
type method struct {
	ApiKeyRequired      bool             `json:"apiKeyRequired"`
	AuthorizationScopes []string         `json:"authorizationScopes,omitempty"` // of access tokens; one of them is enough
	AuthorizationType   string           `json:"authorizationType"`             // NONE, AWS_IAM, CUSTOM or COGNITO_USER_POOLS
	AuthorizerId        string           `json:"authorizerId,omitempty"`
	HttpMethod          string           `json:"httpMethod"`
	Integration         *integration     `json:"integration,omitempty"`
	MethodResponses     []methodResponse `json:"methodResponses,omitempty"`
	OperationName       string           `json:"operationName,omitempty"`
	RequestParameters   map[string]bool  `json:"requestParameters,omitempty"` // by location, such as method.request.header.X: is it required
	RequestValidatorId  string           `json:"requestValidatorId,omitempty"`
}

type methodResponse struct {
	ResponseParameters map[string]bool `json:"responseParameters,omitempty"`
	StatusCode         string          `json:"statusCode"`
}

// integration says what answers a method.
type integration struct {
	IntegrationHttpMethod string                `json:"integrationHttpMethod,omitempty"`
	IntegrationResponses  []integrationResponse `json:"integrationResponses,omitempty"`
	PassthroughBehavior   string                `json:"passthroughBehavior"`
	RequestTemplates      map[string]string     `json:"requestTemplates,omitempty"` // by content type
	TimeoutInMillis       int                   `json:"timeoutInMillis"`
	Type                  string                `json:"type"` // AWS_PROXY or MOCK
	Uri                   string                `json:"uri,omitempty"`
}

type integrationResponse struct {
	ResponseParameters map[string]string `json:"responseParameters,omitempty"`
	ResponseTemplates  map[string]string `json:"responseTemplates,omitempty"`
	SelectionPattern   string            `json:"selectionPattern,omitempty"`
	StatusCode         string            `json:"statusCode"`
}

// methodType is AWS::ApiGateway::Method.
type methodType struct{ service *Service }

// Check returns the faults of the properties.
func (t methodType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"ApiKeyRequired": shape.Boolean, "AuthorizationType": shape.Enum("NONE", "AWS_IAM", "CUSTOM", userPools), "AuthorizerId": text, "HttpMethod": text,
		"Integration": shape.Object(shape.Fields{
			"ConnectionType": shape.Only("INTERNET"), "IntegrationHttpMethod": text, "PassthroughBehavior": shape.Enum("WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"),
			"RequestTemplates": shape.Entries(static), "ResponseTransferMode": shape.Only("BUFFERED"), "TimeoutInMillis": shape.Integer(50, 29000),
			"Type": integrationKind, "Uri": text,
			"IntegrationResponses": shape.List(shape.Object(shape.Fields{
				"ResponseParameters": shape.Entries(text), "ResponseTemplates": shape.Entries(static), "SelectionPattern": text, "StatusCode": text,
				"ContentHandling": shape.Unmodelled,
			}, "StatusCode")),
			"CacheKeyParameters": shape.Unmodelled, "CacheNamespace": shape.Unmodelled, "ConnectionId": shape.Unmodelled,
			"ContentHandling": shape.Unmodelled, "Credentials": shape.Unmodelled, "IntegrationTarget": shape.Unmodelled,
			"RequestParameters": shape.Unmodelled, "TlsConfig": shape.Unmodelled,
		}, "Type"),
		"MethodResponses": shape.List(shape.Object(shape.Fields{
			"ResponseModels": shape.Entries(text), "ResponseParameters": shape.Entries(shape.Boolean), "StatusCode": text,
		}, "StatusCode")),
		"OperationName": text, "RequestParameters": shape.Entries(shape.Boolean), "RequestValidatorId": text, "ResourceId": text, "RestApiId": text,
		"AuthorizationScopes": shape.List(text), "RequestModels": shape.Unmodelled,
	}, "HttpMethod", "ResourceId", "RestApiId"), properties)
}

func integrationKind(path string, value any) []string {
	if text, ok := value.(string); ok && slices.Contains([]string{"AWS", "HTTP", "HTTP_PROXY"}, text) {
		return []string{path + ": the embedded AWS models AWS_PROXY and MOCK only"}
	}
	return shape.Enum("AWS_PROXY", "MOCK")(path, value)
}

// static accepts templates without the Velocity Template Language, and the one
// that names origins.
func static(path string, value any) []string {
	if text, ok := value.(string); ok && strings.ContainsAny(text, "$#") && !originChoice.MatchString(text) {
		return []string{path + ": the embedded AWS does not model the Velocity Template Language"}
	}
	return shape.String(path, value)
}

// Replaces reports whether the method is another one.
func (t methodType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "HttpMethod", "ResourceId", "RestApiId")
}

// httpMethods are those that a resource may have.
var httpMethods = []string{"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "ANY"}

func (t methodType) put(r resource.Request, isNew bool) (resource.Instance, error) {
	var m method
	if err := resource.Decode(r.Properties, &m); err != nil {
		return resource.Instance{}, gateway.BadRequest("%v", err)
	}
	apiID, at := shape.Member(r.Properties, "RestApiId"), shape.Member(r.Properties, "ResourceId")
	err := t.service.edit(r.Scope, apiID, func(a *api) error {
		if a.Current.Resources[at] == nil {
			return gateway.NotFound("Invalid Resource identifier specified")
		}
		if isNew && a.Current.Methods[at+" "+m.HttpMethod] != nil {
			return gateway.Conflict("Method already exists for this resource")
		}
		if err := m.complete(a.Current); err != nil {
			return err
		}
		a.Current.Methods[at+" "+m.HttpMethod] = &m
		return nil
	})
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: strings.Join([]string{apiID, at, m.HttpMethod}, "|"), Attributes: map[string]any{}}, nil
}

// complete fills in what is not said and checks the rest.
func (m *method) complete(d definition) error {
	m.AuthorizationType = cmp.Or(m.AuthorizationType, "NONE")
	switch {
	case !slices.Contains(httpMethods, m.HttpMethod):
		return gateway.BadRequest("Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY")
	case !slices.Contains([]string{"NONE", "AWS_IAM", "CUSTOM", userPools}, m.AuthorizationType):
		return gateway.Unmodelled("authorization of type " + m.AuthorizationType)
	case m.authorizes() && d.Authorizers[m.AuthorizerId] == nil:
		return gateway.BadRequest("Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS requires a valid authorizer.")
	case m.authorizes() && (d.Authorizers[m.AuthorizerId].Type == userPools) != (m.AuthorizationType == userPools):
		return gateway.BadRequest("The authorization type %s does not fit an authorizer of type %s", m.AuthorizationType, d.Authorizers[m.AuthorizerId].Type)
	case len(m.AuthorizationScopes) > 0 && m.AuthorizationType != userPools:
		return gateway.BadRequest("Authorization scopes go with the authorization type COGNITO_USER_POOLS only")
	case !m.authorizes() && m.AuthorizerId != "":
		return gateway.BadRequest("The method has an authorizer, but its authorization type is %s", m.AuthorizationType)
	case m.RequestValidatorId != "" && d.Validators[m.RequestValidatorId] == nil:
		return gateway.BadRequest("Invalid Request Validator identifier specified")
	}
	for name := range m.RequestParameters {
		if _, _, ok := location(name); !ok {
			return gateway.BadRequest("Invalid mapping expression parameter specified: %s", name)
		}
	}
	if m.Integration == nil {
		return nil
	}
	declared := map[string]methodResponse{}
	for _, response := range m.MethodResponses {
		declared[response.StatusCode] = response
	}
	return m.Integration.complete(declared)
}

// authorizes reports whether the method has an authorizer.
func (m *method) authorizes() bool {
	return m.AuthorizationType == "CUSTOM" || m.AuthorizationType == userPools
}

// location splits the name of a request parameter, such as
// method.request.querystring.page.
func location(name string) (place, key string, ok bool) {
	rest, ok := strings.CutPrefix(name, "method.request.")
	place, key, found := strings.Cut(rest, ".")
	return place, key, ok && found && key != "" && slices.Contains([]string{"path", "querystring", "header", "multivaluequerystring", "multivalueheader"}, place)
}

func (i *integration) complete(declared map[string]methodResponse) error {
	i.PassthroughBehavior = cmp.Or(i.PassthroughBehavior, "WHEN_NO_MATCH")
	i.TimeoutInMillis = cmp.Or(i.TimeoutInMillis, 29000)
	if i.TimeoutInMillis < 50 || i.TimeoutInMillis > 29000 {
		return gateway.BadRequest("Timeout should be between 50 ms and 29000 ms")
	}
	switch i.Type {
	case "AWS_PROXY":
		if _, ok := gateway.Target(gateway.Variables(i.Uri, nil)); !ok || strings.HasPrefix(i.Uri, "arn:aws:lambda:") {
			return gateway.BadRequest("Invalid lambda function: %s is not arn:aws:apigateway:region:lambda:path/2015-03-31/functions/ARN/invocations", i.Uri)
		}
		if i.IntegrationHttpMethod != "POST" {
			return gateway.BadRequest("Invalid HTTP method for integration %q: functions are invoked with POST", i.IntegrationHttpMethod)
		}
	case "MOCK":
	default:
		return gateway.Unmodelled("integrations of type " + i.Type)
	}
	for _, response := range i.IntegrationResponses {
		if err := response.check(declared); err != nil {
			return err
		}
	}
	return nil
}

// check returns the fault of a response whose headers are not declared or whose
// values are no text in quotes.
func (r integrationResponse) check(declared map[string]methodResponse) error {
	if _, err := regexp.Compile(r.SelectionPattern); err != nil {
		return gateway.BadRequest("Invalid selection pattern specified: %s", r.SelectionPattern)
	}
	method, ok := declared[r.StatusCode]
	if !ok {
		return gateway.NotFound("Invalid Response status code specified: %s is not a method response", r.StatusCode)
	}
	for name, value := range r.ResponseParameters {
		if _, ok := method.ResponseParameters[name]; !ok || !strings.HasPrefix(name, "method.response.header.") {
			return gateway.BadRequest("Invalid mapping expression parameter specified: %s", name)
		}
		if _, ok := quoted(value); !ok {
			return gateway.Unmodelled("the mapping expression " + value + ": only text in single quotes")
		}
	}
	return nil
}

// quoted returns the text within single quotes.
func quoted(value string) (string, bool) {
	if len(value) < 2 || value[0] != '\'' || value[len(value)-1] != '\'' {
		return "", false
	}
	return value[1 : len(value)-1], true
}

// Create makes a method.
func (t methodType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	return t.put(r, true)
}

// Update gives a method other settings, which go live with a deployment.
func (t methodType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	_, err := t.put(r, false)
	return old, err
}

// Delete removes a method.
func (t methodType) Delete(_ context.Context, _ resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.edit(r.Scope, shape.Member(r.Properties, "RestApiId"), func(a *api) error {
		delete(a.Current.Methods, shape.Member(r.Properties, "ResourceId")+" "+shape.Member(r.Properties, "HttpMethod"))
		return nil
	}))
}
