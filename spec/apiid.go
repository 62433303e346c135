// SPDX-License-Identifier: MIT

package spec

import "slices"

// The logical ids of the resources that an API makes. Those of an HTTP API and
// of a REST API differ, since a resource can't turn into one of another type.
const (
	HTTPAPIID         = "HttpApi"
	HTTPStageID       = "HttpApiStage"
	HTTPDomainID      = "HttpApiDomain"
	HTTPMappingID     = "HttpApiMapping"
	RESTAPIID         = "RestApi"
	RESTStageID       = "RestApiStage"
	RESTDomainID      = "RestApiDomain"
	RESTMappingID     = "RestApiMapping"
	RESTLogRoleID     = "RestApiLogRole"
	RESTAccountID     = "RestApiAccount"
	APIAccessLogsID   = "ApiAccessLogs"
	APIDomainRecordID = "ApiDomainRecord"

	// RESTDeploymentID is the logical id of a REST API's deployment until the
	// template is finished. A hash of what the API says then follows it.
	RESTDeploymentID = "RestApiDeployment"
)

// IntegrationID is the logical id of what leads routes of an HTTP API to a
// function.
func IntegrationID(function string) string { return LogicalID(function) + "HttpIntegration" }

// APIPermissionID is the logical id of the API's permission to call a function.
func APIPermissionID(function string) string { return LogicalID(function) + "ApiPermission" }

// AuthorizerID is the logical id of an authorizer of an HTTP API.
func AuthorizerID(authorizer string) string { return LogicalID(authorizer) + "HttpAuthorizer" }

// AuthorizerPermissionID is the logical id of an authorizer's permission to
// call its function.
func AuthorizerPermissionID(authorizer string) string {
	return LogicalID(authorizer) + "AuthorizerPermission"
}

// APIKeyID is the logical id of an API key.
func APIKeyID(key string) string { return LogicalID(key) + "ApiKey" }

// UsagePlanID is the logical id of a usage plan.
func UsagePlanID(plan string) string { return LogicalID(plan) + "UsagePlan" }

// UsagePlanKeyID is the logical id of what gives an API key its usage plan.
func UsagePlanKeyID(key string) string { return LogicalID(key) + "UsagePlanKey" }

// apiIDs are the logical ids that the API makes, each with what makes it.
func (s *Service) apiIDs() []generated {
	a := s.API
	if a == nil {
		return nil
	}
	var all []generated
	add := func(path []string, ids ...string) {
		for _, id := range ids {
			all = append(all, generated{id, path})
		}
	}
	routes := s.Routes()
	path := []string{"api"}
	if len(routes) > 0 && !s.says("api") {
		path = routes[0].Place
	}
	if a.AccessLogs != nil {
		add(path, APIAccessLogsID)
	}
	if a.Domain != nil && a.Domain.Zone.Given() {
		add(path, APIDomainRecordID)
	}
	for _, one := range a.Authorizers {
		own := []string{"api", "authorizers", one.Name}
		if one.Function != "" {
			add(own, AuthorizerPermissionID(one.Name))
		}
		if !a.REST() {
			add(own, AuthorizerID(one.Name))
		}
	}
	var functions []string
	for _, r := range routes {
		if !slices.Contains(functions, r.Function) {
			functions = append(functions, r.Function)
			add(r.Place, APIPermissionID(r.Function))
		}
	}
	if a.REST() {
		return append(all, s.restIDs(path)...)
	}
	add(path, HTTPAPIID, HTTPStageID)
	if a.Domain != nil {
		add(path, HTTPDomainID, HTTPMappingID)
	}
	for _, f := range functions {
		add([]string{"functions", f}, IntegrationID(f))
	}
	made := map[string]bool{} // two for the same requests are a fault of their own
	for _, r := range routes {
		if id := r.RouteID(); !made[id] {
			made[id] = true
			add(r.Place, id)
		}
	}
	return all
}

// restIDs are the logical ids of a REST API alone.
func (s *Service) restIDs(path []string) []generated {
	a := s.API
	all := []generated{{RESTAPIID, path}, {RESTStageID, path}, {RESTDeploymentID, path}}
	if a.Domain != nil {
		all = append(all, generated{RESTDomainID, path}, generated{RESTMappingID, path})
	}
	if a.AccessLogs != nil && a.AccessLogs.Account {
		all = append(all, generated{RESTLogRoleID, path}, generated{RESTAccountID, path})
	}
	for _, key := range a.APIKeys {
		all = append(all, generated{APIKeyID(key), []string{"api", "apiKeys"}}, generated{UsagePlanKeyID(key), []string{"api", "apiKeys"}})
	}
	for _, plan := range a.UsagePlans {
		own := []string{"api", "usagePlans", plan.Name}
		if !s.says(own[:2]...) {
			own = []string{"api", "apiKeys"}
		}
		all = append(all, generated{UsagePlanID(plan.Name), own})
	}
	return all
}

// says reports whether the file has a value at a path.
func (s *Service) says(path ...string) bool {
	if s.positions == nil {
		return false
	}
	n := s.positions.root
	for _, key := range path {
		n = n.field(key)
	}
	return n != nil
}
