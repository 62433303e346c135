// SPDX-License-Identifier: MIT

package apigatewayv2

import (
	"maps"
	"net/http"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// router maps the paths of the API to operations ("Resources", Amazon API
// Gateway Version 2 API reference).
func (s *Service) router() *http.ServeMux {
	mux := http.NewServeMux()
	handle := func(pattern, name string, status int, parameters []string, f func(call) (any, error)) {
		mux.HandleFunc(pattern, s.operation(name, status, parameters, f))
	}
	const apis, api = "/v2/apis", "/v2/apis/{apiId}"
	handle("POST "+apis, "CreateApi", 201, nil, s.serveCreateAPI)
	handle("GET "+apis, "GetApis", 200, paging, s.serveGetAPIs)
	handle("GET "+api, "GetApi", 200, nil, s.serveGetAPI)
	handle("PATCH "+api, "UpdateApi", 200, nil, s.serveUpdateAPI)
	handle("DELETE "+api, "DeleteApi", 204, nil, func(c call) (any, error) { return nil, s.deleteAPI(c.scope, c.path("apiId")) })
	handle("DELETE "+api+"/cors", "DeleteCorsConfiguration", 204, nil, s.serveDeleteCORS)

	handleParts(s, mux, routes, api+"/routes")
	handleParts(s, mux, integrations, api+"/integrations")
	handleParts(s, mux, authorizers, api+"/authorizers")

	const stages, stage = api + "/stages", api + "/stages/{stageName}"
	handle("POST "+stages, "CreateStage", 201, nil, s.serveCreateStage)
	handle("GET "+stages, "GetStages", 200, paging, s.serveGetStages)
	handle("GET "+stage, "GetStage", 200, nil, s.serveGetStage)
	handle("PATCH "+stage, "UpdateStage", 200, nil, s.serveUpdateStage)
	handle("DELETE "+stage, "DeleteStage", 204, nil, func(c call) (any, error) {
		return nil, s.deleteStage(c.scope, c.path("apiId"), c.path("stageName"))
	})
	handle("DELETE "+stage+"/accesslogsettings", "DeleteAccessLogSettings", 204, nil, s.serveDeleteAccessLog)
	handle("DELETE "+stage+"/routesettings/{routeKey}", "DeleteRouteSettings", 204, nil, s.serveDeleteRouteSettings)
	handle("DELETE "+stage+"/cache/authorizers", "ResetAuthorizersCache", 204, nil, s.serveResetAuthorizers)

	const deployments, deployment = api + "/deployments", api + "/deployments/{deploymentId}"
	handle("POST "+deployments, "CreateDeployment", 201, nil, s.serveCreateDeployment)
	handle("GET "+deployments, "GetDeployments", 200, paging, s.serveGetDeployments)
	handle("GET "+deployment, "GetDeployment", 200, nil, s.serveGetDeployment)
	handle("PATCH "+deployment, "UpdateDeployment", 200, nil, s.serveUpdateDeployment)
	handle("DELETE "+deployment, "DeleteDeployment", 204, nil, func(c call) (any, error) {
		return nil, s.deleteDeployment(c.scope, c.path("apiId"), c.path("deploymentId"))
	})

	const tags = "/v2/tags/{resourceArn}"
	handle("GET "+tags, "GetTags", 200, nil, s.serveGetTags)
	handle("POST "+tags, "TagResource", 201, nil, s.serveTag)
	handle("DELETE "+tags, "UntagResource", 204, []string{"tagKeys"}, s.serveUntag)
	refuseRest(mux)
	return mux
}

// handleParts adds the five operations of a kind of parts.
func handleParts[P any](s *Service, mux *http.ServeMux, k kind[P], path string) {
	one := path + "/{id}"
	put := func(c call) (any, error) {
		id, part, err := putPart(s, k, c.scope, c.path("apiId"), c.path("id"), func(old P) (P, error) { return decode(c, old) })
		if err != nil {
			return nil, err
		}
		return k.output(id, part)
	}
	mux.HandleFunc("POST "+path, s.operation("Create"+k.name, 201, nil, put))
	mux.HandleFunc("PATCH "+one, s.operation("Update"+k.name, 200, nil, put))
	mux.HandleFunc("GET "+path, s.operation("Get"+k.name+"s", 200, paging, func(c call) (any, error) {
		list, err := listParts(s, k, c.scope, c.path("apiId"))
		if err != nil {
			return nil, err
		}
		return page(c, list)
	}))
	mux.HandleFunc("GET "+one, s.operation("Get"+k.name, 200, nil, func(c call) (any, error) {
		part, err := getPart(s, k, c.scope, c.path("apiId"), c.path("id"))
		if err != nil {
			return nil, err
		}
		return k.output(c.path("id"), part)
	}))
	mux.HandleFunc("DELETE "+one, s.operation("Delete"+k.name, 204, nil, func(c call) (any, error) {
		return nil, deletePart(s, k, c.scope, c.path("apiId"), c.path("id"))
	}))
}

// refuseRest answers the rest of the API with an error that names what is asked
// for.
func refuseRest(mux *http.ServeMux) {
	for pattern, what := range map[string]string{
		"PUT /v2/apis":                         "import of APIs",
		"PUT /v2/apis/{apiId}":                 "import of APIs",
		"/v2/apis/{apiId}/exports/":            "export of APIs",
		"/v2/apis/{apiId}/models":              "models",
		"/v2/apis/{apiId}/models/":             "models",
		"/v2/domainnames":                      "custom domain names",
		"/v2/domainnames/":                     "custom domain names and API mappings",
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
		mux.HandleFunc(pattern, refuse(what))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) { refuse(r.Method+" "+r.URL.Path)(w, r) })
}

func refuse(what string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		wire.WriteJSONError(w, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s of API Gateway", what))
	}
}

func (s *Service) serveCreateAPI(c call) (any, error) {
	settings, err := decode(c, apiSettings{})
	if err != nil {
		return nil, err
	}
	a, err := s.createAPI(c.scope, settings)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return a.output()
}

func (s *Service) serveGetAPI(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.find(c.scope, c.path("apiId"))
	if err != nil {
		return nil, err
	}
	return a.output()
}

func (s *Service) serveGetAPIs(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(s.apis)) {
		if a := s.apis[id]; a.Scope == c.scope {
			out, err := a.output()
			if err != nil {
				return nil, err
			}
			list = append(list, out)
		}
	}
	return page(c, list)
}

func (s *Service) serveUpdateAPI(c call) (any, error) {
	return s.serveEditAPI(c, func(old apiSettings) (apiSettings, error) {
		settings, err := decode(c, old)
		if err == nil && settings.ProtocolType != old.ProtocolType {
			err = unmodelled(`parameter "protocolType" of ` + c.name)
		}
		return settings, err
	})
}

func (s *Service) serveEditAPI(c call, edit func(apiSettings) (apiSettings, error)) (any, error) {
	a, err := s.updateAPI(c.scope, c.path("apiId"), edit)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return a.output()
}

func (s *Service) serveDeleteCORS(c call) (any, error) {
	_, err := s.serveEditAPI(c, func(old apiSettings) (apiSettings, error) {
		old.CorsConfiguration = nil
		return old, nil
	})
	return nil, err
}
