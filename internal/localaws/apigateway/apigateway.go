// SPDX-License-Identifier: MIT

// Package apigateway is the part of API Gateway that has REST APIs: their
// CloudFormation types, the calls of the API that look at them, and a live HTTP
// address for each API that answers at /stage/ the way AWS does.
//
// Deployments are snapshots: a change that is not deployed is not live. What
// has no meaning on one machine is kept and shown, but has no effect:
// descriptions, endpoint types, metrics, execution logs, X-Ray tracing, security
// policies. What would behave differently on AWS is refused by name:
// integrations other than AWS_PROXY with a function and MOCK, streaming,
// resource policies, models, templates with the Velocity Template
// Language but for that of a preflight with several origins, caches, canaries,
// compression, private APIs, user pools of elsewhere, OpenAPI documents with more than methods,
// authorizers and gateway responses, and timeouts beyond the 29 seconds that an
// account has unless its quota is raised. Signatures of AWS_IAM are not checked,
// only asked for. Domain names of one's own are in apidomain. Resources are
// changed through CloudFormation; the API reads them, makes deployments and
// deletes APIs.
package apigateway

import (
	"context"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
)

// document is the name of the store's document that holds the APIs.
const document = "apigateway"

// Deps are the other services that REST APIs call.
type Deps struct {
	// Functions runs integrations and authorizers.
	Functions gateway.Functions
	// Logs takes access logs.
	Logs gateway.LogSink
	// Assumable returns an error unless the role exists and lets principal
	// assume it.
	Assumable func(scope arn.Scope, roleARN, principal string) error
	// MappedTo returns the domain names of one's own that lead to an API, or to
	// a stage of it unless stage is "": neither can be deleted then. It may be
	// nil.
	MappedTo func(apiID, stage string) []string
	// Pools knows the user pools whose tokens authorizers take. It may be nil: there
	// are none.
	Pools Pools
	// Notice tells the user something once. It may be nil.
	Notice func(text string)
}

// Service is API Gateway's REST APIs. Its methods may be called concurrently.
type Service struct {
	env         service.Env
	deps        Deps
	operations  *gateway.Operations
	caller      *gateway.Caller
	throttle    gateway.Throttle
	authorizers *gateway.Authorizers
	logs        string // name of the log stream of this process

	mu    sync.Mutex
	state state
}

// New opens the APIs that env.Store keeps, each at its port.
func New(env service.Env, deps Deps) (*Service, error) {
	if deps.Notice == nil {
		deps.Notice = func(string) {}
	}
	if deps.MappedTo == nil {
		deps.MappedTo = func(string, string) []string { return nil }
	}
	caller := gateway.NewCaller(deps.Functions)
	s := &Service{env: env, deps: deps, caller: caller, authorizers: gateway.NewAuthorizers(caller), logs: gateway.NewStream(), state: newState()}
	s.operations = s.router()
	if err := s.load(); err != nil {
		return nil, err
	}
	return s, s.openDoors()
}

// Close waits for the calls of functions under way until ctx ends, and then
// kills them. The addresses stay open until env.Doors is shut down.
func (s *Service) Close(ctx context.Context) error {
	s.caller.Close(ctx)
	return nil
}

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::ApiGateway::Account":          accountType{s},
		"AWS::ApiGateway::ApiKey":           keyType{s},
		"AWS::ApiGateway::Authorizer":       authorizerType{s},
		"AWS::ApiGateway::Deployment":       deploymentType{s},
		"AWS::ApiGateway::GatewayResponse":  answerType{s},
		"AWS::ApiGateway::Method":           methodType{s},
		"AWS::ApiGateway::RequestValidator": validatorType{s},
		"AWS::ApiGateway::Resource":         resourceType{s},
		"AWS::ApiGateway::RestApi":          apiType{s},
		"AWS::ApiGateway::Stage":            stageType{s},
		"AWS::ApiGateway::UsagePlan":        planType{s},
		"AWS::ApiGateway::UsagePlanKey":     planKeyType{s},
	}
}
