// SPDX-License-Identifier: MIT

package dynamodb

import (
	"fmt"
	"slices"
	"time"
)

type updateTableInput struct {
	TableName                   string
	AttributeDefinitions        []attributeDefinition
	BillingMode                 string
	ProvisionedThroughput       *throughputInput
	GlobalSecondaryIndexUpdates []indexUpdate
	StreamSpecification         *streamInput
	SSESpecification            *encryptionInput
	TableClass                  string
	DeletionProtectionEnabled   *bool
}

// indexUpdate is one change of a global index.
type indexUpdate struct {
	Create *indexInput
	Update *struct {
		IndexName             string
		ProvisionedThroughput *throughputInput
	}
	Delete *struct{ IndexName string }
}

func (in updateTableInput) constrain() error {
	if in.TableName == "" {
		return tableInput{}.check()
	}
	var c constraints
	c.table(&in.TableName)
	c.enum(in.BillingMode, "billingMode", "PROVISIONED", onDemandMode)
	c.enum(in.TableClass, "tableClass", "STANDARD", "STANDARD_INFREQUENT_ACCESS")
	c.throughput(in.ProvisionedThroughput, "provisionedThroughput")
	if in.StreamSpecification != nil {
		c.view(in.StreamSpecification.StreamViewType)
	}
	for i, u := range in.GlobalSecondaryIndexUpdates {
		member := fmt.Sprintf("globalSecondaryIndexUpdates.%d.member.", i+1)
		if u.Create != nil {
			c.index(*u.Create, member+"create.")
		}
		if u.Update != nil {
			c.present(u.Update.ProvisionedThroughput != nil, member+"update.provisionedThroughput")
			c.throughput(u.Update.ProvisionedThroughput, member+"update.provisionedThroughput")
		}
	}
	if err := c.err(); err != nil {
		return err
	}
	if in.BillingMode == "" && in.ProvisionedThroughput == nil && in.StreamSpecification == nil && len(in.GlobalSecondaryIndexUpdates) == 0 &&
		in.SSESpecification == nil && in.TableClass == "" && in.DeletionProtectionEnabled == nil {
		return invalid("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
	}
	return nil
}

func (s *Service) updateTable(c call, in updateTableInput) (tableOutput, error) {
	if err := in.constrain(); err != nil {
		return tableOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.find(c.scope, in.TableName, false)
	if err != nil {
		return tableOutput{}, err
	}
	if err := s.update(t, in); err != nil {
		return tableOutput{}, err
	}
	return tableOutput{s.describe(t).inState("UPDATING")}, nil
}

// update changes a table; s.mu is held.
func (s *Service) update(t *table, in updateTableInput) error {
	d := *t.definition
	now := s.env.Now()
	steps := []func() error{
		func() error { return d.bill(in, now) },
		func() error { return d.changeIndexes(in) },
		func() error { return d.encrypt(in.SSESpecification) },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	if in.TableClass != "" {
		d.Class = in.TableClass
	}
	if in.DeletionProtectionEnabled != nil {
		d.Protected = *in.DeletionProtectionEnabled
	}
	r := record{Table: &d}
	if in.StreamSpecification != nil {
		view, err := in.StreamSpecification.view()
		if err != nil {
			return err
		}
		if r.Stream, err = s.switchStream(t, &d, view, now); err != nil {
			return err
		}
	}
	return s.commit(r)
}

// switchStream opens or closes the stream of a table.
func (s *Service) switchStream(t *table, d *definition, view string, now time.Time) (*streamState, error) {
	switch {
	case view != "" && t.StreamView != "":
		return nil, invalid("Table already has an enabled stream: TableName: %s", t.Name)
	case view == "" && t.StreamView == "":
		return nil, invalid("Table is already without a stream: TableName: %s", t.Name)
	case view == "":
		d.StreamView = ""
		return s.closed(t), nil
	}
	d.StreamView, d.StreamLabel = view, label(now, t.StreamLabel)
	return d.open(now), nil
}

// bill changes the billing mode and the throughput.
func (d *definition) bill(in updateTableInput, now time.Time) error {
	onDemand := d.OnDemand
	if in.BillingMode != "" {
		onDemand = in.BillingMode == onDemandMode
	}
	switch {
	case onDemand && in.ProvisionedThroughput != nil:
		return checkBilling(onDemandMode, in.ProvisionedThroughput)
	case in.BillingMode == "PROVISIONED" && in.ProvisionedThroughput == nil:
		return invalidParameter("ProvisionedThroughput must be specified when BillingMode is PROVISIONED")
	case onDemand && !d.OnDemand:
		d.OnDemandSince, d.Throughput = now, throughput{}
		d.Globals = slices.Clone(d.Globals)
		for i := range d.Globals {
			d.Globals[i].Throughput = throughput{}
		}
	}
	if err := d.checkIndexThroughput(in, onDemand); err != nil {
		return err
	}
	wasOnDemand := d.OnDemand
	d.OnDemand = onDemand
	if in.ProvisionedThroughput == nil {
		return nil
	}
	if err := in.ProvisionedThroughput.bounds(); err != nil {
		return err
	}
	old, units := d.Throughput, in.ProvisionedThroughput.units()
	if old == units && !wasOnDemand {
		return invalid("The provisioned throughput for the table will not change. The requested value equals the current value. "+
			"Current ReadCapacityUnits provisioned for the table: %d. Requested ReadCapacityUnits: %d. "+
			"Current WriteCapacityUnits provisioned for the table: %d. Requested WriteCapacityUnits: %d. "+
			"Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher limits.", old.Read, units.Read, old.Write, units.Write)
	}
	if units.Read > old.Read || units.Write > old.Write {
		d.Increased = now
	}
	if units.Read < old.Read || units.Write < old.Write {
		d.Reduced = now
	}
	d.Throughput = units
	return nil
}

// checkIndexThroughput wants throughput for every index of a table that gets
// provisioned.
func (d *definition) checkIndexThroughput(in updateTableInput, onDemand bool) error {
	if onDemand || !d.OnDemand {
		return nil
	}
	for _, x := range d.Globals {
		if !slices.ContainsFunc(in.GlobalSecondaryIndexUpdates, func(u indexUpdate) bool { return u.name() == x.Name }) {
			return invalidParameter("ProvisionedThroughput must be specified for index: %s", x.Name)
		}
	}
	return nil
}
