// SPDX-License-Identifier: MIT

package elbv2

import (
	"context"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// balancerType is AWS::ElasticLoadBalancingV2::LoadBalancer.
type balancerType struct{ service *Service }

// keyValues is the rule of lists of attributes.
func keyValues(path string, value any) []string {
	return shape.List(shape.Object(shape.Fields{"Key": shape.String, "Value": shape.String}))(path, value)
}

// Check returns the faults of the properties.
func (t balancerType) Check(properties map[string]any) []string {
	text, texts := shape.String, shape.List(shape.String)
	return shape.Check(shape.Object(shape.Fields{
		"IpAddressType":          shape.Enum("ipv4", "dualstack", "dualstack-without-public-ipv4"),
		"LoadBalancerAttributes": keyValues, "Name": text, "Scheme": shape.Enum("internet-facing", "internal"), "SecurityGroups": texts,
		"SubnetMappings": shape.List(shape.Object(shape.Fields{
			"SubnetId": text, "AllocationId": shape.Unmodelled, "IPv6Address": shape.Unmodelled, "PrivateIPv4Address": shape.Unmodelled,
			"SourceNatIpv6Prefix": shape.Unmodelled,
		}, "SubnetId")),
		"Subnets": texts, "Tags": shape.Tags, "Type": shape.Only("application"),
		"EnableCapacityReservationProvisionStabilize": shape.Unmodelled, "EnablePrefixForIpv6SourceNat": shape.Unmodelled,
		"EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic": shape.Unmodelled, "Ipv4IpamPoolId": shape.Unmodelled,
		"MinimumLoadBalancerCapacity": shape.Unmodelled,
	}), properties)
}

// Replaces reports whether name, scheme or type change.
func (t balancerType) Replaces(old, new map[string]any) bool {
	return resource.Changed(old, new, "Name", "Scheme", "Type")
}

// pairsIn returns a list of objects with Key and Value as a map.
func pairsIn(properties map[string]any, name string) map[string]string {
	out := map[string]string{}
	for _, item := range shape.Items(properties, name) {
		out[shape.Member(item, "Key")] = shape.Member(item, "Value")
	}
	return out
}

func balancerOf(r resource.Request) balancerSettings {
	b := balancerSettings{
		Scheme: shape.Member(r.Properties, "Scheme"), AddressType: shape.Member(r.Properties, "IpAddressType"),
		Subnets: shape.Texts(r.Properties, "Subnets"), SecurityGroups: shape.Texts(r.Properties, "SecurityGroups"),
		Attributes: pairsIn(r.Properties, "LoadBalancerAttributes"), Tags: shape.TagMap(r.Tags, r.Properties),
	}
	if b.Scheme == "" {
		b.Scheme = "internet-facing"
	}
	if b.AddressType == "" {
		b.AddressType = "ipv4"
	}
	for _, item := range shape.Items(r.Properties, "SubnetMappings") {
		b.Subnets = append(b.Subnets, shape.Member(item, "SubnetId"))
	}
	return b
}

func (b *balancer) instance() resource.Instance {
	groups := make([]any, 0, len(b.Settings.SecurityGroups))
	for _, id := range b.Settings.SecurityGroups {
		groups = append(groups, id)
	}
	attributes := map[string]any{
		"DNSName": b.host(), "LoadBalancerArn": b.arn(), "LoadBalancerFullName": b.fullName(), "LoadBalancerName": b.Name, "SecurityGroups": groups,
	}
	if zone := hostedZones()[b.Scope.Region]; zone != "" {
		attributes["CanonicalHostedZoneID"] = zone
	}
	return resource.Instance{PhysicalID: b.arn(), Attributes: attributes}
}

// Create makes a load balancer. Ref is its ARN, DNSName the host and port of its
// door.
func (t balancerType) Create(_ context.Context, r resource.Request) (resource.Instance, error) {
	name := shape.Member(r.Properties, "Name")
	if name == "" {
		name = r.DefaultName(32)
	}
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	b, err := t.service.createBalancer(r.Scope, name, balancerOf(r))
	if err != nil {
		return resource.Instance{}, wire.FromService(serviceName, err)
	}
	return b.instance(), nil
}

// Update gives a load balancer other settings; its door stays.
func (t balancerType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	b, err := t.service.updateBalancer(old.PhysicalID, balancerOf(r))
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	return b.instance(), nil
}

// Delete removes a load balancer with its listeners.
func (t balancerType) Delete(_ context.Context, old resource.Instance, _ resource.Request) error {
	t.service.mu.Lock()
	defer t.service.mu.Unlock()
	return wire.FromService(serviceName, t.service.deleteBalancer(old.PhysicalID))
}
