// SPDX-License-Identifier: MIT

package cloudfront

import (
	"context"
	"errors"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// serviceName is how CloudFormation calls CloudFront in the reasons of its
// events.
const serviceName = "CloudFront"

// distributionType is AWS::CloudFront::Distribution. Ref and Id are its id,
// DomainName is a name as on AWS.
type distributionType struct{ service *Service }

// Check returns the faults of the properties.
func (t distributionType) Check(properties map[string]any) []string {
	return shape.Check(shape.Object(shape.Fields{"DistributionConfig": configShape(), "Tags": shape.Tags}, "DistributionConfig"), properties)
}

// Replaces reports false: no property needs a new distribution.
func (t distributionType) Replaces(_, _ map[string]any) bool { return false }

// configOf reads the properties, and fills in what CloudFront does.
func configOf(r resource.Request) (*config, error) {
	given, _ := r.Properties["DistributionConfig"].(map[string]any)
	c := &config{HTTPVersion: "http1.1", PriceClass: "PriceClass_All"}
	if err := resource.Decode(given, c); err != nil {
		return nil, invalidArgument("%v", err)
	}
	for i := range c.Origins {
		o := &c.Origins[i]
		if o.ConnectionAttempts == 0 {
			o.ConnectionAttempts = 3
		}
		if o.ConnectionTimeout == 0 {
			o.ConnectionTimeout = 10
		}
	}
	return c, nil
}

func (t distributionType) instance(d *distribution) resource.Instance {
	return resource.Instance{PhysicalID: d.ID, Attributes: map[string]any{"Id": d.ID, "DomainName": d.Domain}}
}

// Create makes a distribution, which is deployed at once.
func (t distributionType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	c, err := configOf(r)
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	d, err := t.service.createDistribution(r.Scope, c, shape.TagMap(r.Tags, r.Properties), r.StackID+"/"+r.LogicalID+"/"+wire.RequestID())
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return t.instance(d), nil
}

// Update gives a distribution another configuration.
func (t distributionType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	c, err := configOf(r)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	d, err := t.service.updateDistribution(r.Scope, old.PhysicalID, c, shape.TagMap(r.Tags, r.Properties))
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	return t.instance(d), nil
}

// Delete removes a distribution, also one that is enabled.
func (t distributionType) Delete(_ context.Context, old resource.Instance, r resource.Request) error {
	return gone(t.service.deleteDistribution(r.Scope, old.PhysicalID), "NoSuchDistribution")
}

// gone makes no error of the fact that something does not exist.
func gone(err error, code string) error {
	if e, ok := errors.AsType[*wire.Error](err); ok && e.Code == code {
		return nil
	}
	return wire.FromService(serviceName, err)
}
