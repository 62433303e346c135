// SPDX-License-Identifier: MIT

package dynamodb

import (
	"context"
	"maps"
	"slices"

	"github.com/sparta-up/sparta/internal/localaws/resource"
	"github.com/sparta-up/sparta/internal/localaws/shape"
	"github.com/sparta-up/sparta/internal/localaws/wire"
)

// decodeSettings reads the properties that CreateTable does not take, or takes
// in another form.
func decodeSettings(given map[string]any, p *properties) error {
	var settings struct {
		TimeToLiveSpecification          *ttlSpecification
		PointInTimeRecoverySpecification *recoverySpecification
		SSESpecification                 *struct {
			SSEEnabled              bool
			KMSMasterKeyID, SSEType string
		}
	}
	if err := resource.Decode(given, &settings); err != nil {
		return err
	}
	p.ttl, p.recovery = settings.TimeToLiveSpecification, settings.PointInTimeRecoverySpecification
	p.SSESpecification = nil
	if sse := settings.SSESpecification; sse != nil {
		p.SSESpecification = &encryptionInput{sse.SSEEnabled, sse.SSEType, sse.KMSMasterKeyID}
	}
	return nil
}

// Update changes a table as CloudFormation does: indexes one after another,
// each with a call of its own. When a call fails the calls before it stay, and
// the rollback undoes them.
func (t tableType) Update(_ context.Context, old resource.Instance, r resource.Request) (resource.Instance, error) {
	p, err := read(r)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	s := t.service
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.find(r.Scope, old.PhysicalID, false)
	if err != nil {
		return old, wire.FromService(serviceName, err)
	}
	p.TableName = &found.Name
	if err := p.check(); err != nil {
		return old, wire.FromService(serviceName, err)
	}
	if err := s.follow(found, p); err != nil {
		return old, wire.FromService(serviceName, err)
	}
	return found.instance(), nil
}

// follow brings a table to what properties say; s.mu is held.
func (s *Service) follow(t *table, p properties) error {
	for _, in := range t.updates(p) {
		if err := s.update(t, in); err != nil {
			return err
		}
	}
	d := *t.definition
	d.Tags = nil
	if err := d.tag(p.Tags); err != nil {
		return err
	}
	d.Class, d.Protected = p.TableClass, p.DeletionProtectionEnabled
	if p.SSESpecification == nil {
		d.Encrypted, d.Key = false, ""
	}
	if err := s.commit(record{Table: &d}); err != nil {
		return err
	}
	return s.settle(t, p)
}

// updates returns the calls of UpdateTable that bring a table to what properties
// say.
func (t *table) updates(p properties) (out []updateTableInput) {
	add := func(in updateTableInput) {
		in.TableName, in.AttributeDefinitions = t.Name, p.AttributeDefinitions
		out = append(out, in)
	}
	for _, x := range t.Globals {
		if wanted := p.global(x.Name); wanted == nil || !wanted.same(x) {
			add(updateTableInput{GlobalSecondaryIndexUpdates: []indexUpdate{{Delete: &struct{ IndexName string }{x.Name}}}})
		}
	}
	if in, changed := t.rebill(p); changed {
		add(in)
	}
	for _, wanted := range p.GlobalSecondaryIndexes {
		if x, _, there := t.index(wanted.IndexName); !there || !wanted.same(x) {
			add(updateTableInput{GlobalSecondaryIndexUpdates: []indexUpdate{{Create: &wanted}}})
		}
	}
	view, _ := p.StreamSpecification.view() // was checked
	if t.StreamView != "" && t.StreamView != view {
		add(updateTableInput{StreamSpecification: &streamInput{StreamEnabled: new(false)}})
	}
	if view != "" && t.StreamView != view {
		add(updateTableInput{StreamSpecification: p.StreamSpecification})
	}
	if p.SSESpecification != nil {
		add(updateTableInput{SSESpecification: p.SSESpecification})
	}
	return out
}

func (p properties) global(name string) *indexInput {
	i := slices.IndexFunc(p.GlobalSecondaryIndexes, func(x indexInput) bool { return x.IndexName == name })
	if i < 0 {
		return nil
	}
	return &p.GlobalSecondaryIndexes[i]
}

// same reports whether an index is what is wanted but for its throughput.
func (x indexInput) same(d indexDefinition) bool {
	wanted := x.definition()
	return slices.Equal(wanted.KeySchema, d.KeySchema) && wanted.Projection.ProjectionType == d.Projection.ProjectionType &&
		slices.Equal(wanted.Projection.NonKeyAttributes, d.Projection.NonKeyAttributes)
}

// rebill returns the call that changes billing mode and throughput, if they
// change.
func (t *table) rebill(p properties) (in updateTableInput, changed bool) {
	onDemand := p.BillingMode == onDemandMode
	if onDemand != t.OnDemand {
		in.BillingMode, changed = "PROVISIONED", true
		if onDemand {
			in.BillingMode = onDemandMode
		}
	}
	if onDemand {
		return in, changed
	}
	if t.OnDemand || p.ProvisionedThroughput.units() != t.Throughput {
		in.ProvisionedThroughput, changed = p.ProvisionedThroughput, true
	}
	for _, x := range t.Globals {
		wanted := p.global(x.Name)
		if wanted != nil && wanted.same(x) && wanted.ProvisionedThroughput.units() != x.Throughput {
			u := indexUpdate{Update: &struct {
				IndexName             string
				ProvisionedThroughput *throughputInput
			}{x.Name, wanted.ProvisionedThroughput}}
			in.GlobalSecondaryIndexUpdates, changed = append(in.GlobalSecondaryIndexUpdates, u), true
		}
	}
	return in, changed
}

// allTags returns the tags of a resource and of its stack.
func allTags(r resource.Request) (out []tag) {
	merged := shape.TagMap(r.Tags, r.Properties)
	for _, key := range slices.Sorted(maps.Keys(merged)) {
		out = append(out, tag{key, merged[key]})
	}
	return out
}
