// SPDX-License-Identifier: MIT

package stage

import (
	"cmp"
	"encoding/json"
	"strings"

	"github.com/sparta-up/sparta/internal/cfn"
	"github.com/sparta-up/sparta/spec"
)

// apiPrincipal is the service as which APIs call functions.
const apiPrincipal = "apigateway.amazonaws.com"

// addAPI adds the service's API.
func (m *marshaller) addAPI(a spec.API) {
	origin := m.origin("api")
	if a.AccessLogs != nil {
		m.addAccessLogs(*a.AccessLogs, origin)
	}
	api, stage := spec.HTTPAPIID, spec.HTTPStageID
	var address any
	if a.REST() {
		api, stage = spec.RESTAPIID, spec.RESTStageID
		m.addRESTAPI(a, origin)
		address = cfn.Sub("https://${" + api + "}.execute-api.${AWS::Region}.${AWS::URLSuffix}/" + a.Stage)
	} else {
		m.addHTTPAPI(a, origin)
		address = cfn.GetAtt(api, "ApiEndpoint")
		if a.Stage != "$default" {
			address = cfn.Sub("${" + api + ".ApiEndpoint}/" + a.Stage)
		}
	}
	m.permitAPI(api)
	for _, one := range a.Authorizers {
		m.permitAuthorizer(one, api)
	}
	m.addOutput("ApiUrl", &cfn.Output{Description: "URL of the API", Value: address}, origin)
	if a.Domain != nil {
		m.addDomain(a, api, stage)
	}
}

// addAccessLogs adds the log group of an API. Its name keeps it out of the
// policy in which CloudWatch Logs lists, up to 5,120 characters, who else may
// write where ("Enable logging from AWS services", CloudWatch Logs User Guide).
func (m *marshaller) addAccessLogs(l spec.AccessLogs, origin cfn.Origin) {
	group := map[string]any{"LogGroupName": "/aws/vendedlogs/sparta/" + m.service.Name + "/api"}
	if l.RetentionDays > 0 {
		group["RetentionInDays"] = l.RetentionDays
	}
	keep := m.add(spec.APIAccessLogsID, "AWS::Logs::LogGroup", group, origin)
	keep.DeletionPolicy, keep.UpdateReplacePolicy = "Delete", "Delete"
}

// accessLog is the setting of a stage that logs to the API's group.
func accessLog(l spec.AccessLogs, route string) map[string]any {
	return map[string]any{
		"DestinationArn": cfn.GetAtt(spec.APIAccessLogsID, "Arn"),
		"Format":         cmp.Or(l.Format, logFormat(route)),
	}
}

// logFormat is a line of JSON for each request. All values are texts, since
// that of a variable may be "-". route is the variable that names the route.
func logFormat(route string) string {
	fields := []struct{ name, variable string }{
		{"requestId", "requestId"}, {"time", "requestTime"}, {"ip", "identity.sourceIp"}, {"method", "httpMethod"},
		{"path", "path"}, {"route", route}, {"status", "status"}, {"bytes", "responseLength"}, {"latencyMs", "responseLatency"},
		{"functionMs", "integrationLatency"}, {"functionError", "integrationErrorMessage"}, {"error", "error.message"},
		{"authorizerError", "authorizer.error"},
	}
	var members []string
	for _, f := range fields {
		name, err := json.Marshal(f.name)
		if err != nil {
			panic(err) // never: plain text
		}
		members = append(members, string(name)+`:"$context.`+f.variable+`"`)
	}
	return "{" + strings.Join(members, ",") + "}"
}

// execution is the ARN of something of an API, as it calls functions.
func execution(api, rest string) any {
	return cfn.Sub("arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${" + api + "}/" + rest)
}

// permitAPI lets the API call the functions of its routes. A function has one
// permission: for its route, or for the whole API if it has several, since a
// function's policy holds 20,480 characters.
func (m *marshaller) permitAPI(api string) {
	byFunction := map[string][]spec.Route{}
	for _, r := range m.service.Routes() {
		byFunction[r.Function] = append(byFunction[r.Function], r)
	}
	for _, name := range sortedKeys(byFunction) {
		routes, rest := byFunction[name], "*/*"
		if len(routes) == 1 {
			rest = "*/" + routePattern(*routes[0].HTTPEvent)
		}
		m.grant(spec.APIPermissionID(name), eventSource{m.function(name), m.origin(routes[0].Place...)}, apiPrincipal, execution(api, rest), nil)
	}
}

// routePattern is what calls of a route match, without the stage.
func routePattern(h spec.HTTPEvent) string {
	if h.Path == spec.DefaultRoute {
		return h.Path
	}
	parts := strings.Split(h.Path, "/")
	for i, part := range parts {
		if strings.HasPrefix(part, "{") {
			parts[i] = "*"
		}
	}
	method := h.Method
	if method == spec.AnyMethod {
		method = "*"
	}
	return method + strings.Join(parts, "/")
}

// permitAuthorizer lets an authorizer call its function.
func (m *marshaller) permitAuthorizer(a spec.Authorizer, api string) {
	if a.Function == "" {
		return
	}
	id := "${" + spec.AuthorizerID(a.Name) + "}"
	if api == spec.RESTAPIID {
		id = "*" // its id is known to API Gateway only
	}
	m.grant(spec.AuthorizerPermissionID(a.Name), eventSource{m.function(a.Function), m.origin("api", "authorizers", a.Name)},
		apiPrincipal, execution(api, "authorizers/"+id), nil)
}

// invocations is the URI by which API Gateway calls a function.
func invocations(f spec.Function) any {
	return map[string]any{"Fn::Sub": []any{
		"arn:${AWS::Partition}:apigateway:${AWS::Region}:lambda:path/2015-03-31/functions/${Function}/invocations",
		map[string]any{"Function": target(f)},
	}}
}
