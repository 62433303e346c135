// SPDX-License-Identifier: MIT

package spec

// api notes what the resources of an API need. That a REST API names its
// functions is not among it: where a function needs the API too, it names them
// by what they are called.
func (g *graph) api(s *Service, n *node) {
	a := s.API
	if a == nil {
		return
	}
	api, stage, domain, mapping := HTTPAPIID, HTTPStageID, HTTPDomainID, HTTPMappingID
	if a.REST() {
		api, stage, domain, mapping = RESTAPIID, RESTStageID, RESTDomainID, RESTMappingID
		g.all(RESTStageID, RESTDeploymentID, RESTAccountID)
		g.all(RESTDeploymentID, RESTAPIID)
		g.all(RESTAccountID, RESTLogRoleID)
	}
	g.all(stage, api, APIAccessLogsID)
	g.all(mapping, api, stage, domain)
	g.all(APIDomainRecordID, domain)
	g.edges(domain, n.field("domain").field("certificate"))
	g.edges(APIDomainRecordID, n.field("domain").field("zone"))
	if a.Domain != nil {
		g.all(domain, a.Domain.Certificate.ID)
		g.all(APIDomainRecordID, resourceNamed(a.Domain.Zone.ID))
	}
	for _, one := range a.Authorizers {
		id := AuthorizerID(one.Name)
		if a.REST() {
			id = RESTAPIID
		} else {
			g.all(id, api)
		}
		g.edges(id, n.field("authorizers").field(one.Name))
		for _, pool := range one.Cognito {
			g.all(id, pool.ID)
		}
		if one.Function != "" && !a.REST() {
			g.all(id, FunctionID(one.Function))
		}
		g.all(AuthorizerPermissionID(one.Name), id, FunctionID(one.Function))
	}
	for _, r := range s.Routes() {
		g.all(APIPermissionID(r.Function), api, FunctionID(r.Function))
	}
	if !a.REST() {
		g.httpRoutes(s)
	}
	for _, plan := range a.UsagePlans {
		g.all(UsagePlanID(plan.Name), stage)
	}
}

// httpRoutes notes what the routes of an HTTP API need.
func (g *graph) httpRoutes(s *Service) {
	for _, r := range s.Routes() {
		g.all(IntegrationID(r.Function), HTTPAPIID, FunctionID(r.Function))
		g.all(r.RouteID(), HTTPAPIID, IntegrationID(r.Function))
		if _, ok := s.API.Authorizer(r.Authorizer); ok {
			g.all(r.RouteID(), AuthorizerID(r.Authorizer))
		}
		if r.Throttle != nil {
			g.all(HTTPStageID, r.RouteID())
		}
	}
}

// all notes that a resource needs others.
func (g *graph) all(from string, to ...string) {
	for _, id := range to {
		g.edge(from, id)
	}
}
