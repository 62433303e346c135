// SPDX-License-Identifier: MIT

package stage

import (
	"strings"
	"time"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// addHTTPAPI adds an HTTP API. Its stage deploys by itself whatever changes.
func (m *marshaller) addHTTPAPI(a spec.API, origin cfn.Origin) {
	properties := map[string]any{"Name": a.Name, "ProtocolType": "HTTP"}
	if a.CORS != nil {
		properties["CorsConfiguration"] = corsProperties(*a.CORS)
	}
	m.add(spec.HTTPAPIID, "AWS::ApiGatewayV2::Api", properties, origin)
	for _, one := range a.Authorizers {
		m.addHTTPAuthorizer(one)
	}
	integrated := map[string]bool{}
	for _, r := range m.service.Routes() {
		if !integrated[r.Function] {
			integrated[r.Function] = true
			m.add(spec.IntegrationID(r.Function), "AWS::ApiGatewayV2::Integration", map[string]any{
				"ApiId": cfn.Ref(spec.HTTPAPIID), "IntegrationType": "AWS_PROXY", "IntegrationUri": target(m.function(r.Function)),
				"PayloadFormatVersion": "2.0",
			}, m.origin("functions", r.Function))
		}
		m.addHTTPRoute(r, a)
	}
	m.addHTTPStage(a, origin)
}

// addHTTPRoute adds a route.
func (m *marshaller) addHTTPRoute(r spec.Route, a spec.API) {
	properties := map[string]any{
		"ApiId": cfn.Ref(spec.HTTPAPIID), "RouteKey": r.Key(), "Target": cfn.Sub("integrations/${" + spec.IntegrationID(r.Function) + "}"),
		"AuthorizationType": "NONE",
	}
	switch {
	case r.Authorizer == spec.IAM:
		properties["AuthorizationType"] = "AWS_IAM"
	case r.Authorizer != "":
		properties["AuthorizationType"] = "CUSTOM"
		if one, _ := a.Authorizer(r.Authorizer); one.JWT != nil {
			properties["AuthorizationType"] = "JWT"
		}
		properties["AuthorizerId"] = cfn.Ref(spec.AuthorizerID(r.Authorizer))
	}
	if len(r.Scopes) > 0 {
		properties["AuthorizationScopes"] = anys(r.Scopes)
	}
	m.add(r.RouteID(), "AWS::ApiGatewayV2::Route", properties, m.origin(r.Place...))
}

// addHTTPAuthorizer adds an authorizer.
func (m *marshaller) addHTTPAuthorizer(a spec.Authorizer) {
	names := strings.NewReplacer("header.", "$request.header.", "query.", "$request.querystring.", "context.", "$context.")
	var identity []any
	for _, part := range a.Identity {
		kind, name, _ := strings.Cut(part, ".")
		identity = append(identity, names.Replace(kind+".")+name)
	}
	properties := map[string]any{"ApiId": cfn.Ref(spec.HTTPAPIID), "Name": a.Name, "IdentitySource": identity}
	if a.JWT != nil {
		properties["AuthorizerType"] = "JWT"
		properties["JwtConfiguration"] = map[string]any{"Issuer": a.JWT.Issuer, "Audience": a.JWT.Audience}
	} else {
		properties["AuthorizerType"] = "REQUEST"
		properties["AuthorizerUri"] = invocations(m.function(a.Function))
		properties["AuthorizerPayloadFormatVersion"] = "2.0"
		properties["EnableSimpleResponses"] = a.Response == "simple"
		properties["AuthorizerResultTtlInSeconds"] = int(a.TTL / time.Second)
	}
	m.add(spec.AuthorizerID(a.Name), "AWS::ApiGatewayV2::Authorizer", properties, m.origin("api", "authorizers", a.Name))
}

// addHTTPStage adds the stage. The routes that it has limits for must be there
// first.
func (m *marshaller) addHTTPStage(a spec.API, origin cfn.Origin) {
	properties := map[string]any{"ApiId": cfn.Ref(spec.HTTPAPIID), "StageName": a.Stage, "AutoDeploy": true}
	if a.Throttle != nil {
		properties["DefaultRouteSettings"] = throttling(*a.Throttle)
	}
	limits := map[string]any{}
	var routes []string
	for _, r := range m.service.Routes() {
		if r.Throttle != nil {
			limits[r.Key()] = throttling(*r.Throttle)
			routes = append(routes, r.RouteID())
		}
	}
	if len(limits) > 0 {
		properties["RouteSettings"] = limits
	}
	if a.AccessLogs != nil {
		properties["AccessLogSettings"] = accessLog(*a.AccessLogs, "routeKey")
	}
	m.add(spec.HTTPStageID, "AWS::ApiGatewayV2::Stage", properties, origin).DependsOn = routes
}

func throttling(t spec.Throttle) map[string]any {
	return map[string]any{"ThrottlingRateLimit": t.Rate, "ThrottlingBurstLimit": t.Burst}
}
