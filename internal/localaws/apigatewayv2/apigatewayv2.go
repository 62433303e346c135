// SPDX-License-Identifier: MIT

// Package apigatewayv2 is the part of API Gateway that has HTTP APIs: their API
// and CloudFormation types, and a live HTTP address for each API that routes,
// authorizes, throttles and calls functions the way AWS does.
//
// Each API has a port of its own: the $default stage answers at /, others at
// /name/. What has no meaning on one machine is kept and shown, but has no
// effect: descriptions, versions, the address type, detailed metrics. What would
// behave differently on AWS is refused by name: WebSocket APIs, import of
// OpenAPI documents, quick creation with a target, integrations other than
// AWS_PROXY with a function, credentials, parameter mapping, VPC links, API
// keys and models. Signatures of AWS_IAM are not checked, only asked for. Domain
// names of one's own are in apidomain.
package apigatewayv2

import (
	"context"
	"crypto/rsa"
	"sync"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/service"
)

// document is the name of the store's document that holds the APIs.
const document = "apigatewayv2"

// Deps are the other services that HTTP APIs call.
type Deps struct {
	// Functions runs integrations and authorizers.
	Functions gateway.Functions
	// Logs takes access logs.
	Logs gateway.LogSink
	// MappedTo returns the domain names of one's own that lead to an API, or to
	// a stage of it unless stage is "": neither can be deleted then. It may be
	// nil.
	MappedTo func(apiID, stage string) []string
	// Keys returns the public keys of an issuer of tokens that the embedded AWS
	// has, by identifier. It reports false for others, which are asked over the
	// network. It may be nil.
	Keys func(issuer string) (map[string]*rsa.PublicKey, bool)
	// Notice tells the user something once. It may be nil.
	Notice func(text string)
}

// Service is API Gateway's HTTP APIs. Its methods may be called concurrently.
type Service struct {
	env         service.Env
	deps        Deps
	operations  *gateway.Operations
	caller      *gateway.Caller
	throttle    gateway.Throttle
	authorizers *gateway.Authorizers
	issuers     issuers
	logs        string // name of the log stream of this process

	mu   sync.Mutex
	apis map[string]*api
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
	s := &Service{env: env, deps: deps, caller: caller, authorizers: gateway.NewAuthorizers(caller), logs: gateway.NewStream(), issuers: issuers{here: deps.Keys}, apis: map[string]*api{}}
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
		"AWS::ApiGatewayV2::Api":         apiType{s},
		"AWS::ApiGatewayV2::Authorizer":  partType[authorizer]{s, authorizers, authorizerRule},
		"AWS::ApiGatewayV2::Deployment":  deploymentType{s},
		"AWS::ApiGatewayV2::Integration": partType[integration]{s, integrations, integrationRule},
		"AWS::ApiGatewayV2::Route":       partType[route]{s, routes, routeRule},
		"AWS::ApiGatewayV2::Stage":       stageType{s},
	}
}
