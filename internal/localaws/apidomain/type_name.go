// SPDX-License-Identifier: MIT

package apidomain

import (
	"cmp"
	"context"
	"maps"

	"github.com/sparta-up/sparta/internal/localaws/gateway"
	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// nameType is AWS::ApiGatewayV2::DomainName, whose Ref is the domain name.
type nameType struct{ service *Service }

// Check returns the faults of the properties.
func (t nameType) Check(properties map[string]any) []string {
	text := shape.String
	return shape.Check(shape.Object(shape.Fields{
		"DomainName": text, "Tags": shape.Entries(text), "RoutingMode": shape.Only("API_MAPPING_ONLY"), "MutualTlsAuthentication": shape.Unmodelled,
		"DomainNameConfigurations": shape.List(shape.Object(shape.Fields{
			"CertificateArn": text, "CertificateName": text, "EndpointType": shape.Only(regional), "IpAddressType": shape.Enum("ipv4", "dualstack"),
			"SecurityPolicy": shape.Enum("TLS_1_0", tls12), "OwnershipVerificationCertificateArn": shape.Unmodelled,
		})),
	}, "DomainName"), properties)
}

// Replaces reports whether it is another domain name.
func (t nameType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "DomainName")
}

// settings returns what the input says, with what is not said filled in.
func (in nameInput) settings() (settings, error) {
	if len(in.DomainNameConfigurations) != 1 {
		return settings{}, gateway.BadRequest("Expected one domain name configuration")
	}
	if in.RoutingMode != "" && in.RoutingMode != "API_MAPPING_ONLY" {
		return settings{}, gateway.Unmodelled("the routing mode " + in.RoutingMode)
	}
	c := in.DomainNameConfigurations[0]
	made := settings{
		Endpoint: cmp.Or(c.EndpointType, regional), Certificate: c.CertificateArn, SecurityPolicy: cmp.Or(c.SecurityPolicy, tls12),
		IPAddressType: cmp.Or(c.IpAddressType, "ipv4"), Tags: in.Tags,
	}
	if made.Tags == nil {
		made.Tags = map[string]string{}
	}
	if made.Endpoint != regional {
		return made, gateway.BadRequest("Invalid endpoint type %s. Must be one of [REGIONAL]", made.Endpoint)
	}
	return made, nil
}

func (t nameType) settingsOf(r resource.Request) (settings, error) {
	var in nameInput
	if err := resource.Decode(r.Properties, &in); err != nil {
		return settings{}, gateway.BadRequest("%v", err)
	}
	tags := maps.Clone(r.Tags)
	if tags == nil {
		tags = map[string]string{}
	}
	maps.Copy(tags, in.Tags)
	in.Tags = tags
	return in.settings()
}

// Create makes a domain name.
func (t nameType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	in, err := t.settingsOf(r)
	if err != nil {
		return resource.Instance{}, err
	}
	d, err := t.service.create(r.Scope, shape.Member(r.Properties, "DomainName"), in, gateway.Conflict)
	if err != nil {
		return resource.Instance{}, err
	}
	return t.service.instance(d), nil
}

// Update gives a domain name other settings.
func (t nameType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	in, err := t.settingsOf(r)
	if err != nil {
		return old, err
	}
	return t.service.reset(r, old, in)
}

// Delete removes a domain name with its mappings.
func (t nameType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gateway.Gone(t.service.remove(r.Scope, old.PhysicalID))
}

// reset gives the domain name of a resource other settings.
func (s *Service) reset(r resource.Request, old resource.Instance, in settings) (resource.Instance, error) {
	d, err := s.update(r.Scope, old.PhysicalID, func(settings) (settings, error) { return in, nil })
	if err != nil {
		return old, err
	}
	return s.instance(d), nil
}

// instance returns the resource of a domain name.
func (s *Service) instance(d *domain) resource.Instance {
	s.mu.Lock()
	defer s.mu.Unlock()
	attributes := map[string]any{"DomainNameArn": d.arn()}
	kind := "Regional"
	if d.Settings.Endpoint == edge {
		kind = "Distribution"
	}
	attributes[kind+"DomainName"], attributes[kind+"HostedZoneId"] = d.target(), d.hostedZone()
	return resource.Instance{PhysicalID: d.Name, Attributes: attributes}
}
