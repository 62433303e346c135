// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"maps"
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.operations.ServeAPI(w, r, id)
}

// paging is that of the lists.
var paging = gateway.Paging{Token: "nextToken", Size: "maxResults", Items: "items", Next: "nextToken"}

// router maps the paths of the API to operations ("Resources", Amazon API
// Gateway Version 2 API reference).
func (s *Service) router() *gateway.Operations {
	o := gateway.NewOperations(s.env.Default.Partition)
	handle := o.Handle
	const apis, api = "/v2/apis", "/v2/apis/{apiId}"
	handle("POST "+apis, "CreateApi", 201, nil, s.serveCreateAPI)
	handle("GET "+apis, "GetApis", 200, paging.Parameters(), s.serveGetAPIs)
	handle("GET "+api, "GetApi", 200, nil, s.serveGetAPI)
	handle("PATCH "+api, "UpdateApi", 200, nil, s.serveUpdateAPI)
	handle("DELETE "+api, "DeleteApi", 204, nil, func(c gateway.Request) (any, error) { return nil, s.deleteAPI(c.Scope, c.Path("apiId")) })
	handle("DELETE "+api+"/cors", "DeleteCorsConfiguration", 204, nil, s.serveDeleteCORS)

	handleParts(s, o, routes, api+"/routes")
	handleParts(s, o, integrations, api+"/integrations")
	handleParts(s, o, authorizers, api+"/authorizers")

	const stages, stage = api + "/stages", api + "/stages/{stageName}"
	handle("POST "+stages, "CreateStage", 201, nil, s.serveCreateStage)
	handle("GET "+stages, "GetStages", 200, paging.Parameters(), s.serveGetStages)
	handle("GET "+stage, "GetStage", 200, nil, s.serveGetStage)
	handle("PATCH "+stage, "UpdateStage", 200, nil, s.serveUpdateStage)
	handle("DELETE "+stage, "DeleteStage", 204, nil, func(c gateway.Request) (any, error) {
		return nil, s.deleteStage(c.Scope, c.Path("apiId"), c.Path("stageName"))
	})
	handle("DELETE "+stage+"/accesslogsettings", "DeleteAccessLogSettings", 204, nil, s.serveDeleteAccessLog)
	handle("DELETE "+stage+"/routesettings/{routeKey}", "DeleteRouteSettings", 204, nil, s.serveDeleteRouteSettings)
	handle("DELETE "+stage+"/cache/authorizers", "ResetAuthorizersCache", 204, nil, s.serveResetAuthorizers)

	const deployments, deployment = api + "/deployments", api + "/deployments/{deploymentId}"
	handle("POST "+deployments, "CreateDeployment", 201, nil, s.serveCreateDeployment)
	handle("GET "+deployments, "GetDeployments", 200, paging.Parameters(), s.serveGetDeployments)
	handle("GET "+deployment, "GetDeployment", 200, nil, s.serveGetDeployment)
	handle("PATCH "+deployment, "UpdateDeployment", 200, nil, s.serveUpdateDeployment)
	handle("DELETE "+deployment, "DeleteDeployment", 204, nil, func(c gateway.Request) (any, error) {
		return nil, s.deleteDeployment(c.Scope, c.Path("apiId"), c.Path("deploymentId"))
	})

	const tags = "/v2/tags/{resourceArn}"
	handle("GET "+tags, "GetTags", 200, nil, s.serveGetTags)
	handle("POST "+tags, "TagResource", 201, nil, s.serveTag)
	handle("DELETE "+tags, "UntagResource", 204, []string{"tagKeys"}, s.serveUntag)
	refuseRest(o)
	return o
}

// handleParts adds the five operations of a kind of parts.
func handleParts[P any](s *Service, o *gateway.Operations, k kind[P], path string) {
	one := path + "/{id}"
	put := func(c gateway.Request) (any, error) {
		id, part, err := putPart(s, k, c.Scope, c.Path("apiId"), c.Path("id"), func(old P) (P, error) { return gateway.Decode(c, old) })
		if err != nil {
			return nil, err
		}
		return k.output(id, part)
	}
	o.Handle("POST "+path, "Create"+k.name, 201, nil, put)
	o.Handle("PATCH "+one, "Update"+k.name, 200, nil, put)
	o.Handle("GET "+path, "Get"+k.name+"s", 200, paging.Parameters(), func(c gateway.Request) (any, error) {
		list, err := listParts(s, k, c.Scope, c.Path("apiId"))
		if err != nil {
			return nil, err
		}
		return paging.Page(c, list)
	})
	o.Handle("GET "+one, "Get"+k.name, 200, nil, func(c gateway.Request) (any, error) {
		part, err := getPart(s, k, c.Scope, c.Path("apiId"), c.Path("id"))
		if err != nil {
			return nil, err
		}
		return k.output(c.Path("id"), part)
	})
	o.Handle("DELETE "+one, "Delete"+k.name, 204, nil, func(c gateway.Request) (any, error) {
		return nil, deletePart(s, k, c.Scope, c.Path("apiId"), c.Path("id"))
	})
}

// refuseRest answers the rest of the API with an error that names what is asked
// for.
func refuseRest(o *gateway.Operations) {
	for pattern, what := range map[string]string{
		"PUT /v2/apis":                         "import of APIs",
		"PUT /v2/apis/{apiId}":                 "import of APIs",
		"/v2/apis/{apiId}/exports/":            "export of APIs",
		"/v2/apis/{apiId}/models":              "models",
		"/v2/apis/{apiId}/models/":             "models",
		"/v2/vpclinks":                         "VPC links",
		"/v2/vpclinks/":                        "VPC links",
		"/v2/portals":                          "portals",
		"/v2/portals/":                         "portals",
		"/v2/portalproducts":                   "portals",
		"/v2/portalproducts/":                  "portals",
		"/v2/apis/{apiId}/routes/{id}/":        "route responses and request parameters",
		"/v2/apis/{apiId}/integrations/{id}/":  "integration responses",
		"/v2/apis/{apiId}/routing-expression/": "routing expressions",
	} {
		o.Refuse(pattern, func(*http.Request) string { return what + " of API Gateway" })
	}
	o.Refuse("/", func(r *http.Request) string { return r.Method + " " + r.URL.Path + " of API Gateway" })
}

func (s *Service) serveCreateAPI(c gateway.Request) (any, error) {
	settings, err := gateway.Decode(c, apiSettings{})
	if err != nil {
		return nil, err
	}
	return s.shown(s.createAPI(c.Scope, settings))
}

// shown returns an API as the API shows it, unless there is an error.
func (s *Service) shown(a *api, err error) (any, error) {
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return a.output()
}

func (s *Service) serveGetAPI(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(c.Scope, c.Path("apiId"))
	if err != nil {
		return nil, err
	}
	return a.output()
}

func (s *Service) serveGetAPIs(c gateway.Request) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.apis)) {
		if a := s.apis[id]; a.Scope == c.Scope {
			out, err := a.output()
			if err != nil {
				return nil, err
			}
			list = append(list, out)
		}
	}
	return paging.Page(c, list)
}

func (s *Service) serveUpdateAPI(c gateway.Request) (any, error) {
	return s.serveEditAPI(c, func(old apiSettings) (apiSettings, error) {
		settings, err := gateway.Decode(c, old)
		if err == nil && settings.ProtocolType != old.ProtocolType {
			err = gateway.Unmodelled(`parameter "protocolType" of ` + c.Name)
		}
		return settings, err
	})
}

func (s *Service) serveEditAPI(c gateway.Request, edit func(apiSettings) (apiSettings, error)) (any, error) {
	return s.shown(s.updateAPI(c.Scope, c.Path("apiId"), edit))
}

func (s *Service) serveDeleteCORS(c gateway.Request) (any, error) {
	_, err := s.serveEditAPI(c, func(old apiSettings) (apiSettings, error) {
		old.CorsConfiguration = nil
		return old, nil
	})
	return nil, err
}
