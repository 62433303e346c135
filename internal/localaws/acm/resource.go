// SPDX-License-Identifier: MIT

package acm

import (
	"cmp"
	"context"
	"errors"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{"AWS::CertificateManager::Certificate": certificateType{s}}
}

// certificateType is AWS::CertificateManager::Certificate, whose Ref is the ARN.
// It is there at once: AWS waits until the domain is validated.
type certificateType struct{ service *Service }

// Check returns the faults of the properties.
func (t certificateType) Check(properties map[string]any) []string {
	text, switched := shape.String, shape.Enum("ENABLED", "DISABLED")
	return shape.Check(shape.Object(shape.Fields{
		"CertificateAuthorityArn": shape.Unmodelled, "CertificateExport": switched, "CertificateTransparencyLoggingPreference": switched,
		"DomainName": text, "KeyAlgorithm": shape.Enum(algorithms...), "SubjectAlternativeNames": shape.List(text), "Tags": shape.Tags,
		"DomainValidationOptions": shape.List(shape.Object(shape.Fields{"DomainName": text, "HostedZoneId": text, "ValidationDomain": text}, "DomainName")),
		"ValidationMethod":        shape.Enum("DNS", "EMAIL"),
	}, "DomainName"), properties)
}

// Replaces reports whether the certificate would be another one.
func (t certificateType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "CertificateAuthorityArn", "DomainName", "DomainValidationOptions", "KeyAlgorithm", "SubjectAlternativeNames", "ValidationMethod")
}

// Create makes a certificate. Without a method the domain would be validated by
// mail.
func (t certificateType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	var in requestInput
	if err := resource.Decode(r.Properties, &in); err != nil {
		return resource.Instance{}, err
	}
	in.ValidationMethod = cmp.Or(in.ValidationMethod, "EMAIL")
	c, err := t.service.request(r.Scope, in, shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return resource.Instance{}, wire.FromService("Acm", err)
	}
	return resource.Instance{PhysicalID: c.ARN, Attributes: map[string]any{"Id": c.ARN}}, nil
}

// Update changes the tags and the options.
func (t certificateType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	var in requestInput
	if err := resource.Decode(r.Properties, &in); err != nil {
		return old, err
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	c, err := s.find(r.Scope, old.PhysicalID)
	if err != nil {
		return old, wire.FromService("Acm", err)
	}
	next := *c
	next.Tags = shape.TagMap(r.Tags, r.Properties)
	next.Logging, next.Exportable = cmp.Or(in.CertificateTransparencyLoggingPreference, "ENABLED"), in.CertificateExport == "ENABLED"
	s.certificates[c.ARN] = &next
	s.changed()
	return old, nil
}

// Delete removes a certificate.
func (t certificateType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	err := t.service.remove(r.Scope, old.PhysicalID)
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "ResourceNotFoundException" {
		return nil
	}
	return wire.FromService("Acm", err)
}
