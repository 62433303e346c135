// SPDX-License-Identifier: MIT

package stage

import (
	"strings"
	"time"

	"github.com/sparta-up/sparta/spec"
)

// openAPI is a REST API as a document of OpenAPI 3.0 with the extensions of API
// Gateway. Source: "OpenAPI extensions for API Gateway",
// https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
func (m *marshaller) openAPI(a spec.API) map[string]any {
	paths := map[string]any{}
	at := func(path string) map[string]any {
		if paths[path] == nil {
			paths[path] = map[string]any{}
		}
		return paths[path].(map[string]any)
	}
	keys := false
	for _, r := range m.service.Routes() {
		at(r.Path)[operationName(r.Method)] = m.operation(r)
		keys = keys || r.APIKey
	}
	body := map[string]any{
		"openapi": "3.0.1", "info": map[string]any{"title": a.Name, "version": "1"}, "paths": paths,
	}
	if schemes := m.securitySchemes(a, keys); len(schemes) > 0 {
		body["components"] = map[string]any{"securitySchemes": schemes}
	}
	if len(a.BinaryMediaTypes) > 0 {
		body["x-amazon-apigateway-binary-media-types"] = anys(a.BinaryMediaTypes)
	}
	if a.CORS != nil {
		for _, path := range sortedKeys(paths) {
			if operations := at(path); operations["options"] == nil {
				operations["options"] = preflight(*a.CORS, path)
			}
		}
		body["x-amazon-apigateway-gateway-responses"] = corsErrors(*a.CORS)
	}
	return body
}

// operationName is the key of a method in OpenAPI.
func operationName(method string) string {
	if method == spec.AnyMethod {
		return "x-amazon-apigateway-any-method"
	}
	return strings.ToLower(method)
}

// The names under which OpenAPI knows the authorization that is built in.
const (
	signature = "sigv4"
	apiKey    = "api_key"
)

// operation is a method that a function answers.
func (m *marshaller) operation(r spec.Route) map[string]any {
	operation := map[string]any{
		"responses": map[string]any{},
		"x-amazon-apigateway-integration": map[string]any{
			"type": "aws_proxy", "httpMethod": "POST", "uri": invocations(m.function(r.Function)), "passthroughBehavior": "when_no_match",
		},
	}
	addParameters(operation, r.Path)
	var security []any
	switch {
	case r.Authorizer == spec.IAM:
		security = append(security, map[string]any{signature: []any{}})
	case r.Authorizer != "":
		security = append(security, map[string]any{schemeName(r.Authorizer): anys(r.Scopes)})
	}
	if r.APIKey {
		security = append(security, map[string]any{apiKey: []any{}})
	}
	if len(security) > 0 {
		operation["security"] = security
	}
	return operation
}

// schemeName keeps the names of authorizers apart from those of what is built
// in.
func schemeName(authorizer string) string {
	if authorizer == signature || authorizer == apiKey {
		return authorizer + "_authorizer"
	}
	return authorizer
}

// addParameters lists the parameters of a path, which OpenAPI wants.
func addParameters(operation map[string]any, path string) {
	var list []any
	for part := range strings.SplitSeq(path, "/") {
		if name, ok := strings.CutPrefix(part, "{"); ok {
			list = append(list, map[string]any{
				"name": strings.TrimRight(name, "+}"), "in": "path", "required": true, "schema": map[string]any{"type": "string"},
			})
		}
	}
	if len(list) > 0 {
		operation["parameters"] = list
	}
}

// securitySchemes are the authorizers by name, and what is built in and used.
func (m *marshaller) securitySchemes(a spec.API, keys bool) map[string]any {
	schemes := map[string]any{}
	scheme := func(name, header, kind string) map[string]any {
		schemes[name] = map[string]any{"type": "apiKey", "name": header, "in": "header"}
		one := schemes[name].(map[string]any)
		if kind != "" {
			one["x-amazon-apigateway-authtype"] = kind
		}
		return one
	}
	if keys {
		scheme(apiKey, "x-api-key", "")
	}
	for _, r := range m.service.Routes() {
		if r.Authorizer == spec.IAM {
			scheme(signature, "Authorization", "awsSigv4")
		}
	}
	for _, one := range a.Authorizers {
		if len(one.Cognito) > 0 {
			pools := []any{}
			for _, pool := range one.Cognito {
				pools = append(pools, pool.ARN)
			}
			scheme(schemeName(one.Name), strings.TrimPrefix(one.Identity[0], "header."), "cognito_user_pools")["x-amazon-apigateway-authorizer"] = map[string]any{
				"type": "cognito_user_pools", "providerARNs": pools,
			}
			continue
		}
		scheme(schemeName(one.Name), "Unused", "custom")["x-amazon-apigateway-authorizer"] = map[string]any{
			"type": "request", "authorizerUri": invocations(m.function(one.Function)), "identitySource": identitySource(one.Identity),
			"authorizerResultTtlInSeconds": int(one.TTL / time.Second),
		}
	}
	return schemes
}

// identitySource is where a REST API finds who calls.
func identitySource(identity []string) string {
	names := map[string]string{"header": "method.request.header.", "query": "method.request.querystring.", "context": "context."}
	list := make([]string, len(identity))
	for i, part := range identity {
		kind, name, _ := strings.Cut(part, ".")
		list[i] = names[kind] + name
	}
	return strings.Join(list, ", ")
}
