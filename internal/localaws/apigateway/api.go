// SPDX-License-Identifier: MIT

package apigateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/sparta-up/sparta/internal/localaws/arn"
	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// apiSettings is what a template says of an API, and what the API shows.
type apiSettings struct {
	ApiKeySourceType          string                 `json:"apiKeySourceType"` // HEADER or AUTHORIZER
	BinaryMediaTypes          []string               `json:"binaryMediaTypes,omitempty"`
	Description               string                 `json:"description,omitempty"`
	DisableExecuteApiEndpoint bool                   `json:"disableExecuteApiEndpoint"`
	EndpointAccessMode        string                 `json:"endpointAccessMode,omitempty"`
	EndpointConfiguration     *endpointConfiguration `json:"endpointConfiguration"`
	Name                      string                 `json:"name"`
	SecurityPolicy            string                 `json:"securityPolicy,omitempty"`
	TagMap                    map[string]string      `json:"tags,omitempty"`
}

type endpointConfiguration struct {
	IpAddressType string   `json:"ipAddressType,omitempty"`
	Types         []string `json:"types,omitempty"`
}

// apiType is AWS::ApiGateway::RestApi.
type apiType struct{ service *Service }

// never accepts false only, of a feature that is not modelled.
func never(path string, value any) []string {
	if on, ok := shape.Bool(value); ok && !on {
		return nil
	}
	return shape.Unmodelled(path, value)
}

// Check returns the faults of the properties.
func (t apiType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"ApiKeySourceType": shape.Enum("HEADER", "AUTHORIZER"), "BinaryMediaTypes": shape.List(text), "Description": text,
		"DisableExecuteApiEndpoint": shape.Boolean, "EndpointAccessMode": text,
		"EndpointConfiguration": shape.Object(shape.Fields{
			"IpAddressType": shape.Enum("ipv4", "dualstack"), "Types": shape.List(gateway.EndpointType), "VpcEndpointIds": shape.Unmodelled,
		}),
		"Name": text, "SecurityPolicy": text, "Tags": shape.Tags,
		"Body": anyObject, "Mode": shape.Only("overwrite"),
		"Parameters":     shape.Object(shape.Fields{"endpointConfigurationTypes": gateway.EndpointType}),
		"BodyS3Location": shape.Unmodelled, "CloneFrom": shape.Unmodelled, "FailOnWarnings": shape.Unmodelled,
		"MinimumCompressionSize": shape.Unmodelled, "Policy": shape.Unmodelled,
	}, "Name"), properties)
}

// anyObject accepts an object whose members are looked at when they are known.
func anyObject(path string, value any) []string {
	if _, ok := value.(map[string]any); !ok {
		return []string{path + ": expected type: JSONObject"}
	}
	return nil
}

// Replaces reports false: an API keeps its identifier.
func (t apiType) Replaces(_, _ map[string]any) bool { return false }

func (t apiType) settingsOf(r resource.Request) (apiSettings, error) {
	var settings apiSettings
	if err := resource.Decode(r.Properties, &settings); err != nil {
		return settings, gateway.BadRequest("%v", err)
	}
	if settings.Name == "" {
		return settings, gateway.BadRequest("Name is required")
	}
	settings.ApiKeySourceType = cmp.Or(settings.ApiKeySourceType, "HEADER")
	if settings.EndpointConfiguration == nil {
		settings.EndpointConfiguration = &endpointConfiguration{Types: []string{"EDGE"}, IpAddressType: "ipv4"}
	}
	settings.TagMap = shape.TagMap(r.Tags, r.Properties)
	return settings, nil
}

// bodyOf returns the definition that a template has in Body, nil if there is
// none.
func (t apiType) bodyOf(r resource.Request) (*openAPI, error) {
	if r.Properties["Body"] == nil {
		return nil, nil
	}
	document, err := parseBody(r.Properties["Body"])
	if err != nil {
		return nil, err
	}
	for _, s := range document.Components.SecuritySchemes {
		if s.Authorizer == nil {
			continue
		}
		if err := t.service.havePools(s.Authorizer.ProviderARNs); err != nil {
			return nil, err
		}
	}
	return &document, nil
}

// Create makes an API with its root resource. Ref is its identifier.
func (t apiType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	settings, err := t.settingsOf(r)
	if err != nil {
		return resource.Instance{}, err
	}
	body, err := t.bodyOf(r)
	if err != nil {
		return resource.Instance{}, err
	}
	a, err := t.service.createAPI(r.Scope, settings)
	if err == nil && body != nil {
		if err = t.service.edit(r.Scope, a.ID, func(a *api) error { return a.replace(*body) }); err != nil {
			err = errors.Join(err, t.service.deleteAPI(r.Scope, a.ID))
		}
	}
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: a.ID, Attributes: map[string]any{"RestApiId": a.ID, "RootResourceId": a.Root}}, nil
}

func (s *Service) createAPI(scope arn.Scope, settings apiSettings) (*api, error) {
	root := gateway.NewID(10)
	a := &api{
		API: gateway.API{Scope: scope, ID: gateway.NewID(10), Created: s.now()}, Root: root, Stages: map[string]*stage{}, Deployments: map[string]*deployment{},
		Current: definition{
			Settings: settings, Resources: map[string]*node{root: {Path: "/"}}, Methods: map[string]*method{},
			Authorizers: map[string]*authorizer{}, Answers: map[string]*gatewayResponse{}, Validators: map[string]*validator{},
		},
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	port, err := s.env.Doors.Open(doorName(a.ID), 0, s.visitor(a.ID))
	if err != nil {
		return nil, fmt.Errorf("open REST API %s: %w", settings.Name, err)
	}
	a.Port = port
	s.state.APIs[a.ID] = a
	s.changed()
	return a, nil
}

// Update gives an API other settings. As on AWS what concerns requests takes
// effect with the next deployment.
func (t apiType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	settings, err := t.settingsOf(r)
	if err != nil {
		return old, err
	}
	body, err := t.bodyOf(r)
	if err != nil {
		return old, err
	}
	return old, t.service.edit(r.Scope, old.PhysicalID, func(a *api) error {
		before := a.Current.Settings
		a.Current.Settings = settings
		if body == nil {
			return nil
		}
		if err := a.replace(*body); err != nil {
			a.Current.Settings = before
			return err
		}
		return nil
	})
}

// Delete removes an API with all that is in it.
func (t apiType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.deleteAPI(r.Scope, old.PhysicalID))
}

// deleteAPI closes the address of an API and forgets it.
func (s *Service) deleteAPI(scope arn.Scope, id string) error {
	if err := gateway.Unmapped("RestApi", "RestApi", s.deps.MappedTo(id, "")); err != nil {
		return err
	}
	err := s.edit(scope, id, func(*api) error {
		delete(s.state.APIs, id)
		return nil
	})
	if err != nil {
		return err
	}
	s.env.Doors.Close(doorName(id)) // not under the lock, which requests under way take
	s.throttle.Forget(id + "/")
	s.authorizers.Forget(id, "")
	return nil
}
