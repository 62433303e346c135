// SPDX-License-Identifier: MIT

package apidomain

import (
	"cmp"
	"context"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// restNameType is AWS::ApiGateway::DomainName, whose Ref is the domain name.
type restNameType struct{ service *Service }

// Check returns the faults of the properties.
func (t restNameType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"CertificateArn": text, "DomainName": text, "EndpointAccessMode": text, "RegionalCertificateArn": text, "SecurityPolicy": text, "Tags": shape.Tags,
		"EndpointConfiguration":   shape.Object(shape.Fields{"IpAddressType": shape.Enum("ipv4", "dualstack"), "Types": shape.List(gateway.EndpointType)}),
		"RoutingMode":             shape.Only("BASE_PATH_MAPPING_ONLY"),
		"MutualTlsAuthentication": shape.Unmodelled, "OwnershipVerificationCertificateArn": shape.Unmodelled,
	}), properties)
}

// Replaces reports whether it is another domain name.
func (t restNameType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "DomainName")
}

func (t restNameType) settingsOf(r resource.Request) (settings, error) {
	var in struct {
		CertificateArn, RegionalCertificateArn, SecurityPolicy, EndpointAccessMode string
		EndpointConfiguration                                                      struct {
			IpAddressType string
			Types         []string
		}
	}
	if err := resource.Decode(r.Properties, &in); err != nil {
		return settings{}, gateway.BadRequest("%v", err)
	}
	types := in.EndpointConfiguration.Types
	if len(types) > 1 {
		return settings{}, gateway.BadRequest("Only one endpoint type is supported for a domain name")
	}
	made := settings{
		Endpoint: edge, Certificate: in.CertificateArn, SecurityPolicy: cmp.Or(in.SecurityPolicy, tls12), AccessMode: in.EndpointAccessMode,
		IPAddressType: cmp.Or(in.EndpointConfiguration.IpAddressType, "ipv4"), Tags: shape.TagMap(r.Tags, r.Properties),
	}
	if len(types) == 1 && types[0] == regional {
		made.Endpoint, made.Certificate = regional, in.RegionalCertificateArn
	}
	return made, nil
}

// Create makes a domain name.
func (t restNameType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	in, err := t.settingsOf(r)
	if err != nil {
		return resource.Instance{}, err
	}
	d, err := t.service.create(r.Scope, shape.Member(r.Properties, "DomainName"), in, gateway.BadRequest)
	if err != nil {
		return resource.Instance{}, err
	}
	return t.service.instance(d), nil
}

// Update gives a domain name other settings.
func (t restNameType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	in, err := t.settingsOf(r)
	if err != nil {
		return old, err
	}
	return t.service.reset(r, old, in)
}

// Delete removes a domain name with its mappings.
func (t restNameType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.remove(r.Scope, old.PhysicalID))
}
