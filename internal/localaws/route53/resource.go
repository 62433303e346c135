// SPDX-License-Identifier: MIT

package route53

import (
	"context"
	"errors"
	"strings"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// ResourceTypes returns the CloudFormation types that are modelled.
func (s *Service) ResourceTypes() map[string]resource.Type {
	return map[string]resource.Type{
		"AWS::Route53::HostedZone":     zoneType{s},
		"AWS::Route53::RecordSet":      recordType{s},
		"AWS::Route53::RecordSetGroup": groupType{s},
	}
}

// failure words an error as CloudFormation does.
func failure(err error) error { return wire.FromService("Route53", err) }

// zoneType is AWS::Route53::HostedZone, whose Ref is its identifier.
type zoneType struct{ service *Service }

// Check returns the faults of the properties.
func (t zoneType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{
		"HostedZoneConfig": shape.Object(shape.Fields{"Comment": shape.String}), "HostedZoneTags": shape.Tags, "Name": shape.String,
		"HostedZoneFeatures": shape.Unmodelled, "QueryLoggingConfig": shape.Unmodelled, "VPCs": shape.Unmodelled,
	}, "Name"), properties)
}

// Replaces reports whether the zone has another name.
func (t zoneType) Replaces(old, new map[string]any) bool { return resource.Changed(old, new, "Name") }

// described returns the comment and the tags of a zone.
func described(r resource.Request) (string, map[string]string) {
	return shape.Member(r.Properties["HostedZoneConfig"], "Comment"),
		shape.TagMap(nil, map[string]any{"Tags": r.Properties["HostedZoneTags"]})
}

// Create makes a zone.
func (t zoneType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	comment, tags := described(r)
	z, err := t.service.create(r.Scope.Account, shape.Member(r.Properties, "Name"), comment, wire.RequestID(), tags)
	if err != nil {
		return resource.Instance{}, failure(err)
	}
	servers := []any{}
	for _, server := range z.nameServers() {
		servers = append(servers, server)
	}
	return resource.Instance{PhysicalID: z.ID, Attributes: map[string]any{"Id": z.ID, "NameServers": servers}}, nil
}

// Update changes the comment and the tags.
func (t zoneType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	z, err := s.find(r.Scope.Account, old.PhysicalID)
	if err != nil {
		return old, failure(err)
	}
	z.Comment, z.Tags = described(r)
	s.changed()
	return old, nil
}

// Delete removes a zone.
func (t zoneType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return failure(gone(t.service.remove(r.Scope.Account, old.PhysicalID)))
}

// gone makes no error of the fact that a zone does not exist.
func gone(err error) error {
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == "NoSuchHostedZone" {
		return nil
	}
	return err
}

// recordFields are what a record may say, but for its zone. Addresses by bits or
// by place are not modelled.
func recordFields() shape.Fields {
	text := shape.String
	return shape.Fields{
		"AliasTarget": shape.Object(shape.Fields{"DNSName": text, "EvaluateTargetHealth": shape.Boolean, "HostedZoneId": text}, "DNSName", "HostedZoneId"),
		"Failover":    shape.Enum("PRIMARY", "SECONDARY"),
		"GeoLocation": shape.Object(shape.Fields{"ContinentCode": text, "CountryCode": text, "SubdivisionCode": text}), "HealthCheckId": text,
		"HostedZoneId": text, "HostedZoneName": text, "MultiValueAnswer": shape.Boolean, "Name": text, "Region": text,
		"ResourceRecords": shape.List(text), "SetIdentifier": text, "TTL": shape.Integer(0, 1<<31-1), "Type": shape.Enum(recordTypes...),
		"Weight": shape.Integer(0, 255), "CidrRoutingConfig": shape.Unmodelled, "GeoProximityLocation": shape.Unmodelled,
	}
}

// recordOf reads a record out of properties.
func recordOf(properties map[string]any) (*record, error) {
	r := &record{}
	if err := resource.Decode(properties, r); err != nil {
		return nil, invalidInput("%v", err)
	}
	r.Name = dotted(r.Name)
	if a := r.AliasTarget; a != nil && !strings.Contains(a.DNSName, ":") { // an address on this machine has a port
		a.DNSName = dotted(a.DNSName)
	}
	return r, nil
}

func placeOf(properties map[string]any) place {
	return place{shape.Member(properties, "HostedZoneId"), shape.Member(properties, "HostedZoneName")}
}

// recordType is AWS::Route53::RecordSet, whose Ref is its name.
type recordType struct{ service *Service }

// Check returns the faults of the properties.
func (t recordType) Check(properties map[string]any) []string {
	fields := recordFields()
	fields["Comment"] = shape.String
	return shape.Check(shape.Object(fields, "Name", "Type"), properties)
}

// Replaces reports whether the record has another name or zone.
func (t recordType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "HostedZoneId", "HostedZoneName", "Name")
}

// Create makes a record.
func (t recordType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	if err := t.put(r, nil); err != nil {
		return resource.Instance{}, err
	}
	return resource.Instance{PhysicalID: shape.Member(r.Properties, "Name"), Attributes: map[string]any{}}, nil
}

// Update gives a record other values.
func (t recordType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	before, err := recordOf(r.OldProperties)
	if err != nil {
		return old, failure(err)
	}
	return old, t.put(r, []*record{before})
}

func (t recordType) put(r resource.Request, old []*record) error {
	made, err := recordOf(r.Properties)
	if err != nil {
		return failure(err)
	}
	return failure(t.service.replace(r.Scope.Account, placeOf(r.Properties), old, []*record{made}))
}

// Delete removes a record.
func (t recordType) Delete(_ context.Context, _ resource.Instance, r resource.Request) error {
	before, err := recordOf(r.Properties)
	if err != nil {
		return failure(err)
	}
	return failure(gone(t.service.replace(r.Scope.Account, placeOf(r.Properties), []*record{before}, nil)))
}
