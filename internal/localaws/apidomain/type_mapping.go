// SPDX-License-Identifier: MIT

package apidomain

import (
	"cmp"
	"context"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// mappingType is AWS::ApiGatewayV2::ApiMapping, whose Ref is its identifier.
type mappingType struct{ service *Service }

// Check returns the faults of the properties.
func (t mappingType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"ApiId": text, "ApiMappingKey": text, "DomainName": text, "Stage": text,
	}, "ApiId", "DomainName", "Stage"), properties)
}

// Replaces reports whether the mapping is of another domain name.
func (t mappingType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "DomainName")
}

func (t mappingType) put(r resource.Request, id string) (*mapping, error) {
	p := r.Properties
	return t.service.mapHTTP(r.Scope, shape.Member(p, "DomainName"), id, shape.Member(p, "ApiId"), shape.Member(p, "Stage"), shape.Member(p, "ApiMappingKey"))
}

// Create makes a mapping.
func (t mappingType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	m, err := t.put(r, "")
	if err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: m.ID, Attributes: map[string]any{"ApiMappingId": m.ID}}, nil
}

// Update changes the key, the API and the stage.
func (t mappingType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	_, err := t.put(r, old.PhysicalID)
	return old, err
}

// Delete removes a mapping.
func (t mappingType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.unmap(r.Scope, shape.Member(r.Properties, "DomainName"), "API mapping", withID(old.PhysicalID)))
}

// basePathType is AWS::ApiGateway::BasePathMapping, whose Ref is the domain name
// and the base path.
type basePathType struct{ service *Service }

// Check returns the faults of the properties.
func (t basePathType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"BasePath": text, "DomainName": text, "RestApiId": text, "Stage": text,
	}, "DomainName"), properties)
}

// Replaces reports whether the mapping has another path or domain name.
func (t basePathType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "BasePath", "DomainName")
}

func (t basePathType) put(r resource.Request, id string) error {
	p := r.Properties
	_, err := t.service.mapREST(r.Scope, shape.Member(p, "DomainName"), id, shape.Member(p, "RestApiId"), shape.Member(p, "Stage"), shape.Member(p, "BasePath"))
	return err
}

// Create makes a mapping.
func (t basePathType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	if err := t.put(r, ""); err != nil {
		return resource.Instance{}, err
	}
	id := shape.Member(r.Properties, "DomainName") + "|" + cmp.Or(shape.Member(r.Properties, "BasePath"), none)
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{}}, nil
}

// Update changes the API and the stage.
func (t basePathType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	_, m, err := s.mapping(r.Scope, shape.Member(r.Properties, "DomainName"), "base path mapping", ofREST(shape.Member(r.Properties, "BasePath")))
	s.mu.Unlock()
	if err != nil {
		return old, err
	}
	return old, t.put(r, m.ID)
}

// Delete removes a mapping.
func (t basePathType) Delete(_ context.Context, _ resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.unmap(r.Scope, shape.Member(r.Properties, "DomainName"), "base path mapping", ofREST(shape.Member(r.Properties, "BasePath"))))
}
