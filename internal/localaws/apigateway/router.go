// SPDX-License-Identifier: MIT

package apigateway

import (
	"net/http"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ServeAPI answers one request of the restJson protocol.
func (s *Service) ServeAPI(w http.ResponseWriter, r *http.Request, id wire.Identity) {
	s.operations.ServeAPI(w, r, id)
}

// paging is that of the lists.
var paging = gateway.Paging{Token: "position", Size: "limit", Items: "item", Next: "position", Default: 25, Most: 500}

// router maps the paths of the API to operations ("Operations", API Gateway API
// reference).
func (s *Service) router() *gateway.Operations {
	o := gateway.NewOperations(s.env.Default.Partition)
	handle := o.Handle
	const all, each = "/restapis", "/restapis/{api}"
	handle("GET "+all, "GetRestApis", 200, paging.Parameters(), s.getAPIs)
	handle("GET "+each, "GetRestApi", 200, nil, s.one(func(c gateway.Request, a *api) (any, error) { return a.output() }))
	handle("DELETE "+each, "DeleteRestApi", 202, nil, func(c gateway.Request) (any, error) { return nil, s.deleteAPI(c.Scope, c.Path("api")) })
	handle("GET "+each+"/resources", "GetResources", 200, paging.Parameters("embed"), s.one(getResources))
	handle("GET "+each+"/resources/{id}", "GetResource", 200, []string{"embed"}, s.one(getResource))
	handle("GET "+each+"/resources/{id}/methods/{verb}", "GetMethod", 200, nil, s.one(getMethod))
	handle("GET "+each+"/resources/{id}/methods/{verb}/integration", "GetIntegration", 200, nil, s.one(getIntegration))
	handle("GET "+each+"/authorizers", "GetAuthorizers", 200, paging.Parameters(), s.one(listed(func(a *api) map[string]*authorizer { return a.Current.Authorizers }, "id")))
	handle("GET "+each+"/authorizers/{id}", "GetAuthorizer", 200, nil, s.one(single(func(a *api) map[string]*authorizer { return a.Current.Authorizers }, "id")))
	handle("GET "+each+"/requestvalidators", "GetRequestValidators", 200, paging.Parameters(), s.one(listed(func(a *api) map[string]*validator { return a.Current.Validators }, "id")))
	handle("GET "+each+"/requestvalidators/{id}", "GetRequestValidator", 200, nil, s.one(single(func(a *api) map[string]*validator { return a.Current.Validators }, "id")))
	handle("GET "+each+"/gatewayresponses", "GetGatewayResponses", 200, paging.Parameters(), s.one(listed(answersOf, "responseType")))
	handle("GET "+each+"/gatewayresponses/{id}", "GetGatewayResponse", 200, nil, s.one(single(answersOf, "responseType")))

	handle("GET "+each+"/deployments", "GetDeployments", 200, paging.Parameters(), s.one(getDeployments))
	handle("GET "+each+"/deployments/{id}", "GetDeployment", 200, nil, s.one(getDeployment))
	handle("POST "+each+"/deployments", "CreateDeployment", 201, nil, s.createDeployment)
	handle("DELETE "+each+"/deployments/{id}", "DeleteDeployment", 202, nil, func(c gateway.Request) (any, error) {
		return nil, s.undeploy(c.Scope, c.Path("api"), c.Path("id"))
	})
	handle("GET "+each+"/stages", "GetStages", 200, []string{"deploymentId"}, s.one(getStages))
	handle("GET "+each+"/stages/{id}", "GetStage", 200, nil, s.one(getStage))
	handle("DELETE "+each+"/stages/{id}", "DeleteStage", 202, nil, func(c gateway.Request) (any, error) {
		return nil, s.deleteStage(c.Scope, c.Path("api"), c.Path("id"))
	})
	handle("DELETE "+each+"/stages/{id}/cache/authorizers", "FlushStageAuthorizersCache", 202, nil, s.one(func(c gateway.Request, a *api) (any, error) {
		s.authorizers.Forget(a.ID, c.Path("id"))
		return nil, nil
	}))

	handle("GET /account", "GetAccount", 200, nil, s.getAccount)
	handle("GET /apikeys", "GetApiKeys", 200, paging.Parameters("includeValues", "name", "customerId"), s.getKeys)
	handle("GET /apikeys/{id}", "GetApiKey", 200, []string{"includeValue"}, s.getKey)
	handle("GET /usageplans", "GetUsagePlans", 200, paging.Parameters("keyId"), s.getPlans)
	handle("GET /usageplans/{id}", "GetUsagePlan", 200, nil, s.getPlan)
	handle("GET /usageplans/{id}/keys", "GetUsagePlanKeys", 200, paging.Parameters("name"), s.getPlanKeys)
	handle("GET /tags/{arn}", "GetTags", 200, paging.Parameters(), s.getTags)
	o.Refuse("/", func(r *http.Request) string {
		return r.Method + " " + r.URL.Path + " of API Gateway: REST APIs are changed through CloudFormation"
	})
	return o
}

// one makes the handler of an operation on one API, which the lock is held for.
func (s *Service) one(f func(c gateway.Request, a *api) (any, error)) func(gateway.Request) (any, error) {
	return func(c gateway.Request) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		a, err := s.find(c.Scope, c.Path("api"))
		if err != nil {
			return nil, err
		}
		return f(c, a)
	}
}

func (s *Service) createDeployment(c gateway.Request) (any, error) {
	in, err := gateway.Decode(c, deploymentInput{})
	if err != nil {
		return nil, err
	}
	d, err := s.deploy(c.Scope, c.Path("api"), in)
	if err != nil {
		return nil, err
	}
	return d.output(), nil
}
