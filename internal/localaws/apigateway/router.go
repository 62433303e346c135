// SPDX-License-Identifier: MIT

package apigateway

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// call is a request to the API.
type call struct {
	name  string // of the operation
	scope arn.Scope
	path  func(name string) string
	query url.Values
	body  []byte
}

type identityKey struct{}

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.routes.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), identityKey{}, id)))
}

// operation makes the handler of an operation. Query parameters that it does
// not have are refused by name.
func (s *Service) operation(name string, status int, parameters []string, f func(call) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := func() (any, error) {
			id, _ := r.Context().Value(identityKey{}).(wire.Identity)
			c := call{
				name: name, path: r.PathValue, query: r.URL.Query(),
				scope: arn.Scope{Partition: s.env.Default.Partition, Account: id.Account, Region: id.Region},
			}
			for parameter := range c.query {
				if !slices.Contains(parameters, parameter) {
					return nil, unmodelled("parameter " + strconv.Quote(parameter) + " of " + name)
				}
			}
			var err error
			if c.body, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody)); err != nil {
				return nil, badRequest("%v", err)
			}
			return f(c)
		}()
		if err != nil {
			wire.WriteJSONError(w, err)
			return
		}
		wire.WriteJSON(w, status, out)
	}
}

// decode reads the body of a call. Members that the operation does not have are
// refused by name.
func decode[T any](c call) (T, error) {
	var v T
	if len(bytes.TrimSpace(c.body)) == 0 {
		return v, nil
	}
	d := json.NewDecoder(bytes.NewReader(c.body))
	d.DisallowUnknownFields()
	err := d.Decode(&v)
	if err == nil {
		return v, nil
	}
	if field, ok := strings.CutPrefix(err.Error(), "json: unknown field "); ok {
		return v, unmodelled("parameter " + field + " of " + c.name)
	}
	return v, badRequest("Invalid request input: %v", err)
}

// paging are the query parameters of lists.
var paging = []string{"limit", "position"}

// page returns the part of list that a call asks for.
func page(c call, list []map[string]any) (any, error) {
	start, size := 0, 25
	for name, n := range map[string]*int{"position": &start, "limit": &size} {
		text := c.query.Get(name)
		if text == "" {
			continue
		}
		v, err := strconv.Atoi(text)
		if err != nil || v < 0 || name == "limit" && (v == 0 || v > 500) {
			return nil, badRequest("Invalid %s parameter: %s", name, text)
		}
		*n = v
	}
	start = min(start, len(list))
	end := start + min(size, len(list)-start)
	out := map[string]any{"item": list[start:end]}
	if end < len(list) {
		out["position"] = strconv.Itoa(end)
	}
	return out, nil
}

// router maps the paths of the API to operations ("Operations", API Gateway API
// reference).
func (s *Service) router() *http.ServeMux {
	mux := http.NewServeMux()
	handle := func(pattern, name string, status int, parameters []string, f func(call) (any, error)) {
		mux.HandleFunc(pattern, s.operation(name, status, parameters, f))
	}
	const all, each = "/restapis", "/restapis/{api}"
	handle("GET "+all, "GetRestApis", 200, paging, s.getAPIs)
	handle("GET "+each, "GetRestApi", 200, nil, s.one(func(c call, a *api) (any, error) { return a.output() }))
	handle("DELETE "+each, "DeleteRestApi", 202, nil, func(c call) (any, error) { return nil, s.deleteAPI(c.scope, c.path("api")) })
	handle("GET "+each+"/resources", "GetResources", 200, append([]string{"embed"}, paging...), s.one(getResources))
	handle("GET "+each+"/resources/{id}", "GetResource", 200, []string{"embed"}, s.one(getResource))
	handle("GET "+each+"/resources/{id}/methods/{verb}", "GetMethod", 200, nil, s.one(getMethod))
	handle("GET "+each+"/resources/{id}/methods/{verb}/integration", "GetIntegration", 200, nil, s.one(getIntegration))
	handle("GET "+each+"/authorizers", "GetAuthorizers", 200, paging, s.one(listed(func(a *api) map[string]*authorizer { return a.Current.Authorizers }, "id")))
	handle("GET "+each+"/authorizers/{id}", "GetAuthorizer", 200, nil, s.one(single(func(a *api) map[string]*authorizer { return a.Current.Authorizers }, "id")))
	handle("GET "+each+"/requestvalidators", "GetRequestValidators", 200, paging, s.one(listed(func(a *api) map[string]*validator { return a.Current.Validators }, "id")))
	handle("GET "+each+"/requestvalidators/{id}", "GetRequestValidator", 200, nil, s.one(single(func(a *api) map[string]*validator { return a.Current.Validators }, "id")))
	handle("GET "+each+"/gatewayresponses", "GetGatewayResponses", 200, paging, s.one(listed(answersOf, "responseType")))
	handle("GET "+each+"/gatewayresponses/{id}", "GetGatewayResponse", 200, nil, s.one(single(answersOf, "responseType")))

	handle("GET "+each+"/deployments", "GetDeployments", 200, paging, s.one(getDeployments))
	handle("GET "+each+"/deployments/{id}", "GetDeployment", 200, nil, s.one(getDeployment))
	handle("POST "+each+"/deployments", "CreateDeployment", 201, nil, s.createDeployment)
	handle("DELETE "+each+"/deployments/{id}", "DeleteDeployment", 202, nil, func(c call) (any, error) {
		return nil, s.undeploy(c.scope, c.path("api"), c.path("id"))
	})
	handle("GET "+each+"/stages", "GetStages", 200, []string{"deploymentId"}, s.one(getStages))
	handle("GET "+each+"/stages/{id}", "GetStage", 200, nil, s.one(getStage))
	handle("DELETE "+each+"/stages/{id}", "DeleteStage", 202, nil, func(c call) (any, error) {
		return nil, s.deleteStage(c.scope, c.path("api"), c.path("id"))
	})
	handle("DELETE "+each+"/stages/{id}/cache/authorizers", "FlushStageAuthorizersCache", 202, nil, s.one(func(c call, a *api) (any, error) {
		s.answers.Forget(a.ID + "/" + c.path("id") + "/")
		return nil, nil
	}))

	handle("GET /account", "GetAccount", 200, nil, s.getAccount)
	handle("GET /apikeys", "GetApiKeys", 200, append([]string{"includeValues", "name", "customerId"}, paging...), s.getKeys)
	handle("GET /apikeys/{id}", "GetApiKey", 200, []string{"includeValue"}, s.getKey)
	handle("GET /usageplans", "GetUsagePlans", 200, append([]string{"keyId"}, paging...), s.getPlans)
	handle("GET /usageplans/{id}", "GetUsagePlan", 200, nil, s.getPlan)
	handle("GET /usageplans/{id}/keys", "GetUsagePlanKeys", 200, append([]string{"name"}, paging...), s.getPlanKeys)
	handle("GET /tags/{arn}", "GetTags", 200, paging, s.getTags)
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		wire.WriteJSONError(w, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"the embedded AWS does not model %s %s of API Gateway: REST APIs are changed through CloudFormation", r.Method, r.URL.Path))
	})
	return mux
}

// one makes the handler of an operation on one API, which the lock is held for.
func (s *Service) one(f func(c call, a *api) (any, error)) func(call) (any, error) {
	return func(c call) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		a, err := s.find(c.scope, c.path("api"))
		if err != nil {
			return nil, err
		}
		return f(c, a)
	}
}

func (s *Service) createDeployment(c call) (any, error) {
	in, err := decode[deploymentInput](c)
	if err != nil {
		return nil, err
	}
	d, err := s.deploy(c.scope, c.path("api"), in)
	if err != nil {
		return nil, err
	}
	return d.output(), nil
}
