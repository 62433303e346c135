// SPDX-License-Identifier: MIT

package route53

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
)

// groupType is AWS::Route53::RecordSetGroup: records of one zone.
type groupType struct{ service *Service }

// Check returns the faults of the properties. The zone stands in the group, not
// in its records.
func (t groupType) Check(properties map[string]any) []string {
	fields := recordFields()
	fields["HostedZoneId"], fields["HostedZoneName"] = shape.Unmodelled, shape.Unmodelled
	return shape.Check(shape.Object(shape.Fields{
		"Comment": shape.String, "HostedZoneId": shape.String, "HostedZoneName": shape.String,
		"RecordSets": shape.List(shape.Object(fields, "Name", "Type")),
	}), properties)
}

// Replaces reports whether the group is for another zone.
func (t groupType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "HostedZoneId", "HostedZoneName")
}

func recordsOf(properties map[string]any) ([]*record, error) {
	var list []*record
	for _, item := range shape.Items(properties, "RecordSets") {
		one, _ := item.(map[string]any)
		r, err := recordOf(one)
		if err != nil {
			return nil, err
		}
		list = append(list, r)
	}
	return list, nil
}

// exchange puts the records of new in the place of those of old; nil has none.
func (t groupType) exchange(r resource.Request, old, new map[string]any) error {
	before, err := recordsOf(old)
	if err != nil {
		return err
	}
	after, err := recordsOf(new)
	if err != nil {
		return err
	}
	return t.service.replace(r.Scope.Account, placeOf(r.Properties), before, after)
}

// Create makes the records.
func (t groupType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	if err := t.exchange(r, nil, r.Properties); err != nil {
		return resource.Instance{}, failure(err)
	}
	id := r.DefaultName(64)
	return resource.Instance{PhysicalID: id, Attributes: map[string]any{"Id": id}}, nil
}

// Update exchanges the records.
func (t groupType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	return old, failure(t.exchange(r, r.OldProperties, r.Properties))
}

// Delete removes the records.
func (t groupType) Delete(_ context.Context, _ resource.Instance, r resource.Request) error {
	return failure(gone(t.exchange(r, r.Properties, nil)))
}
